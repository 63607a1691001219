import type { Block } from '../../format/block.js';
import { parseStatement } from '../../format/statement.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { RecordPlace } from '../../ledger/prove.js';
import { STATEMENTS_TAG } from '../../ledger/stored.js';

/**
 * Those of some records that no erasure covers, as far as the blocks say that the store has marked as holding statements.
 * @param blockAt gives such a block where it is vouched for
 */
export async function notErased(
  ledger: Ledger,
  blockAt: (position: number) => Promise<Block | null>,
  records: readonly RecordPlace[],
): Promise<readonly RecordPlace[]> {
  const left = new Map(records.map((record) => [`${record.block} ${record.entry}`, record]));
  for await (const { position } of ledger.places(STATEMENTS_TAG)) {
    if (left.size === 0) break;
    for (const { kind, bytes } of (await blockAt(position))?.entries ?? []) {
      const statement = kind === 'statement' ? parseStatement(bytes) : null;
      if (statement?.kind !== 'erase') continue;
      for (const place of statement.entries) left.delete(place.join(' '));
    }
  }
  return [...left.values()];
}
