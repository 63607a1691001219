import { createPrivateKey } from 'node:crypto';
import { fromBase64url, fromHex } from '../bytes.js';
import { identityFromPrivateKey, type SoftwareIdentity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';

/**
 * The identity of a private key in another tool's form: 64 hex characters, PEM (PKCS #8 or SEC1), or a JWK.
 * @throws {MedsealError} `KEY_FILE_INVALID`
 */
export async function importPrivateKey(text: string): Promise<SoftwareIdentity> {
  const invalid = (): MedsealError =>
    new MedsealError(
      'KEY_FILE_INVALID',
      'this is no private key on secp256k1: 64 hex characters, PEM without a passphrase, or a JWK is expected',
    );
  try {
    const bytes = privateBytes(text.trim());
    if (bytes?.length === 32) return await identityFromPrivateKey(bytes);
  } catch {
    // A parser's own message could quote the key.
  }
  throw invalid();
}

function privateBytes(text: string): Uint8Array | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text.toLowerCase(), 32);
  const jwk = text.startsWith('{') ? JSON.parse(text) : createPrivateKey(text).export({ format: 'jwk' });
  return jwk?.kty === 'EC' && jwk.crv === 'secp256k1' && typeof jwk.d === 'string' ? fromBase64url(jwk.d) : null;
}
