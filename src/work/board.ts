/*
 * What mining threads share: one block's work, the proofs that nobody has claimed yet, and the smallest proof found.
 * All of it lies in shared memory; nothing but "the work is done" needs a message.
 *
 * Threads claim ranges of proofs in ascending order, finish what they have claimed, and claim no more from beyond the
 * smallest proof found. So when all have left, every smaller proof has been tried: the result is the one that a single
 * thread would find.
 */

import type { WorkOrder } from './miner.js';

/**
 * Proofs a claim: a thirtieth of a millisecond. Longer claims leave threads with work nobody needs when the proof is
 * found; shorter ones make them wait for each other.
 */
export const CLAIM = 512;

// 32-bit cells …
const ROUND = 0;
const AT_WORK = 1;
const STOPPED = 2;
const DIFFICULTY = 3;
// … 64-bit cells from byte 16 on, then the header hash.
const UNCLAIMED = 0;
const SMALLEST = 1;
const NONE = 2n ** 63n - 1n;
const HEADER_AT = 32;
const SIZE = 64;

export type BoardMemory = SharedArrayBuffer;

export interface Board {
  readonly memory: BoardMemory;
  /** Gives all threads their next work. They have all left the one before. */
  post(order: WorkOrder, threads: number): void;
  /** Has the threads leave without a result as soon as they have finished their claims. */
  stop(): void;
  /** The smallest proof found, or null. */
  smallest(): number | null;
  /** Blocks the thread until there is work of a higher number, and gives its number. Numbers begin with 1. */
  wait(after: number): number;
  work(): Pick<WorkOrder, 'headerHash' | 'difficulty'>;
  /** The first of the next `CLAIM` proofs, now this thread's to try; null where there is nothing more to do. */
  claim(): number | null;
  found(proof: number): void;
  /** Ends a thread's part in the work. True for the last one. */
  leave(): boolean;
}

export function createBoard(memory: BoardMemory = new SharedArrayBuffer(SIZE)): Board {
  const cells = new Int32Array(memory, 0, 4);
  const proofs = new BigInt64Array(memory, 16, 2);
  const header = new Uint8Array(memory, HEADER_AT, 32);
  return {
    memory,
    post({ headerHash, difficulty, from }, threads) {
      header.set(headerHash);
      cells[DIFFICULTY] = difficulty;
      cells[STOPPED] = 0;
      cells[AT_WORK] = threads;
      proofs[UNCLAIMED] = BigInt(from);
      proofs[SMALLEST] = NONE;
      // Whoever sees the new number sees all that was written before.
      Atomics.add(cells, ROUND, 1);
      Atomics.notify(cells, ROUND);
    },
    stop() {
      Atomics.store(cells, STOPPED, 1);
    },
    smallest() {
      const proof = Atomics.load(proofs, SMALLEST);
      return proof === NONE ? null : Number(proof);
    },
    wait(after) {
      Atomics.wait(cells, ROUND, after);
      return Atomics.load(cells, ROUND);
    },
    work: () => ({ headerHash: header.slice(), difficulty: cells[DIFFICULTY] as number }),
    claim() {
      if (Atomics.load(cells, STOPPED) === 1) return null;
      const from = Atomics.add(proofs, UNCLAIMED, BigInt(CLAIM));
      return from < Atomics.load(proofs, SMALLEST) ? Number(from) : null;
    },
    found(proof) {
      const own = BigInt(proof);
      for (let known = Atomics.load(proofs, SMALLEST); own < known; ) {
        const seen = Atomics.compareExchange(proofs, SMALLEST, known, own);
        if (seen === known) return;
        known = seen;
      }
    },
    leave: () => Atomics.sub(cells, AT_WORK, 1) === 1,
  };
}
