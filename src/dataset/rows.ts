import { MedsealError } from '../errors.js';
import { type Ledger, readableBlocks } from '../ledger/ledger.js';
import { type RowRange, rowsIn } from './block-rows.js';
import type { DatasetInfo } from './directory.js';
import { openWith } from './records.js';

/** A row's content, one part a group; of a part that has been erased, null. */
export interface SealedRow {
  readonly row: number;
  readonly parts: readonly (Uint8Array | null)[];
}

/**
 * Rows of a data set in order, straight from a ledger whose chain has been verified: what decrypts is what was sealed.
 * @param isErased whether an erasure covers an entry of a block
 * @throws {MedsealError} `CANNOT_OPEN` at a row that does not open
 */
export async function* readRows(
  ledger: Ledger,
  { block, keyIds, keys, groupCount }: DatasetInfo,
  range: RowRange,
  isErased: (block: number, entry: number) => boolean,
): AsyncGenerator<SealedRow> {
  if (range.to < range.from) return;
  const named = new Set(keyIds);
  for await (const { header, entries } of readableBlocks(ledger, { from: block })) {
    let parts: (Uint8Array | null)[] = [];
    for (const { row, entry: place } of rowsIn({ entries }, named, range)) {
      const entry = entries[place];
      const content = entry?.kind === 'sealed' ? openWith(keys, entry) : null;
      if (content === null && !isErased(header.index, place)) {
        const message = `row ${row} in block ${header.index} does not open`;
        throw new MedsealError('CANNOT_OPEN', message, { block: header.index, row });
      }
      // Rows are whole within a block, their groups in order.
      parts.push(content);
      if (parts.length < groupCount) continue;
      yield { row, parts };
      if (row === range.to) return;
      parts = [];
    }
  }
}
