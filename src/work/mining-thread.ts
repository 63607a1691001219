/* What runs in a mining thread: it waits for work, does its part, and says when it is the last to be done. */

import { parentPort, workerData } from 'node:worker_threads';
import { type Board, type BoardMemory, CLAIM, createBoard } from './board.js';
import { type Kernel, type KernelModule, kernelOf } from './kernel/kernel.js';

/** What a thread is given when it starts. */
export interface MiningThreadData {
  readonly memory: BoardMemory;
  readonly module: KernelModule | null;
}

/** What it says: once that it is there, then of each work that all threads have left it. */
export type MiningThreadMessage = 'ready' | 'done';

function takePart(board: Board, kernel: Kernel): void {
  const { headerHash, difficulty } = board.work();
  const search = kernel.prepare(headerHash, difficulty);
  for (let from = board.claim(); from !== null; from = board.claim()) {
    const proof = search(from, from + CLAIM);
    if (proof === null) continue;
    // Whatever this thread could claim from now on is greater.
    board.found(proof);
    return;
  }
}

function mineForever(say: (message: MiningThreadMessage) => void): never {
  const { memory, module } = workerData as MiningThreadData;
  const board = createBoard(memory);
  const kernel = kernelOf(module);
  say('ready');
  for (let round = 0; ; ) {
    round = board.wait(round);
    takePart(board, kernel);
    if (board.leave()) say('done');
  }
}

if (parentPort === null) throw new Error('this module is for worker threads');
const port = parentPort;
mineForever((message) => port.postMessage(message));
