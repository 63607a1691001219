import { hmacSha256 } from '#primitives';
import { label, utf8 } from '../bytes.js';
import { hkdfExpand } from './hkdf.js';
import type { GroupKey } from './sealing.js';

/** Bytes of a tag. Values that share one by chance are told apart when the rows are opened. */
const TAG_LENGTH = 8;
const TAG_KEY_LENGTH = 32;
const INDEX_LABEL = label('medseal/1 index');
const INDEXED_LABEL = label('medseal/1 indexed');

/**
 * The key of a column's tags, 32 bytes (spec/records.md, "Tags"). Nobody learns from it what the group key opens, nor the
 * tags of another column.
 * @param column its name
 */
export function columnTagKey(group: GroupKey, column: string): Uint8Array {
  return hkdfExpand(group.key, TAG_KEY_LENGTH, INDEX_LABEL, group.ledgerId, group.keyId, utf8(column));
}

/**
 * The tag of a value: the first 8 bytes of HMAC-SHA-256 (RFC 2104).
 * @param value its exact bytes
 */
export function valueTag(tagKey: Uint8Array, value: Uint8Array): Uint8Array {
  return hmacSha256(tagKey, value).subarray(0, TAG_LENGTH);
}

/** The tag that is there where all rows under a group key have been tagged. */
export function indexedTag(group: GroupKey): Uint8Array {
  return hkdfExpand(group.key, TAG_LENGTH, INDEXED_LABEL, group.ledgerId, group.keyId);
}
