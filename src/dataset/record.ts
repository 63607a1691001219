import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { isReadable } from '../format/block.js';
import { hashOf } from '../format/header.js';
import { inspectBodies, inspectContent } from '../verify/inspect.js';
import { rowsIn } from './block-rows.js';
import type { VerifiedDataset } from './reading.js';
import { openWith } from './records.js';

const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };

/**
 * One row's content, from the block that holds it: rows ascend from block to block, so that a few looks find it. The block
 * must be one that was accepted when the chain was verified, by its hash; its entries must be those that its hash stands
 * for, and the record's salt and body those of its entry.
 * @returns null where the data set has no such row
 * @throws {MedsealError} `CANNOT_OPEN`, `STORE_FAILED`
 */
export async function findRecord(dataset: VerifiedDataset, row: number): Promise<Uint8Array | null> {
  if (!Number.isSafeInteger(row) || row < 1 || row > dataset.info.rows) return null;
  const position = await positionOf(dataset, row);
  const content = position === null ? null : await openAt(dataset, position, row);
  if (content !== null) return content;
  throw new MedsealError('CANNOT_OPEN', `row ${row} is in no block that verifies, or does not open`, { row });
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
  { ledger, info, accepted }: VerifiedDataset,
  position: number,
  row: number,
): Promise<Uint8Array | null> {
  const item = await ledger.block(position);
  if (item === null || !isReadable(item) || !accepted.has(position - 1, hashOf(item))) return null;
  if (inspectContent(item, await loadCurve(), { bodies: false }).entries === null) return null;
  for (const entry of item.entries) {
    const [found] = rowsIn({ entries: [entry] }, info.keys, { from: row, to: row });
    if (found === undefined || entry.kind !== 'sealed') continue;
    return inspectBodies([entry]).faults.length > 0 ? null : openWith(info.keys, entry);
  }
  return null;
}
