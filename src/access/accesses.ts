import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import { type AccessStatement, accessDigest } from '../format/statement.js';
import { timestampOf } from '../format/timestamp.js';
import type { Ledger, WriteOptions } from '../ledger/ledger.js';
import { statementEntry } from '../ledger/writer.js';
import { holdsKeys } from '../verify/state/keys.js';
import type { LedgerState } from '../verify/state.js';
import { expectPurpose } from './purposes.js';

/** What a reader says where the ledger has its reading recorded. */
export interface ReadingTerms extends Pick<WriteOptions, 'signal' | 'heads' | 'acceptRollback'> {
  /** Why: a code of HL7's PurposeOfUse. */
  readonly purpose?: string;
}

/** What is read: rows of a data set, in runs of first and last, ascending. */
export interface Reading {
  /** The data set's id. */
  readonly dataset: string;
  readonly rows: AccessStatement['rows'];
}

/**
 * Records what is about to be read, where the ledger says that reading is recorded: before any of it is given out, the
 * reader's signed statement is durable. Where it cannot be, nothing is given out.
 * @throws {MedsealError} `PURPOSE_REQUIRED`; `ARGUMENT_INVALID` for a purpose that HL7 does not have; what `Ledger.write`
 *   and `LedgerWriter.append` throw
 */
export async function recordReading(
  ledger: Ledger,
  identity: Identity,
  { audit }: Pick<LedgerState, 'audit'>,
  readings: readonly Reading[],
  terms: ReadingTerms,
): Promise<void> {
  if (!audit) return;
  const { purpose } = terms;
  if (purpose === undefined) {
    const message =
      'reading this ledger is recorded: say why with --purpose, by a code of HL7 such as TREAT or HRESCH; who reads what and why then stands in the ledger for ever';
    throw new MedsealError('PURPOSE_REQUIRED', message);
  }
  await record(ledger, identity, readings, { ...terms, purpose }, 'permitted');
}

/**
 * Records that somebody wanted to read what they are not granted. It takes a key that is granted something else: nobody
 * else can add to a ledger that they were refused.
 * @throws {MedsealError} as `recordReading`
 */
export async function recordRefusal(
  ledger: Ledger,
  identity: Identity,
  state: LedgerState,
  dataset: string | undefined,
  { purpose, ...terms }: ReadingTerms,
): Promise<void> {
  const [only, ...others] = state.datasets.keys();
  const id = dataset ?? (others.length === 0 ? only : undefined);
  if (!state.audit || purpose === undefined || id === undefined || !state.datasets.has(id)) return;
  if (!holdsKeys(state.data, identity.publicKey)) return;
  await record(ledger, identity, [{ dataset: id, rows: [] }], { ...terms, purpose }, 'refused');
}

async function record(
  ledger: Ledger,
  identity: Identity,
  readings: readonly Reading[],
  { purpose, ...terms }: ReadingTerms & { readonly purpose: string },
  outcome: AccessStatement['outcome'],
): Promise<void> {
  expectPurpose(purpose);
  const writer = await ledger.write(identity, { ...terms, content: 'accesses' });
  try {
    const statements: AccessStatement[] = [];
    for (const { dataset, rows } of readings) {
      const unsigned = {
        kind: 'access',
        id: toHex(ledger.random(16)),
        ledger: toHex(writer.ledgerId),
        by: identity.publicKey,
        at: timestampOf(ledger.clock()),
        purpose,
        dataset,
        rows,
        outcome,
      } as const;
      statements.push({ ...unsigned, signature: toHex(await identity.sign(accessDigest(unsigned))) });
    }
    await writer.append(statements.map(statementEntry), terms);
  } finally {
    await writer.close();
  }
}
