// Any table of any types: sealed and opened, as Parquet, as Arrow, as a DataFrame, it is the same.

import { tableFromIPC, type Vector } from 'apache-arrow';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { openDataset } from '../../src/dataset/open.js';
import { sealDataset } from '../../src/dataset/seal.js';
import { arrowBytes } from '../../src/dataset/typed/arrow.js';
import { jsonBytes } from '../../src/dataset/typed/json.js';
import { parquetBytes } from '../../src/dataset/typed/parquet.js';
import { examineTyped } from '../../src/dataset/typed/source.js';
import { readTable } from '../../src/dataset/typed/table.js';
import { timestampOf, type Value } from '../../src/dataset/typed/types.js';
import { joined, newLedger, owner } from '../helpers/dataset-fixture.js';
import { readAll, typedTables, type WholeTable, wholeTable } from '../helpers/typed-tables.js';

const RUNS = { numRuns: 30 };

/** Values as they are compared: −0 is not 0, NaN is NaN, and 1 is not 1n. */
const plain = (columns: readonly (readonly unknown[])[]): unknown[][] =>
  columns.map((values) => values.map((value) => (Object.is(value, -0) ? '-0' : value)));

test('is sealed and opened to the same values', async () => {
  const property = fc.asyncProperty(typedTables, fc.integer({ min: 1, max: 5 }), async (table, blockSize) => {
    const ledger = await newLedger();
    await sealDataset(ledger, owner, await examineTyped(table), { name: 't', blockSize });
    const again = await readTable(await openDataset(ledger, owner));
    expect(again.columns).toEqual(table.columns);
    expect(plain(await readAll(again))).toEqual(plain(table.values));
  });
  await fc.assert(property, RUNS);
});

test('is Parquet of the same values', async () => {
  const property = fc.asyncProperty(typedTables, async (table) => {
    // This reader takes a byte-order mark off a column's name.
    fc.pre(!table.columns.some(({ name }) => name.startsWith('\ufeff')));
    const bytes = await joined(parquetBytes(table));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    // As they are stored: dates are days, timestamps units.
    const rows = await parquetReadObjects({ file, parsers: RAW, utf8: true });
    const values = table.columns.map(({ name }) => rows.map((row) => row[name] ?? null));
    expect(plain(values)).toEqual(plain(table.values));
  });
  await fc.assert(property, RUNS);
});

const units = (value: bigint): bigint => value;
const RAW = {
  timestampFromMilliseconds: units,
  timestampFromMicroseconds: units,
  timestampFromNanoseconds: units,
  dateFromDays: (days: number): number => days,
  stringFromBytes: (bytes?: Uint8Array): string | undefined => bytes && Buffer.from(bytes).toString(),
} as unknown as NonNullable<Parameters<typeof parquetReadObjects>[0]['parsers']>;

test('is Arrow of the same values', async () => {
  const property = fc.asyncProperty(typedTables, async (table) => {
    const read = tableFromIPC(await joined(arrowBytes(table)));
    expect(read.numRows).toBe(table.rows);
    const values = table.columns.map((_, place) => stored(read.getChildAt(place)));
    expect(plain(values)).toEqual(plain(table.values));
  });
  await fc.assert(property, RUNS);
});

/** The values of a column as they are stored: dates are days, timestamps units, and no byte-order mark is taken off a text. */
function stored(vector: Vector | null): unknown[] {
  let before = 0;
  return (vector?.data ?? []).flatMap((data) => {
    const [type, first] = [String(data.type), before];
    before += data.length;
    return Array.from({ length: data.length }, (_, row) => {
      if (!data.getValid(row)) return null;
      if (/^(Date|Timestamp)/.test(type)) return data.values[row];
      if (type !== 'Utf8') return vector?.get(first + row);
      return Buffer.from(data.values.subarray(data.valueOffsets[row], data.valueOffsets[row + 1])).toString();
    });
  });
}

test('is JSON of the same values', async () => {
  const property = fc.asyncProperty(typedTables, async (table) => {
    const lines = String(await joined(jsonBytes(table, 'lines')));
    const array = String(await joined(jsonBytes(table, 'array')));
    const rows = lines
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(JSON.parse(array)).toEqual(rows);
    expect(rows).toHaveLength(table.rows);
    const values = table.columns.map(({ name, type }) =>
      rows.map((row) => (type === 'float32' && typeof row[name] === 'number' ? Math.fround(row[name]) : row[name])),
    );
    expect(values).toEqual(
      table.columns.map(({ type }, place) => (table.values[place] ?? []).map((v) => asJson(v, type))),
    );
  });
  await fc.assert(property, RUNS);
});

/** What a program reads that has no whole numbers over 2^53. */
function asJson(value: Value, type: WholeTable['columns'][number]['type']): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value === null || (type !== 'date' && timestampOf(type) === null))
    return typeof value === 'bigint' ? Number(value) : value;
  return expect.stringMatching(/^\d{4}-\d\d-\d\d/);
}

test('rows come in order, however many batches they are', async () => {
  const values = [Array.from({ length: 1000 }, (_, row) => BigInt(row))];
  const table = wholeTable([{ name: 'n', type: 'int64' }], values, 1000, 7);
  const bytes = await joined(parquetBytes(table));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  expect((await parquetReadObjects({ file })).map(({ n }) => n)).toEqual(values[0]);
  expect(stored(tableFromIPC(await joined(arrowBytes(table))).getChildAt(0))).toEqual(values[0]);
});
