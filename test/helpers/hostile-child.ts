// Other processes, whose end and whose memory are looked at.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAIN: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PEAK = new URL('./hostile-peak.mjs', import.meta.url).href;

export interface Ended {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory it has held, in MB; null where it could not tell. */
  readonly megabytes: number | null;
  readonly seconds: number;
}

export interface ChildOptions {
  readonly cwd?: string;
  /** Runs as another user, where this one may do that. */
  readonly uid?: number;
  readonly seconds?: number;
  /** What stands where standard output would. */
  readonly stdout?: 'pipe' | number;
}

let count = 0;

/** Runs a script of ours to its end; `MAIN` is the command line. One that does not end in time is killed. */
export async function run(script: string, args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  const peakFile = join(tmpdir(), `medseal-peak-${process.pid}-${count++}`);
  const start = performance.now();
  const child = spawn(process.execPath, [script, ...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    env: environment({ NODE_OPTIONS: `--import ${PEAK}`, HOSTILE_PEAK_FILE: peakFile }),
    stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
    timeout: (options.seconds ?? 120) * 1000,
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const [status] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - start) / 1000;
  return { status, stdout: stdout(), stderr: stderr(), megabytes: peakOf(peakFile), seconds };
}

/** Starts the command line, for somebody who will not let it come to its end. */
export function start(args: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { cwd, env: environment({}), stdio: ['ignore', 'ignore', 'pipe'] });
}

function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { MEDSEAL_KEY, MEDSEAL_PASSPHRASE, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', ...more };
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  const parts: Buffer[] = [];
  stream?.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString();
}

function peakOf(file: string): number | null {
  try {
    return Math.round(Number(readFileSync(file, 'utf8')) / 1024);
  } catch {
    return null;
  } finally {
    rmSync(file, { force: true });
  }
}
