import type { Transferable } from 'node:worker_threads';

/**
 * A function that a pool can run in any thread. What goes in and comes out is copied from thread to thread (structured
 * clone): plain data and bytes, no functions, no class instances.
 */
export interface Task<Input, Output> {
  /** Of the module that exports the task. */
  readonly module: string;
  /** Under which name it exports it. */
  readonly name: string;
  readonly run: (input: Input) => Output | Promise<Output>;
  /** What of an output is handed over instead of copied. */
  readonly handOver: (output: Output) => Transferable[];
}

/**
 * Makes a function a task. A thread finds it by its module and name, so it is exported under exactly this name:
 * `export const inspect = task(import.meta.url, 'inspect', (input: Input): Output => …)`.
 *
 * It keeps nothing between two calls that a third would miss, and throws `MedsealError` for what a person must know.
 * @param handOver buffers of an output that the thread does not need any more; none of a `Buffer` from Node's pool
 */
export function task<Input, Output>(
  module: string,
  name: string,
  run: (input: Input) => Output | Promise<Output>,
  handOver: (output: Output) => Transferable[] = () => [],
): Task<Input, Output> {
  return { module, name, run, handOver };
}
