import { equalBytes } from '../bytes.js';
import type { Block } from '../format/block.js';
import { sealedFields } from '../format/entry.js';
import type { DatasetInfo } from './directory.js';

/** Which rows of a data set, within a range, a block holds. */
export function rowsIn(
  { entries }: Pick<Block, 'entries'>,
  { key }: DatasetInfo,
  { from, to }: { from: number; to: number },
): number[] {
  const rows: number[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'sealed' || key === null) continue;
    const { keyId, row } = sealedFields(entry.bytes);
    if (row >= from && row <= to && equalBytes(keyId, key.keyId)) rows.push(row);
  }
  return rows;
}
