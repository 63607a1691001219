/*
 * Tags lead to entries of blocks, so that an entry is found without the others. What a tag stands for, a store does not
 * know.
 */

export const TAG_LENGTH = 8;
/** A tag and its entry, packed. */
export const PACKED_LENGTH = 10;

/** A tag, and the place of its entry among those of the block, from 0 to 65,534. */
export interface Tag {
  /** 8 bytes. */
  readonly tag: Uint8Array;
  readonly entry: number;
}

/** The tags of one block's entries. */
export interface TaggedBlock {
  readonly position: number;
  /** As `packTags` packs them. */
  readonly tags: Uint8Array;
}

/** Where a tag leads. */
export interface TaggedPlace {
  readonly position: number;
  readonly entry: number;
}

/** Each tag, and behind it its entry in two bytes (big-endian). */
export function packTags(tags: readonly Tag[]): Uint8Array {
  const packed = new Uint8Array(tags.length * PACKED_LENGTH);
  for (const [i, { tag, entry }] of tags.entries()) {
    packed.set(tag, i * PACKED_LENGTH);
    packed[i * PACKED_LENGTH + TAG_LENGTH] = entry >>> 8;
    packed[i * PACKED_LENGTH + TAG_LENGTH + 1] = entry;
  }
  return packed;
}

export function* unpackTags(packed: Uint8Array): Generator<Tag> {
  for (let at = 0; at + PACKED_LENGTH <= packed.length; at += PACKED_LENGTH) {
    const [high = 0, low = 0] = packed.subarray(at + TAG_LENGTH, at + PACKED_LENGTH);
    yield { tag: packed.subarray(at, at + TAG_LENGTH), entry: high * 256 + low };
  }
}
