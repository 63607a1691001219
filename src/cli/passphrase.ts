import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { MedsealError } from '../errors.js';
import { environment } from './context.js';
import { readSmallFile } from './files.js';

/**
 * The passphrase of a key file: from a file, from the environment, or from the person at the terminal.
 * @throws {MedsealError} `PASSPHRASE_REQUIRED` where none of these can give one
 */
export async function passphraseFor(path: string, file: string | undefined): Promise<string> {
  return (await givenPassphrase(file, 'MEDSEAL_PASSPHRASE')) ?? ask(`Passphrase of ${path}: `);
}

/** The PIN of a token, from where a passphrase would come. @throws {MedsealError} as `passphraseFor` */
export async function pinFor(token: string, file: string | undefined): Promise<string> {
  const instead = 'give the PIN with --pin-file or MEDSEAL_PIN';
  return (await givenSecret(file, 'MEDSEAL_PIN', 'PIN file')) ?? ask(`PIN of the token ${token}: `, instead);
}

/** A new passphrase, asked for twice. @throws {MedsealError} `PASSPHRASE_REQUIRED`, `USAGE` */
export async function newPassphrase(file: string | undefined, variable = 'MEDSEAL_PASSPHRASE'): Promise<string> {
  const given = await givenPassphrase(file, variable);
  if (given !== undefined) return given;
  const first = await ask('New passphrase: ');
  if (first === '')
    throw new MedsealError('USAGE', 'an empty passphrase protects nothing; use --no-passphrase for none');
  if ((await ask('The same again: ')) !== first) throw new MedsealError('USAGE', 'the two passphrases differ');
  return first;
}

function givenPassphrase(file: string | undefined, variable: string): Promise<string | undefined> {
  return givenSecret(file, variable, 'passphrase file');
}

async function givenSecret(file: string | undefined, variable: string, what: string): Promise<string | undefined> {
  if (file === undefined) return environment(variable);
  try {
    // A text editor ends the file with a line end that is no part of the passphrase.
    const text = readSmallFile(file).replace(/\r?\n$/, '');
    if (text !== '') return text;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new MedsealError('FILE_UNREADABLE', `cannot read the ${what} ${file}: ${code}`, { file }, { cause });
  }
  throw new MedsealError('PASSPHRASE_REQUIRED', `the ${what} ${file} is empty`, { file });
}

/** Asks without showing what is typed. */
async function ask(
  question: string,
  instead = 'give the passphrase with --passphrase-file or MEDSEAL_PASSPHRASE',
): Promise<string> {
  return prompt(question, new Writable({ write: (_chunk, _encoding, done) => done() }), instead);
}

/** Asks for a yes in plain sight. @throws {MedsealError} `PASSPHRASE_REQUIRED` where nobody can answer */
export async function confirm(question: string): Promise<boolean> {
  return isYes(await prompt(question, process.stderr, '--yes answers for you'));
}

/** Whether an answer is "yes" or "y", in any case; whatever else is typed is no. */
export function isYes(answer: string): boolean {
  return /^\s*y(es)?\s*$/i.test(answer);
}

async function prompt(question: string, output: NodeJS.WritableStream, instead: string): Promise<string> {
  if (!process.stdin.isTTY) {
    const message = `nobody can be asked: standard input is no terminal; ${instead}`;
    throw new MedsealError('PASSPHRASE_REQUIRED', message);
  }
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const interrupted = new AbortController();
  lines.on('SIGINT', () => interrupted.abort());
  process.stderr.write(question);
  try {
    return await lines.question('', { signal: interrupted.signal });
  } catch (cause) {
    throw new MedsealError('ABORTED', 'interrupted; nothing was changed', {}, { cause });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
