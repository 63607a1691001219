import { hexDecode, sha256Hex } from '#primitives';
import { fromBase64url } from '../../bytes.js';
import { leadingZeroBits } from '../proof-of-work.js';

/**
 * The smallest proof of at least `from` and less than `to` that reaches the difficulty, or null. It keeps the thread
 * busy until it knows.
 */
export type Search = (from: number, to: number) => number | null;

/** Computes proofs of work, on the thread that calls it. */
export interface Kernel {
  readonly name: 'simd' | 'hash';
  /** How many proofs it tries in about two milliseconds, on a machine of 2024. */
  readonly turn: number;
  /**
   * A search for a header hash (32 bytes, copied) and a difficulty (1 to 48 leading zero bits). Several searches of one
   * kernel may take turns.
   */
  prepare(headerHash: Uint8Array, difficulty: number): Search;
}

const HALF = 0x1_0000_0000;

/** A compiled kernel: it may be handed to other threads. */
export type KernelModule = object & { readonly kernel?: never };

/** What is used of WebAssembly, which the types of Node.js 20 do not know. */
interface Platform {
  compile(code: Uint8Array): Promise<KernelModule>;
  readonly Instance: new (module: KernelModule) => { readonly exports: object };
}

/** What assembly/kernel.ts exports. */
interface Assembly {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly HEADER: { readonly value: number };
  prepare(high: number, difficulty: number): void;
  search(low: number, count: number): number;
}

/**
 * The compiled kernel, for every thread to make its own instance of; null where there is no WebAssembly, or none with
 * SIMD, or a page's policy forbids it. Compiling takes about a millisecond.
 */
export async function compileKernel(): Promise<KernelModule | null> {
  const { KERNEL_CODE } = await import('./code.js');
  try {
    return (await platform()?.compile(fromBase64url(KERNEL_CODE) as Uint8Array)) ?? null;
  } catch {
    return null;
  }
}

function platform(): Platform | undefined {
  return (globalThis as { WebAssembly?: Platform }).WebAssembly;
}

/** The kernel of a compiled module, or the one that needs no WebAssembly. */
export function kernelOf(module: KernelModule | null): Kernel {
  return module === null ? hashKernel : simdKernel(module);
}

/** Four proofs a step, in WebAssembly with SIMD. */
function simdKernel(module: KernelModule): Kernel {
  const { Instance } = platform() as Platform;
  const assembly = new Instance(module).exports as Assembly;
  const header = new Uint8Array(assembly.memory.buffer, assembly.HEADER.value, 32);
  // What the instance is prepared for: whose search, and which upper half of its proofs.
  let prepared: Search | null = null;
  let preparedHigh = 0;

  function prepare(headerHash: Uint8Array, difficulty: number): Search {
    const own = headerHash.slice();
    return function search(from, to) {
      for (let start = from; start < to; ) {
        const high = Math.floor(start / HALF);
        const end = Math.min(to, (high + 1) * HALF, start + MOST_A_CALL);
        if (prepared !== search || preparedHigh !== high) {
          header.set(own);
          assembly.prepare(high, difficulty);
          prepared = search;
          preparedHigh = high;
        }
        const found = assembly.search(start % HALF, end - start);
        // The last step may have looked beyond the end, where the upper half may be another.
        if (found >= 0 && start + found < end) return start + found;
        start = end;
      }
      return null;
    };
  }
  return { name: 'simd', turn: 32_768, prepare };
}

/** The offset that a search returns is a signed integer. */
const MOST_A_CALL = 0x4000_0000;

/** One proof after the other, with the platform's SHA-256: a quarter of the speed in Node.js. */
export const hashKernel: Kernel = {
  name: 'hash',
  turn: 8_192,
  prepare(headerHash, difficulty) {
    const input = new Uint8Array(40);
    input.set(headerHash);
    const view = new DataView(input.buffer);
    // A hex digit is four bits: the text before the last, partial digit must be zeros.
    const zeros = '0'.repeat(Math.floor(difficulty / 4));
    return (from, to) => {
      for (let proof = from; proof < to; proof++) {
        view.setUint32(32, Math.floor(proof / HALF));
        view.setUint32(36, proof % HALF);
        const hash = sha256Hex(input);
        if (hash.startsWith(zeros) && leadingZeroBits(hexDecode(hash)) >= difficulty) return proof;
      }
      return null;
    };
  },
};
