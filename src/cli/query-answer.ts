import { type QueryResult, query } from '../dataset/query/query.js';
import { parsePublicKey } from '../keys/public-key.js';
import { openLedger } from '../ledger/ledger.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode, threadCount } from './context.js';
import { expectOutput, readInput, writeFileWhole, writeStandardOutput } from './files.js';
import { keyFileOf, requiredIdentity } from './key-option.js';
import { expectWritable, formatOfName } from './open-format.js';
import { csvText, documentText, jsonText, reportOf, tableText } from './query-text.js';
import { type ReadingOptions, readingTerms, warnOfOwner } from './reading.js';
import { count, type Terminal } from './terminal.js';
import { nameOf } from './unsearched.js';

export interface QueryCommandOptions extends ReadingOptions {
  readonly output?: string;
  readonly dataset?: readonly string[];
  readonly format?: 'table' | 'csv' | 'json';
  readonly memory?: string;
  readonly publicKey?: string;
  readonly threads?: string;
}

/** More than anybody types, or generates. */
const MOST_SQL = 1024 * 1024;

/**
 * What `medseal query` does, in a process of its own.
 * @param memory bytes that records and the work on them may take in the engine
 */
export async function answerQuery(
  [path = '', given = '']: readonly string[],
  options: QueryCommandOptions,
  context: Context,
  memory: number,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const threads = threadCount(options.threads);
  const owner = options.publicKey === undefined ? undefined : await parsePublicKey(options.publicKey);
  expectOutput(options.output, path, keyFileOf(options));
  if (options.output !== undefined && options.format === undefined) {
    expectWritable('the result of a query', formatOfName(options.output), ['json']);
  }
  const sql = given === '-' ? (await readInput('-', MOST_SQL)).toString('utf8') : given;
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const bar = await terminal.progress('blocks', await ledger.size());
    const result = await query(ledger, identity, sql, {
      ...threads,
      memory,
      ...readingTerms(options, identity, context),
      signal,
      onProgress: (blocks) => bar.update(blocks),
      ...(options.dataset === undefined ? {} : { datasets: options.dataset }),
      ...(owner === undefined ? {} : { owner }),
    }).finally(() => bar.stop());
    await write(result, options, terminal);
    const [first] = result.tables;
    if (first !== undefined) warnOfOwner(owner, first.report.verdict.owner, first.info, identity, terminal);
    return conclude(result, terminal);
  } finally {
    await ledger.close();
  }
}

async function write(result: QueryResult, { output, format }: QueryCommandOptions, terminal: Terminal): Promise<void> {
  if (terminal.wantsJson) {
    if (output === undefined) return writeStandardOutput(documentText(result));
    terminal.json({ file: output, ...reportOf(result) });
  }
  const chosen = format ?? (output === undefined ? 'table' : formatOfName(output) === 'json' ? 'json' : 'csv');
  const bytes = chosen === 'table' ? tableText(result) : chosen === 'csv' ? csvText(result) : jsonText(result);
  if (output === undefined) await writeStandardOutput(bytes);
  else await writeFileWhole(output, bytes, { mode: 0o600, compress: true });
}

/** What is missing from the answer is told, of each data set that was read. */
function conclude({ tables }: QueryResult, terminal: Terminal): ExitCode {
  let isWhole = true;
  for (const { info, report } of tables) {
    const { verdict, left, erased, closed, missing, complete } = report;
    const name = nameOf(info);
    const blocks = new Set(verdict.problems.map(({ block }) => block)).size;
    if (blocks > 0)
      terminal.warn(`${name}: ${count(blocks, 'block')} left out: "medseal verify" tells what is wrong with them`);
    if (left.length > 0) terminal.warn(`${name}: ${count(left.length, 'row')} did not open`);
    if (missing > 0) terminal.warn(`${name}: ${count(missing, 'row')} could not be had`);
    const rows = new Set(erased.map(({ row }) => row)).size;
    if (rows > 0) terminal.warn(`${name}: ${count(rows, 'row')} erased, whole or in some columns`);
    if (closed > 0) terminal.warn(`${name}: ${count(closed, 'row')} closed to this key, whole or in some columns`);
    if (!complete) terminal.warn(`${name} is incomplete: its sealing was interrupted, or goes on just now`);
    isWhole &&= verdict.ok && left.length === 0 && missing === 0 && complete;
  }
  return isWhole ? DONE : ANSWER_IS_NO;
}
