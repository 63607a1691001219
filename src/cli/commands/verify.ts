import { isReadable } from '../../format/block.js';
import { verifyLedger } from '../../ledger/verify.js';
import type { BlockReport } from '../../verify/verifier.js';
import { summaries } from '../block-data.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode } from '../context.js';
import { type PinOptions, pins, readCheckpoint } from '../pins.js';
import { blockText, printable, verdictText } from '../terminal.js';

interface Options extends PinOptions {
  readonly withoutBodies?: boolean;
  readonly checkpoint?: string;
  readonly verbose?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint);
  const start = performance.now();
  const verdict = await verifyLedger(path === '-' ? process.stdin : path, {
    ...(await pins(options)),
    withoutBodies: options.withoutBodies ?? false,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    signal,
    ...(options.verbose ? { onBlock: (report, item) => terminal.say(verboseText(report, item)) } : {}),
  });
  const seconds = (performance.now() - start) / 1000;
  terminal.say(verdictText(path === '-' ? 'standard input' : printable(path), verdict, seconds));
  terminal.json({ ...verdict, seconds: Number(seconds.toFixed(3)) });
  return verdict.ok ? DONE : ANSWER_IS_NO;
}

function verboseText(report: BlockReport, item: Parameters<typeof blockText>[1]): string {
  const unsigned = report.problems.some(({ code }) => code === 'SIGNATURE_INVALID');
  const text = blockText(report.number, item, !unsigned, isReadable(item) ? summaries(item) : []);
  const problems = report.problems.map(({ code, message }) => `  Problem:         ${code}: ${message}\n`);
  return text + problems.join('');
}
