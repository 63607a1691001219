import { type Identity, isSoftware, type SoftwareIdentity } from '../crypto/identity.js';
import { MedsealError, withFile } from '../errors.js';
import { importPrivateKey } from '../keys/import.js';
import { isPkcs11Uri } from '../keys/pkcs11/uri.js';
import { MAX_CHAIN_BYTES, type NotebookChain, parseChain } from '../notebook/chain.js';
import { readBounded, readInput } from './files.js';
import { type KeyOptions, keyName, requiredIdentity } from './key-option.js';

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
 * The notebook's key: of `--notebook-key`, or where that is not given, of `--key`.
 * @throws {MedsealError} `USAGE` where none is given, or it is in hardware; what reading a key throws
 */
export async function notebookIdentity(options: NotebookKeyOptions): Promise<SoftwareIdentity> {
  const { notebookKey } = options;
  if (notebookKey !== undefined) {
    const text = readBounded(notebookKey, MOST_KEY_BYTES).toString('utf8');
    return inFile(notebookKey, () => importPrivateKey(text));
  }
  // Before anybody is asked for a PIN.
  if (isPkcs11Uri(keyName(options) ?? '')) throw inHardware();
  return expectSoftware(await requiredIdentity(options));
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
