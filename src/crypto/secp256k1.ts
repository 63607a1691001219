import { instantiateSecp256k1 } from '@bitauth/libauth/build/lib/crypto/secp256k1.js';
import type { Secp256k1 } from '@bitauth/libauth/build/lib/crypto/secp256k1-types.js';
import { fromHex, toHex } from '../bytes.js';
import { MedsealError } from '../errors.js';

/** A public key: its compressed SEC1 form (33 bytes) as lower-case hex. */
export type PublicKey = string & { readonly brand: 'PublicKey' };

/**
 * The curve's operations, over libsecp256k1 as WebAssembly. Loading is asynchronous and happens once; the operations
 * are not, so that a verifier can run through many blocks without yielding for each.
 */
export interface Curve {
  /** Whether the text is a compressed point on the curve, as lower-case hex. */
  isPublicKey(text: unknown): text is PublicKey;
  /** The public key of a private key (32 bytes, 1 … n − 1). @throws {MedsealError} `ARGUMENT_INVALID` */
  publicKey(privateKey: Uint8Array): PublicKey;
  /** ECDSA over a 32-byte digest: `r ‖ s`, RFC 6979 nonce, low `s`. @throws {MedsealError} `ARGUMENT_INVALID` */
  sign(privateKey: Uint8Array, digest: Uint8Array): Uint8Array;
  /** Whether `r ‖ s` is a valid signature; a high `s` is invalid. Never throws. */
  verify(publicKey: PublicKey, digest: Uint8Array, signature: Uint8Array): boolean;
  /** `r ‖ s` with the lower of the two `s` that are valid, or null where it is no signature at all. */
  lowS(signature: Uint8Array): Uint8Array | null;
  /** The 65-byte uncompressed form of a public key. */
  uncompressed(publicKey: PublicKey): Uint8Array;
}

let loading: Promise<Curve> | undefined;

/** The curve, loaded on first use. */
export function loadCurve(): Promise<Curve> {
  loading ??= instantiateSecp256k1().then(curveOf);
  return loading;
}

function curveOf(wasm: Secp256k1): Curve {
  // A ledger has few signers and many blocks: the decoded key of each is kept.
  const decoded = new Map<string, Uint8Array | null>();

  function decode(text: string): Uint8Array | null {
    const known = decoded.get(text);
    if (known !== undefined) return known;
    const bytes = fromHex(text, 33);
    // Of 33 bytes the library takes compressed points alone.
    const valid = bytes !== null && wasm.validatePublicKey(bytes) ? bytes : null;
    if (decoded.size < 10_000) decoded.set(text, valid);
    return valid;
  }

  return {
    isPublicKey: (text): text is PublicKey => typeof text === 'string' && decode(text) !== null,
    publicKey(privateKey) {
      if (privateKey.length !== 32 || !wasm.validatePrivateKey(privateKey)) {
        throw new MedsealError('ARGUMENT_INVALID', 'the private key is not a number from 1 to the order of secp256k1');
      }
      return toHex(expectBytes(wasm.derivePublicKeyCompressed(privateKey))) as PublicKey;
    },
    sign: (privateKey, digest) => expectBytes(wasm.signMessageHashCompact(privateKey, digest)),
    verify(publicKey, digest, signature) {
      const key = decode(publicKey);
      return key !== null && signature.length === 64 && wasm.verifySignatureCompactLowS(signature, key, digest);
    },
    lowS(signature) {
      if (signature.length !== 64) return null;
      const normal = wasm.normalizeSignatureCompact(signature);
      return typeof normal === 'string' ? null : normal;
    },
    uncompressed(publicKey) {
      const key = decode(publicKey);
      if (key === null) throw new MedsealError('PUBLIC_KEY_INVALID', 'the public key is not a point on secp256k1');
      return expectBytes(wasm.uncompressPublicKey(key));
    },
  };
}

function expectBytes(result: Uint8Array | string): Uint8Array {
  if (typeof result === 'string') throw new MedsealError('ARGUMENT_INVALID', 'the curve refused its arguments');
  return result;
}
