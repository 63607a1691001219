import { Worker } from 'node:worker_threads';
import { MedsealError, throwIfAborted, untilAborted } from '../errors.js';
import { builtModule } from '../threads/built-module.js';
import { createBoard } from './board.js';
import type { KernelModule } from './kernel/kernel.js';
import type { WorkOrder } from './miner.js';
import type { MiningThreadData, MiningThreadMessage } from './mining-thread.js';

/** Threads that share the proofs of one block after the other. */
export interface Team {
  /**
   * `starting` until all threads run; `missing` where they cannot; `lost` when one of them has come to its end, which
   * none does by itself. What is missing or lost finds nothing any more.
   */
  readonly state: 'starting' | 'ready' | 'missing' | 'lost';
  /**
   * The smallest proof; a team that is ready takes any number of orders, one after the other.
   * @throws {MedsealError} `ABORTED`, `THREAD_FAILED`
   */
  find(order: WorkOrder, signal: AbortSignal | undefined): Promise<number>;
  /** Ends the threads; what is under way ends with `ABORTED`. */
  close(): Promise<void>;
}

/** Starts threads that mine. They keep the process from ending only while they have work. */
export function startTeam(threads: number, module: KernelModule | null): Team {
  const board = createBoard();
  const workers: Worker[] = [];
  let state: Team['state'] = 'starting';
  let started = 0;
  let failure: MedsealError | null = null;
  let settle: ((error: MedsealError | null) => void) | null = null;
  let last: Promise<unknown> = Promise.resolve();

  function hear(message: MiningThreadMessage): void {
    if (message === 'done') settle?.(failure);
    else if (++started === threads && state === 'starting') state = 'ready';
  }

  function lose(why: string): void {
    if (failure === null) end(new MedsealError('THREAD_FAILED', `a mining thread has failed: ${why}; try again`));
  }

  /** A block's work is spread over all threads, so that one without the others is of no use. */
  function end(error: MedsealError): void {
    failure = error;
    state = state === 'starting' ? 'missing' : 'lost';
    board.stop();
    settle?.(error);
    for (const worker of workers) void worker.terminate();
  }

  /** Ends when all threads have left the work: until then they cannot be given any other. */
  async function run(order: WorkOrder, signal: AbortSignal | undefined): Promise<number> {
    throwIfAborted(signal);
    if (failure !== null) throw failure;
    const stop = (): void => board.stop();
    signal?.addEventListener('abort', stop, { once: true });
    for (const worker of workers) worker.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        settle = (error) => (error === null ? resolve() : reject(error));
        board.post(order, threads);
      });
    } finally {
      settle = null;
      signal?.removeEventListener('abort', stop);
      for (const worker of workers) worker.unref();
    }
    throwIfAborted(signal);
    return board.smallest() as number;
  }

  try {
    const data: MiningThreadData = { memory: board.memory, module };
    const file = new URL(builtModule(new URL('./mining-thread.js', import.meta.url).href));
    for (let i = 0; i < threads; i++) {
      const worker = new Worker(file, { workerData: data });
      workers.push(worker);
      worker.on('message', hear);
      worker.on('error', (error) => lose(error.message));
      worker.on('exit', () => lose('it was stopped'));
      // Behind the listeners: the first that listens to a thread has the process wait for it again.
      worker.unref();
    }
  } catch {
    end(new MedsealError('THREAD_FAILED', 'mining threads cannot be had here'));
  }

  return {
    get state() {
      return state;
    },
    async find(order, signal) {
      throwIfAborted(signal);
      const running = last.then(() => run(order, signal));
      last = running.catch(() => {});
      return untilAborted(running, signal);
    },
    async close() {
      if (failure === null) end(new MedsealError('ABORTED', 'the miner has been closed'));
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
