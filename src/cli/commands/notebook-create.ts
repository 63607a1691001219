import { type CreatedChain, createChain } from '../../notebook/create.js';
import { type Context, DONE, type ExitCode, threadCount } from '../context.js';
import { expectFolder, expectOtherFile, writeFileWhole } from '../files.js';
import { keyFileOf } from '../key-option.js';
import { type NotebookKeyOptions, notebookIdentity } from '../notebook-files.js';
import { createdLossTexts } from '../notebook-text.js';
import { count, printable, type Terminal } from '../terminal.js';

interface Options extends NotebookKeyOptions {
  readonly output: string;
  readonly text?: boolean;
  readonly delimiter?: string;
  readonly threads?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  const { output, notebookKey, delimiter } = options;
  const threads = threadCount(options.threads);
  expectOtherFile(output, path, notebookKey ?? keyFileOf(options));
  expectFolder(output);
  const identity = await notebookIdentity(options, terminal);
  let update = (_rows: number): void => {};
  const created = await createChain(path, identity, {
    ...threads,
    signal,
    asText: options.text ?? false,
    onProgress: (rows) => update(rows),
    ...(delimiter === undefined ? {} : { delimiter }),
  });
  const bar = await terminal.progress('rows', created.rows);
  update = bar.update;
  // The text of a row is encrypted, but under a password that the notebook's users hand on.
  await writeFileWhole(output, created.bytes(), { mode: 0o600 }).finally(() => bar.stop());
  tell(created, output, terminal);
  return DONE;
}

function tell({ rows, losses }: CreatedChain, output: string, terminal: Terminal): void {
  const lost = losses();
  for (const text of createdLossTexts(lost)) terminal.warn(text);
  terminal.say(`Wrote ${count(rows + 1, 'block')}, with ${count(rows, 'row')}, into ${printable(output)}.`);
  terminal.json({ file: output, blocks: rows + 1, rows, losses: lost });
}
