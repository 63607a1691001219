import { sha256 } from '#primitives';
import { u64 } from '../../bytes.js';
import { sharedMiner } from '../../work/threaded-miner.js';
import { type Done, timed } from './done.js';

export interface MineTask {
  readonly threads: number;
  /** Leading zero bits. */
  readonly difficulty: number;
  /** Proofs to find, each for a header hash of its own; the same ones every time. */
  readonly proofs: number;
}

/** Finds proofs of work. The amount is the nonces up to each proof: what any miner has to try. */
export async function run({ threads, difficulty, proofs }: MineTask): Promise<Done> {
  // Its threads are still there from the warm-up.
  const miner = sharedMiner(threads);
  let tried = 0;
  const { seconds } = await timed(proofs, async () => {
    for (let i = 0; i < proofs; i++) tried += 1 + (await miner.mine(sha256(u64(i)), difficulty));
  });
  return { amount: tried, seconds };
}
