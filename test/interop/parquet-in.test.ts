// Parquet files by pyarrow, polars and DuckDB: every value comes back, whatever its kind, encoding and compression.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { parquetTable } from '../../src/dataset/parquet/table.js';
import type { Value } from '../../src/dataset/typed/types.js';
import { temporaryFolder } from '../helpers/dataset-fixture.js';
import { pythonHas, runPython } from '../helpers/python.js';
import { readAll } from '../helpers/typed-tables.js';

const SCRIPT = fileURLToPath(new URL('write-parquet.py', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  float16: 'float32',
  category: 'text',
  clock_ms: 'timestamp-ms',
  utc_us: 'timestamp-us-utc',
  clock_ns: 'timestamp-ns',
  berlin_ns: 'timestamp-ns-utc',
  decimal9: 'text',
  decimal38: 'text',
  time_ms: 'text',
  time_us: 'text',
  nothing: 'text',
};

describe.skipIf(!pythonHas('pyarrow', 'polars', 'duckdb', 'numpy'))('Parquet files of others', () => {
  const temporary = temporaryFolder();
  let expected: Readonly<Record<string, readonly Value[]>>;
  beforeAll(() => {
    runPython(SCRIPT, temporary.path('.'));
    expected = JSON.parse(readFileSync(temporary.path('expected.json'), 'utf8')) as typeof expected;
  }, 120_000);

  test.each([
    'plain',
    'snappy',
    'zstd',
    'gzip',
    'brotli',
    'lz4',
    'pages-v2',
    'pages-v2-plain',
    'small-pages',
    'decimal-integers',
    'differences',
    'lengths',
    'int96',
    'polars',
    'duckdb-v1',
    'duckdb-v2',
  ])('%s', async (name) => {
    const table = await parquetTable(temporary.path(`${name}.parquet`), undefined);
    const found = await readAll(table);
    for (const [i, column] of table.columns.entries()) {
      // polars and DuckDB have fewer kinds of their own.
      if (!/polars|duckdb/.test(name)) expect(column.type, column.name).toBe(TYPES[column.name] ?? column.name);
      expect(
        found[i]!.map((value) => plainly(column.type, value)),
        column.name,
      ).toEqual(expected[column.name]);
    }
  });

  test('a table without rows has its columns', async () => {
    const table = await parquetTable(temporary.path('empty.parquet'), undefined);
    expect(table.columns.map(({ name }) => name)).toEqual(Object.keys(expected));
    for await (const _ of table.batches()) expect.unreachable();
  });

  test.each(['list', 'struct', 'map', 'bytes'])('a column of %s is refused, and named', async (name) => {
    const path = temporary.path(`refused-${name}.parquet`);
    expect(existsSync(path)).toBe(true);
    await expect(parquetTable(path, undefined)).rejects.toMatchObject({
      code: 'PARQUET_UNSUPPORTED',
      message: expect.stringContaining(`"${name}"`),
    });
  });
});

function plainly(type: string, value: Value): Value {
  if (typeof value === 'number' && type.startsWith('float')) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return bytes.toString('hex');
  }
  return value === null || typeof value === 'boolean' ? value : String(value);
}
