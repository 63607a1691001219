import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parquetTable } from '../../../../src/dataset/parquet/table.js';
import { mulberry32 } from '../../../../src/dataset/sample.js';
import type { TypedTable, Value } from '../../../../src/dataset/typed/types.js';
import { MedsealError } from '../../../../src/errors.js';
import { temporaryFolder } from '../../../helpers/dataset-fixture.js';
import {
  dataPage,
  dictionaryPage,
  type Field,
  type HandMade,
  int64s,
  parquetFile,
  struct,
  texts,
  varint,
} from '../../../helpers/parquet.js';

const temporary = temporaryFolder();
let files = 0;

async function open(bytes: Uint8Array): Promise<TypedTable> {
  const path = temporary.file(`${files++}.parquet`, bytes);
  return parquetTable(path, undefined);
}

async function valuesOf(file: HandMade): Promise<Value[]> {
  const values: Value[] = [];
  for await (const { columns } of (await open(parquetFile(file))).batches()) values.push(...(columns[0] ?? []));
  return values;
}

async function codeOf(file: HandMade | Uint8Array): Promise<string> {
  try {
    const table = await open(file instanceof Uint8Array ? file : parquetFile(file));
    for await (const _ of table.batches());
    return 'read';
  } catch (error) {
    if (error instanceof MedsealError) return error.code;
    throw error;
  }
}

const PLAIN = 0;
const DICTIONARY = 8;
const DELTA = 5;
const DELTA_TEXTS = 7;
const INT32: readonly Field[] = [[1, { i: 1 }]];
const TEXT: readonly Field[] = [
  [1, { i: 6 }],
  [6, { i: 0 }],
];

describe('values come back', () => {
  test('plain, over several pages', async () => {
    const pages = [dataPage(PLAIN, 2, int64s(1n, -2n)), dataPage(PLAIN, 1, int64s(2n ** 62n))];
    expect(await valuesOf({ pages, rows: 3 })).toEqual([1n, -2n, 2n ** 62n]);
  });

  test('by a dictionary: a run, then packed bits', async () => {
    const indexes = Uint8Array.of(2, 3 << 1, 1, (1 << 1) | 1, 0b11_10_01_00, 0b00_00_00_00);
    const pages = [dictionaryPage(4, texts('a', '', 'c', 'd')), dataPage(DICTIONARY, 8, indexes)];
    expect(await valuesOf({ pages, rows: 8, element: TEXT })).toEqual(['', '', '', 'a', '', 'c', 'd', 'a']);
  });

  // The example of Encodings.md: 7, 5, 3, 1, 2, 3, 4, 5 are the differences −2, −2, −2, 1, 1, 1, 1, least −2.
  test('as differences', async () => {
    const body = Uint8Array.of(8, 1, 8, 14, 3, 2, 0b11_00_00_00, 0b00_11_11_11);
    const pages = [dataPage(DELTA, 8, body)];
    expect(await valuesOf({ pages, rows: 8, element: INT32 })).toEqual([7, 5, 3, 1, 2, 3, 4, 5]);
  });

  test('of a decimal every digit, of a time every unit', async () => {
    const decimal: readonly Field[] = [
      [1, { i: 2 }],
      [6, { i: 5 }],
      [7, { i: 3 }],
      [8, { i: 18 }],
    ];
    const pages = [dataPage(PLAIN, 3, int64s(-1n, 0n, 999_999_999_999_999_999n))];
    expect(await valuesOf({ pages, rows: 3, element: decimal })).toEqual(['-0.001', '0.000', '999999999999999.999']);
    const time: readonly Field[] = [
      [1, { i: 2 }],
      [6, { i: 8 }],
    ];
    const day = [dataPage(PLAIN, 2, int64s(86_399_999_999n, 1n))];
    expect(await valuesOf({ pages: day, rows: 2, element: time })).toEqual(['23:59:59.999999', '00:00:00.000001']);
  });

  test('of a table without rows', async () => {
    expect(await valuesOf({ pages: [], rows: 0 })).toEqual([]);
  });
});

describe('refused, since it cannot be sealed', () => {
  const one = [dataPage(PLAIN, 1, int64s(1n))];
  test.each<[string, HandMade | Uint8Array]>([
    ['bytes', { pages: one, rows: 1, element: [[1, { i: 6 }]] }],
    [
      'a list',
      {
        pages: one,
        rows: 1,
        element: [
          [1, { i: 2 }],
          [5, { i: 1 }],
        ],
      },
    ],
    [
      'an interval',
      {
        pages: one,
        rows: 1,
        element: [
          [1, { i: 7 }],
          [2, { i: 12 }],
          [6, { i: 21 }],
        ],
      },
    ],
    ['LZO', { pages: one, rows: 1, codec: 3 }],
    ['encryption', Buffer.from('PAR1 nothing of this can be read PARE')],
    ['a page of 2 GB', { pages: [{ ...one[0]!, unpacked: 2 ** 31 - 1 }], rows: 1 }],
    ['a page of 2^50 values', { pages: [dataPage(PLAIN, 2n ** 50n, int64s(1n))], rows: 2n ** 50n }],
  ])('%s', async (_, file) => {
    expect(await codeOf(file)).toBe('PARQUET_UNSUPPORTED');
  });
});

