import { statSync } from 'node:fs';
import { type Identity, isSoftware, type SoftwareIdentity } from '../crypto/identity.js';
import { MedsealError, withFile } from '../errors.js';
import { importPrivateKey } from '../keys/import.js';
import { isEncrypted, isExposed } from '../keys/key-file.js';
import { isPkcs11Uri } from '../keys/pkcs11/uri.js';
import { MAX_CHAIN_BYTES, type NotebookChain, parseChain } from '../notebook/chain.js';
import { kindIn } from './file-kind.js';
import { readBounded, readInput } from './files.js';
import { type KeyOptions, keyName, requiredIdentity } from './key-option.js';
import { printable, type Terminal } from './terminal.js';

export interface NotebookKeyOptions extends KeyOptions {
  readonly notebookKey?: string;
}

/** Larger than any private key in a form that is known. */
const MOST_KEY_BYTES = 64 * 1024;

/**
 * The chain in a file, or on standard input.
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_A_CHAIN`
 */
export async function readChain(path: string): Promise<NotebookChain> {
  const bytes = await readInput(path, MAX_CHAIN_BYTES);
  return inFile(path, () => parseChain(bytes));
}

/**
 * The notebook's key: of `--notebook-key`, or where that is not given, of `--key`. Warns of a file that others can read.
 * @throws {MedsealError} `USAGE` where none is given, it is in hardware, or is a key file of Medseal with a passphrase; what
 *   reading a key throws
 */
export async function notebookIdentity(
  options: NotebookKeyOptions,
  terminal: Pick<Terminal, 'warn'>,
): Promise<SoftwareIdentity> {
  const { notebookKey } = options;
  if (notebookKey !== undefined) return savedIdentity(notebookKey, terminal);
  // Before anybody is asked for a PIN.
  if (isPkcs11Uri(keyName(options) ?? '')) throw inHardware();
  return expectSoftware(await requiredIdentity(options));
}

async function savedIdentity(path: string, terminal: Pick<Terminal, 'warn'>): Promise<SoftwareIdentity> {
  const bytes = readBounded(path, MOST_KEY_BYTES);
  if (isEncrypted(bytes)) {
    const message = `${path} is a key file of Medseal with a passphrase, and --notebook-key takes what a notebook has saved: name it with --key`;
    throw new MedsealError('USAGE', message, { file: path });
  }
  const identity = await inFile(path, () => importPrivateKey(bytes.toString('utf8')));
  if (isExposed(statSync(path))) {
    terminal.warn(`${printable(path)} holds a private key, and other users can read it: chmod 600 ${printable(path)}`);
  }
  return identity;
}

/** The file given as the notebook's key, where that is a key file of Medseal: it is the right one for few chains. */
export function medsealKeyOf({ notebookKey }: NotebookKeyOptions): string | null {
  return notebookKey !== undefined && kindIn(notebookKey) === 'key' ? notebookKey : null;
}

/** @throws {MedsealError} `USAGE` */
export function expectSoftware(identity: Identity): SoftwareIdentity {
  if (!isSoftware(identity)) throw inHardware();
  return identity;
}

function inHardware(): MedsealError {
  const why = 'the password of a notebook’s chain is the private key itself, which a key in hardware does not give out';
  return new MedsealError('USAGE', `${why}; name the notebook’s key with --notebook-key`);
}

/** Names the file in whatever is wrong with its content. */
async function inFile<T>(path: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof MedsealError ? withFile(error, path) : error;
  }
}
