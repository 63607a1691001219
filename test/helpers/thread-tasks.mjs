// Tasks for the tests of the pool. Threads run what is built, so the errors are those of the built package.

import { isMainThread, threadId } from 'node:worker_threads';
import { MedsealError } from '../../dist/errors.js';
import { task } from '../../dist/threads/task.js';

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export const square = task(import.meta.url, 'square', async ({ value, wait = 0 }) => {
  await pause(wait);
  return value * value;
});

export const where = task(import.meta.url, 'where', () => ({ isMainThread, threadId }));

export const refuse = task(import.meta.url, 'refuse', (value) => {
  throw new MedsealError('DATA_MISMATCH', 'refused', { block: value });
});

export const fail = task(import.meta.url, 'fail', () => {
  throw new TypeError('a defect');
});

export const fill = task(
  import.meta.url,
  'fill',
  (bytes) => bytes.fill(7),
  (bytes) => [bytes.buffer],
);

export const exit = task(import.meta.url, 'exit', () => process.exit(3));

export const never = task(import.meta.url, 'never', () => new Promise((resolve) => setTimeout(resolve, 1e9)));
