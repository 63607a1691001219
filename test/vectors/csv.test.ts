// CSV vectors: the scanner, the fields, and the manifest that a sealer writes.

import { describe, expect, test } from 'vitest';
import { splitRecord, terminatorLength } from '../../src/dataset/csv/fields.js';
import { CsvScanner } from '../../src/dataset/csv/scanner.js';
import { encodeManifest } from '../../src/dataset/manifest.js';
import { examine } from '../../src/dataset/source/examine.js';
import { MedsealError } from '../../src/errors.js';
import { vectorsIn } from './files.js';

interface Expected {
  readonly records: readonly {
    readonly bytes_base64: string;
    readonly fields_base64: readonly string[];
    readonly terminator: string;
  }[];
  readonly manifest?: string;
}

interface CsvVector {
  readonly delimiter: string;
  readonly file_base64: string;
  readonly expect: Expected | { readonly code: string };
}

const vectors = vectorsIn<CsvVector>('csv');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function scan(file: Uint8Array, delimiter: string, chunkSize: number): Expected['records'] {
  const scanner = new CsvScanner(delimiter.charCodeAt(0));
  const records: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += chunkSize) {
    for (const { bytes } of scanner.push(file.subarray(at, at + chunkSize))) records.push(Uint8Array.from(bytes));
  }
  for (const { bytes } of scanner.finish()) records.push(Uint8Array.from(bytes));
  return records.map((record, row) => ({
    bytes_base64: base64(record),
    fields_base64: splitRecord(record, delimiter.charCodeAt(0), row === 0).fields.map(({ start, end }) =>
      base64(record.subarray(start, end)),
    ),
    terminator: Buffer.from(record.subarray(record.length - terminatorLength(record))).toString('latin1'),
  }));
}

describe.each([1, 3, 1 << 20])('in pieces of %i bytes', (chunkSize) => {
  test.each(vectors)('%s', (_, { delimiter, file_base64, expect: expected }) => {
    const file = Buffer.from(file_base64, 'base64');
    if ('code' in expected) {
      expect(() => scan(file, delimiter, chunkSize)).toThrow(expect.objectContaining({ code: expected.code }));
    } else {
      expect(scan(file, delimiter, chunkSize)).toEqual(expected.records);
    }
  });
});

describe('the manifest', () => {
  test.each(vectors)('of %s', async (_, { delimiter, file_base64, expect: expected }) => {
    const file = Buffer.from(file_base64, 'base64');
    const examining = examine(once(file), { delimiter });
    if ('code' in expected || expected.manifest === undefined) {
      // A stream is judged as it comes, so the fault may lie in its rows.
      const failing = examining.then(async (examined) => {
        for await (const _batch of examined.batches());
      });
      await expect(failing).rejects.toBeInstanceOf(MedsealError);
      return;
    }
    const { shape, header } = await examining;
    const content = encodeManifest({ version: 1, name: 'name', group: 'all', ...shape }, header);
    const end = content.indexOf(0x0a);
    expect(Buffer.from(content.subarray(0, end)).toString()).toBe(expected.manifest);
    expect(base64(content.subarray(end + 1))).toBe(expected.records[0]?.bytes_base64);
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
