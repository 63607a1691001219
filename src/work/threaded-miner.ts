import { availableParallelism } from 'node:os';
import { MedsealError } from '../errors.js';
import { hashKernel, type KernelModule } from './kernel/kernel.js';
import { loadKernel, type Miner, mineInTurns } from './miner.js';
import { startTeam, type Team } from './mining-team.js';

/** A miner with threads of its own. */
export interface ThreadedMiner extends Miner {
  /** How many threads share a block's proofs; with 1 the calling thread does it all. */
  readonly threads: number;
  /** Ends its threads; a block that is being mined ends with `ABORTED`. A block mined later starts them anew. */
  close(): Promise<void>;
}

/** What is for tests and benchmarks only. */
export interface MinerInternals {
  /** The first proof that is tried. Default 0. */
  readonly from?: number;
  /** False leaves WebAssembly aside, as where there is no SIMD. Default true. */
  readonly simd?: boolean;
  /** See `WORTH_THREADS`. */
  readonly worthThreads?: number;
}

/**
 * Up to this difficulty the calling thread is done before other threads have heard of the block: 2,048 proofs take it
 * 0.12 ms on average, and the way to a thread and back 0.05 to 0.1 ms.
 */
const INLINE_DIFFICULTY = 11;

/**
 * Starting threads takes about as long as trying this many proofs. So the calling thread mines that much by itself, and
 * the short-lived process that mines a single block at the default difficulty never starts any.
 */
const WORTH_THREADS = 2 ** 18;

/**
 * A miner whose threads share each block's proofs. They start when they are worth it, wait without using the processor
 * between two blocks, and let the process end. Where they cannot be had, the calling thread goes on by itself.
 *
 * Blocks are mined one after the other, each by all threads; the calling thread is free meanwhile.
 * @param threads default: one a core
 * @throws {MedsealError} `ARGUMENT_INVALID`
 */
export function threadedMiner(
  { threads = availableParallelism() }: { threads?: number } = {},
  { from = 0, simd = true, worthThreads = WORTH_THREADS }: MinerInternals = {},
): ThreadedMiner {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new MedsealError('ARGUMENT_INVALID', 'the number of threads must be a whole number from 1');
  }
  let team: Team | null = null;
  let tried = 0;
  let closings = 0;

  /** The threads, once they are there; they are started when they are worth it. */
  function readyTeam(module: KernelModule | null): Team | null {
    if (threads === 1) return null;
    if (team?.state === 'lost') team = null;
    if (team === null && tried >= worthThreads) team = startTeam(threads, module);
    return team?.state === 'ready' ? team : null;
  }

  return {
    threads,
    async mine(headerHash, difficulty, signal) {
      if (difficulty === 0) return from;
      const order = { headerHash: headerHash.slice(), difficulty, from };
      const before = closings;
      const { kernel, module } = simd ? await loadKernel() : { kernel: hashKernel, module: null };
      /** Where the block goes on: with the threads, or on this thread (null). */
      const next = (): Team | null => {
        if (closings !== before) throw new MedsealError('ABORTED', 'the miner has been closed');
        return difficulty <= INLINE_DIFFICULTY ? null : readyTeam(module);
      };
      let helpers = next();
      if (helpers !== null) return helpers.find(order, signal);
      const turns = await mineInTurns(kernel, order, signal, (turn) => {
        tried += turn;
        helpers = next();
        return helpers === null;
      });
      return turns.found ?? (helpers as Team | null)!.find({ ...order, from: turns.next }, signal);
    },
    async close() {
      const closing = team;
      team = null;
      closings++;
      await closing?.close();
    },
  };
}

const shared = new Map<number, ThreadedMiner>();

/**
 * The process's own miner with this many threads: ledgers share it, and nobody needs to close it.
 * @throws {MedsealError} `ARGUMENT_INVALID`
 */
export function sharedMiner(threads: number): Miner {
  const miner = shared.get(threads) ?? threadedMiner({ threads });
  shared.set(threads, miner);
  return miner;
}
