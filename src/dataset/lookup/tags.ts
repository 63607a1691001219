import { columnTagKey, valueTag } from '../../crypto/index-tag.js';
import type { GroupKey } from '../../crypto/sealing.js';
import type { Tag } from '../../store/tags.js';
import type { Manifest } from '../manifest.js';
import { type ValuePlaces, valuePlaces, valuesIn } from './values.js';

/** What it takes to tag the rows of a group under one key. Plain data, which a thread can be given. */
export interface Tagger {
  readonly places: ValuePlaces;
  /** The key of each column's tags, 32 bytes. */
  readonly keys: readonly Uint8Array[];
}

/** Null where the group has no column to find rows by. */
export function taggerFor(
  manifest: Pick<Manifest, 'media_type' | 'delimiter' | 'columns' | 'lookup'>,
  group: GroupKey,
): Tagger | null {
  const { lookup = [] } = manifest;
  if (lookup.length === 0) return null;
  return { places: valuePlaces(manifest, lookup), keys: lookup.map(({ name }) => columnTagKey(group, name)) };
}

/** The tags of a row's values, for the entry that it is of its block. */
export function tagsOfRow({ places, keys }: Tagger, content: Uint8Array, entry: number): Tag[] {
  const tags: Tag[] = [];
  for (const [i, value] of valuesIn(content, places).entries()) {
    const key = keys[i];
    if (value !== null && key !== undefined) tags.push({ tag: valueTag(key, value), entry });
  }
  return tags;
}
