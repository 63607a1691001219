import { toHex } from '../bytes.js';
import type { Block } from '../format/block.js';
import { hasKeyOf, keyIdOf, rowOf } from '../format/entry.js';

/** A row of a data set, and the entry that it is. */
export interface RowPlace {
  readonly row: number;
  readonly entry: number;
}

/** First and last row, both included. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** Which rows of a data set, within a range, a block holds that are sealed under one of some keys. */
export function rowsIn(
  { entries }: Pick<Block, 'entries'>,
  keys: { has(keyId: string): boolean },
  { from, to }: RowRange,
): RowPlace[] {
  const rows: RowPlace[] = [];
  let before: Uint8Array | null = null;
  let isHeld = false;
  for (const [place, entry] of entries.entries()) {
    if (entry.kind !== 'sealed') continue;
    const row = rowOf(entry.bytes);
    if (row < from || row > to) continue;
    // Neighbours have mostly the same key.
    if (before === null || !hasKeyOf(entry.bytes, before)) isHeld = keys.has(toHex(keyIdOf(entry.bytes)));
    before = entry.bytes;
    if (isHeld) rows.push({ row, entry: place });
  }
  return rows;
}
