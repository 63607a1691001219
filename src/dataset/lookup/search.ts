import { toHex } from '../../bytes.js';
import { columnTagKey, indexedTag, valueTag } from '../../crypto/index-tag.js';
import { loadCurve } from '../../crypto/secp256k1.js';
import { throwIfAborted } from '../../errors.js';
import { type Block, type BlockItem, isReadable } from '../../format/block.js';
import { type Entry, keyIdOf } from '../../format/entry.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { RecordPlace } from '../../ledger/prove.js';
import type { TaggedPlace } from '../../store/tags.js';
import { inspectBodies, inspectContent } from '../../verify/inspect.js';
import { rowsIn } from '../block-rows.js';
import type { DatasetInfo } from '../directory.js';
import { joinerOf } from '../group-info.js';
import { openWith } from '../records.js';
import { type ColumnCondition, matcher } from './conditions.js';

/** A data set whose rows are looked for. */
export interface Searched {
  readonly ledger: Ledger;
  readonly info: DatasetInfo;
  /** Whether a block is known to stand at its position in the ledger: nothing of others is given out. */
  readonly vouches: (position: number, block: Block) => boolean | Promise<boolean>;
  /** Whether an erasure covers a record: then it is not opened, whatever of it is still there. */
  readonly isErased: (record: RecordPlace) => boolean;
  /** Number of blocks: what was appended later is not seen. */
  readonly blocks: number;
  readonly signal?: AbortSignal | undefined;
}

/** A row that was found, and where. */
export interface FoundRow {
  readonly row: number;
  readonly content: Uint8Array;
  readonly block: number;
  readonly entry: number;
}

/** What could not be looked at. */
export interface Missed {
  /** Blocks that nothing vouches for. */
  blocks: number;
  /** Records that do not open, and that no erasure covers. */
  records: number;
}

export function nothingMissed(): Missed {
  return { blocks: 0, records: 0 };
}

/** Whether all rows are tagged, in the groups that have columns to find them by. */
export async function isIndexed({ ledger, info }: Searched): Promise<boolean> {
  for (const { manifest, keys } of info.open) {
    if ((manifest?.lookup ?? []).length === 0) continue;
    for (const key of keys.values()) {
      const marks = ledger.places(indexedTag(key))[Symbol.asyncIterator]();
      const { done } = await marks.next();
      await marks.return?.();
      if (done) return false;
    }
  }
  return true;
}

/** Entries that may be what is looked for, by the positions of their blocks, in order. */
export type Candidates = ReadonlyMap<number, ReadonlySet<number>>;

/**
 * The rows to which the index leads, in their order. Each is opened and compared, so that a tag that is wrong costs time
 * and nothing else.
 */
async function* byIndex(
  searched: Searched,
  conditions: readonly ColumnCondition[],
  candidates: Candidates,
  missed: Missed,
): AsyncGenerator<FoundRow> {
  for (const [position, entries] of candidates) {
    throwIfAborted(searched.signal);
    yield* rowsOf(searched, position, await searched.ledger.block(position), { conditions, missed, entries });
  }
}

/** The same rows, found by reading all of them. */
async function* byReading(
  searched: Searched,
  conditions: readonly ColumnCondition[],
  missed: Missed,
): AsyncGenerator<FoundRow> {
  const { ledger, info, blocks, signal } = searched;
  for await (const { position, item } of ledger.numbered({ from: info.block, to: blocks })) {
    throwIfAborted(signal);
    yield* rowsOf(searched, position, item, { conditions, missed, entries: null });
  }
}

/**
 * What the index says, of the condition that leads to the fewest.
 * @returns null where not all rows under the keys at hand are said to be in it
 */
export async function candidatesFor(
  searched: Searched,
  conditions: readonly ColumnCondition[],
): Promise<Candidates | null> {
  return (await isIndexed(searched)) ? ledTo(searched, conditions) : null;
}

