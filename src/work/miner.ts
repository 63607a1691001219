import { hexDecode, sha256Hex } from '#primitives';
import { throwIfAborted } from '../errors.js';
import { leadingZeroBits } from './proof-of-work.js';

/** Finds proofs of work. */
export interface Miner {
  /**
   * The smallest proof that reaches the difficulty for a header hash (32 bytes): an integer from 0.
   * @throws {MedsealError} `ABORTED` when the signal says so
   */
  mine(headerHash: Uint8Array, difficulty: number, signal?: AbortSignal): Promise<number>;
}

// Long enough to cost nothing, short enough that a progress bar moves and Ctrl-C is heard: a few milliseconds.
const PROOFS_A_TURN = 16_384;

/** A miner on the calling thread that lets other work run every few milliseconds. */
export const singleThreadMiner: Miner = {
  async mine(headerHash, difficulty, signal) {
    if (difficulty === 0) return 0;
    const input = new Uint8Array(40);
    input.set(headerHash);
    const view = new DataView(input.buffer);
    // A hex digit is four bits: the text before the last, partial digit must be zeros.
    const zeros = '0'.repeat(Math.floor(difficulty / 4));
    for (let from = 0; ; from += PROOFS_A_TURN) {
      throwIfAborted(signal);
      view.setUint32(32, Math.floor(from / 0x1_0000_0000));
      for (let proof = from; proof < from + PROOFS_A_TURN; proof++) {
        view.setUint32(36, proof % 0x1_0000_0000);
        const hash = sha256Hex(input);
        if (hash.startsWith(zeros) && leadingZeroBits(hexDecode(hash)) >= difficulty) {
          return proof;
        }
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};
