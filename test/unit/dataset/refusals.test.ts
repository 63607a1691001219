// What is refused is refused before anything is written, and the message names file and line.

import { appendFileSync, mkdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openDataset } from '../../../src/dataset/open.js';
import { sealDataset } from '../../../src/dataset/seal.js';
import type { SourceOptions } from '../../../src/dataset/source/source.js';
import type { ErrorCode } from '../../../src/errors.js';
import { MAX_CONTENT_BYTES } from '../../../src/format/limits.js';
import { newLedger, owner, refusal, seal, streamOf, temporaryFolder, verified } from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const CSV = 'id,name\n1,anna\n2,ben\n3,carla\n';

type Case = [what: string, content: string | Uint8Array, code: ErrorCode, line: number | null, options?: SourceOptions];

const CASES: Case[] = [
  ['too few fields', 'a,b\n1,2\n3\n', 'CSV_FIELDS', 3],
  ['too many fields', 'a,b\n1,2,3\n', 'CSV_FIELDS', 2],
  ['too many fields in the last line, without its end', 'a,b\n1,2\n1,2,3', 'CSV_FIELDS', 3],
  ['fields miscounted behind line breaks in quotes', 'a,b\n"x\ny\n\nz",2\n1\n', 'CSV_FIELDS', 6],
  ['fields miscounted in a record of several lines', 'a,b\n1,2\n"x\ny\n",2,3\n', 'CSV_FIELDS', 3],
  ['fields miscounted, CRLF', 'a,b\r\n"x\r\ny",2\r\n1\r\n', 'CSV_FIELDS', 4],
  ['fields miscounted, lone CR', 'a,b\r"x\ry",2\r1\r', 'CSV_FIELDS', 4],
  ['fields miscounted, every line end', 'a,b\r1,2\r\n1,2\n"\r\n\n\r",2\n1\n', 'CSV_FIELDS', 8],
  ['a blank line within', 'a,b\n1,2\n\n3,4\n', 'CSV_FIELDS', 3],
  ['a blank line at the end', 'a,b\r\n1,2\r\n\r\n', 'CSV_FIELDS', 3],
  ['an unclosed quote', 'a,b\n1,2\n3,"4\n5,6\n', 'CSV_QUOTE_UNCLOSED', 3],
  ['an unclosed quote behind line breaks in quotes', 'a,b\n"\n\n",2\n1,"\n', 'CSV_QUOTE_UNCLOSED', 5],
  ['an unclosed quote after a doubled one', 'a,b\n1,"x""\n', 'CSV_QUOTE_UNCLOSED', 2],
  ['an unclosed quote behind a byte-order mark', '\ufeff"a,b\n1,2\n', 'CSV_QUOTE_UNCLOSED', 1],
  ['an empty file', '', 'CSV_EMPTY', null],
  ['UTF-16 with a mark', utf16(`\ufeff${CSV}`), 'NOT_TEXT', null],
  ['UTF-16, big-endian, with a mark', utf16(`\ufeff${CSV}`).swap16(), 'NOT_TEXT', null],
  ['UTF-16 without a mark', utf16(CSV), 'NOT_TEXT', null],
  ['UTF-16, big-endian, without a mark', utf16(CSV).swap16(), 'NOT_TEXT', null],
  ['an Excel workbook', Buffer.from('504b0304140006000800', 'hex'), 'NOT_TEXT', null],
  ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'NOT_TEXT', null],
  ['gzip within gzip', gzipSync(gzipSync(CSV)), 'NOT_TEXT', null],
  ['gzip cut off', gzipSync(CSV).subarray(0, 20), 'COMPRESSION_INVALID', null],
  ['a PDF', '%PDF-1.7\n', 'NOT_TEXT', null],
  ['a SQLite database', 'SQLite format 3\0rest', 'NOT_TEXT', null],
  ['a delimiter of two characters', CSV, 'DELIMITER_INVALID', null, { delimiter: ';;' }],
  ['an empty delimiter', CSV, 'DELIMITER_INVALID', null, { delimiter: '' }],
  ['a quote as delimiter', CSV, 'DELIMITER_INVALID', null, { delimiter: '"' }],
  ['a line end as delimiter', CSV, 'DELIMITER_INVALID', null, { delimiter: '\n' }],
  ['a delimiter outside ASCII', CSV, 'DELIMITER_INVALID', null, { delimiter: '§' }],
  ['a line that is no JSON', '{"a":1}\n\n{"a":\n', 'NDJSON_INVALID', 3, { format: 'ndjson' }],
  ['two values in a line', '1\n2 3\n', 'NDJSON_INVALID', 2, { format: 'ndjson' }],
  ['NDJSON that is not UTF-8', Buffer.from('"a"\n"\xe9"\n', 'latin1'), 'NDJSON_INVALID', 2, { format: 'ndjson' }],
  ['a last line of NDJSON cut off', '{"a":1}\n{"b', 'NDJSON_INVALID', 2, { format: 'ndjson' }],
];

test.each(CASES)('%s', async (_, content, code, line, options = {}) => {
  const file = temporary.file('input.csv', content);
  const ledger = await newLedger();
  const error = await refusal(sealDataset(ledger, owner, file, { name: 'x', ...options }));
  expect(error.code).toBe(code);
  expect(error.place.file).toBe(file);
  expect(error.place.line ?? null).toBe(line);
  expect(error.message).toContain(file);
  if (line !== null) expect(error.message).toContain(`line ${line}:`);
  expect(await ledger.size()).toBe(1);
});

