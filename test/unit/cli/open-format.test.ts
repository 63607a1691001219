import { expect, test } from 'vitest';
import { expectReadable, expectWritable, formatNamed, formatOfName } from '../../../src/cli/open-format.js';
import { refusal } from '../../helpers/dataset-fixture.js';

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

test('a name that tells of what is not written is refused with what is', async () => {
  for (const [name, code] of [
    ['rows.csv', null],
    ['rows.ndjson.gz', null],
    ['rows', null],
    ['rows.json', 'USAGE'],
    ['rows.parquet', 'USAGE'],
  ] as const) {
    const attempt = (): void => expectWritable('rows', formatOfName(name), ['ndjson']);
    if (code === null) expect(attempt).not.toThrow();
    else expect(await refusal(attempt)).toMatchObject({ code, message: expect.stringMatching(/CSV or NDJSON/) });
  }
});

test('only what is text goes to a terminal', async () => {
  for (const format of ['parquet', 'arrow'] as const) {
    expect((await refusal(() => expectReadable(format, true))).code).toBe('USAGE');
    expect(() => expectReadable(format, false)).not.toThrow();
  }
  for (const format of ['json', 'ndjson', 'csv', undefined] as const) {
    expect(() => expectReadable(format, true)).not.toThrow();
  }
});

test.each([
  ['rows.parquet', 'parquet'],
  ['rows.feather', 'arrow'],
  ['ROWS.JSON', 'json'],
  ['rows.jsonl.gz', 'ndjson'],
  ['rows.json.zst', 'json'],
  ['rows.csv', undefined],
  ['rows.json.bak', undefined],
  ['json', undefined],
  ['json/rows', undefined],
  ['', undefined],
])('the name %s tells of %s', (name, format) => {
  expect(formatOfName(name)).toBe(format);
});

test('what is written of a name is what the command can write, whatever it can', async () => {
  expect(() => expectWritable('rows', undefined, [])).not.toThrow();
  expect((await refusal(() => expectWritable('rows', 'json', []))).code).toBe('USAGE');
  for (const format of ['json', 'parquet'] as const) {
    expect(() => expectWritable('rows', format, ['json', 'parquet'])).not.toThrow();
  }
});
