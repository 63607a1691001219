import { expect, test } from 'vitest';
import { formatNamed } from '../../../src/cli/open-format.js';

test.each([
  ['a.parquet', 'parquet'],
  ['A.PARQUET', 'parquet'],
  ['a.parquet.gz', 'parquet'],
  ['a.arrow', 'arrow'],
  ['a.feather', 'arrow'],
  ['folder.json/a.arrow.zst', 'arrow'],
  ['a.csv', undefined],
  ['a.txt', undefined],
  ['a.parquet.csv', undefined],
  ['a.parquet/a', undefined],
  ['parquet', undefined],
  ['a.constructor', undefined],
  ['/dev/stdout', undefined],
] as const)('a name such as %s makes any data set %s', (name, format) => {
  expect(formatNamed(name, 'text/csv')).toBe(format);
  expect(formatNamed(name, 'application/x-ndjson')).toBe(format);
});

test.each([
  ['a.json', 'json'],
  ['a.json.gz', 'json'],
  ['a.ndjson', 'ndjson'],
  ['a.jsonl', 'ndjson'],
] as const)('a name such as %s makes a table %s, and leaves JSON as it was sealed', (name, format) => {
  expect(formatNamed(name, 'text/csv')).toBe(format);
  for (const sealed of ['application/x-ndjson', 'application/fhir+ndjson', 'application/fhir+json'] as const) {
    expect(formatNamed(name, sealed)).toBeUndefined();
  }
});
