import { toHex } from '../bytes.js';
import type { GroupKey } from '../crypto/sealing.js';
import { MedsealError } from '../errors.js';
import { sealedFields } from '../format/entry.js';
import { type Ledger, readableBlocks } from '../ledger/ledger.js';
import { openWith } from './records.js';

/** Which rows of which data set. */
export interface RowRange {
  /** The data set's first block, where reading begins. */
  readonly block: number;
  /** First and last row wanted. */
  readonly from: number;
  readonly to: number;
  /** The ids of the keys that the data set has had. */
  readonly keyIds: ReadonlySet<string>;
  /** Whether an erasure covers an entry of a block. */
  readonly isErased: (block: number, entry: number) => boolean;
}

/**
 * Rows of a data set in order, straight from a ledger whose chain has been verified: what decrypts is what was sealed.
 * @returns of a row that has been erased, null
 * @throws {MedsealError} `CANNOT_OPEN` at a row that does not open
 */
export async function* readRows(
  ledger: Ledger,
  keys: ReadonlyMap<string, GroupKey>,
  { block, from, to, keyIds, isErased }: RowRange,
): AsyncGenerator<{ row: number; content: Uint8Array | null }> {
  if (to < from) return;
  for await (const { header, entries } of readableBlocks(ledger, { from: block })) {
    for (const [place, entry] of entries.entries()) {
      if (entry.kind !== 'sealed') continue;
      const { keyId, row } = sealedFields(entry.bytes);
      if (row < from || row > to || !keyIds.has(toHex(keyId))) continue;
      const content = openWith(keys, entry);
      if (content === null && !isErased(header.index, place)) {
        const place = { block: header.index, row };
        throw new MedsealError('CANNOT_OPEN', `row ${row} in block ${header.index} does not open`, place);
      }
      yield { row, content };
      if (row === to) return;
    }
  }
}
