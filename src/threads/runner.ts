import { type Transferable, Worker } from 'node:worker_threads';
import { MedsealError } from '../errors.js';
import { builtModule } from './built-module.js';
import { type Answer, type Order, receiveError } from './messages.js';
import { nextTurn } from './next-turn.js';
import type { Task } from './task.js';

/** Where a pool's tasks are run. */
export interface Runner {
  run<Input, Output>(task: Task<Input, Output>, input: Input, handOver: Transferable[]): Promise<Output>;
  /** Gets ready for a task that is to come. */
  prepare(task: Pick<Task<never, never>, 'module'>): void;
  close(): Promise<void>;
}

/** The calling thread. Between two tasks it lets other work run, so that a signal is heard. */
export function inlineRunner(): Runner {
  return {
    async run(task, input) {
      await nextTurn();
      return task.run(input);
    },
    prepare() {},
    async close() {},
  };
}

/** What a task makes lives shortly. Left to itself each thread would let 48 MB of it gather before it clears up. */
const LIMITS = { resourceLimits: { maxYoungGenerationSizeMb: 12 } };

/** A thread has its next task before it ends the one at hand: it need not wait for the calling thread to hear of it. */
export const TASKS_A_THREAD = 2;

interface Job {
  readonly task: Task<unknown, unknown>;
  readonly input: unknown;
  readonly handOver: Transferable[];
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  /** Whether it has begun to run. Until then it is given nothing, so that nothing is lost where it cannot. */
  ready: boolean;
}

/** Up to `most` worker threads, started as they are needed or by `prepare`. Where none can be had, the calling thread. */
export function threadRunner(most: number): Runner {
  const threads: Thread[] = [];
  const waiting: Job[] = [];
  const inline = inlineRunner();
  let missing = false;
  let closed = false;
  let orders = 0;

  function dispatch(): void {
    for (let thread = freeThread(); thread !== null && waiting.length > 0; thread = freeThread()) {
      give(thread, waiting.shift() as Job);
    }
    const starting = threads.filter(({ ready }) => !ready).length;
    for (const { task } of waiting.slice(starting)) start(task.module);
    if (missing && threads.length === 0) runInline();
  }

  /** The thread with the least to do. A second task is only for when there are no more threads to come. */
  function freeThread(): Thread | null {
    const limit = threads.length === most && threads.every(({ ready }) => ready) ? TASKS_A_THREAD : 1;
    let least: Thread | null = null;
    for (const thread of threads) {
      if (thread.ready && thread.jobs.size < (least?.jobs.size ?? limit)) least = thread;
    }
    return least;
  }

  function give(thread: Thread, job: Job): void {
    const id = orders++;
    const { module, name } = job.task;
    try {
      const order: Order = { id, module: builtModule(module), name, input: job.input };
      thread.worker.postMessage(order, job.handOver);
    } catch (error) {
      job.reject(error as Error);
      return;
    }
    thread.jobs.set(id, job);
    thread.worker.ref();
  }

  /** @param module what the thread will be asked for first */
  function start(module: string): void {
    if (threads.length === most || missing) return;
    let worker: Worker;
    try {
      const code = new URL(builtModule(new URL('./thread.js', import.meta.url).href));
      worker = new Worker(code, { ...LIMITS, workerData: builtModule(module) });
    } catch {
      missing = true;
      return;
    }
    const thread: Thread = { worker, jobs: new Map(), ready: false };
    worker.on('message', (answer: Answer) => hear(thread, answer));
    worker.on('error', (error) => lose(thread, error.message));
    worker.on('exit', () => lose(thread, 'it was stopped'));
    threads.push(thread);
  }

  function hear(thread: Thread, answer: Answer): void {
    // A thread that is being ended keeps the process until it has ended; what it says meanwhile must not let go of it.
    if (closed) return;
    thread.ready = true;
    const job = answer.id === null ? undefined : thread.jobs.get(answer.id);
    if (answer.id !== null) thread.jobs.delete(answer.id);
    dispatch();
    // A process does not end while somebody waits for a result, and is not kept by a thread that has nothing to do.
    if (thread.jobs.size === 0) thread.worker.unref();
    if (answer.id === null) return;
    if ('error' in answer) job?.reject(receiveError(answer.error));
    else job?.resolve(answer.output);
  }

  /** A thread has come to its end, which it does not by itself. */
  function lose(thread: Thread, why: string): void {
    const place = threads.indexOf(thread);
    if (place < 0) return;
    threads.splice(place, 1);
    if (!thread.ready) missing = true;
    const error = closed ? aborted() : new MedsealError('THREAD_FAILED', `a worker thread has failed: ${why}`);
    for (const job of thread.jobs.values()) job.reject(error);
    if (!closed) dispatch();
  }

  function runInline(): void {
    for (const { task, input, handOver, resolve, reject } of waiting.splice(0)) {
      inline.run(task, input, handOver).then(resolve, reject);
    }
  }

  return {
    run: (task, input, handOver) =>
      new Promise((resolve, reject) => {
        const job = { task: task as Task<unknown, unknown>, input, handOver };
        waiting.push({ ...job, resolve: resolve as Job['resolve'], reject });
        dispatch();
      }),
    prepare({ module }) {
      for (let i = 0; i < most; i++) start(module);
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(aborted());
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function aborted(): MedsealError {
  return new MedsealError('ABORTED', 'the threads have been closed');
}
