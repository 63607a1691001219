import { isHex } from '../bytes.js';
import { MedsealError, withFile } from '../errors.js';
import { type Checkpoint, MAX_CHECKPOINT_BYTES, parseCheckpoint } from '../format/checkpoint.js';
import { parsePublicKey } from '../keys/public-key.js';
import { readBounded } from './files.js';

/** Whose ledger a person expects, and which. */
export interface PinOptions {
  readonly publicKey?: string;
  readonly ledger?: string;
}

/** @throws {MedsealError} `USAGE` */
export async function pins({ publicKey, ledger }: PinOptions): Promise<{ owner?: string; ledger?: string }> {
  if (ledger !== undefined && !isHex(ledger, 32)) {
    throw new MedsealError('USAGE', 'a ledger’s id has 64 hex characters, as "medseal status" prints it');
  }
  return {
    ...(publicKey === undefined ? {} : { owner: await parsePublicKey(publicKey) }),
    ...(ledger === undefined ? {} : { ledger }),
  };
}

/**
 * The checkpoint in a file.
 * @throws {MedsealError} `FILE_UNREADABLE`, `CHECKPOINT_INVALID`
 */
export function readCheckpoint(path: string): Checkpoint {
  try {
    return parseCheckpoint(readBounded(path, MAX_CHECKPOINT_BYTES));
  } catch (error) {
    if (!(error instanceof MedsealError) || error.code !== 'CHECKPOINT_INVALID') throw error;
    throw withFile(error, path);
  }
}
