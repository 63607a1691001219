import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { throwIfAborted } from '../../errors.js';
import type { ColumnType, TypedColumn, TypedTable, Value } from '../typed/types.js';
import { type DuckDB, type Engine, quoted } from './engine.js';
import { columnNames } from './names.js';

/*
 * Records lie in tables of a schema of their own, `medseal.t0`, `t1`, … with columns `c0`, `c1`, …: so no name that a data set
 * or a column has can get in the way. SQL sees views of them, under the names that people know.
 */

/** A data set's table, as SQL sees it. */
export interface SqlTable {
  /** Names under which it is seen. */
  readonly views: readonly string[];
  readonly columns: readonly TypedColumn[];
}

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
  int8: 'TINYINT',
  int16: 'SMALLINT',
  int32: 'INTEGER',
  int64: 'BIGINT',
  uint8: 'UTINYINT',
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
  uint64: 'UBIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  date: 'DATE',
  'timestamp-ms': 'TIMESTAMP',
  'timestamp-us': 'TIMESTAMP',
  'timestamp-ns': 'TIMESTAMP_NS',
  'timestamp-ms-utc': 'TIMESTAMPTZ',
  'timestamp-us-utc': 'TIMESTAMPTZ',
  // DuckDB has no points in time in nanoseconds: these are clocks, in UTC.
  'timestamp-ns-utc': 'TIMESTAMP_NS',
};

/** Rows that the engine takes at a time: its vectors have so many values. */
const CHUNK_ROWS = 2048;

/**
 * Makes a table with some of its columns, and the views of it with all. What SQL does not need is not there; should it ask for it
 * all the same, it fails instead of finding nothing.
 * @param held places of the columns that the table has
 */
export async function createTable(
  { connection }: Engine,
  number: number,
  { views, columns }: SqlTable,
  held: readonly number[],
): Promise<void> {
  const has = new Set(held);
  const names = columnNames(columns.map(({ name }) => name));
  // A column for tables of which SQL needs no other: it counts their rows.
  const stored = ['present BOOLEAN', ...held.map((place) => `c${place} ${SQL_TYPES[columns[place]?.type ?? 'text']}`)];
  await connection.run('CREATE SCHEMA IF NOT EXISTS medseal');
  await connection.run(`CREATE TABLE medseal.t${number} (${stored.join(', ')})`);
  const seen = columns.map(({ type }, place) => {
    const value = has.has(place)
      ? `c${place}`
      : `CAST(error('a column was left out that SQL needs') AS ${SQL_TYPES[type]})`;
    return `${value} AS ${quoted(names[place] ?? '')}`;
  });
  for (const view of views) {
    await connection.run(`CREATE VIEW ${quoted(view)} AS SELECT ${seen.join(', ')} FROM medseal.t${number}`);
  }
}

/**
 * Fills a table, a batch at a time.
 * @param table of the columns that the table has
 * @returns the number of rows
 */
export async function fillTable(
  { connection, duckdb }: Engine,
  number: number,
  { columns, batches }: TypedTable,
  signal: AbortSignal | undefined,
): Promise<number> {
  const appender = await connection.createAppender(`t${number}`, 'medseal');
  const writers = columns.map(({ type }) => writerOf(duckdb, type));
  const types: DuckDBType[] = [duckdb.BOOLEAN, ...columns.map((_, i) => appender.columnType(i + 1))];
  let rows = 0;
  try {
    for await (const batch of batches()) {
      throwIfAborted(signal);
      for (let from = 0; from < batch.rows; from += CHUNK_ROWS) {
        const to = Math.min(from + CHUNK_ROWS, batch.rows);
        const chunk = duckdb.DuckDBDataChunk.create(types, to - from);
        chunk.setColumnValues(0, new Array<boolean>(to - from).fill(true));
        for (const [i, values] of batch.columns.entries()) {
          chunk.setColumnValues(i + 1, values.slice(from, to).map(writers[i] ?? identity));
        }
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
      rows += batch.rows;
    }
  } finally {
    appender.closeSync();
  }
  return rows;
}

const identity = (value: Value): DuckDBValue => value;

/** How the values of a type are handed over. */
function writerOf(duckdb: DuckDB, type: ColumnType): (value: Value) => DuckDBValue {
  const make = makerOf(duckdb, type);
  return make === null ? identity : (value) => (value === null ? null : make(value));
}

function makerOf(duckdb: DuckDB, type: ColumnType): ((value: Exclude<Value, null>) => DuckDBValue) | null {
  const { DuckDBDateValue, DuckDBTimestampValue, DuckDBTimestampTZValue, DuckDBTimestampNanosecondsValue } = duckdb;
  if (type === 'date') return (value) => new DuckDBDateValue(Number(value));
  if (type === 'timestamp-ms') return (value) => new DuckDBTimestampValue(BigInt(value) * 1000n);
  if (type === 'timestamp-us') return (value) => new DuckDBTimestampValue(BigInt(value));
  if (type === 'timestamp-ms-utc') return (value) => new DuckDBTimestampTZValue(BigInt(value) * 1000n);
  if (type === 'timestamp-us-utc') return (value) => new DuckDBTimestampTZValue(BigInt(value));
  if (type.startsWith('timestamp-ns')) return (value) => new DuckDBTimestampNanosecondsValue(BigInt(value));
  return null;
}