describe('damaged', () => {
  const good: HandMade = { pages: [dataPage(PLAIN, 2, int64s(1n, 2n))], rows: 2 };
  const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024));
  test.each<[string, HandMade | Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a footer larger than the file', Buffer.from('PAR1....\xff\xff\xff\x7fPAR1', 'latin1')],
    ['more rows than values', { ...good, rows: 3 }],
    ['more values than rows', { ...good, rows: 1 }],
    ['a page of fewer bytes than values', { pages: [dataPage(PLAIN, 3, int64s(1n, 2n))], rows: 3 }],
    ['a run of more values than there are', { pages: [dataPage(DICTIONARY, 1, Uint8Array.of(32))], rows: 1 }],
    ['no dictionary', { pages: [dataPage(DICTIONARY, 2, Uint8Array.of(1, 4, 0))], rows: 2 }],
    [
      'a text that is not UTF-8',
      { pages: [dataPage(PLAIN, 1, Uint8Array.of(1, 0, 0, 0, 0xff))], rows: 1, element: TEXT },
    ],
    [
      'a time that is none of a day',
      {
        pages: [dataPage(PLAIN, 1, int64s(-1n))],
        rows: 1,
        element: [
          [1, { i: 2 }],
          [6, { i: 8 }],
        ],
      },
    ],
    [
      'more behind the packing than is said',
      { pages: [{ ...dataPage(PLAIN, 1, bomb), unpacked: 8 }], rows: 1, codec: 2 },
    ],
    ['packing that is none', { pages: [dataPage(PLAIN, 1, int64s(1n))], rows: 1, codec: 6 }],
    ['a struct without an end', { ...good, footer: new Uint8Array(100).fill(0x1c) }],
    ['a number without an end', { ...good, footer: Uint8Array.of(0x16, ...new Array<number>(200).fill(0xff)) }],
    [
      'a footer of nothing but parts',
      { ...good, footer: Buffer.concat([Uint8Array.of(0x19, 0xfc), varint(1_100_000n), new Uint8Array(1_100_000)]) },
    ],
    ['a footer without a schema', { ...good, footer: struct([[1, { i: 1 }]]) }],
    // Each text is the one before, and one byte more: together they would take gigabytes.
    ['texts that grow', { pages: [dataPage(DELTA_TEXTS, 17_000, growing(17_000))], rows: 17_000, element: TEXT }],
  ])('%s', async (_, file) => {
    expect(await codeOf(file)).toBe('PARQUET_INVALID');
  });

  test('a page whose checksum does not fit', async () => {
    const [page] = good.pages;
    const withCrc = (crc: number): HandMade => ({
      ...good,
      pages: [{ ...page!, header: [[4, { i: crc }], ...page!.header] }],
    });
    expect(await codeOf(withCrc(crc32(page!.body)))).toBe('read');
    expect(await codeOf(withCrc(crc32(page!.body) ^ 1))).toBe('PARQUET_INVALID');
  });

  test('cut off anywhere', async () => {
    const whole = parquetFile(good);
    for (let length = 0; length < whole.length; length++) {
      expect(await codeOf(whole.subarray(0, length)), `${length} bytes`).toBe('PARQUET_INVALID');
    }
  });

  test('with any bit another: it is read or refused, and nothing else', async () => {
    const pages = [dictionaryPage(2, texts('yes', 'no')), dataPage(DICTIONARY, 8, Uint8Array.of(1, 3, 0b0110_0101))];
    const whole = parquetFile({ pages, rows: 8, element: TEXT });
    const random = mulberry32(7);
    const outcomes = new Set<string>();
    for (let bit = 0; bit < whole.length * 8; bit += 1 + Math.floor(random() * 4)) {
      const changed = Uint8Array.from(whole);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      outcomes.add(await codeOf(changed));
    }
    expect([...outcomes].sort()).toEqual(['PARQUET_INVALID', 'PARQUET_UNSUPPORTED', 'read']);
  });
});

/** DELTA_BYTE_ARRAY: lengths that are shared 0, 1, 2, …, each text one byte longer. */
function growing(count: number): Uint8Array {
  const ascending = (from: number, step: number): Uint8Array => {
    const blocks: Uint8Array[] = [varint(128n), varint(4n), varint(BigInt(count)), varint(BigInt(from * 2))];
    for (let left = count - 1; left > 0; left -= 128) blocks.push(varint(BigInt(step * 2)), new Uint8Array(4));
    return Buffer.concat(blocks);
  };
  return Buffer.concat([ascending(0, 1), ascending(1, 0), new Uint8Array(count).fill(0x61)]);
}
