import { MedsealError } from '../../errors.js';
import { isReadable } from '../../format/block.js';
import { openLedger } from '../../ledger/ledger.js';
import { verifyLedger } from '../../ledger/verify.js';
import { isSqliteFile } from '../../store/sqlite/file.js';
import type { BlockReport } from '../../verify/verifier.js';
import { summaries } from '../block-data.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode, wholeNumber } from '../context.js';
import { type PinOptions, pins, readCheckpoint } from '../pins.js';
import { blockText, printable, verdictText } from '../terminal.js';

interface Options extends PinOptions {
  readonly withoutBodies?: boolean;
  readonly checkpoint?: string;
  readonly quick?: boolean;
  readonly threads?: string;
  readonly verbose?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint);
  const start = performance.now();
  const pinned = await pins(options);
  expectQuickPossible(path, options, pinned);
  const bar = await terminal.progress('blocks', options.verbose || path === '-' ? null : await blocksIn(path));
  const verdict = await verifyLedger(path === '-' ? process.stdin : path, {
    ...pinned,
    withoutBodies: options.withoutBodies ?? false,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    signal,
    quick: options.quick ?? false,
    ...(options.threads === undefined ? {} : { threads: wholeNumber(options.threads, '--threads', 1, 1024) }),
    onProgress: (blocks) => bar.update(blocks),
    ...(options.verbose ? { onBlock: (report, item) => terminal.say(verboseText(report, item)) } : {}),
  }).finally(() => bar.stop());
  const seconds = (performance.now() - start) / 1000;
  terminal.say(verdictText(path === '-' ? 'standard input' : printable(path), verdict, seconds));
  terminal.json({ ...verdict, seconds: Number(seconds.toFixed(3)) });
  return verdict.ok ? DONE : ANSWER_IS_NO;
}

/** @throws {MedsealError} `USAGE` */
function expectQuickPossible(path: string, { quick, verbose }: Options, pinned: { readonly owner?: string }): void {
  if (!quick) return;
  const why =
    pinned.owner === undefined
      ? 'rests on the owner’s signature, so it needs --public-key'
      : path === '-'
        ? 'reads what it verifies twice, which standard input cannot be'
        : verbose
          ? 'does not go with --verbose, which verifies block by block'
          : null;
  if (why !== null) throw new MedsealError('USAGE', `--quick ${why}`);
}

/** How many blocks a ledger has, for the progress bar; null for an export, of which nobody knows. */
async function blocksIn(path: string): Promise<number | null> {
  if (!isSqliteFile(path)) return null;
  const ledger = await openLedger(path);
  try {
    return await ledger.size();
  } finally {
    await ledger.close();
  }
}

function verboseText(report: BlockReport, item: Parameters<typeof blockText>[1]): string {
  const unsigned = report.problems.some(({ code }) => code === 'SIGNATURE_INVALID');
  const text = blockText(report.number, item, !unsigned, isReadable(item) ? summaries(item) : []);
  const problems = report.problems.map(({ code, message }) => `  Problem:         ${code}: ${message}\n`);
  return text + problems.join('');
}
