// Tag vectors against the functions that make tags.

import { expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { columnTagKey, indexedTag, valueTag } from '../../src/crypto/index-tag.js';
import { keyId } from '../../src/crypto/sealing.js';
import { taggerFor, tagsOfRow } from '../../src/dataset/lookup/tags.js';
import { valuePlaces, valuesIn } from '../../src/dataset/lookup/values.js';
import type { Manifest } from '../../src/dataset/manifest.js';
import { vectorsIn } from './files.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

interface TagVector {
  readonly ledger: string;
  readonly group_key: string;
  readonly manifest: Pick<Manifest, 'media_type' | 'delimiter' | 'columns'> & Required<Pick<Manifest, 'lookup'>>;
  readonly content_base64: string;
  readonly expect: {
    readonly tag_keys: readonly string[];
    readonly values: readonly (string | null)[];
    readonly tags: readonly (string | null)[];
    readonly indexed: string;
  };
}

test.each(vectorsIn<TagVector>('tags'))('tags %s', (_, { manifest, expect: expected, ...vector }) => {
  const [ledgerId, key] = [bytes(vector.ledger), bytes(vector.group_key)];
  const group = { ledgerId, key, keyId: keyId(ledgerId, key) };
  const content = Uint8Array.from(Buffer.from(vector.content_base64, 'base64'));
  const keys = manifest.lookup.map(({ name }) => columnTagKey(group, name));
  const values = valuesIn(content, valuePlaces(manifest, manifest.lookup));
  expect({
    tag_keys: keys.map(toHex),
    values: values.map((value) => (value === null ? null : toHex(value))),
    tags: values.map((value, i) => (value === null ? null : toHex(valueTag(keys[i] ?? key, value)))),
    indexed: toHex(indexedTag(group)),
  }).toEqual(expected);
  const tagger = taggerFor(manifest, group);
  const tags = tagger === null ? [] : tagsOfRow(tagger, content);
  expect(tags.map(toHex)).toEqual(expected.tags.filter((tag) => tag !== null));
});
