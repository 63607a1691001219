import { aes256GcmOpen, aes256GcmSeal, sha256, sha256Into, sha256Is } from '#primitives';
import { label, scratch, u64 } from '../bytes.js';
import { hkdfExpand } from './hkdf.js';
import { paddedLength, padInto, unpad } from './padding.js';

export const SALT_LENGTH = 32;
export const GROUP_KEY_LENGTH = 32;
export const KEY_ID_LENGTH = 16;
const TAG_LENGTH = 16;

// A key is used for one record only, since its salt is random: a fixed nonce never repeats under it.
const NONCE = new Uint8Array(12);
/** Content is encrypted as soon as it is padded. */
const padding = scratch();
const SALT_LABEL = label('medseal/1 salt');
const BODY_LABEL = label('medseal/1 body');
const KEY_LABEL = label('medseal/1 key');
const RECORD_LABEL = label('medseal/1 record');
const COMMITMENT_LABEL = label('medseal/1 commitment');

/** `H("medseal/1 salt" ‖ salt)`, 32 bytes. */
export function saltHash(salt: Uint8Array): Uint8Array {
  return sha256(SALT_LABEL, salt);
}

/** `H("medseal/1 body" ‖ body)`, 32 bytes. */
export function bodyHash(body: Uint8Array): Uint8Array {
  return sha256(BODY_LABEL, body);
}

/** Whether the hash at this place in an entry is the salt's: as `saltHash`, without making it. */
export function isSaltHash(entry: Uint8Array, at: number, salt: Uint8Array): boolean {
  return sha256Is(entry, at, SALT_LABEL, salt);
}

/** Whether the hash at this place in an entry is the body's: as `bodyHash`, without making it. */
export function isBodyHash(entry: Uint8Array, at: number, body: Uint8Array): boolean {
  return sha256Is(entry, at, BODY_LABEL, body);
}

/** Puts the hash of a salt at its place in an entry. */
export function putSaltHash(entry: Uint8Array, at: number, salt: Uint8Array): void {
  sha256Into(entry, at, SALT_LABEL, salt);
}

/** Puts the hash of a body at its place in an entry. */
export function putBodyHash(entry: Uint8Array, at: number, body: Uint8Array): void {
  sha256Into(entry, at, BODY_LABEL, body);
}

/** Puts the commitment to a record's key at its place in an entry. */
export function putCommitment(entry: Uint8Array, at: number, key: Uint8Array): void {
  sha256Into(entry, at, COMMITMENT_LABEL, key);
}

/** The first 16 bytes of `H("medseal/1 key" ‖ ledger id ‖ key)`. */
export function keyId(ledgerId: Uint8Array, groupKey: Uint8Array): Uint8Array {
  return sha256(KEY_LABEL, ledgerId, groupKey).subarray(0, KEY_ID_LENGTH);
}

/** A group key with what binds its records to one ledger. */
export interface GroupKey {
  readonly ledgerId: Uint8Array;
  readonly keyId: Uint8Array;
  readonly key: Uint8Array;
}

/** The AES key of one record, 32 bytes (spec/records.md, "Record key"). */
export function recordKey(group: GroupKey, salt: Uint8Array, row: number): Uint8Array {
  return hkdfExpand(group.key, 32, RECORD_LABEL, group.ledgerId, salt, group.keyId, u64(row));
}

/** What an entry says of its record's key: `H("medseal/1 commitment" ‖ key)`, 32 bytes. */
export function commitmentTo(key: Uint8Array): Uint8Array {
  return sha256(COMMITMENT_LABEL, key);
}

/** The body of a record: AES-256-GCM of its padded content, with the entry's first 89 bytes as associated data. */
export function sealBody(key: Uint8Array, content: Uint8Array, associated: Uint8Array): Uint8Array {
  return aes256GcmSeal(key, NONCE, padInto(padding(paddedLength(content.length)), content), associated);
}

/** Length of the body of a content of this length. */
export function bodyLength(length: number): number {
  return paddedLength(length) + TAG_LENGTH;
}

/**
 * The content of a body under its record's key, or null where commitment, tag or padding do not fit. The commitment is
 * compared before anything is decrypted, because AES-GCM alone does not bind its key: one ciphertext can open under two.
 */
export function openBody(
  key: Uint8Array,
  commitment: Uint8Array,
  body: Uint8Array,
  associated: Uint8Array,
): Uint8Array | null {
  if (!sha256Is(commitment, 0, COMMITMENT_LABEL, key)) return null;
  const padded = aes256GcmOpen(key, NONCE, body, associated);
  return padded === null ? null : unpad(padded);
}
