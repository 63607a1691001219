import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { throwIfAborted } from '../errors.js';
import type { Done } from './tasks/done.js';
import type { Job } from './tasks/index.js';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

/** What a process of ours says at its end. */
export type Answer = (Done & { readonly peakBytes: number }) | { readonly failure: string };

/**
 * Does a job in a process of its own.
 * @throws {MedsealError} `ABORTED`, when the process has ended
 * @throws {Error} saying why the job failed
 */
export async function runJob(job: Job, signal: AbortSignal): Promise<Done & { readonly peakBytes: number }> {
  throwIfAborted(signal);
  const child = fork(CHILD, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let answer: Answer | null = null;
  child.once('message', (message: Answer) => {
    answer = message;
  });
  child.send(job);
  const { stderr, status } = await ended(child, signal);
  const said = answer as Answer | null;
  if (said === null) throw new Error(`its process ended with ${status}: ${stderr.trim().split('\n').at(-1)}`);
  if ('failure' in said) throw new Error(said.failure);
  return said;
}

/** What another program printed. */
export interface Output {
  readonly stdout: string;
  readonly seconds: number;
}

/**
 * Runs another program to its end.
 * @throws {MedsealError} `ABORTED`, when the program has ended
 * @throws {Error} where it cannot be run or ends with another code than 0
 */
export async function runProgram(command: string, args: readonly string[], signal: AbortSignal): Promise<Output> {
  throwIfAborted(signal);
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const { stdout, stderr, status } = await ended(child, signal);
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.trim().split('\n').at(-1)}`);
  return { stdout, seconds: (performance.now() - start) / 1000 };
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | string | null;
}

/** Waits for a process to be gone, also where it has to be stopped: what it had open is free then. */
async function ended(child: ChildProcess, signal: AbortSignal): Promise<Ended> {
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
    throwIfAborted(signal);
    return { stdout: stdout(), stderr: stderr(), status: code ?? killedBy };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  const parts: Buffer[] = [];
  stream?.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString();
}
