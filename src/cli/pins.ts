import { isHex } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { parsePublicKey } from '../keys/public-key.js';

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
