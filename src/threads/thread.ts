/* What runs in a pool's threads: it does what it is told, one task after the other. */

import { parentPort, workerData } from 'node:worker_threads';
import { type Answer, type Order, sendError } from './messages.js';
import { nextTurn } from './next-turn.js';
import type { Task } from './task.js';

const port = parentPort;
if (port === null) throw new Error('this module is for worker threads');

async function carryOut({ id, module, name, input }: Order): Promise<void> {
  try {
    const found = ((await import(module)) as Record<string, Task<unknown, unknown>>)[name];
    if (found === undefined) throw new Error(`${module} has no task "${name}"`);
    const output = await found.run(input);
    port?.postMessage({ id, output } satisfies Answer, found.handOver(output));
  } catch (error) {
    port?.postMessage({ id, error: sendError(error) } satisfies Answer);
  }
}

// One at a time, however many are waiting: each may need as much memory as is allowed for one. A thread that always has the
// next one would never come to give back what it has lent from native code.
let last: Promise<void> = Promise.resolve();
port.on('message', (order: Order) => {
  last = last.then(nextTurn).then(() => carryOut(order));
});
// What it will be asked for is loaded before there is an order. Where that fails, the order tells.
await import(workerData as string).catch(() => {});
port.postMessage({ id: null } satisfies Answer);
