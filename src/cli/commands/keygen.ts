import { generateIdentity } from '../../crypto/identity.js';
import type { PublicKey } from '../../crypto/secp256k1.js';
import { MedsealError } from '../../errors.js';
import { importPrivateKey } from '../../keys/import.js';
import { writeKeyFile } from '../../keys/key-file.js';
import { isPkcs11Uri } from '../../keys/pkcs11/uri.js';
import { notebookPublicKey } from '../../keys/public-key.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { irreplaceable } from '../file-kind.js';
import { readSmallFile } from '../files.js';
import { tokenOptions } from '../key-option.js';
import { newPassphrase } from '../passphrase.js';
import { type Terminal, table } from '../terminal.js';

interface Options {
  readonly output: string;
  readonly passphrase: boolean;
  readonly passphraseFile?: string;
  readonly pinFile?: string;
  readonly import?: string;
  readonly force?: boolean;
}

export async function run(_args: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  return isPkcs11Uri(options.output) ? inToken(options, terminal) : inFile(options, terminal);
}

async function inFile(options: Options, terminal: Terminal): Promise<ExitCode> {
  expectKeyOrNone(options.output);
  const identity =
    options.import === undefined ? await generateIdentity() : await importPrivateKey(readKey(options.import));
  const passphrase = options.passphrase ? await newPassphrase(options.passphraseFile) : undefined;
  await writeKeyFile(options.output, identity, {
    ...(passphrase === undefined ? {} : { passphrase }),
    replace: options.force ?? false,
  });
  terminal.say(`The key pair is in ${options.output}. Keep it safe: whoever loses it loses the records.`);
  const shown = await showPublicKey(identity.publicKey, terminal);
  if (passphrase === undefined) terminal.note('It has no passphrase: whoever has the file is its owner.');
  terminal.json({ file: options.output, ...shown, passphrase: passphrase !== undefined });
  return DONE;
}

/**
 * `--force` replaces a key file, and nothing else that may be the only copy.
 * @throws {MedsealError} `USAGE`, `FILE_EXISTS`
 */
function expectKeyOrNone(path: string): void {
  if (path === '-') throw new MedsealError('USAGE', 'a private key is written to a file only: name one');
  if (irreplaceable(path) !== 'a ledger') return;
  throw new MedsealError('FILE_EXISTS', `${path} is a ledger, which no key file replaces`, { file: path });
}

async function inToken(options: Options, terminal: Terminal): Promise<ExitCode> {
  if (options.import !== undefined || options.force) {
    throw new MedsealError('USAGE', 'a key in hardware is generated there: it is neither imported nor replaced');
  }
  const { generateHardwareIdentity } = await import('../../keys/pkcs11/identity.js');
  const identity = await generateHardwareIdentity(options.output, tokenOptions(options.output, options));
  terminal.say('The key pair is in the token, and its private key never leaves it: there is no copy.');
  const shown = await showPublicKey(identity.publicKey, terminal);
  terminal.note('Name a recovery key at "medseal init": without it, a lost token is a lost ledger.');
  terminal.json({ uri: options.output, ...shown });
  identity.close();
  return DONE;
}

async function showPublicKey(
  publicKey: PublicKey,
  terminal: Terminal,
): Promise<{ publicKey: string; publicKeyBase64: string }> {
  const publicKeyBase64 = await notebookPublicKey(publicKey);
  terminal.say(
    table([
      ['public key', publicKey],
      ['base64', publicKeyBase64],
    ]),
  );
  return { publicKey, publicKeyBase64 };
}

function readKey(path: string): string {
  try {
    return readSmallFile(path === '-' ? 0 : path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new MedsealError('FILE_UNREADABLE', `cannot read ${path}: ${code}`, { file: path }, { cause });
  }
}
