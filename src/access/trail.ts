import type { PublicKey } from '../crypto/secp256k1.js';
import { isReadable } from '../format/block.js';
import { parseStatement, type Statement } from '../format/statement.js';
import type { Timestamp } from '../format/timestamp.js';
import type { Ledger } from '../ledger/ledger.js';
import { approvalsOf } from '../verify/state/approvals.js';
import { type Touched, touches } from './touching.js';

/** Somebody did something that the trail of a ledger keeps: a statement, with who made it and when. */
export interface TrailEvent {
  readonly block: number;
  readonly entry: number;
  /** When it happened: of an access, what its reader says; of everything else, the time of its block. */
  readonly time: Timestamp;
  /** Who did it: of an access, the reader; of everything else, who signed the block. */
  readonly by: PublicKey;
  readonly approvedBy: readonly PublicKey[];
  readonly statement: TrailStatement;
}

/** What a trail keeps: everything but the ledger's beginning, the end of data sets, and what says nothing to a program. */
export type TrailStatement = KeptStatement | SealedRows;
type KeptStatement = Exclude<Statement, { kind: 'ledger' | 'dataset-end' | `info-${string}` }>;

/** That rows were sealed: no statement says so, but their block does. Only of records that are asked about. */
export interface SealedRows {
  readonly kind: 'sealed';
  /** The data set's id. */
  readonly dataset: string;
  readonly rows: readonly (readonly [number, number])[];
}

export interface TrailFilter {
  /** Only what this key did, approved, or was given or lost. */
  readonly by?: PublicKey;
  /** Only of these kinds. */
  readonly kinds?: readonly string[];
  /** Only from this time on, and up to this one. */
  readonly from?: Timestamp;
  readonly to?: Timestamp;
  /** Only what is about these records; and when they were sealed. */
  readonly touching?: Touched;
}

/** The trail of a ledger that has been verified, in its order. */
export async function* trailOf(ledger: Ledger, filter: TrailFilter = {}): AsyncGenerator<TrailEvent> {
  for await (const item of ledger.blocks({ bodies: false })) {
    if (!isReadable(item)) continue;
    const { index, signer, timestamp } = item.header;
    for (const sealed of filter.touching?.sealed.get(index) ?? []) {
      const event = { block: index, time: timestamp, by: signer, approvedBy: [], ...sealed };
      if (passes(event, filter)) yield event;
    }
    for (const [entry, { kind, bytes }] of item.entries.entries()) {
      const statement = kind === 'statement' ? parseStatement(bytes) : null;
      if (statement === null || !isKept(statement)) continue;
      const [time, by] = statement.kind === 'access' ? [statement.at, statement.by] : [timestamp, signer];
      const approvedBy = (approvalsOf(statement) ?? []).map((approval) => approval.by);
      const event: TrailEvent = { block: index, entry, time, by, approvedBy, statement };
      if (passes(event, filter)) yield event;
    }
  }
}

function isKept(statement: Statement): statement is KeptStatement {
  return statement.kind !== 'ledger' && statement.kind !== 'dataset-end' && !statement.kind.startsWith('info-');
}

function passes(event: TrailEvent, { by, kinds, from, to, touching }: TrailFilter): boolean {
  return (
    (touching === undefined || touches(touching, event)) &&
    (by === undefined || partiesOf(event).includes(by)) &&
    (kinds === undefined || kinds.includes(event.statement.kind)) &&
    (from === undefined || event.time >= from) &&
    (to === undefined || event.time <= to)
  );
}

/** Whose keys an event is about: who did and approved it, and whom it concerns. */
export function partiesOf({ by, approvedBy, statement }: TrailEvent): readonly PublicKey[] {
  return [by, ...approvedBy, ...concerned(statement)];
}

/** The keys that a statement gives something to, or takes it from. */
export function concerned(statement: TrailStatement): readonly PublicKey[] {
  switch (statement.kind) {
    case 'grant':
      return [statement.to];
    case 'revoke':
      return [statement.from];
    case 'owner':
    case 'writer':
    case 'writer-removed':
      return [statement.public_key];
    case 'recovery':
      return statement.public_keys;
    default:
      return [];
  }
}
