// RFC 9180, base mode, single shot, with one suite: DHKEM(secp256k1, HKDF-SHA256) (draft-wahby-cfrg-hpke-kem-secp256k1,
// 0x0016), HKDF-SHA256 (0x0001), AES-256-GCM (0x0002).

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, Fault, join, utf8 } from './bytes.js';

const KEM_SUITE = join(utf8('KEM'), i2osp(0x0016, 2));
const HPKE_SUITE = join(utf8('HPKE'), i2osp(0x0016, 2), i2osp(0x0001, 2), i2osp(0x0002, 2));
const NONE = new Uint8Array(0);
const MODE_BASE = 0x00;
const TAG = 16;

export type Sealed = { enc: Bytes; ciphertext: Bytes };

/**
 * SealBase(pkR, info, aad, pt), section 6.1. The ephemeral private key is an argument, so that vectors can be run, and
 * so is `enc`, so that one can be made which nobody may take.
 */
export function sealBase(
  pkR: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  pt: Uint8Array,
  skE: Uint8Array,
  encForm: 'uncompressed' | 'compressed' = 'uncompressed',
): Sealed {
  const { enc, sharedSecret } = encap(pkR, skE, encForm === 'compressed');
  const { key, baseNonce } = keyScheduleBase(sharedSecret, info);
  // The first sequence number is 0, so section 5.2's nonce is the base nonce.
  return { enc, ciphertext: aesGcmSeal(key, baseNonce, aad, pt) };
}

/** OpenBase(enc, skR, info, aad, ct), section 6.1 */
export function openBase(sealed: Sealed, skR: Uint8Array, info: Uint8Array, aad: Uint8Array): Bytes {
  const { key, baseNonce } = keyScheduleBase(decap(sealed.enc, skR), info);
  return aesGcmOpen(key, baseNonce, aad, sealed.ciphertext);
}

/** Encap(pkR), section 4.1 */
export function encap(pkR: Uint8Array, skE: Uint8Array, compressed = false): { enc: Bytes; sharedSecret: Bytes } {
  const enc = new Uint8Array(secp256k1.getPublicKey(skE, compressed));
  const kemContext = join(enc, uncompressed(pkR));
  return { enc, sharedSecret: extractAndExpand(dh(skE, pkR), kemContext) };
}

/** Decap(enc, skR), section 4.1 */
export function decap(enc: Uint8Array, skR: Uint8Array): Bytes {
  // The draft serialises public keys uncompressed only; the curve library would take a compressed one as well.
  if (enc.length !== 65 || enc[0] !== 0x04) throw new Fault('enc is not an uncompressed point');
  const kemContext = join(enc, secp256k1.getPublicKey(skR, false));
  return extractAndExpand(dh(skR, enc), kemContext);
}

/** KeySchedule(mode_base, shared_secret, info, "", ""), section 5.1 */
export function keyScheduleBase(sharedSecret: Uint8Array, info: Uint8Array): { key: Bytes; baseNonce: Bytes } {
  const pskIdHash = labeledExtract(HPKE_SUITE, NONE, 'psk_id_hash', NONE);
  const infoHash = labeledExtract(HPKE_SUITE, NONE, 'info_hash', info);
  const context = join(i2osp(MODE_BASE, 1), pskIdHash, infoHash);
  const secret = labeledExtract(HPKE_SUITE, sharedSecret, 'secret', NONE);
  return {
    key: labeledExpand(HPKE_SUITE, secret, 'key', context, 32),
    baseNonce: labeledExpand(HPKE_SUITE, secret, 'base_nonce', context, 12),
  };
}

function extractAndExpand(sharedPoint: Uint8Array, kemContext: Uint8Array): Bytes {
  const eaePrk = labeledExtract(KEM_SUITE, NONE, 'eae_prk', sharedPoint);
  return labeledExpand(KEM_SUITE, eaePrk, 'shared_secret', kemContext, 32);
}

/** LabeledExtract, section 4 */
function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Bytes {
  return new Uint8Array(extract(sha256, join(utf8('HPKE-v1'), suite, utf8(label), ikm), salt));
}

/** LabeledExpand, section 4 */
function labeledExpand(suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number): Bytes {
  const labeledInfo = join(i2osp(length, 2), utf8('HPKE-v1'), suite, utf8(label), info);
  return new Uint8Array(expand(sha256, prk, labeledInfo, length));
}

/** Section 7.1 (and the draft): the result of DH is the x coordinate alone. */
function dh(privateKey: Uint8Array, publicKey: Uint8Array): Bytes {
  return new Uint8Array(secp256k1.getSharedSecret(privateKey, publicKey, true).slice(1));
}

function uncompressed(publicKey: Uint8Array): Bytes {
  return new Uint8Array(secp256k1.Point.fromBytes(publicKey).toBytes(false));
}

function i2osp(value: number, length: number): Bytes {
  return Uint8Array.from({ length }, (_, at) => (value >>> (8 * (length - 1 - at))) & 0xff);
}

export function aesGcmSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(aad);
  return join(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

export function aesGcmOpen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes {
  if (sealed.length < TAG) throw new Fault('shorter than an authentication tag');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(aad);
  decipher.setAuthTag(sealed.slice(-TAG));
  try {
    return join(decipher.update(sealed.slice(0, -TAG)), decipher.final());
  } catch {
    throw new Fault('does not decrypt');
  }
}
