import { availableParallelism } from 'node:os';
import { MedsealError } from '../../errors.js';
import { bounded, isBounded } from '../bounded.js';
import { type Context, type ExitCode, threadCount } from '../context.js';
import type { QueryCommandOptions } from '../query-answer.js';
import { size } from '../terminal.js';

const DEFAULT_MEMORY = 2_000_000_000;
/** For what loads, verifies and decrypts: as much as was measured, and a third of that to spare (docs/design/0019-sql-engine.md). */
const BESIDE = 350_000_000;
const BESIDE_A_THREAD = 25_000_000;

/**
 * What SQL makes of the records leaves the engine, and with it the bound that the engine keeps. So a process of its own
 * answers, and ends where all of it together takes too much.
 */
export async function run(args: string[], options: QueryCommandOptions, context: Context): Promise<ExitCode> {
  const memory = options.memory === undefined ? DEFAULT_MEMORY : bytesOf(options.memory);
  const { threads = availableParallelism() } = threadCount(options.threads);
  if (isBounded()) return (await import('../query-answer.js')).answerQuery(args, options, context, memory);
  const beside = BESIDE + threads * BESIDE_A_THREAD;
  const advice = `the query with its answer may take ${size(memory)}, and ${size(beside)} are for verifying and decrypting; give it more (--memory), or ask for less at once`;
  return bounded({ bytes: memory + beside, threads, advice, output: options.output }, context);
}

/** Bytes as a person says them: 500MB, 4GB. @throws {MedsealError} `USAGE` */
function bytesOf(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(MB|GB)$/i.exec(text) ?? [];
  if (digits === '') throw new MedsealError('USAGE', '--memory takes a size, such as 500MB or 4GB');
  return Math.round(Number(digits) * (unit.toUpperCase() === 'GB' ? 1e9 : 1e6));
}
