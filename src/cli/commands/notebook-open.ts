import { utf8 } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { csvLine } from '../../notebook/csv.js';
import { type OpenedChain, openChain } from '../../notebook/open.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode, threadCount } from '../context.js';
import { expectFolder, expectOtherFile, writeFileWhole, writeStandardOutput } from '../files.js';
import { keyFileOf } from '../key-option.js';
import { medsealKeyOf, type NotebookKeyOptions, notebookIdentity, readChain } from '../notebook-files.js';
import { lossTexts } from '../notebook-text.js';
import { count, printable } from '../terminal.js';

interface Options extends NotebookKeyOptions {
  readonly output?: string;
  readonly threads?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  const { output, notebookKey } = options;
  const threads = threadCount(options.threads);
  if (terminal.wantsJson && output === undefined) {
    throw new MedsealError('USAGE', '--json reports on standard output, so the data needs a file of its own: -o FILE');
  }
  expectOtherFile(output, path, notebookKey ?? keyFileOf(options));
  if (output !== undefined) expectFolder(output);
  const identity = await notebookIdentity(options, terminal);
  const chain = await readChain(path);
  const bar = await terminal.progress('blocks', chain.items.length - 1);
  const opened = await openChain(chain, identity, {
    ...threads,
    signal,
    onProgress: (blocks) => bar.update(blocks),
  }).finally(() => bar.stop());
  if (output === undefined) await writeStandardOutput(csvOf(opened));
  else await writeFileWhole(output, csvOf(opened), { mode: 0o600 });

  const { verdict, rows, columns, unopened, unread, cut, rounded, shortened, nones } = opened;
  for (const text of lossTexts(opened, medsealKeyOf(options))) terminal.warn(text);
  const tell = output === undefined ? terminal.note : terminal.say;
  tell(`Opened ${count(rows.length, 'row')}${output === undefined ? '' : ` into ${printable(output)}`}.`);
  const { ok, blocks, problems } = verdict;
  terminal.json({
    file: output ?? null,
    rows: rows.length,
    columns,
    ok,
    blocks,
    problems,
    unopened,
    unread,
    cut,
    rounded,
    shortened,
    nones,
  });
  return ok && unopened.length + unread.length === 0 ? DONE : ANSWER_IS_NO;
}

async function* csvOf({ columns, rows }: OpenedChain): AsyncGenerator<Uint8Array> {
  if (columns.length === 0) return;
  yield utf8(csvLine(columns));
  for (const { values } of rows) yield utf8(csvLine(columns.map((column) => values.get(column)?.text ?? null)));
}
