import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type MinerInternals,
  sharedMiner,
  type ThreadedMiner,
  threadedMiner,
} from '../../../src/work/threaded-miner.js';
import { smallestProof, workDone } from '../../oracle/block.js';
import { H, u64 } from '../../oracle/bytes.js';
import { vectorsIn } from '../../vectors/files.js';

const header = (number: number): Uint8Array => H(u64(number));
/** A difficulty that no test lives to see reached. */
const NEVER = 48;

/** The mining threads of a test: those started, and what they have said. */
let threads: Worker[] = [];
let said = { ready: 0, done: 0 };
function note(thread: Worker): void {
  threads.push(thread);
  thread.on('message', (message: 'ready' | 'done') => said[message]++);
}

const miners: ThreadedMiner[] = [];
beforeEach(() => {
  threads = [];
  said = { ready: 0, done: 0 };
  process.on('worker', note);
});
afterEach(async () => {
  process.off('worker', note);
  await Promise.all(miners.splice(0).map((miner) => miner.close()));
});

/** A miner that starts its threads with the first block. */
function eager(count: number, internals: MinerInternals = {}): ThreadedMiner {
  const miner = threadedMiner({ threads: count }, { worthThreads: 0, ...internals });
  miners.push(miner);
  return miner;
}

/** Lets time pass until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The same with its threads running. */
async function ready(count: number, internals: MinerInternals = {}): Promise<ThreadedMiner> {
  const miner = eager(count, internals);
  const stop = new AbortController();
  const mining = expect(miner.mine(header(0), NEVER, stop.signal)).rejects.toMatchObject({ code: 'ABORTED' });
  await until(() => said.ready === count);
  stop.abort();
  await mining;
  return miner;
}

describe('threads', () => {
  test.each([
    [2, true],
    [3, true],
    [5, true],
    [2, false],
  ])('%i of them (SIMD: %j) find the smallest proof, block after block', async (count, simd) => {
    const miner = await ready(count, { simd });
    const headers = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const before = said.done;
    await fc.assert(
      fc.asyncProperty(headers, fc.integer({ min: 12, max: 14 }), async (hash, difficulty) => {
        expect(await miner.mine(hash, difficulty)).toBe(smallestProof(hash, difficulty));
      }),
      { numRuns: 15 },
    );
    expect(said.done - before).toBeGreaterThanOrEqual(15);
  });

  test.each([2 ** 32 - 9000, 3 * 2 ** 32 - 700, 2 ** 45 + 5])('go on from proof %i across the halves', async (from) => {
    const miner = await ready(2, { from });
    for (let number = 1; number < 4; number++) {
      let expected = from;
      while (workDone(header(number), expected) < 13) expected++;
      expect(await miner.mine(header(number), 13)).toBe(expected);
    }
  });

  test('take many blocks at once, one after the other', async () => {
    const miner = await ready(2);
    const numbers = Array.from({ length: 12 }, (_, i) => i);
    const proofs = await Promise.all(numbers.map((number) => miner.mine(header(number), 12)));
    expect(proofs).toEqual(numbers.map((number) => smallestProof(header(number), 12)));
  });

  test('find the proofs of the vectors, as the calling thread does', async () => {
    const vectors = vectorsIn<{ header_hash: string; difficulty: number; expect: { proof: number } }>('work');
    for (const miner of [await ready(2), eager(1)]) {
      for (const [, { header_hash, difficulty, expect: expected }] of vectors) {
        expect(await miner.mine(Buffer.from(header_hash, 'hex'), difficulty)).toBe(expected.proof);
      }
    }
    expect(vectors.length).toBeGreaterThan(5);
  });

  test('take over a block that the calling thread has begun, wherever it has got to', async () => {
    const miner = eager(2);
    expect(await miner.mine(header(1), 20)).toBe(SMALLEST_OF_20_BITS);
    await until(() => said.ready === 2);
    expect(await miner.mine(header(1), 20)).toBe(SMALLEST_OF_20_BITS);
  });
});

/** Of the first header, by the one-by-one kernel. */
const SMALLEST_OF_20_BITS = 3_458_052;

describe('without need there are no threads', () => {
  test.each([
    ['no difficulty', 0, 2],
    ['little difficulty', 11, 2],
    ['one thread', 13, 1],
  ])('%s', async (_, difficulty, count) => {
    const miner = eager(count);
    for (let number = 0; number < 5; number++) {
      expect(await miner.mine(header(number), difficulty)).toBe(smallestProof(header(number), difficulty));
    }
    expect(threads).toEqual([]);
  });

  test('for a single block of the default difficulty', async () => {
    const miner = threadedMiner({ threads: 2 });
    expect(workDone(header(1), await miner.mine(header(1), 16))).toBeGreaterThanOrEqual(16);
    expect(threads).toEqual([]);
  });

  test('where they cannot be had, the calling thread does the work', async () => {
    const atOnce = (thread: Worker): void => void thread.terminate();
    process.on('worker', atOnce);
    try {
      const miner = eager(2);
      for (let number = 0; number < 20; number++) {
        const proof = await miner.mine(header(number), 15);
        expect(workDone(header(number), proof)).toBeGreaterThanOrEqual(15);
      }
      expect(threads).toHaveLength(2);
      expect(said).toEqual({ ready: 0, done: 0 });
    } finally {
      process.off('worker', atOnce);
    }
  });
});

