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
    readonly values: readonly (readonly string[])[];
    readonly tags: readonly (readonly string[])[];
    readonly indexed: string;
  };
}

test.each(vectorsIn<TagVector>('tags'))('tags %s', (_, { manifest, expect: expected, ...vector }) => {
  const [ledgerId, key] = [bytes(vector.ledger), bytes(vector.group_key)];
  const group = { ledgerId, key, keyId: keyId(ledgerId, key) };
  const content = Uint8Array.from(Buffer.from(vector.content_base64, 'base64'));
  const keys = manifest.lookup.map(({ name }) => columnTagKey(group, name));
  // A column's values have no order of their own.
  const values = valuesIn(content, valuePlaces(manifest, manifest.lookup)).map((column) =>
    [...column].sort(Buffer.compare),
  );
  expect({
    tag_keys: keys.map(toHex),
    values: values.map((column) => column.map(toHex)),
    tags: values.map((column, i) => column.map((value) => toHex(valueTag(keys[i] ?? key, value)))),
    indexed: toHex(indexedTag(group)),
  }).toEqual(expected);
  const tagger = taggerFor(manifest, group);
  const tags = tagger === null ? [] : tagsOfRow(tagger, content);
  expect(tags.map(toHex).sort()).toEqual(expected.tags.flat().sort());
});
