import { basename, extname } from 'node:path';
import { datasetName } from '../../dataset/manifest.js';
import { MAX_ENTRIES } from '../../format/limits.js';
import { openLedger } from '../../ledger/ledger.js';
import { importChain } from '../../notebook/import.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode, threadCount, wholeNumber } from '../context.js';
import { rememberedHeads, requiredIdentity } from '../key-option.js';
import {
  expectSoftware,
  medsealKeyOf,
  type NotebookKeyOptions,
  notebookIdentity,
  readChain,
} from '../notebook-files.js';
import { lossTexts } from '../notebook-text.js';
import { type PinOptions, pins } from '../pins.js';
import { count, printable } from '../terminal.js';

interface Options extends NotebookKeyOptions, PinOptions {
  readonly into: string;
  readonly name?: string;
  readonly blockSize?: string;
  readonly acceptRollback?: boolean;
  readonly threads?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  const blockSize = wholeNumber(options.blockSize ?? '1', '--block-size', 1, MAX_ENTRIES);
  const threads = threadCount(options.threads);
  const name = datasetName(options.name ?? basename(path, extname(path)));
  const identity = await requiredIdentity(options);
  const key = options.notebookKey === undefined ? expectSoftware(identity) : await notebookIdentity(options, terminal);
  const chain = await readChain(path);
  const ledger = await openLedger(options.into, threads);
  try {
    const bar = await terminal.progress('blocks', chain.items.length - 1);
    const outcome = await importChain(ledger, identity, chain, key, {
      ...threads,
      name,
      blockSize,
      signal,
      ...(await pins(options)),
      ...rememberedHeads(options, identity, terminal),
      acceptRollback: options.acceptRollback ?? false,
      onOpened: (blocks) => bar.update(blocks),
    }).finally(() => bar.stop());
    for (const text of lossTexts(outcome.opened, medsealKeyOf(options))) terminal.warn(text);
    const { verdict, cut, rounded, shortened, nones, unopened, unread } = outcome.opened;
    const facts = { problems: verdict.problems, unopened, unread, cut, rounded, shortened, nones };
    terminal.json({ ledger: options.into, sealed: outcome.imported ? outcome.sealed : null, ...facts });
    if (!outcome.imported) {
      terminal.say('Nothing was imported.');
      return ANSWER_IS_NO;
    }
    const { sealed, already, rows, blocks } = outcome.sealed;
    const where = blocks === null ? '' : ` in blocks ${blocks.from} to ${blocks.to}`;
    terminal.say(
      already
        ? `${printable(path)} is imported already as "${printable(name)}", with ${count(rows, 'row')}: nothing to do.`
        : `Imported ${count(sealed, 'row')} as "${printable(name)}"${where}.`,
    );
    return DONE;
  } finally {
    await ledger.close();
  }
}
