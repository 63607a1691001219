import type { LedgerState } from '../verify/state.js';
import type { SealedRows, TrailEvent } from './trail.js';

/** A record that a trail is asked about. */
export interface TouchedRecord {
  readonly dataset: string;
  readonly row: number;
  readonly block: number;
  readonly entry: number;
  /** The id of the key that it is sealed under. */
  readonly keyId: string;
}

/** What of a ledger some records come into contact with. */
export interface Touched {
  /** Their rows, by the ids of their data sets. */
  readonly rows: ReadonlyMap<string, ReadonlySet<number>>;
  /** `block entry` of each. */
  readonly places: ReadonlySet<string>;
  /** What was sealed of them, by block. */
  readonly sealed: ReadonlyMap<number, readonly SealedHere[]>;
  /** The keys that they open with: group keys, and those of the roles that hold them. */
  readonly keys: ReadonlySet<string>;
}

/** Rows of one data set that a block holds, and the first entry that is one of them. */
interface SealedHere {
  readonly entry: number;
  readonly statement: SealedRows & { readonly rows: [number, number][] };
}

export function touchedBy(state: LedgerState, records: readonly TouchedRecord[]): Touched {
  const rows = new Map<string, Set<number>>();
  for (const { dataset, row } of records) rows.set(dataset, (rows.get(dataset) ?? new Set()).add(row));
  return {
    rows,
    places: new Set(records.map(({ block, entry }) => `${block} ${entry}`)),
    sealed: sealedIn(records),
    keys: withRoles(
      state,
      records.map(({ keyId }) => keyId),
    ),
  };
}

function sealedIn(records: readonly TouchedRecord[]): Map<number, SealedHere[]> {
  const blocks = new Map<number, SealedHere[]>();
  for (const { block, dataset, row, entry } of records) {
    const here = blocks.get(block) ?? [];
    blocks.set(block, here);
    const known = here.find(({ statement }) => statement.dataset === dataset);
    // The groups of a row stand one behind the other.
    if (known === undefined) here.push({ entry, statement: { kind: 'sealed', dataset, rows: [[row, row]] } });
    else if (known.statement.rows.at(-1)?.[0] !== row) known.statement.rows.push([row, row]);
  }
  return blocks;
}

/** Keys, and those of the roles to which they were granted, however many stand between. */
function withRoles(state: LedgerState, names: readonly string[]): Set<string> {
  const keys = new Set(names);
  // What is added while the set is walked is walked too.
  for (const name of keys) {
    for (const holder of state.keys.get(name)?.holders.keys() ?? []) {
      if (state.keys.get(holder)?.kind === 'role') keys.add(holder);
    }
  }
  return keys;
}

/** Whether an event of the trail is about some of the records. */
export function touches({ rows, places, keys }: Touched, { statement }: TrailEvent): boolean {
  const has = (dataset: string, ...numbers: number[]): boolean =>
    numbers.some((row) => rows.get(dataset)?.has(row) === true);
  switch (statement.kind) {
    case 'sealed':
      return true;
    case 'dataset':
    case 'dataset-keys':
      return rows.has(statement.id);
    case 'grant':
    case 'revoke':
      return keys.has(statement.key_id ?? statement.role_key ?? '');
    case 'role':
      return keys.has(statement.public_key);
    case 'amend':
      return has(statement.id, statement.row, statement.by);
    case 'access':
      return [...(rows.get(statement.dataset) ?? [])].some((row) =>
        statement.rows.some(([from, to]) => row >= from && row <= to),
      );
    case 'erase':
      return statement.entries.some((place) => places.has(place.join(' ')));
    default:
      return false;
  }
}
