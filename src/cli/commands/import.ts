import { importLedger } from '../../ledger/import.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode } from '../context.js';
import { type PinOptions, pins } from '../pins.js';
import { count, printable, verdictText } from '../terminal.js';

interface Options extends PinOptions {
  readonly withoutBodies?: boolean;
}

export async function run([file = '', path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  const start = performance.now();
  const verdict = await importLedger(file === '-' ? process.stdin : file, path, {
    ...(await pins(options)),
    withoutBodies: options.withoutBodies ?? false,
    signal,
  });
  const seconds = (performance.now() - start) / 1000;
  terminal.say(verdictText(file === '-' ? 'standard input' : printable(file), verdict, seconds));
  if (verdict.ok) terminal.say(`The ledger is in ${printable(path)}, with its ${count(verdict.blocks, 'block')}.`);
  else terminal.say('Nothing was imported.');
  terminal.json({ ...verdict, file: verdict.ok ? path : null, seconds: Number(seconds.toFixed(3)) });
  return verdict.ok ? DONE : ANSWER_IS_NO;
}
