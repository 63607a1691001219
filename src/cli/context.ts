import { MedsealError } from '../errors.js';
import type { Terminal } from './terminal.js';

/** What every command is handed besides its arguments. */
export interface Context {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Exit codes (docs/cli.md): others script against them. */
export const DONE = 0 as const;
export const ANSWER_IS_NO = 1;
export const REFUSED = 2;
export const FAILED = 3;

export type ExitCode = typeof DONE | typeof ANSWER_IS_NO | typeof REFUSED | typeof FAILED;

/** An environment variable; an empty one counts as unset. */
export function environment(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** A whole number from the command line. @throws {MedsealError} `USAGE` */
export function wholeNumber(text: string, what: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new MedsealError('USAGE', `${what} must be a whole number ${range}`);
  }
  return value;
}

/** `--threads`, as an option of the library. @throws {MedsealError} `USAGE` */
export function threadCount(text: string | undefined): { threads?: number } {
  return text === undefined ? {} : { threads: wholeNumber(text, '--threads', 1, MOST_THREADS) };
}

/** Above the cores of any machine; each thread takes memory, whether it has work or not. */
const MOST_THREADS = 256;
