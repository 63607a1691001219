import type { EraseStatement } from '../../format/statement.js';
import type { RecordPlace } from '../../ledger/prove.js';

/**
 * Whether an erasure covers a record, as far as the blocks say that the store has marked as holding statements. Nobody vouches
 * for those: a false one hides no more than a tag that the store leaves out.
 */
export function erasedBy(erasures: readonly Pick<EraseStatement, 'entries'>[]): (record: RecordPlace) => boolean {
  const places = new Set<string>();
  for (const { entries } of erasures) {
    for (const place of entries) places.add(place.join(' '));
  }
  return ({ block, entry }) => places.has(`${block} ${entry}`);
}
