// The pool of threads: order, back-pressure, errors, abort, and the same where there are no threads.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '../../../src/threads/pool.js';
import * as tasks from '../../helpers/thread-tasks.mjs';

const pools: Pool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

function pool(threads: number, helping = false): Pool {
  const created = createPool({ threads, helping });
  pools.push(created);
  return created;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: { code?: string }) => String(error.code),
  );
}

describe.each([
  [1, false],
  [2, false],
  [3, false],
  [2, true],
  [3, true],
])('a pool of %i, the caller among them: %s', (threads, helping) => {
  test('gives results in the order of the inputs, whichever is done first', async () => {
    const inputs = [9, 1, 7, 2, 5, 0, 3].map((value) => ({ value, wait: value * 3 }));
    expect(await all(pool(threads, helping).map(tasks.square, inputs))).toEqual([81, 1, 49, 4, 25, 0, 9]);
  });

  test('does the same when it has been prepared, for that task or for what is none', async () => {
    for (const { module } of [tasks.square, { module: 'file:///nowhere.mjs' }]) {
      const prepared = pool(threads, helping);
      prepared.prepare({ module });
      const inputs = [1, 2, 3, 4, 5].map((value) => ({ value }));
      expect(await all(prepared.map(tasks.square, inputs))).toEqual([1, 4, 9, 16, 25]);
    }
    const unused = pool(threads, helping);
    unused.prepare(tasks.square);
    await unused.close();
    unused.prepare(tasks.square);
    expect(await codeOf(unused.run(tasks.square, { value: 1 }))).toBe('ABORTED');
  });

  test('takes inputs only as results are taken', async () => {
    let taken = 0;
    function* inputs() {
      for (; ; taken++) yield { value: taken };
    }
    const results = pool(threads, helping).map(tasks.square, inputs(), { ahead: 3 });
    for (let i = 0; i < 20; i++) {
      expect((await results.next()).value).toBe(i * i);
      expect(taken - i).toBeLessThanOrEqual(3);
    }
    await results.return(undefined);
  });

  test('carries errors over with code and place', async () => {
    const refused = pool(threads, helping).run(tasks.refuse, 7);
    await expect(refused).rejects.toMatchObject({ code: 'DATA_MISMATCH', message: 'refused', place: { block: 7 } });
    await expect(pool(threads, helping).run(tasks.fail, null)).rejects.toThrow('a defect');
  });

  test('throws an error in its turn, after the results before it', async () => {
    const results = pool(threads, helping).map(tasks.refuse, [1, 2, 3]);
    await expect(results.next()).rejects.toMatchObject({ place: { block: 1 } });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('throws what the inputs throw', async () => {
    function* inputs() {
      yield { value: 1 };
      throw new RangeError('no more');
    }
    await expect(all(pool(threads, helping).map(tasks.square, inputs()))).rejects.toThrow('no more');
  });

  test('works on after an error', async () => {
    const one = pool(threads, helping);
    expect(await codeOf(one.run(tasks.refuse, 1))).toBe('DATA_MISMATCH');
    expect(await one.run(tasks.square, { value: 3 })).toBe(9);
  });

  test('stops waiting at once when it is told to', async () => {
    const controller = new AbortController();
    const waiting = pool(threads, helping).run(tasks.never, null, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect(await codeOf(waiting)).toBe('ABORTED');
    expect(await codeOf(pool(threads, helping).run(tasks.never, null, { signal: AbortSignal.abort() }))).toBe(
      'ABORTED',
    );
    const results = pool(threads, helping).map(tasks.square, [{ value: 1 }], { signal: AbortSignal.abort() });
    expect(await codeOf(results.next())).toBe('ABORTED');
  });

  test('does nothing after it has been closed', async () => {
    const one = pool(threads, helping);
    expect(await one.run(tasks.square, { value: 2 })).toBe(4);
    await one.close();
    await one.close();
    expect(await codeOf(one.run(tasks.square, { value: 2 }))).toBe('ABORTED');
  });

  test('gives bytes back', async () => {
    const bytes = new Uint8Array(4);
    const filled = await pool(threads, helping).run(tasks.fill, bytes, {
      handOver: ({ buffer }) => [buffer as ArrayBuffer],
    });
    expect([...filled]).toEqual([7, 7, 7, 7]);
    expect(bytes.length).toBe(threads === 1 ? 4 : 0);
  });
});

test('one thread is the calling one; of more none is', async () => {
  expect(await pool(1).run(tasks.where, null)).toEqual(await tasks.where.run(null));
  const { threadId } = await tasks.where.run(null);
  expect((await pool(2).run(tasks.where, null)).threadId).not.toBe(threadId);
});

test('what is under way when a pool is closed ends', async () => {
  const one = pool(2);
  const waiting = [1, 2, 3, 4, 5, 6].map(() => codeOf(one.run(tasks.never, null)));
  await one.close();
  expect(await Promise.all(waiting)).toEqual(Array(6).fill('ABORTED'));
});

test('a thread that ends on the way is told, and replaced', async () => {
  const one = pool(2);
  expect(await codeOf(one.run(tasks.exit, null))).toBe('THREAD_FAILED');
  expect(await one.run(tasks.square, { value: 5 })).toBe(25);
});

test.each([0, -1, 1.5, Number.NaN])('%d threads are refused', (threads) => {
  expect(() => createPool({ threads })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
});

test('where no thread can be had, the calling one does the work', async () => {
  vi.resetModules();
  vi.doMock('node:worker_threads', () => ({
    Worker: class {
      constructor() {
        throw new Error('no threads here');
      }
    },
  }));
  const { createPool: createWithout } = await import('../../../src/threads/pool.js');
  vi.doUnmock('node:worker_threads');
  const one = createWithout({ threads: 4 });
  const inputs = [3, 1, 2].map((value) => ({ value }));
  expect(await all(one.map(tasks.square, inputs))).toEqual([9, 1, 4]);
  await one.close();
});

test('a process ends although its pool was not closed, and not before its results have come', async () => {
  const url = (path: string): string => new URL(`../../../${path}`, import.meta.url).href;
  const code = `
    import { createPool } from '${url('dist/threads/pool.js')}';
    import { square } from '${url('test/helpers/thread-tasks.mjs')}';
    const pool = createPool({ threads: 2 });
    console.log(await pool.run(square, { value: 4, wait: 50 }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
  });
  expect(stdout).toBe('16\n');
});

test('a process does not end while its pool is closed, whatever threads say that have just begun', async () => {
  const script = fileURLToPath(new URL('../../helpers/thread-closing.mjs', import.meta.url));
  expect((await promisify(execFile)(process.execPath, [script])).stdout).toBe('closed\n');
});