describe('a signal', () => {
  test('stops the threads, and the next block finds them free', async () => {
    const miner = await ready(2);
    const stop = new AbortController();
    const mining = miner.mine(header(1), NEVER, stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(mining).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await miner.mine(header(2), 12)).toBe(smallestProof(header(2), 12));
    expect(threads).toHaveLength(2);
  });

  test('is heard by a block that waits for its turn', async () => {
    const miner = await ready(2);
    const [first, second] = [new AbortController(), new AbortController()];
    const mining = miner.mine(header(1), NEVER, first.signal);
    const waiting = miner.mine(header(2), NEVER, second.signal);
    const settled = expect(mining).rejects.toMatchObject({ code: 'ABORTED' });
    second.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    first.abort();
    await settled;
  });

  test.each([1, 2])('that has been given before is heard too (%i threads)', async (count) => {
    const miner = count === 1 ? eager(1) : await ready(2);
    await expect(miner.mine(header(1), NEVER, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test.each([1, 2])('stops the calling thread while it mines (%i threads)', async (count) => {
    const miner = threadedMiner({ threads: count }, { worthThreads: Number.POSITIVE_INFINITY });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    await expect(miner.mine(header(1), NEVER, stop.signal)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('a thread that ends', () => {
  test('while it mines is told, for every block that waits; later blocks have new threads', async () => {
    const miner = await ready(2);
    const blocks = [1, 2, 3].map((number) => miner.mine(header(number), NEVER));
    setTimeout(() => void threads[1]?.terminate(), 20);
    const outcomes = await Promise.allSettled(blocks);
    expect(outcomes).toMatchObject(outcomes.map(() => ({ status: 'rejected', reason: { code: 'THREAD_FAILED' } })));
    expect(await miner.mine(header(1), 12)).toBe(smallestProof(header(1), 12));

    const stop = new AbortController();
    const mining = expect(miner.mine(header(4), NEVER, stop.signal)).rejects.toMatchObject({ code: 'ABORTED' });
    await until(() => said.ready === 4);
    stop.abort();
    await mining;
    expect(threads).toHaveLength(4);
  });

  test('between two blocks is replaced without a word', async () => {
    const miner = await ready(2);
    await threads[0]?.terminate();
    expect(await miner.mine(header(1), 13)).toBe(smallestProof(header(1), 13));
  });
});

describe('closing', () => {
  test('ends what is under way, and all threads; a later block is mined all the same', async () => {
    const miner = await ready(2);
    const mining = expect(miner.mine(header(1), NEVER)).rejects.toMatchObject({ code: 'ABORTED' });
    const ended = threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve)));
    await miner.close();
    await mining;
    await Promise.all(ended);
    expect(await miner.mine(header(2), 12)).toBe(smallestProof(header(2), 12));
  });

  test('ends what the calling thread mines by itself', async () => {
    for (const miner of [eager(1), eager(2)]) {
      const mining = expect(miner.mine(header(1), NEVER)).rejects.toMatchObject({ code: 'ABORTED' });
      setTimeout(() => void miner.close(), 5);
      await mining;
    }
  });

  test('is nothing where there are no threads', async () => {
    const miner = threadedMiner({ threads: 2 });
    await miner.close();
    await miner.close();
  });
});

test.each([0, 1.5, -1, Number.NaN])('%j is no number of threads', (count) => {
  expect(() => threadedMiner({ threads: count })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
  expect(() => sharedMiner(count)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
});

test('the process has one miner for each number of threads', () => {
  expect(sharedMiner(2)).toBe(sharedMiner(2));
  expect(sharedMiner(2)).not.toBe(sharedMiner(3));
});

describe('a process with mining threads', () => {
  const module = join(fileURLToPath(new URL('../../../', import.meta.url)), 'dist/work/threaded-miner.js');
  const outputOf = (program: string): string =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', timeout: 50_000 });

  test('ends by itself when it has nothing else to do, and not before the block is mined', () => {
    const program = `
      import { threadedMiner } from ${JSON.stringify(module)};
      let threads = 0;
      process.on('worker', () => threads++);
      const miner = threadedMiner({ threads: 2 }, { worthThreads: 0 });
      const header = new Uint8Array(32);
      for (let i = 0; i < 3; i++) {
        header[0] = i;
        await miner.mine(header, 21);
      }
      process.on('exit', (code) => console.log(threads, code));`;
    expect(outputOf(program)).toBe('2 0\n');
  });
});