/** The same, where it is known that all rows are in the index. */
export async function ledTo(searched: Searched, conditions: readonly ColumnCondition[]): Promise<Candidates> {
  const { ledger, info, blocks } = searched;
  const lists = conditions.map(({ column, values }) => placesOf(ledger, info, column.name, values));
  const found = new Map<number, Set<number>>();
  for (const { position, entry } of await shortest(lists)) {
    if (position <= blocks) found.set(position, (found.get(position) ?? new Set()).add(entry));
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}

async function* placesOf(
  ledger: Ledger,
  { keys }: DatasetInfo,
  column: string,
  values: readonly Uint8Array[],
): AsyncGenerator<TaggedPlace> {
  for (const key of keys.values()) {
    for (const value of values) yield* ledger.places(valueTag(columnTagKey(key, column), value));
  }
}

/** The first of some lists to end, read side by side: so the longest of them costs no more than the shortest. */
async function shortest<T>(lists: readonly AsyncGenerator<T>[]): Promise<T[]> {
  const read = lists.map((): T[] => []);
  try {
    for (;;) {
      for (const [i, list] of lists.entries()) {
        const { done, value } = await list.next();
        const items = read[i] ?? [];
        if (done) return items;
        items.push(value);
      }
      if (lists.length === 0) return [];
    }
  } finally {
    for (const list of lists) await list.return(undefined);
  }
}

/** Rows found by the index, or by reading all of them where there is none or `scan` asks for it. */
export async function searchRows(
  searched: Searched,
  conditions: readonly ColumnCondition[],
  missed: Missed,
  scan: boolean,
): Promise<AsyncGenerator<FoundRow>> {
  return rowsBy(searched, conditions, scan ? null : await candidatesFor(searched, conditions), missed);
}

/** @param candidates what the index says; null where all rows are to be read */
export function rowsBy(
  searched: Searched,
  conditions: readonly ColumnCondition[],
  candidates: Candidates | null,
  missed: Missed,
): AsyncGenerator<FoundRow> {
  return candidates === null
    ? byReading(searched, conditions, missed)
    : byIndex(searched, conditions, candidates, missed);
}

interface Looking {
  readonly conditions: readonly ColumnCondition[];
  readonly missed: Missed;
  /** Only these entries; null for all. */
  readonly entries: ReadonlySet<number> | null;
}

/** Opens the rows of a block, and gives those that meet the conditions. */
async function* rowsOf(
  { info, vouches, isErased }: Searched,
  position: number,
  block: BlockItem | null,
  { conditions, missed, entries }: Looking,
): AsyncGenerator<FoundRow> {
  const { manifest } = info;
  if (block === null || !isReadable(block) || manifest === null || !(await isSound(block, position, vouches))) {
    missed.blocks++;
    return;
  }
  const matches = matcher(manifest, conditions);
  const join = joinerOf(info);
  for (const [row, places] of partsByRow(block, info)) {
    if (entries !== null && !places.some((place) => entries.has(place))) continue;
    const parts: (Uint8Array | null)[] = [];
    let unopened = 0;
    for (const entry of places) {
      const part = isErased({ block: position, entry }) ? null : openedPart(info, block.entries[entry]);
      if (part === 'unopened') unopened++;
      else parts.push(part);
    }
    missed.records += unopened;
    // Not without a part that should open.
    if (unopened > 0) continue;
    const content = join(parts);
    if (content !== null && matches(content)) yield { row, content, block: position, entry: places[0] ?? 0 };
  }
}

/** Rows of a block, and where the parts of each stand: one for each group that opens, in their order. */
function partsByRow(block: Block, { keyIds }: DatasetInfo): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  for (const { row, entry } of rowsIn(block, new Set(keyIds), { from: 1, to: Number.MAX_SAFE_INTEGER })) {
    const places = rows.get(row);
    if (places === undefined) rows.set(row, [entry]);
    else places.push(entry);
  }
  return rows;
}

/** @returns null of a part under a key that is not held */
function openedPart({ keys }: DatasetInfo, entry: Entry | undefined): Uint8Array | 'unopened' | null {
  if (entry?.kind !== 'sealed' || !keys.has(toHex(keyIdOf(entry.bytes)))) return null;
  return inspectBodies([entry]).faults.length > 0 ? 'unopened' : (openWith(keys, entry) ?? 'unopened');
}

async function isSound(block: Block, position: number, vouches: Searched['vouches']): Promise<boolean> {
  if (!(await vouches(position, block))) return false;
  return inspectContent(block, await loadCurve(), { bodies: false }).entries !== null;
}