test('NDJSON is known by the name of its file', async () => {
  const ledger = await newLedger();
  for (const name of ['x.ndjson', 'x.JSONL']) {
    const file = temporary.file(name, '{"a":1}\n,\n');
    expect(await refusal(sealDataset(ledger, owner, file, { name: 'x' }))).toMatchObject({
      code: 'NDJSON_INVALID',
      place: { file, line: 2 },
    });
  }
  expect(await ledger.size()).toBe(1);
});

test('a missing file and a folder', async () => {
  const ledger = await newLedger();
  const folder = temporary.path('folder');
  mkdirSync(folder);
  for (const file of [temporary.path('nowhere.csv'), folder]) {
    const error = await refusal(sealDataset(ledger, owner, file, { name: 'x' }));
    expect(error).toMatchObject({ code: 'FILE_UNREADABLE', place: { file } });
  }
  expect(await ledger.size()).toBe(1);
});

test.each(['', 'a\nb', '\u0085', 'x'.repeat(201), '\ud800'])('the name %j', async (name) => {
  const ledger = await newLedger();
  expect((await refusal(seal(ledger, CSV, { name }))).code).toBe('DATASET_NAME_INVALID');
  expect(await ledger.size()).toBe(1);
});

test.each([0, -1, 1.5, 65_536, Number.NaN])('the block size %d', async (blockSize) => {
  const ledger = await newLedger();
  expect((await refusal(seal(ledger, CSV, { blockSize }))).code).toBe('ARGUMENT_INVALID');
  expect(await ledger.size()).toBe(1);
});

test('the beginning of a stream, like a file', async () => {
  const ledger = await newLedger();
  expect((await refusal(seal(ledger, ''))).code).toBe('CSV_EMPTY');
  expect((await refusal(seal(ledger, utf16(CSV)))).code).toBe('NOT_TEXT');
  expect((await refusal(seal(ledger, '"a'))).code).toBe('CSV_QUOTE_UNCLOSED');
  expect(await ledger.size()).toBe(1);
});

test('a fault further on in a stream leaves an incomplete data set', async () => {
  const ledger = await newLedger();
  const error = await refusal(seal(ledger, 'a,b\n1,2\n3,4\n5\n', { delimiter: ',' }));
  expect(error).toMatchObject({ code: 'STREAM_BROKEN', place: { line: 4 } });
  expect(await verified(ledger)).toMatchObject({ ok: true, records: 2 });
});

/** A quoted field of this many bytes, quotes and all. */
async function* longField(before: string, length: number, after: string): AsyncGenerator<Buffer> {
  const piece = Buffer.alloc(1 << 20, 'long text, ');
  yield Buffer.from(`${before}"`);
  for (let left = length - 2; left > 0; left -= piece.length) yield Buffer.from(piece.subarray(0, left));
  yield Buffer.from(`"${after}`);
}

test('a record over the limit, in a file', async () => {
  const file = temporary.path('large.csv');
  for await (const chunk of longField('a,b\n1,2\n', MAX_CONTENT_BYTES - 2, ',3\n')) appendFileSync(file, chunk);
  const ledger = await newLedger();
  const error = await refusal(sealDataset(ledger, owner, file, { name: 'x' }));
  expect(error).toMatchObject({ code: 'RECORD_TOO_LARGE', place: { file, line: 3 } });
  expect(await ledger.size()).toBe(1);
});

test('a record, a header line and a line of NDJSON over the limit, as they come', async () => {
  const ledger = await newLedger();
  const tooLarge = (source: AsyncIterable<Buffer>, format: 'csv' | 'ndjson'): Promise<unknown> =>
    refusal(sealDataset(ledger, owner, source, { name: `x ${Math.random()}`, format }));
  const code = 'STREAM_BROKEN';
  expect(await tooLarge(longField('', 2 ** 40, ''), 'csv')).toMatchObject({
    code: 'RECORD_TOO_LARGE',
    place: { line: 1 },
  });
  expect(await tooLarge(longField('\n', 2 ** 40, ''), 'ndjson')).toMatchObject({ code, place: { line: 2 } });
  expect(await tooLarge(longField('a\n', 2 ** 40, ''), 'csv')).toMatchObject({ code, place: { line: 2 } });
});

test('a header line that does not fit into a record beside its column names', async () => {
  const ledger = await newLedger();
  const source = longField('', MAX_CONTENT_BYTES / 2, '\n');
  const error = await refusal(sealDataset(ledger, owner, source, { name: 'x' }));
  expect(error).toMatchObject({ code: 'RECORD_TOO_LARGE', place: { line: 1 } });
  expect(await ledger.size()).toBe(1);
});

test('a record as large as may be is sealed, verifies and opens', async () => {
  const ledger = await newLedger();
  await sealDataset(ledger, owner, longField('a\n', MAX_CONTENT_BYTES - 1, '\n'), { name: 'x' });
  expect((await verified(ledger)).ok).toBe(true);
  for await (const rows of (await openDataset(ledger, owner)).rows()) {
    expect(rows.map(({ content }) => content.length)).toEqual([MAX_CONTENT_BYTES]);
  }
});

test('a source is read in any pieces, empty ones too', async () => {
  const ledger = await newLedger();
  async function* pieces(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(0);
    yield* streamOf(CSV, [1]);
    yield Buffer.alloc(0);
  }
  expect(await sealDataset(ledger, owner, pieces(), { name: 'x' })).toMatchObject({ rows: 3 });
});
