import { columnTagKey, indexedTag, valueTag } from '../../crypto/index-tag.js';
import type { GroupKey } from '../../crypto/sealing.js';
import type { Entry } from '../../format/entry.js';
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

/** The tags of a row's values. */
export function tagsOfRow({ places, keys }: Tagger, content: Uint8Array): Uint8Array[] {
  return valuesIn(content, places).flatMap((values, i) => {
    const key = keys[i];
    // Each by itself, without what it was cut from: there can be many.
    return key === undefined ? [] : Array.from(values, (value) => Uint8Array.from(valueTag(key, value)));
  });
}

/** Entries that say, to those who hold a key, that the rows under it are tagged as they are sealed. */
export function markIndexed(entries: readonly Entry[], group: GroupKey): Entry[] {
  return entries.map((entry, i) => (i === 0 ? { ...entry, tags: [...(entry.tags ?? []), indexedTag(group)] } : entry));
}
