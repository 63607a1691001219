import type { RecordPlace } from '../../ledger/prove.js';
import type { ListedErasure } from '../directory.js';

/**
 * Whether an erasure covers a record, as far as the blocks say that the store has marked as holding statements.
 * @param isVouchedFor whether what the block at a position says is known to have been said
 */
export function erasedBy(
  erasures: readonly ListedErasure[],
  isVouchedFor: (position: number) => Promise<boolean>,
): (record: RecordPlace) => boolean | Promise<boolean> {
  if (erasures.length === 0) return () => false;
  const positions = new Map<string, number[]>();
  for (const { position, entries } of erasures) {
    for (const place of entries) {
      const name = place.join(' ');
      positions.set(name, [...(positions.get(name) ?? []), position]);
    }
  }
  return async ({ block, entry }) => {
    for (const position of positions.get(`${block} ${entry}`) ?? []) {
      if (await isVouchedFor(position)) return true;
    }
    return false;
  };
}
