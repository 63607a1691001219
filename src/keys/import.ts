import { createPrivateKey } from 'node:crypto';
import { fromBase64url, fromHex } from '../bytes.js';
import { identityFromPrivateKey, type SoftwareIdentity } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import { notebookPublicKey } from './public-key.js';

/**
 * The identity of a private key in another tool's form: 64 hex characters, PEM (PKCS #8 or SEC1), a JWK, or what
 * a notebook has saved: `{"private": hex, "public": base64}`, or the first of the two.
 * @throws {MedsealError} `KEY_FILE_INVALID`
 */
export async function importPrivateKey(text: string): Promise<SoftwareIdentity> {
  const invalid = (): MedsealError =>
    new MedsealError(
      'KEY_FILE_INVALID',
      'this is no private key on secp256k1: 64 hex characters, PEM without a passphrase, a JWK, or a notebook’s keys in JSON are expected',
    );
  try {
    const key = text.trim();
    const bytes = privateBytes(key);
    if (bytes?.length === 32) {
      const identity = await identityFromPrivateKey(bytes);
      const beside = publicText(key);
      if (beside === null || beside === (await notebookPublicKey(identity.publicKey))) return identity;
    }
  } catch {
    // A parser's own message could quote the key.
  }
  throw invalid();
}

function privateBytes(text: string): Uint8Array | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text.toLowerCase(), 32);
  const key = text.startsWith('{') ? JSON.parse(text) : createPrivateKey(text).export({ format: 'jwk' });
  if (typeof key?.private === 'string') return fromHex(key.private.toLowerCase(), 32);
  return key?.kty === 'EC' && key.crv === 'secp256k1' && typeof key.d === 'string' ? fromBase64url(key.d) : null;
}

/** A public key that stands beside a private one must be its own. */
function publicText(text: string): string | null {
  if (!text.startsWith('{')) return null;
  const { public: publicKey } = JSON.parse(text) as { public?: unknown };
  return typeof publicKey === 'string' ? publicKey : null;
}
