import { throwIfAborted } from '../errors.js';
import type { Replacement, Store } from '../store/store.js';
import type { LedgerState, RecordPlace } from '../verify/state.js';
import { withoutRecords } from './stored.js';

/** What is rewritten at a time. */
const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Destroys what erasures cover, and is not known to be gone. Where the store says that as many records have been destroyed
 * as erasures cover, all are, and nothing is read: only what a run that was killed has left costs anything. A store that
 * lies about it keeps what it could have copied before; whoever verifies the ledger finds it.
 * @returns the records that were still there
 * @throws {MedsealError} `LOCKED`, `STORE_FAILED`, `ABORTED`
 */
export async function completeErasures(
  store: Store,
  state: LedgerState,
  signal?: AbortSignal,
): Promise<readonly RecordPlace[]> {
  if ((await store.destroyed()) !== state.erased) return destroyErased(store, state, signal);
  areGone(state, pendingByBlock(state));
  return [];
}

/**
 * Destroys the salts and bodies of the records that erasures cover and that are still there: without its salt a record
 * can be opened by nobody, whatever keys they hold, and without its body there is nothing to open. What leads to them goes
 * too.
 *
 * Only what durable statements say may be destroyed. Whoever is interrupted goes on from where it stopped.
 * @returns the records that were still there
 * @throws {MedsealError} `LOCKED`, `STORE_FAILED`, `ABORTED`
 */
export async function destroyErased(
  store: Store,
  state: LedgerState,
  signal?: AbortSignal,
): Promise<readonly RecordPlace[]> {
  const pending = pendingByBlock(state);
  let gone = state.erased;
  for (const { size } of pending.values()) gone -= size;
  const destroyed: RecordPlace[] = [];
  let batch: Replacement[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    if (batch.length > 0 || gone !== (await store.destroyed())) await store.replace(batch, gone);
    batch = [];
    bytes = 0;
  };
  for (const [block, positions] of pending) {
    throwIfAborted(signal);
    for await (const { position, salts, bodies } of store.read({ from: block, to: block, bodies: true })) {
      const without = salts === null || bodies === null ? null : withoutRecords({ salts, bodies }, positions);
      if (without === null) continue;
      for (const entry of without.destroyed) destroyed.push({ block, entry });
      batch.push({ position, salts: without.salts, bodies: without.bodies, untagged: [...positions] });
      bytes += 2 * without.bodies.length;
    }
    gone += positions.size;
    if (bytes >= BATCH_BYTES) await write();
  }
  await write();
  areGone(state, pending);
  return destroyed;
}

function areGone(state: LedgerState, pending: ReadonlyMap<number, ReadonlySet<number>>): void {
  for (const [block, positions] of pending) state.lacks(block, { salts: [...positions], bodies: [...positions] });
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
