import { toHex } from '../bytes.js';
import {
  type GroupKey,
  openBody,
  putBodyHash,
  putCommitment,
  putSaltHash,
  recordKey,
  sealBody,
} from '../crypto/sealing.js';
import {
  ASSOCIATED_LENGTH,
  BODY_HASH_AT,
  COMMITMENT_AT,
  commitmentOf,
  emptySealed,
  keyIdOf,
  rowOf,
  SALT_HASH_AT,
  type SealedEntry,
} from '../format/entry.js';

/**
 * Seals the content of one row.
 * @param salt 32 bytes from the system's generator, for this record only
 */
export function sealRecord(group: GroupKey, row: number, content: Uint8Array, salt: Uint8Array): SealedEntry {
  const key = recordKey(group, salt, row);
  const bytes = emptySealed(group.keyId, row);
  putSaltHash(bytes, SALT_HASH_AT, salt);
  putCommitment(bytes, COMMITMENT_AT, key);
  const body = sealBody(key, content, bytes.subarray(0, ASSOCIATED_LENGTH));
  putBodyHash(bytes, BODY_HASH_AT, body);
  return { kind: 'sealed', bytes, body, salt };
}

/** The content of a sealed row, or null where it does not open under this key or is not here. */
export function openRecord(group: GroupKey, entry: SealedEntry): Uint8Array | null {
  if (entry.body === null || entry.salt === null) return null;
  const key = recordKey(group, entry.salt, rowOf(entry.bytes));
  return openBody(key, commitmentOf(entry.bytes), entry.body, entry.bytes.subarray(0, ASSOCIATED_LENGTH));
}

/** The same, under whichever of some keys it is sealed. */
export function openWith(keys: ReadonlyMap<string, GroupKey>, entry: SealedEntry): Uint8Array | null {
  const key = keys.get(toHex(keyIdOf(entry.bytes)));
  return key === undefined ? null : openRecord(key, entry);
}
