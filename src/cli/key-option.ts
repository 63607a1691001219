import type { Identity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import { readKeyFile } from '../keys/key-file.js';
import { environment } from './context.js';
import { passphraseFor } from './passphrase.js';

export interface KeyOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
}

/** The identity that `--key` or MEDSEAL_KEY names, or null where neither does. */
export async function optionalIdentity({ key, passphraseFile }: KeyOptions): Promise<Identity | null> {
  const path = key ?? environment('MEDSEAL_KEY');
  return path === undefined ? null : readKeyFile(path, () => passphraseFor(path, passphraseFile));
}

/** @throws {MedsealError} `USAGE` where no key is named; what reading the key file throws */
export async function requiredIdentity(options: KeyOptions): Promise<Identity> {
  const identity = await optionalIdentity(options);
  if (identity === null) {
    throw new MedsealError(
      'USAGE',
      'this needs a key: give its file with --key, or in MEDSEAL_KEY ("medseal keygen" makes one)',
    );
  }
  return identity;
}
