import { availableParallelism } from 'node:os';
import type { Transferable } from 'node:worker_threads';
import { MedsealError, throwIfAborted, untilAborted } from '../errors.js';
import { nextTurn } from './next-turn.js';
import { inlineRunner, type Runner, TASKS_A_THREAD, threadRunner } from './runner.js';
import type { Task } from './task.js';

export interface PoolOptions {
  /** How many threads work beside the calling one; with 1 the calling thread does all itself. Default: all cores. */
  readonly threads?: number;
  /**
   * Whether the calling thread is one of them: in `map` it runs a task itself when the others have enough to do. For
   * callers that have little else to do; a thread less is to be started. Default false.
   */
  readonly helping?: boolean;
}

export interface RunOptions<Input> {
  /** Ends the waiting at once with `ABORTED`; what a thread has begun it ends for nobody. */
  readonly signal?: AbortSignal | undefined;
  /** Buffers of an input that the caller does not need any more: handed over, not copied. */
  readonly handOver?: (input: Input) => Transferable[];
}

export interface MapOptions<Input> extends RunOptions<Input> {
  /** How many inputs may be taken ahead of the result that is awaited. Default: two a thread. */
  readonly ahead?: number;
}

/**
 * A few threads for work that keeps a processor busy for milliseconds: shorter work costs less than its way to a thread
 * and back. Threads start with the first task, or with `prepare`, and let the process end while they have nothing to do. Where they cannot
 * be had, the calling thread does the work: the same functions, the same results.
 */
export interface Pool {
  readonly threads: number;
  /** Runs a task once. @throws what the task throws; {MedsealError} `ABORTED`, `THREAD_FAILED` */
  run<Input, Output>(task: Task<Input, Output>, input: Input, options?: RunOptions<Input>): Promise<Output>;
  /**
   * Runs a task for each input, many at once, and gives the results in the order of the inputs. Inputs are taken only as
   * results are: no more than `ahead` are under way.
   * @throws what the task or the inputs throw; {MedsealError} `ABORTED`, `THREAD_FAILED`
   */
  map<Input, Output>(
    task: Task<Input, Output>,
    inputs: AsyncIterable<Input> | Iterable<Input>,
    options?: MapOptions<Input>,
  ): AsyncGenerator<Output>;
  /** Starts the threads and has them load a task, while the calling thread does what comes before it. */
  prepare(task: Pick<Task<never, never>, 'module'>): void;
  /** Ends all threads; what is under way ends with `ABORTED`. Calling it again does nothing. */
  close(): Promise<void>;
}

/** @throws {MedsealError} `ARGUMENT_INVALID` */
export function createPool({ threads = availableParallelism(), helping = false }: PoolOptions = {}): Pool {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new MedsealError('ARGUMENT_INVALID', 'the number of threads must be a whole number from 1');
  }
  let closed = false;
  let runner: Runner | null = null;
  const others = helping ? threads - 1 : threads;

  function runnerOf(): Runner {
    runner ??= threads === 1 ? inlineRunner() : threadRunner(others);
    return runner;
  }

  async function run<Input, Output>(
    task: Task<Input, Output>,
    input: Input,
    { signal, handOver }: RunOptions<Input> = {},
  ): Promise<Output> {
    throwIfAborted(signal);
    if (closed) throw new MedsealError('ABORTED', 'the threads have been closed');
    return untilAborted(runnerOf().run(task, input, handOver?.(input) ?? []), signal);
  }

  async function* map<Input, Output>(
    task: Task<Input, Output>,
    inputs: AsyncIterable<Input> | Iterable<Input>,
    { ahead = 2 * threads, ...options }: MapOptions<Input> = {},
  ): AsyncGenerator<Output> {
    const underWay: Promise<Output>[] = [];
    let given = 0;
    const othersHaveEnough = (): boolean => helping && threads > 1 && given >= TASKS_A_THREAD * others;
    const give = (input: Input): Promise<Output> => {
      given++;
      return run(task, input, options).finally(() => given--);
    };
    try {
      for await (const input of inputs) {
        throwIfAborted(options.signal);
        // What the others have ended while the calling thread was busy is heard of first, so that they get more to do.
        if (othersHaveEnough()) await nextTurn();
        const output = othersHaveEnough() ? runHere(task, input) : give(input);
        // A failure is thrown in its turn; until then it is nobody's unhandled rejection.
        output.catch(() => {});
        underWay.push(output);
        // The calling thread has nothing to gain from having more than one waiting.
        while (underWay.length >= (threads === 1 ? 1 : ahead)) yield await (underWay.shift() as Promise<Output>);
      }
      while (underWay.length > 0) yield await (underWay.shift() as Promise<Output>);
    } finally {
      // Whoever stops listening, or meets an error, leaves nothing behind that runs on in his back.
      await Promise.allSettled(options.signal?.aborted || closed ? [] : underWay);
    }
  }

  return {
    threads,
    run,
    map,
    prepare(task) {
      if (!closed) runnerOf().prepare(task);
    },
    async close() {
      closed = true;
      await runner?.close();
    },
  };
}

/** In the calling thread, at once. */
async function runHere<Input, Output>(task: Task<Input, Output>, input: Input): Promise<Output> {
  return task.run(input);
}
