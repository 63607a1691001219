import { throwIfAborted } from '../errors.js';
import { compileKernel, type Kernel, type KernelModule, kernelOf } from './kernel/kernel.js';

/** Finds proofs of work. */
export interface Miner {
  /**
   * The smallest proof that reaches the difficulty for a header hash (32 bytes): an integer from 0.
   * @param difficulty leading zero bits, 0 to 48
   * @throws {MedsealError} `ABORTED` when the signal says so; `THREAD_FAILED` where threads do the work
   */
  mine(headerHash: Uint8Array, difficulty: number, signal?: AbortSignal): Promise<number>;
}

/** A kernel for the calling thread, and the module from which other threads make theirs. */
export interface LoadedKernel {
  readonly kernel: Kernel;
  readonly module: KernelModule | null;
}

let loading: Promise<LoadedKernel> | null = null;

/** The fastest kernel that the platform has. It is loaded with the first block that is mined, and once. */
export function loadKernel(): Promise<LoadedKernel> {
  loading ??= compileKernel().then((module) => ({ kernel: kernelOf(module), module }));
  return loading;
}

/** A miner on the calling thread that lets other work run every few milliseconds. It needs nothing of Node.js. */
export const singleThreadMiner: Miner = {
  async mine(headerHash, difficulty, signal) {
    if (difficulty === 0) return 0;
    const { kernel } = await loadKernel();
    const { found } = await mineInTurns(kernel, { headerHash, difficulty, from: 0 }, signal);
    return found as number;
  },
};

/** What is looked for: the smallest proof from `from` on. */
export interface WorkOrder {
  readonly headerHash: Uint8Array;
  readonly difficulty: number;
  readonly from: number;
}

/** What has become of it: what was found, or null and how far has been looked. */
export interface TurnsTaken {
  readonly found: number | null;
  readonly next: number;
}

/**
 * Mines on the calling thread, and lets other work run after each turn of a few milliseconds: so a progress bar moves
 * and Ctrl-C is heard.
 * @param goOn asked after each turn, with the number of proofs that it tried; false ends the mining without a proof
 * @throws {MedsealError} `ABORTED`
 */
export async function mineInTurns(
  kernel: Kernel,
  { headerHash, difficulty, from }: WorkOrder,
  signal: AbortSignal | undefined,
  goOn: (tried: number) => boolean = () => true,
): Promise<TurnsTaken> {
  const search = kernel.prepare(headerHash, difficulty);
  for (let next = from; ; next += kernel.turn) {
    throwIfAborted(signal);
    const found = search(next, next + kernel.turn);
    if (found !== null) return { found, next: found };
    if (!goOn(kernel.turn)) return { found: null, next: next + kernel.turn };
    await letOthersRun();
  }
}

function letOthersRun(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve);
  });
}
