// The specification's "Block": what is hashed, worked and signed.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Bytes, H, hex, join, label, u64, utf8 } from './bytes.js';
import { type Json, jcs } from './jcs.js';
import { treeHash } from './merkle.js';

export type Header = {
  version: number;
  index: number;
  timestamp: string;
  previous_hash: string;
  history_hash: string;
  data_hash: string;
  data_size: number;
  difficulty: number;
  signer: string;
};

export type Block = Header & { proof: number; signature: string; data: Json[] };

export function headerHash(header: Header): Bytes {
  return H(utf8(jcs(header)));
}

export function leadingZeroBits(bytes: Uint8Array): number {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits + '1').indexOf('1');
}

export function workDone(hash: Uint8Array, proof: number): number {
  return leadingZeroBits(H(hash, u64(proof)));
}

export function smallestProof(hash: Uint8Array, difficulty: number): number {
  let proof = 0;
  while (workDone(hash, proof) < difficulty) proof += 1;
  return proof;
}

/** The signature is over this digest as it is: hashing it once more would be another scheme. */
function digest(hash: Uint8Array, proof: number): Bytes {
  return H(label('block'), hash, u64(proof));
}

export function sign(hash: Uint8Array, proof: number, privateKey: Uint8Array): Bytes {
  return new Uint8Array(secp256k1.sign(digest(hash, proof), privateKey, { prehash: false, lowS: true }));
}

export function isSigned(hash: Uint8Array, proof: number, signature: Uint8Array, signer: Uint8Array): boolean {
  try {
    return secp256k1.verify(signature, digest(hash, proof), signer, { prehash: false, lowS: true });
  } catch {
    // The library throws for r or s outside 1 … n − 1.
    return false;
  }
}

export function blockHash(hash: Uint8Array, proof: number, signature: Uint8Array): Bytes {
  return H(hash, u64(proof), signature);
}

export function isPublicKey(bytes: Uint8Array): boolean {
  return bytes.length === 33 && secp256k1.utils.isValidPublicKey(bytes, true);
}

/** Everything of a header that follows from what is before it and in it. */
export function linkHeader(before: readonly Uint8Array[], entries: readonly Uint8Array[]) {
  const previous = before.at(-1);
  return {
    version: 1,
    index: before.length + 1,
    previous_hash: previous === undefined ? '0' : hex(previous),
    history_hash: hex(treeHash(before)),
    data_hash: hex(treeHash(entries)),
    data_size: entries.length,
  };
}

/** Works and signs; returns the exchange line, line feed included, and the block's hash. */
export function finishBlock(header: Header, data: Json[], privateKey: Uint8Array): { line: string; hash: Bytes } {
  const hash = headerHash(header);
  const proof = smallestProof(hash, header.difficulty);
  const signature = sign(hash, proof, privateKey);
  const block: Block = { ...header, proof, signature: hex(signature), data };
  return { line: jcs(block) + '\n', hash: blockHash(hash, proof, join(signature)) };
}
