import { toHex } from '../bytes.js';
import type { GroupKey } from '../crypto/sealing.js';
import { MedsealError } from '../errors.js';
import { sealedFields } from '../format/entry.js';
import { type Ledger, readableBlocks } from '../ledger/ledger.js';
import { openRecord } from './records.js';

/**
 * Rows of a data set in order, straight from a ledger whose chain has been verified: what decrypts is what was sealed.
 * @param range the data set's first block, where reading begins, and the first and last row wanted
 * @throws {MedsealError} `CANNOT_OPEN` at a row that does not open
 */
export async function* readRows(
  ledger: Ledger,
  key: GroupKey,
  { block, from, to }: { block: number; from: number; to: number },
): AsyncGenerator<{ row: number; content: Uint8Array }> {
  if (to < from) return;
  const wanted = toHex(key.keyId);
  for await (const { header, entries } of readableBlocks(ledger, { from: block })) {
    for (const entry of entries) {
      if (entry.kind !== 'sealed') continue;
      const { keyId, row } = sealedFields(entry.bytes);
      if (row < from || row > to || toHex(keyId) !== wanted) continue;
      const content = openRecord(key, entry);
      if (content === null) {
        const place = { block: header.index, row };
        throw new MedsealError('CANNOT_OPEN', `row ${row} in block ${header.index} does not open`, place);
      }
      yield { row, content };
      if (row === to) return;
    }
  }
}
