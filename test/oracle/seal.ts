// Sealed records and wrapped group keys: the specification's "Entry" and "Keys".

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { expand } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, b64, demand, equal, fromB64, fromHex, H, hex, join, label, readU64, u64, utf8 } from './bytes.js';
import { aesGcmOpen, aesGcmSeal, openBase, sealBase } from './hpke.js';
import { type JsonObject, jcs } from './jcs.js';

export type Random = (length: number) => Uint8Array;

/** A sealed record: its 121 bytes without `body_hash`, and what is kept beside the entry. */
export type SealedRecord = { head: Bytes; body: Bytes; salt: Bytes };

export type GroupKey = { key: Bytes; keyId: Bytes };

const ZERO_NONCE = new Uint8Array(12);

/** Padmé (Nikitin et al., PURBs, section 4): at most E − S low bits of the length are lost. */
export function padme(length: number): number {
  if (length < 2) return length;
  const e = Math.floor(Math.log2(length));
  const s = Math.floor(Math.log2(e)) + 1;
  const step = 2 ** (e - s);
  return Math.ceil(length / step) * step;
}

export function pad(content: Uint8Array): Bytes {
  const marked = join(content, Uint8Array.of(0x80));
  return join(marked, new Uint8Array(Math.max(64, padme(marked.length)) - marked.length));
}

/** Padding again must give the same bytes: otherwise a sealer could hide content in another length. */
export function unpad(padded: Uint8Array): Bytes {
  const mark = padded.findLastIndex((byte) => byte !== 0);
  demand(mark >= 0 && padded[mark] === 0x80, 'the padding has no mark');
  const content = new Uint8Array(padded.slice(0, mark));
  demand(equal(pad(content), padded), 'the padding is not canonical');
  return content;
}

/** The names of an entry's bytes, but for the first. */
export function headFields(head: Uint8Array): { keyId: string; row: bigint; saltHash: Bytes; commitment: Bytes } {
  demand(head.length === 89 && head[0] === 0x01, 'not the first 89 bytes of a sealed record');
  return {
    keyId: hex(head.slice(1, 17)),
    row: readU64(head.slice(17, 25)),
    saltHash: new Uint8Array(head.slice(25, 57)),
    commitment: new Uint8Array(head.slice(57, 89)),
  };
}

export function entryBytes(record: SealedRecord): Bytes {
  return join(record.head, H(label('body'), record.body));
}

export function saltHash(salt: Uint8Array): Bytes {
  return H(label('salt'), salt);
}

export function recordKey(ledger: Uint8Array, groupKey: GroupKey, salt: Uint8Array, row: number | bigint): Bytes {
  const info = join(label('record'), ledger, salt, groupKey.keyId, u64(row));
  // The group key is uniform already, so RFC 5869 section 3.3 lets Extract be left out.
  return join(expand(sha256, groupKey.key, info, 32));
}

export function commitmentTo(key: Uint8Array): Bytes {
  return H(label('commitment'), key);
}

/** The content of a record under its own key. */
export function openBody(key: Uint8Array, head: Uint8Array, body: Uint8Array): Bytes {
  // Before decrypting: AES-GCM alone would open under more than one key.
  demand(equal(commitmentTo(key), headFields(head).commitment), 'the commitment is to another key');
  return unpad(aesGcmOpen(key, ZERO_NONCE, head, body));
}

export function sealRecord(
  ledger: Uint8Array,
  groupKey: GroupKey,
  row: number,
  content: Uint8Array,
  random: Random,
): SealedRecord {
  const salt = join(random(32));
  const key = recordKey(ledger, groupKey, salt, row);
  const head = join(Uint8Array.of(0x01), groupKey.keyId, u64(row), saltHash(salt), commitmentTo(key));
  return { head, body: aesGcmSeal(key, ZERO_NONCE, head, pad(content)), salt };
}

export function openRecord(ledger: Uint8Array, groupKey: GroupKey, record: SealedRecord): Bytes {
  const { row } = headFields(record.head);
  return openBody(recordKey(ledger, groupKey, record.salt, row), record.head, record.body);
}

export function groupKey(ledger: Uint8Array, key: Uint8Array): GroupKey {
  return { key: join(key), keyId: H(label('key'), ledger, key).slice(0, 16) };
}

function grantAad(grant: JsonObject): Bytes {
  const { enc: _enc, wrapped: _wrapped, approvals: _approvals, ...rest } = grant;
  return utf8(jcs(rest));
}

/** Completes a grant statement: `grant` has every member but `enc` and `wrapped`. */
export function wrapKey(ledger: Uint8Array, key: Uint8Array, grant: JsonObject, random: Random): JsonObject {
  const to = fromHex(String(grant.to), 33);
  const info = join(label('grant'), ledger);
  const { enc, ciphertext } = sealBase(to, info, grantAad(grant), key, ephemeralKey(random));
  return { ...grant, enc: b64(enc), wrapped: b64(ciphertext) };
}

export function unwrapKey(ledger: Uint8Array, grant: JsonObject, privateKey: Uint8Array): GroupKey {
  const sealed = { enc: fromB64(String(grant.enc), 65), ciphertext: fromB64(String(grant.wrapped), 48) };
  const key = openBase(sealed, privateKey, join(label('grant'), ledger), grantAad(grant));
  const opened = groupKey(ledger, key);
  demand(hex(opened.keyId) === grant.key_id, 'the wrapped key has another key_id');
  return opened;
}

function ephemeralKey(random: Random): Uint8Array {
  for (;;) {
    const candidate = random(32);
    if (secp256k1.utils.isValidSecretKey(candidate)) return candidate;
  }
}
