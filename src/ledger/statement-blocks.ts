import type { BlockItem } from '../format/block.js';
import type { Ledger } from './ledger.js';
import { STATEMENTS_TAG } from './stored.js';

/** A block, and the position at which the store has it. */
export interface NumberedBlock {
  readonly position: number;
  readonly item: BlockItem;
}

/**
 * The blocks that the store has marked as holding statements, in order: so reading them takes no longer with more records.
 * Whoever keeps the store can leave some out.
 */
export async function* statementBlocks(ledger: Ledger): AsyncGenerator<NumberedBlock> {
  const marked = new Set<number>();
  for await (const { position } of ledger.places(STATEMENTS_TAG)) marked.add(position);
  for (const position of [...marked].sort((a, b) => a - b)) {
    yield* ledger.numbered({ from: position, to: position, bodies: false });
  }
}
