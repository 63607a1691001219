import type { Identity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import { readKeyFile } from '../keys/key-file.js';
import { headsBeside, type KnownHeads } from '../ledger/known-heads.js';
import { environment } from './context.js';
import { passphraseFor } from './passphrase.js';
import type { Terminal } from './terminal.js';

export interface KeyOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
}

/** The key file that `--key` or MEDSEAL_KEY names, if either does. */
export function keyFileOf({ key }: KeyOptions): string | undefined {
  return key ?? environment('MEDSEAL_KEY');
}

/** The identity in that file, or null where none is named. */
export async function optionalIdentity(options: KeyOptions): Promise<Identity | null> {
  const path = keyFileOf(options);
  return path === undefined ? null : readKeyFile(path, () => passphraseFor(path, options.passphraseFile));
}

/**
 * What the signer remembers of its ledgers, kept beside the key file. Where it cannot be kept there (a key on a medium
 * that cannot be written) the person is told, and the work goes on.
 */
export function rememberedHeads(options: KeyOptions, terminal: Terminal): { heads?: KnownHeads } {
  const path = keyFileOf(options);
  if (path === undefined) return {};
  let told = false;
  const tell = (error: MedsealError): void => {
    if (!told) terminal.warn(`${error.message}; an older copy of this ledger will not be recognised`);
    told = true;
  };
  return { heads: headsBeside(path, tell) };
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
