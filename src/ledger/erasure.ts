import { throwIfAborted } from '../errors.js';
import type { Replacement, Store } from '../store/store.js';
import type { LedgerState } from '../verify/state.js';
import { withoutRecords } from './stored.js';

/** What is rewritten at a time. */
const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Destroys the salts and bodies of the records that erasures cover and that are still there: without its salt a record
 * can be opened by nobody, whatever keys they hold, and without its body there is nothing to open. What leads to them goes
 * too.
 *
 * Only what durable statements say may be destroyed. Whoever is interrupted goes on from where it stopped.
 * @returns number of records destroyed
 * @throws {MedsealError} `LOCKED`, `STORE_FAILED`, `ABORTED`
 */
export async function destroyErased(store: Store, state: LedgerState, signal?: AbortSignal): Promise<number> {
  let destroyed = 0;
  let batch: Replacement[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    if (batch.length > 0) await store.replace(batch);
    batch = [];
    bytes = 0;
  };
  for (const [block, positions] of pendingByBlock(state)) {
    throwIfAborted(signal);
    for await (const { position, salts, bodies } of store.read({ from: block, to: block, bodies: true })) {
      const left = salts === null || bodies === null ? null : withoutRecords({ salts, bodies }, positions);
      if (left === null) continue;
      destroyed += left.destroyed;
      batch.push({ position, salts: left.salts, bodies: left.bodies, untagged: [...positions] });
      bytes += left.bodies.length + (bodies?.length ?? 0);
    }
    if (bytes >= BATCH_BYTES) await write();
  }
  await write();
  for (const [block, positions] of pendingByBlock(state)) {
    state.lacks(block, { salts: [...positions], bodies: [...positions] });
  }
  return destroyed;
}

/** The positions of erased records that are not known to be gone, block by block. */
export function pendingByBlock(state: LedgerState): Map<number, Set<number>> {
  const blocks = new Map<number, Set<number>>();
  for (const { block, entry } of state.pending()) {
    const positions = blocks.get(block) ?? new Set();
    positions.add(entry);
    blocks.set(block, positions);
  }
  return blocks;
}
