// The tags of a row's values: the specification's "Tags".

import { expand } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, join, label, utf8 } from './bytes.js';
import { splitLines } from './csv.js';
import { fhirValues } from './fhir.js';
import type { GroupKey } from './seal.js';

export type Lookup = { index?: number; name: string; subject: boolean };
export type TaggedManifest = {
  media_type: string;
  delimiter: string;
  columns: { index: number; name: string }[];
  lookup: Lookup[];
};

export function tagKey(ledger: Uint8Array, { key, keyId }: GroupKey, column: string): Bytes {
  return new Uint8Array(expand(sha256, key, join(label('index'), ledger, keyId, utf8(column)), 32));
}

export function tagOf(key: Uint8Array, value: Uint8Array): Bytes {
  return new Uint8Array(hmac(sha256, key, value).slice(0, 8));
}

export function indexedTag(ledger: Uint8Array, { key, keyId }: GroupKey): Bytes {
  return new Uint8Array(expand(sha256, key, join(label('indexed'), ledger, keyId), 8));
}

/** The values of a row, in the order of `lookup`; those of one column in the order of their text. */
export function valuesOf(manifest: TaggedManifest, content: Uint8Array): Uint8Array[][] {
  const { media_type: form } = manifest;
  return manifest.lookup.map(({ name, index }) => {
    if (form === 'text/csv') return [csvValue(manifest, content, index ?? -1)];
    const line = Buffer.from(content).toString('utf8');
    if (form === 'application/x-ndjson')
      return jsonValue(line.trimStart().startsWith('{') ? JSON.parse(line) : {}, name);
    const { members, ...columns } = fhirValues(line, form === 'application/fhir+json');
    return name === 'patient' || name === 'resource' ? columns[name].map(utf8) : jsonValue(members, name);
  });
}

function csvValue({ delimiter, columns }: TaggedManifest, content: Uint8Array, index: number): Uint8Array {
  const field = columns.findIndex((column) => column.index === index);
  // Behind a line of its own, a mark at the row's beginning is no byte-order mark.
  const [, row] = splitLines(join(utf8('x\n'), content), delimiter);
  const text = Buffer.from(row?.fields[field] ?? []).toString('latin1');
  const bare = text.replace(/^"((?:[^"]|"")*)("?)/, (_, inner: string) => inner.replaceAll('""', '"'));
  return new Uint8Array(Buffer.from(bare, 'latin1'));
}

function jsonValue(object: Record<string, unknown>, name: string): Uint8Array[] {
  const value = Object.hasOwn(object, name) ? object[name] : null;
  if (typeof value === 'string') return value.isWellFormed() ? [utf8(value)] : [];
  // The oracle takes the numbers that JSON.stringify writes as they stand in the vectors.
  return typeof value === 'number' || typeof value === 'boolean' ? [utf8(JSON.stringify(value))] : [];
}
