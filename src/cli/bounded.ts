import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeSync } from 'node:fs';
import { type Readable, Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { MedsealError } from '../errors.js';
import type { Context, ExitCode } from './context.js';

/*
 * A command again, in a process of its own that may take only so much memory. It reads keys and records itself: nothing of them
 * passes from one process to the other.
 */

const CHILD = fileURLToPath(new URL('./bounded-main.js', import.meta.url));
const WATCH = new URL('./memory-watch.js', import.meta.url);

/** Where the processes hear of each other: beyond what shells hand over (`<(…)`, `3< file`) and Node.js opens. */
const SPEAKS_AT = 97;
const TELLS_AT = 98;
const HEARS_AT = 99;
/** The system refuses more than this beyond the bound; what the watch is there for is to end it before, and in order. */
const TO_SPARE = 512_000_000;
/** Of a thread's stack, all is reserved. */
const STACK = 16_000_000;

export interface Bound {
  /** What the process may take altogether. */
  readonly bytes: number;
  /** How many threads it is going to have of each sort. */
  readonly threads: number;
  /** What it may take and what to do, for a person. */
  readonly advice: string;
  /** Where it writes. */
  readonly output: string | undefined;
}

let boundedHere = false;

/** Whether this is such a process. */
export const isBounded = (): boolean => boundedHere;

/**
 * Runs this command line in such a process, with the same standard input and outputs.
 * @returns its exit code
 * @throws {MedsealError} `MEMORY_EXCEEDED`, `ABORTED`, `PROCESS_FAILED`
 */
export async function bounded(bound: Bound, { signal }: Context): Promise<ExitCode> {
  const child = start(bound);
  let exceeded = false;
  (child.stdio as readonly (Readable | Writable | null | undefined)[])[TELLS_AT]?.on('data', () => {
    exceeded = true;
  });
  const last = lastWords(child.stderr);
  // Ctrl-C reaches both of them; what is sent to this one alone is passed on.
  const interrupt = (): void => void (child.connected && child.send('interrupt', () => {}));
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (killedBy === null && !exceeded) {
      process.stderr.write(last());
      return code as ExitCode;
    }
    await tidyUp(bound);
    if (signal.aborted && !exceeded) throw new MedsealError('ABORTED', 'interrupted');
    throw failureOf(exceeded, killedBy, bound);
  } catch (error) {
    if (error instanceof MedsealError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new MedsealError('PROCESS_FAILED', `no process can be started for it: ${code}`, {}, { cause: error });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

function start({ bytes, threads }: Bound): ChildProcess {
  // What the values may take is bounded here, and not by what JavaScript takes for enough.
  const heap = `--max-old-space-size=${Math.ceil(bytes / 1e6)}`;
  const node = [...process.execArgv, heap, CHILD, String(bytes), ...process.argv.slice(2)];
  const stdio: ('inherit' | 'ignore' | 'pipe' | 'ipc' | number)[] = Array(HEARS_AT + 1).fill('ignore');
  stdio.fill('inherit', 0, 2);
  for (const descriptor of descriptorsIn(process.argv)) stdio[descriptor] = descriptor;
  stdio[2] = 'pipe';
  stdio[SPEAKS_AT] = 2;
  stdio[TELLS_AT] = 'pipe';
  stdio[HEARS_AT] = 'ipc';
  const limits = limitsOf(bytes + TO_SPARE + 2 * threads * STACK);
  const [command = process.execPath, ...args] = [...limits, process.execPath, ...node];
  return spawn(command, args, { stdio });
}

/**
 * A command that runs another one under the limits of Linux: of what is neither shared nor a file's (setrlimit(2), RLIMIT_DATA),
 * which the engine for SQL takes for an answer; and no image of the memory in a file, should it break down. Empty elsewhere.
 */
function limitsOf(bytes: number): string[] {
  const shell = '/bin/sh';
  if (process.platform !== 'linux' || !existsSync(shell)) return [];
  const script = 'ulimit -c 0; ulimit -S -d "$0" 2>/dev/null; exec "$@"';
  return [shell, '-c', script, String(Math.ceil(bytes / 1024))];
}

/** Of files that a shell has opened for the command, as in `--passphrase-file <(…)`. */
function descriptorsIn(args: readonly string[]): number[] {
  return args
    .flatMap((arg) => [...arg.matchAll(/\/(?:dev|proc\/self)\/fd\/(\d{1,3})\b/g)])
    .map(([, digits]) => Number(digits))
    .filter((descriptor) => descriptor > 2 && descriptor < SPEAKS_AT);
}

/**
 * What is written to standard error by no command but by the JavaScript engine, such as stack traces when it gets no memory:
 * the end of it, once the process has ended.
 */
function lastWords(stream: Readable | null): () => Buffer {
  let words: Buffer = Buffer.alloc(0);
  stream?.on('data', (part: Buffer) => {
    words = Buffer.concat([words, part]).subarray(-MOST_WORDS);
  });
  return () => words;
}

const MOST_WORDS = 64 * 1024;

/** What a process that was killed could not do any more. */
async function tidyUp({ output }: Bound): Promise<void> {
  const { stderr } = process;
  // There may have been a bar, which hides the cursor and has long lines cut.
  if (stderr.isTTY) stderr.write('\r\x1b[K\x1b[?25h\x1b[?7h');
  if (output !== undefined) (await import('./files.js')).removeUnfinishedOf(output);
}

/** Signals with which a process breaks down where it gets no memory. */
const BROKE_DOWN: ReadonlySet<string | null> = new Set(['SIGABRT', 'SIGBUS', 'SIGILL', 'SIGSEGV', 'SIGTRAP']);

function failureOf(exceeded: boolean, killedBy: NodeJS.Signals | null, { advice }: Bound): MedsealError {
  if (exceeded) return new MedsealError('MEMORY_EXCEEDED', `ended, because it took more memory than it may: ${advice}`);
  if (BROKE_DOWN.has(killedBy)) {
    const message = `it broke down (${killedBy}), most likely because it got no more memory: ${advice}`;
    return new MedsealError('MEMORY_EXCEEDED', message);
  }
  const why =
    killedBy === 'SIGKILL' ? ', as a system does that has no memory left: if so, give it less (--memory)' : '';
  return new MedsealError('PROCESS_FAILED', `the process that did it was ended from outside (${killedBy})${why}`);
}

/** Makes this process such a one. */
export function beBounded(bytes: number): void {
  boundedHere = true;
  Object.defineProperty(process, 'stderr', { value: standardError(), configurable: true });
  const watch = new Worker(WATCH, { workerData: { bytes, tellsAt: TELLS_AT }, execArgv: [] });
  watch.unref();
  // The same as Ctrl-C, and what that is meant for stays: a Ctrl-C that comes twice ends at once.
  const interrupt = (): void => void process.emit('SIGTERM');
  process.on('message', interrupt);
  process.on('disconnect', interrupt);
  process.channel?.unref();
}

/** Where commands write what is no answer: straight to where the caller's standard error goes. */
function standardError(): Writable {
  if (isatty(SPEAKS_AT)) return new WriteStream(SPEAKS_AT);
  return new Writable({
    write(chunk: Buffer, _, done) {
      for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(writeNow(rest));
      done();
    },
  });
}

/** @returns how many bytes were written; all, where nobody reads them any more */
function writeNow(bytes: Buffer): number {
  try {
    return writeSync(SPEAKS_AT, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return bytes.length;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return 0;
  }
}
