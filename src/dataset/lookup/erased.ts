import { isReadable } from '../../format/block.js';
import { parseStatement } from '../../format/statement.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { RecordPlace } from '../../ledger/prove.js';
import { STATEMENTS_TAG } from '../../ledger/stored.js';
import type { Voucher } from '../../ledger/vouching.js';

/**
 * Those of some records that no erasure covers, as far as the blocks say that the store has marked as holding statements, and
 * that are vouched for.
 */
export async function notErased(
  ledger: Ledger,
  voucher: Voucher,
  records: readonly RecordPlace[],
): Promise<readonly RecordPlace[]> {
  const left = new Map(records.map((record) => [`${record.block} ${record.entry}`, record]));
  for await (const { position } of ledger.places(STATEMENTS_TAG)) {
    if (left.size === 0) break;
    const block = await ledger.block(position);
    if (block === null || !isReadable(block) || !(await voucher.has(position, block))) continue;
    for (const { kind, bytes } of block.entries) {
      const statement = kind === 'statement' ? parseStatement(bytes) : null;
      if (statement?.kind !== 'erase') continue;
      for (const place of statement.entries) left.delete(place.join(' '));
    }
  }
  return [...left.values()];
}
