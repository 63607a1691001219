import { secp256k1 } from '@noble/curves/secp256k1.js';
import { MedsealError } from '../errors.js';
import { loadCurve, type PublicKey } from './secp256k1.js';

/**
 * A key pair that signs and receives keys. The private key stays behind these two operations, so that a key in
 * hardware serves as well as one in memory.
 */
export interface Identity {
  readonly publicKey: PublicKey;
  /** ECDSA over a 32-byte digest: `r ‖ s`, 64 bytes, low `s`. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
  /** ECDH with an uncompressed public key (65 bytes): the shared point's x coordinate, 32 bytes. */
  sharedSecret(publicKey: Uint8Array): Promise<Uint8Array>;
}

/** An identity whose private key can be written to a key file. */
export interface SoftwareIdentity extends Identity {
  /** The private key's 32 bytes. Whoever has them is the identity. */
  exportPrivateKey(): Uint8Array;
}

/** Whether the private key is at hand; one in hardware is not. */
export function isSoftware(identity: Identity): identity is SoftwareIdentity {
  return 'exportPrivateKey' in identity;
}

/**
 * A new identity from the system's random generator.
 * @param random gives n random bytes; for tests
 */
export async function generateIdentity(
  random: (length: number) => Uint8Array = systemRandom,
): Promise<SoftwareIdentity> {
  for (;;) {
    const privateKey = random(32);
    // A value outside 1 … n − 1 comes up about once in 2^128 draws; another draw keeps the choice uniform.
    if (secp256k1.utils.isValidSecretKey(privateKey)) return identityFromPrivateKey(privateKey);
  }
}

/**
 * The identity of a private key (32 bytes, a number from 1 to the curve's order less one).
 * @throws {MedsealError} `ARGUMENT_INVALID`
 */
export async function identityFromPrivateKey(privateKey: Uint8Array): Promise<SoftwareIdentity> {
  const curve = await loadCurve();
  const secret = Uint8Array.from(privateKey);
  return {
    publicKey: curve.publicKey(secret),
    sign: async (digest) => curve.sign(secret, digest),
    sharedSecret: async (publicKey) => sharedX(secret, publicKey),
    exportPrivateKey: () => Uint8Array.from(secret),
    // What a debugger or a log prints of an identity.
    [Symbol.for('nodejs.util.inspect.custom')]: () => 'Identity <redacted>',
  } as SoftwareIdentity;
}

/** ECDH's x coordinate. @throws {MedsealError} `PUBLIC_KEY_INVALID` */
export function sharedX(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return secp256k1.getSharedSecret(privateKey, publicKey, true).subarray(1);
  } catch (cause) {
    throw new MedsealError('PUBLIC_KEY_INVALID', 'the public key is not a point on secp256k1', {}, { cause });
  }
}

/** How many bytes getRandomValues gives a call (Web Cryptography, section 10.1.1). */
const MOST_AT_ONCE = 65_536;

/** Random bytes from the system's generator. */
export function systemRandom(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += MOST_AT_ONCE) {
    globalThis.crypto.getRandomValues(bytes.subarray(at, at + MOST_AT_ONCE));
  }
  return bytes;
}
