import { toHex } from '../bytes.js';
import { type Block, isReadable } from '../format/block.js';
import { keyIdOf, rowOf } from '../format/entry.js';
import type { EraseStatement } from '../format/statement.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerState } from '../verify/state.js';
import { type RowRuns, runsOf } from './row-runs.js';
import type { TrailStatement } from './trail.js';

/** Rows of a data set, in some of its column groups. */
export interface NamedRows {
  /** The data set's id. */
  readonly dataset: string;
  /** The numbers of the groups from 1; null for all that the data set has. */
  readonly groups: readonly number[] | null;
  /** The numbers that the rows were sealed under; 0 is the header row. */
  readonly rows: RowRuns;
}

/** What a statement is about, by what the ledger says elsewhere: it names keys and places, which say little to a person. */
export interface About {
  /** The data set; null where it is about none, or about several. */
  readonly dataset: string | null;
  /** The number from 1 of the column group, where the data set has several; null for all of them. */
  readonly group: number | null;
  /** The role that is named, or whose key is given or taken away. */
  readonly role: string | null;
  /** The role to which something is given, or from which it is taken away. */
  readonly readerRole: string | null;
  /** Of an erasure, the records. */
  readonly records: readonly NamedRows[];
  /** How many further ones it names that this ledger does not hold: what is proposed can name any place. */
  readonly unknown: number;
}

/**
 * Reads the blocks of the records that an erasure covers.
 * @param state what the ledger says, which has been verified: blocks lie where their numbers say
 */
export async function aboutOf(ledger: Ledger, state: LedgerState, statement: TrailStatement): Promise<About> {
  const { records, unknown } = statement.kind === 'erase' ? await recordsOf(ledger, state, statement) : NO_RECORDS;
  return {
    ...(records.length > 0 ? commonTo(records) : datasetOf(statement, state)),
    role: roleOf(statement, state),
    readerRole: readerRoleOf(statement, state),
    records,
    unknown,
  };
}

const NO_RECORDS = { records: [], unknown: 0 };

function datasetOf(statement: TrailStatement, state: LedgerState): Pick<About, 'dataset' | 'group'> {
  switch (statement.kind) {
    case 'access':
    case 'sealed':
      return { dataset: statement.dataset, group: null };
    case 'dataset':
    case 'dataset-keys':
    case 'amend':
      return { dataset: statement.id, group: null };
    case 'grant':
    case 'revoke': {
      const key = state.keys.get(statement.key_id ?? '');
      if (key?.kind !== 'group') return { dataset: null, group: null };
      return { dataset: key.dataset, group: groupCount(state, key.dataset) === 1 ? null : key.group + 1 };
    }
    default:
      return { dataset: null, group: null };
  }
}

function roleOf(statement: TrailStatement, state: LedgerState): string | null {
  if (statement.kind === 'role') return statement.name;
  return statement.kind === 'grant' || statement.kind === 'revoke' ? roleWith(statement.role_key, state) : null;
}

function readerRoleOf(statement: TrailStatement, state: LedgerState): string | null {
  if (statement.kind === 'grant') return roleWith(statement.to, state);
  return statement.kind === 'revoke' ? roleWith(statement.from, state) : null;
}

/** The role that has or has had a key pair. */
function roleWith(publicKey: string | undefined, { keys }: LedgerState): string | null {
  const key = keys.get(publicKey ?? '');
  return key?.kind === 'role' ? key.role : null;
}

function commonTo(records: readonly NamedRows[]): Pick<About, 'dataset' | 'group'> {
  const [first, ...others] = records;
  if (first === undefined || others.some(({ dataset }) => dataset !== first.dataset))
    return { dataset: null, group: null };
  const [group = null, ...more] = first.groups ?? [];
  return { dataset: first.dataset, group: others.length + more.length === 0 ? group : null };
}

function groupCount({ datasets }: LedgerState, dataset: string): number {
  return datasets.get(dataset)?.keys.length ?? 1;
}

/** The records that an erasure covers, as rows: their entries say which they are, and are never erased. */
async function recordsOf(
  ledger: Ledger,
  state: LedgerState,
  { entries }: EraseStatement,
): Promise<Pick<About, 'records' | 'unknown'>> {
  const places = new Map<number, number[]>();
  for (const [block, position] of entries) {
    const here = places.get(block);
    if (here === undefined) places.set(block, [position]);
    else here.push(position);
  }
  const groups = new Map<string, Map<number, Set<number>>>();
  let known = 0;
  for (const [from, to] of runsOf(places.keys())) {
    for await (const item of ledger.blocks({ from, to, bodies: false })) {
      if (isReadable(item)) known += note(groups, state, item, places.get(item.header.index) ?? []);
    }
  }
  const records = [...groups].flatMap(([dataset, rows]) => alike(dataset, rows, groupCount(state, dataset)));
  return { records, unknown: entries.length - known };
}

/** Takes note of the column groups of each row that stand in some places of a block, by data set. Returns how many. */
function note(
  groups: Map<string, Map<number, Set<number>>>,
  { keys }: LedgerState,
  { entries }: Block,
  positions: readonly number[],
): number {
  let known = 0;
  for (const position of positions) {
    const entry = entries[position];
    if (entry?.kind !== 'sealed') continue;
    const key = keys.get(toHex(keyIdOf(entry.bytes)));
    if (key?.kind !== 'group') continue;
    const rows = groups.get(key.dataset) ?? new Map<number, Set<number>>();
    const row = rowOf(entry.bytes);
    groups.set(key.dataset, rows.set(row, (rows.get(row) ?? new Set()).add(key.group + 1)));
    known++;
  }
  return known;
}

/** Rows with the same column groups together. */
function alike(dataset: string, rows: ReadonlyMap<number, ReadonlySet<number>>, count: number): NamedRows[] {
  const together = new Map<string, number[]>();
  for (const [row, groups] of [...rows].sort(([a], [b]) => a - b)) {
    const which = [...groups].sort((a, b) => a - b).join();
    const others = together.get(which);
    if (others === undefined) together.set(which, [row]);
    else others.push(row);
  }
  return [...together].map(([which, numbers]) => {
    const groups = which.split(',').map(Number);
    return { dataset, groups: groups.length === count ? null : groups, rows: runsOf(numbers) };
  });
}
