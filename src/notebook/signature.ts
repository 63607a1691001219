import { createHash } from 'node:crypto';
import { fromHex, toHex } from '../bytes.js';
import type { Curve, PublicKey } from '../crypto/secp256k1.js';

/**
 * What every block of the notebook signs: the word "Authorised". Its `sk.sign(b"Authorised")` hashes with SHA-1, the
 * default of the ecdsa package, and takes the 20 bytes as a number: so they stand at the end of 32.
 */
const DIGEST: Uint8Array = Buffer.concat([Buffer.alloc(12), createHash('sha1').update('Authorised').digest()]);

/** The signature of a block, as hex; of any block, since all sign the same. */
export async function signAuthorised(sign: (digest: Uint8Array) => Promise<Uint8Array>): Promise<string> {
  return toHex(await sign(DIGEST));
}

/**
 * A judge of signatures under one public key: 64 bytes `r ‖ s`, of which `s` may be the higher one, as Python makes and
 * takes them. Those that it has seen it knows: a chain may have the same one everywhere.
 */
export function signatureJudge(curve: Curve, publicKey: PublicKey): (signature: string) => boolean {
  const known = new Map<string, boolean>();
  return (signature) => {
    const judged = known.get(signature) ?? isAuthorised(curve, publicKey, signature);
    known.set(signature, judged);
    return judged;
  };
}

function isAuthorised(curve: Curve, publicKey: PublicKey, signature: string): boolean {
  // Python takes capital letters too.
  const bytes = fromHex(signature.toLowerCase(), 64);
  const normal = bytes && curve.lowS(bytes);
  return normal !== null && curve.verify(publicKey, DIGEST, normal);
}
