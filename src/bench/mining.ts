import { createHash } from 'node:crypto';
import { sha256 } from '#primitives';
import { utf8 } from '../bytes.js';
import { loadKernel } from '../work/miner.js';
import { threadedMiner } from '../work/threaded-miner.js';

/** How fast proofs of work are found. Rates are proofs tried a second. */
export interface MiningFigures {
  /** The kernel that the platform has. */
  readonly kernel: 'simd' | 'hash';
  /** What the processor's SHA-256 can do on one core: its rate over large buffers, in blocks of 64 bytes. */
  readonly limit: number;
  /** The kernel on one core. */
  readonly core: number;
  /** `core` as a part of `limit`. */
  readonly ofLimit: number;
  readonly threads: number;
  /** For whole blocks, the way to the threads and back included. */
  readonly scaling: readonly MiningScaling[];
}

export interface MiningScaling {
  readonly difficulty: number;
  readonly blocks: number;
  /** With the calling thread alone, and with all threads. */
  readonly alone: number;
  readonly together: number;
  /** `together` as a multiple of `alone`. */
  readonly times: number;
}

export interface MiningOptions {
  /** Default 2. */
  readonly threads?: number;
  /** In leading zero bits. Default 12, 14, 16 and 20. */
  readonly difficulties?: readonly number[];
  /** How often everything is measured; the best counts, so that other work on the machine matters less. Default 5. */
  readonly rounds?: number;
}

/** Measures in turns, so that what else the machine does meets all figures alike. Takes about ten seconds. */
export async function measureMining(options: MiningOptions = {}): Promise<MiningFigures> {
  const { threads = 2, difficulties = [12, 14, 16, 20], rounds = 5 } = options;
  const { kernel } = await loadKernel();
  const search = kernel.prepare(headerHash(0), 48);
  // Until the engine has compiled it for good.
  search(0, 512 * SLICE);
  for (let i = 0; i < 64; i++) search(0, SLICE);
  let [limit, core] = [0, 0];
  for (let slice = 0; slice < 20 * rounds; slice++) {
    limit = Math.max(limit, shaRate());
    core = Math.max(
      core,
      rateOf(SLICE, () => search(slice * SLICE, (slice + 1) * SLICE)),
    );
  }
  const scaling: MiningScaling[] = [];
  for (const difficulty of difficulties) scaling.push(await measureScaling(difficulty, threads, rounds));
  return { kernel: kernel.name, limit, core, ofLimit: core / limit, threads, scaling };
}

/** Proofs: short enough that some slices are left alone by all other work, long enough to be measured. */
const SLICE = 8192;

function rateOf(count: number, run: () => void): number {
  const start = performance.now();
  run();
  return (1000 * count) / (performance.now() - start);
}

const large = new Uint8Array(1 << 20);

function shaRate(): number {
  const hash = createHash('sha256');
  return rateOf(large.length / 64, () => hash.update(large));
}

function headerHash(number: number): Uint8Array {
  return sha256(utf8(`medseal bench ${number}`));
}

async function measureScaling(difficulty: number, threads: number, rounds: number): Promise<MiningScaling> {
  const blocks = Math.round(Math.min(200, Math.max(8, 2 ** (23 - difficulty))));
  const miners = [1, threads].map((count) => threadedMiner({ threads: count }, { worthThreads: 0 }));
  // Its threads are there before anything is measured; the last of these blocks is theirs.
  for (const miner of miners) for (let i = 0; i < 8; i++) await miner.mine(headerHash(i), 19);

  let tried = 0;
  const best = miners.map(() => new Array<number>(blocks).fill(Number.POSITIVE_INFINITY));
  for (let round = 0; round < rounds; round++) {
    tried = 0;
    for (let block = 0; block < blocks; block++) {
      for (const [i, miner] of miners.entries()) {
        const start = performance.now();
        const proof = await miner.mine(headerHash(block), difficulty);
        best[i]![block] = Math.min(best[i]![block]!, performance.now() - start);
        if (i === 0) tried += proof + 1;
      }
    }
  }
  await Promise.all(miners.map((miner) => miner.close()));
  const [alone = 0, together = 0] = best.map((times) => (1000 * tried) / times.reduce((sum, time) => sum + time));
  return { difficulty, blocks, alone, together, times: together / alone };
}
