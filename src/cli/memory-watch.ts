/*
 * A thread that looks how much memory its process has, and ends it where that is too much. The other threads may be busy for
 * seconds with a single value, and then hear of nothing.
 */

import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { bytes, tellsAt } = workerData as { readonly bytes: number; readonly tellsAt: number };
/** Memory that is new is first filled: some gigabytes a second, so this lets some ten megabytes through. */
const EVERY_MS = 10;

setInterval(() => {
  if (process.memoryUsage.rss() <= bytes) return;
  try {
    writeSync(tellsAt, 'memory');
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}, EVERY_MS);
