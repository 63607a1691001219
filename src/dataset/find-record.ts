import { toHex } from '../bytes.js';
import { throwIfAborted } from '../errors.js';
import { type BlockItem, isReadable } from '../format/block.js';
import { keyIdOf, rowOf } from '../format/entry.js';
import {
  type DatasetKeysStatement,
  type DatasetStatement,
  parseStatement,
  type Statement,
} from '../format/statement.js';
import type { Ledger } from '../ledger/ledger.js';
import type { RecordPlace } from '../ledger/prove.js';
import type { NumberedBlock } from '../ledger/statement-blocks.js';
import type { DatasetGroup } from './groups-of.js';

/** A column group of a data set, as far as finding its records takes. */
export interface GroupPlace {
  /** The block in which the data set begins. */
  readonly block: number;
  /** Ids of all keys that the group has had. */
  readonly keyIds: readonly string[];
}

/** A data set as far as its statements tell. */
export interface DatasetPlace {
  readonly block: number;
  readonly groups: readonly DatasetGroup[];
}

/**
 * Where a data set of this id begins, by the first statement that says so, and the keys that it has had; null for nowhere.
 * Nothing is verified: what is found with it must be proven.
 * @param blocks where to look: all blocks, or those that the store says hold statements
 */
export async function findDataset(
  blocks: AsyncIterable<NumberedBlock>,
  id: string,
  signal?: AbortSignal,
): Promise<DatasetPlace | null> {
  let found: { block: number; keys: string[][] } | null = null;
  for await (const { item } of blocks) {
    throwIfAborted(signal);
    if (!isReadable(item)) continue;
    for (const entry of item.entries) {
      const statement = entry.kind === 'statement' ? statementOf(entry.bytes) : null;
      if (statement === null || !namesKeys(statement) || statement.id !== id) continue;
      if (statement.kind === 'dataset') found ??= { block: item.header.index, keys: statement.keys.map(() => []) };
      for (const [group, key] of statement.keys.entries()) found?.keys[group]?.push(key);
    }
  }
  if (found === null) return null;
  return { block: found.block, groups: found.keys.map((keyIds, number) => ({ number, keyIds, manifest: null })) };
}

function namesKeys(statement: Statement): statement is DatasetStatement | DatasetKeysStatement {
  return statement.kind === 'dataset' || statement.kind === 'dataset-keys';
}

function statementOf(bytes: Uint8Array): Statement | null {
  try {
    return parseStatement(bytes);
  } catch {
    return null;
  }
}

/**
 * Where a row's part of a column group lies, by bisection: rows stand in order, so that a few blocks are read of
 * any number. In a ledger where they do not, all blocks are looked through.
 * @returns null where the row is nowhere
 */
export async function findRecord(
  ledger: Ledger,
  { block, keyIds }: GroupPlace,
  row: number,
  signal?: AbortSignal,
): Promise<RecordPlace | null> {
  const keys = new Set(keyIds);
  let [low, high] = [block, await ledger.size()];
  while (low <= high) {
    throwIfAborted(signal);
    const middle = Math.floor((low + high) / 2);
    const rows = await nextRows(ledger, keys, middle, high);
    const place = rows?.places.get(row);
    if (rows !== null && place !== undefined) return { block: rows.block, entry: place };
    if (rows === null || row < rows.first) high = middle - 1;
    else low = rows.block + 1;
  }
  return everywhere(ledger, keys, row, signal);
}

interface Rows {
  readonly block: number;
  readonly first: number;
  /** By row, the record's place among the block's entries. */
  readonly places: ReadonlyMap<number, number>;
}

/** The rows of the first block that has any, from a block on. Nearly always it is that block itself. */
async function nextRows(ledger: Ledger, keys: ReadonlySet<string>, from: number, to: number): Promise<Rows | null> {
  for (const range of [
    { from, to: from },
    { from: from + 1, to },
  ]) {
    for await (const { position, item } of ledger.numbered({ ...range, bodies: false })) {
      const rows = rowsOf(item, position, keys);
      if (rows !== null) return rows;
    }
  }
  return null;
}

async function everywhere(
  ledger: Ledger,
  keys: ReadonlySet<string>,
  row: number,
  signal: AbortSignal | undefined,
): Promise<RecordPlace | null> {
  for await (const { position, item } of ledger.numbered({ bodies: false })) {
    throwIfAborted(signal);
    const rows = rowsOf(item, position, keys);
    const entry = rows?.places.get(row);
    if (rows !== null && entry !== undefined) return { block: rows.block, entry };
  }
  return null;
}

/** @param position where the block is stored, whatever number it claims: so the search always comes to an end */
function rowsOf(item: BlockItem, position: number, keys: ReadonlySet<string>): Rows | null {
  if (!isReadable(item)) return null;
  const places = new Map<number, number>();
  for (const [place, entry] of item.entries.entries()) {
    if (entry.kind !== 'sealed') continue;
    if (keys.has(toHex(keyIdOf(entry.bytes)))) places.set(rowOf(entry.bytes), place);
  }
  const [first] = places.keys();
  return first === undefined ? null : { block: position, first, places };
}
