import { toHex } from '../bytes.js';
import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { isReadable } from '../format/block.js';
import { keyIdOf, type SealedEntry } from '../format/entry.js';
import { type BlockHead, hashOf } from '../format/header.js';
import { inspectBodies, inspectContent } from '../verify/inspect.js';
import { newestOf, originalOf } from './amendments.js';
import { rowsIn } from './block-rows.js';
import { groupLabel, joinerOf } from './group-info.js';
import type { VerifiedDataset } from './reading.js';
import { openWith } from './records.js';

const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** What has become of a row, or of a column group's part of it. */
export type RowState = 'opened' | 'erased' | 'closed' | 'unopened';

/** A column group's part of a row. */
export interface FoundPart {
  /** What the group is called. */
  readonly group: string;
  /** Its place among the block's entries, from 0. */
  readonly entry: number;
  readonly state: RowState;
}

/** A row where it was sealed. */
export interface FoundRecord {
  readonly block: BlockHead['header'];
  readonly parts: readonly FoundPart[];
  /** Null where nothing of it opens, or something does not that should. */
  readonly content: Uint8Array | null;
  readonly state: RowState;
}

/**
 * The newest version of one row, from the block that holds it.
 * @returns null where the data set has no such row; a version of a row is none by itself
 * @throws {MedsealError} `CANNOT_OPEN`, `STORE_FAILED`
 */
export async function newestRecord(dataset: VerifiedDataset, row: number): Promise<Uint8Array | null> {
  const { amendments, rows } = dataset.info;
  if (!Number.isSafeInteger(row) || row < 1 || row > rows || originalOf(amendments, row) !== null) return null;
  const content = (await readRecord(dataset, newestOf(amendments, row)))?.content ?? null;
  if (content !== null) return content;
  throw new MedsealError('CANNOT_OPEN', `row ${row} is in no block that verifies, or does not open`, { row });
}

/**
 * One row, from the block that holds it. Where a corrected version lies is mostly known; otherwise rows ascend from block
 * to block, so that a few looks find it. The block must be
 * one that was accepted when the chain was verified, by its hash; its entries must be those that its hash stands for, and
 * the record's salt and body those of its entry.
 * @param row its own number, whatever it is a version of
 * @returns null where the row is in no block that verified
 * @throws {MedsealError} `STORE_FAILED`
 */
export async function readRecord(dataset: VerifiedDataset, row: number): Promise<FoundRecord | null> {
  const known = dataset.info.versionPlaces.get(row);
  const found = known === undefined ? null : await openAt(dataset, known, row);
  if (found !== null) return found;
  const position = await positionOf(dataset, row);
  return position === null ? null : openAt(dataset, position, row);
}

/** Where the block that holds a row is stored; null where the rows lead to none. */
async function positionOf(dataset: VerifiedDataset, row: number): Promise<number | null> {
  let [low, high] = [dataset.info.block, dataset.blocks];
  while (low <= high) {
    const middle = low + Math.floor((high - low) / 2);
    const found = await nextRows(dataset, middle, high);
    if (found === null || row < found.first) high = middle - 1;
    else if (row > found.last) low = found.position + 1;
    else return found.position;
  }
  return null;
}

/** The first block of a range that holds rows of the data set: others may have sealed between. */
async function nextRows(
  { ledger, info }: VerifiedDataset,
  from: number,
  to: number,
): Promise<{ position: number; first: number; last: number } | null> {
  // One block by itself is found faster than the first of many.
  for (const end of [from, to]) {
    for await (const { position, item } of ledger.numbered({ from, to: end, bodies: false })) {
      const rows = isReadable(item) ? rowsIn(item, new Set(info.keyIds), ALL) : [];
      const [first, last] = [rows[0]?.row, rows.at(-1)?.row];
      if (first !== undefined && last !== undefined) return { position, first, last };
    }
  }
  return null;
}

async function openAt(
  { ledger, info, accepted, state }: VerifiedDataset,
  position: number,
  row: number,
): Promise<FoundRecord | null> {
  const item = await ledger.block(position);
  if (item === null || !isReadable(item) || !accepted.has(position - 1, hashOf(item))) return null;
  if (inspectContent(item, await loadCurve(), { bodies: false }).entries === null) return null;
  const places = rowsIn(item, new Set(info.keyIds), { from: row, to: row });
  if (places.length === 0) return null;
  const parts: (FoundPart & { content: Uint8Array | null })[] = places.map(({ entry }) => {
    const sealed = item.entries[entry] as SealedEntry;
    const keyId = toHex(keyIdOf(sealed.bytes));
    const group = info.open.find(({ keyIds }) => keyIds.includes(keyId));
    const isErased = state.isErased(item.header.index, entry);
    const isOpened = !isErased && inspectBodies([sealed]).faults.length === 0;
    const content = isOpened ? openWith(info.keys, sealed) : null;
    const lost = isErased ? 'erased' : info.keys.has(keyId) ? 'unopened' : 'closed';
    return {
      group: group === undefined ? '' : groupLabel(group),
      entry,
      content,
      state: content === null ? lost : 'opened',
    };
  });
  const isWhole = parts.every((part) => part.state !== 'unopened');
  const content = isWhole ? joinerOf(info)(parts.map((part) => part.content)) : null;
  return { block: item.header, parts, content, state: content === null ? whyNot(parts) : 'opened' };
}

function whyNot(parts: readonly FoundPart[]): RowState {
  const states = new Set(parts.map(({ state }) => state));
  if (states.has('unopened') || states.has('opened')) return 'unopened';
  return states.has('erased') ? 'erased' : 'closed';
}
