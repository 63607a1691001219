import { concat, toHex } from '../bytes.js';
import { bodyHash, commitmentTo, type GroupKey, openBody, recordKey, saltHash, sealBody } from '../crypto/sealing.js';
import { ASSOCIATED_LENGTH, type SealedEntry, sealedFields, sealedPrefix } from '../format/entry.js';

/**
 * Seals the content of one row.
 * @param salt 32 bytes from the system's generator, for this record only
 */
export function sealRecord(group: GroupKey, row: number, content: Uint8Array, salt: Uint8Array): SealedEntry {
  const key = recordKey(group, salt, row);
  const prefix = sealedPrefix({ keyId: group.keyId, row, saltHash: saltHash(salt), commitment: commitmentTo(key) });
  const body = sealBody(key, content, prefix);
  return { kind: 'sealed', bytes: concat(prefix, bodyHash(body)), body, salt };
}

/** The content of a sealed row, or null where it does not open under this key or is not here. */
export function openRecord(group: GroupKey, entry: SealedEntry): Uint8Array | null {
  if (entry.body === null || entry.salt === null) return null;
  const { row, commitment } = sealedFields(entry.bytes);
  const key = recordKey(group, entry.salt, row);
  return openBody(key, commitment, entry.body, entry.bytes.subarray(0, ASSOCIATED_LENGTH));
}

/** The same, under whichever of some keys it is sealed. */
export function openWith(keys: ReadonlyMap<string, GroupKey>, entry: SealedEntry): Uint8Array | null {
  const key = keys.get(toHex(sealedFields(entry.bytes).keyId));
  return key === undefined ? null : openRecord(key, entry);
}
