import { rmSync, writeFileSync } from 'node:fs';
import { MedsealError } from '../../errors.js';
import { publishFile, unfinishedName } from '../../files.js';
import { isReadable } from '../../format/block.js';
import { openLedger } from '../../ledger/ledger.js';
import { verifyLedger } from '../../ledger/verify.js';
import { isSqliteFile } from '../../store/sqlite/file.js';
import type { BlockReport } from '../../verify/options.js';
import { encodeSaved, MAX_SAVED_BYTES, parseSaved, type SavedState } from '../../verify/saved.js';
import { summaries } from '../block-data.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode, wholeNumber } from '../context.js';
import { expectOtherFile, readBounded } from '../files.js';
import { type PinOptions, pins, readCheckpoint } from '../pins.js';
import { blockText, printable, type Terminal, verdictText } from '../terminal.js';

interface Options extends PinOptions {
  readonly withoutBodies?: boolean;
  readonly checkpoint?: string;
  readonly quick?: boolean;
  readonly saveState?: string;
  readonly since?: string;
  readonly threads?: string;
  readonly verbose?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint);
  const start = performance.now();
  const pinned = await pins(options);
  expectPossible(path, options, pinned);
  expectOtherFile(options.saveState, path, options.checkpoint);
  const since = options.since === undefined ? undefined : parseSaved(readBounded(options.since, MAX_SAVED_BYTES));
  let state: SavedState | null = null;
  const bar = await terminal.progress('blocks', options.verbose || path === '-' ? null : await blocksIn(path));
  const verdict = await verifyLedger(path === '-' ? process.stdin : path, {
    ...pinned,
    withoutBodies: options.withoutBodies ?? false,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    signal,
    quick: options.quick ?? false,
    ...(options.threads === undefined ? {} : { threads: wholeNumber(options.threads, '--threads', 1, 1024) }),
    ...(since === undefined ? {} : { since }),
    onProgress: (blocks) => bar.update(blocks),
    onState: (found) => {
      state = found;
    },
    ...(options.verbose ? { onBlock: (report, item) => terminal.say(verboseText(report, item)) } : {}),
  }).finally(() => bar.stop());
  if (options.saveState !== undefined) saveState(options.saveState, state, terminal);
  const seconds = (performance.now() - start) / 1000;
  terminal.say(verdictText(path === '-' ? 'standard input' : printable(path), verdict, seconds));
  terminal.json({ ...verdict, seconds: Number(seconds.toFixed(3)) });
  return verdict.ok ? DONE : ANSWER_IS_NO;
}

/** @throws {MedsealError} `USAGE` */
function expectPossible(path: string, options: Options, pinned: { readonly owner?: string }): void {
  const refused = (why: string): MedsealError => new MedsealError('USAGE', why);
  if (options.since !== undefined && options.verbose) {
    throw refused('--since does not go with --verbose, which verifies every block');
  }
  if (!options.quick) return;
  if (pinned.owner === undefined) throw refused('--quick rests on the owner’s signature, so it needs --public-key');
  if (path === '-') throw refused('--quick reads twice what it verifies, which standard input cannot be');
  if (options.verbose) throw refused('--quick does not go with --verbose, which verifies block by block');
}

/** @throws {MedsealError} `OUTPUT_FAILED` */
function saveState(path: string, state: SavedState | null, terminal: Terminal): void {
  if (state === null) {
    terminal.warn(`${path} was not written: only of a ledger that verifies a state is saved`);
    return;
  }
  const unfinished = unfinishedName(path);
  try {
    writeFileSync(unfinished, encodeSaved(state), { flush: true });
    publishFile(unfinished, path, { replace: true });
  } catch (cause) {
    rmSync(unfinished, { force: true });
    const { code } = cause as NodeJS.ErrnoException;
    throw new MedsealError('OUTPUT_FAILED', `cannot write ${path}: ${code}`, { file: path }, { cause });
  }
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
