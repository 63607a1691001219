import type { Identity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import { readKeyFile } from '../keys/key-file.js';
import type { TokenOptions } from '../keys/pkcs11/token.js';
import { isPkcs11Uri, parsePkcs11Uri } from '../keys/pkcs11/uri.js';
import { headsBeside, type KnownHeads } from '../ledger/known-heads.js';
import { environment } from './context.js';
import { passphraseFor, pinFor } from './passphrase.js';
import { stateFile } from './state-folder.js';
import type { Terminal } from './terminal.js';

export interface KeyOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly pinFile?: string;
}

/** What `--key` or MEDSEAL_KEY says, if either does: a key file, or a PKCS #11 URI. */
export function keyName({ key }: KeyOptions): string | undefined {
  return key ?? environment('MEDSEAL_KEY');
}

/** The key file that is named, if one is. */
export function keyFileOf(options: KeyOptions): string | undefined {
  const name = keyName(options);
  return name === undefined || isPkcs11Uri(name) ? undefined : name;
}

/** The identity that is named, or null where none is. */
export async function optionalIdentity(options: KeyOptions): Promise<Identity | null> {
  const name = keyName(options);
  return name === undefined ? null : identityNamed(name, options);
}

/**
 * The identity in a key file, or in a token that a PKCS #11 URI names.
 * @throws {MedsealError} what reading either throws
 */
export async function identityNamed(name: string, options: Omit<KeyOptions, 'key'>): Promise<Identity> {
  if (!isPkcs11Uri(name)) return readKeyFile(name, () => passphraseFor(name, options.passphraseFile));
  const { openHardwareIdentity } = await import('../keys/pkcs11/identity.js');
  return openHardwareIdentity(name, tokenOptions(name, options));
}

/** The module and the PIN of a token. */
export function tokenOptions(uri: string, { pinFile }: Omit<KeyOptions, 'key'>): TokenOptions {
  const { token, pinFile: named } = parsePkcs11Uri(uri);
  const module = environment('MEDSEAL_PKCS11_MODULE');
  return { ...(module === undefined ? {} : { module }), pin: () => pinFor(token ?? '', pinFile ?? named) };
}

/**
 * What the signer remembers of its ledgers, kept beside the key file; for a key in hardware, in the user's state folder.
 * Where it cannot be kept there (a key on a medium that cannot be written) the person is told, and the work goes on.
 */
export function rememberedHeads(
  options: KeyOptions,
  { publicKey }: Identity,
  terminal: Terminal,
): { heads?: KnownHeads } {
  const path = keyFileOf(options) ?? stateFile(publicKey);
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
      'this needs a key: give its file (or its PKCS #11 URI) with --key, or in MEDSEAL_KEY ("medseal keygen" makes one)',
    );
  }
  return identity;
}
