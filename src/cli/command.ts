import { Command, Option } from 'commander';
import { isFailure, MedsealError } from '../errors.js';
import { type Context, type ExitCode, FAILED, REFUSED } from './context.js';
import { createTerminal, printError, type TerminalOptions } from './terminal.js';
import { VERSION } from './version.js';

/*
 * Only what the help needs is loaded here; each command brings the rest when it runs, so that start-up stays short.
 */

export const program: Command = new Command('medseal')
  .description('Seals tables into a ledger that anyone can verify and only the key’s owner can read.')
  .version(VERSION, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print help')
  .helpCommand('help [command]', 'print help for a command')
  .showHelpAfterError('(medseal --help lists the commands)')
  .configureOutput({ outputError: (text, write) => write(`medseal: ${text.replace(/^error: /, '')}`) });

/** What every command takes. */
export function command(
  name: string,
  description: string,
  examples: readonly string[],
  parent: Command = program,
): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'one JSON document on standard output')
    .option('-q, --quiet', 'no output but errors; the exit code is the answer')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);
}

type Run<Options> = (args: string[], options: Options, context: Context) => Promise<ExitCode>;

/** Runs a command and turns its outcome into the exit code. */
export function action<Options>(load: () => Promise<{ run: Run<Options> }>) {
  return async (...given: unknown[]): Promise<void> => {
    const self = given.at(-1) as Command;
    const args = self.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string');
    if (self.options.some((each) => each instanceof OutputOption) && self.getOptionValue('output') === '-')
      self.setOptionValue('output', undefined);
    const options = self.opts<Options & TerminalOptions>();
    const interrupt = new AbortController();
    const stop = (): void => {
      interrupt.abort();
      // Who waits for standard input looks at nothing else.
      process.stdin.on('error', () => {}).destroy(new MedsealError('ABORTED', 'interrupted'));
    };
    // The first Ctrl-C ends at the next safe point; a second one ends at once.
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    const context = { terminal: createTerminal(options), signal: interrupt.signal };
    try {
      process.exitCode = await (await load()).run(args, options, context);
    } catch (error) {
      process.exitCode = await report(error, context);
    }
  };
}

async function report(error: unknown, { terminal }: Context): Promise<ExitCode> {
  const known = error instanceof MedsealError ? await withKind(error) : unexpected(error);
  printError(known);
  terminal.json({ error: { code: known.code, message: known.message, ...known.place } });
  return isFailure(known) ? FAILED : REFUSED;
}

/** The same error; where another file was given than the command takes, it says which and what takes that. */
async function withKind(error: MedsealError): Promise<MedsealError> {
  if (error.place.file === undefined) return error;
  const kind = (await import('./file-kind.js')).otherKindIn(error);
  if (kind === null) return error;
  return new MedsealError(error.code, `${error.message}; ${kind}`, error.place, { cause: error });
}

/** Nothing a user does should lead here; if it does, the cause is named without a stack trace. */
function unexpected(error: unknown): MedsealError {
  const { code, message } = error as { code?: string; message?: string };
  return new MedsealError('STORE_FAILED', `unexpected failure: ${code ?? ''} ${message ?? String(error)}`.trim());
}

export const key = (what = 'key file'): Option =>
  new Option('-k, --key <file>', `${what}, or a PKCS #11 URI (MEDSEAL_KEY stands in for it)`);
export const passphraseFile: Option = new Option(
  '--passphrase-file <file>',
  'file with the key’s passphrase (or MEDSEAL_PASSPHRASE)',
);
export const pinFile: Option = new Option(
  '--pin-file <file>',
  'file with the PIN of a key in hardware (or MEDSEAL_PIN)',
);

/** Where a command writes that can write to standard output: there, where the file is not named or is "-". */
class OutputOption extends Option {
  constructor(what: string) {
    super('-o, --output <file>', `${what} (default: standard output)`);
  }
}

export const output = (what = 'the file to write'): Option => new OutputOption(what);

/** What a command takes that gives records out. */
export function reading(each: Command): Command {
  return each
    .option(
      '--purpose <code>',
      'why it is read, where the ledger has that recorded: TREAT, HRESCH, … (HL7 PurposeOfUse)',
    )
    .option('--accept-rollback', 'records it in a copy that is older than what the key has signed');
}

/** Of an option that can be given several times: all that have been given. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export const threads: Option = new Option('--threads <number>', 'threads that share the work (default: all cores)');

/** Has a command and all below it throw where they would end the process. */
export function overrideExit(command: Command): void {
  command.exitOverride();
  for (const each of command.commands) overrideExit(each);
}
