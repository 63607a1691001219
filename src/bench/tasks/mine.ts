import { sha256 } from '#primitives';
import { u64 } from '../../bytes.js';
import { singleThreadMiner } from '../../work/miner.js';
import { type Done, timed } from './done.js';

export interface MineTask {
  /** Leading zero bits. */
  readonly difficulty: number;
  /** Proofs to find, each for a header hash of its own; the same ones every time. */
  readonly proofs: number;
}

/** Finds proofs of work. The amount is the nonces up to each proof: what any miner has to try. */
export async function run({ difficulty, proofs }: MineTask): Promise<Done> {
  let tried = 0;
  const { seconds } = await timed(proofs, async () => {
    for (let i = 0; i < proofs; i++) {
      tried += 1 + (await singleThreadMiner.mine(sha256(u64(i)), difficulty));
    }
  });
  return { amount: tried, seconds };
}
