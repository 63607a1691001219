import { utf8 } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { MAX_CONTENT_BYTES } from '../../format/limits.js';
import type { ScannedRecord } from '../csv/scanner.js';
import type { Examined, Shape } from '../source/source.js';
import { fieldOf, type ValueWriter, valueWriter } from './texts.js';
import type { TypedBatch, TypedColumn, TypedTable } from './types.js';

/**
 * What sealing takes of a table whose columns have types: its rows as CSV, a value that is not there an empty field without
 * quotes, and the types for the manifest (spec/records.md, "Types"). The table is looked through first, so that nothing bad
 * is found when half of it is sealed.
 * @param table read twice; each time it must be the same
 * @throws {MedsealError} `ARGUMENT_INVALID` for no columns, or two of one name; `RECORD_TOO_LARGE`; `TYPE_MISMATCH` for a date or
 *   time that is too far away; what `batches` throws
 */
export async function examineTyped(table: TypedTable): Promise<Examined> {
  const names = table.columns.map(({ name }) => name);
  if (names.length === 0) throw new MedsealError('ARGUMENT_INVALID', 'the table has no columns');
  if (new Set(names).size < names.length) {
    throw new MedsealError('ARGUMENT_INVALID', 'two columns of the table have one name');
  }
  let rows = 0;
  for await (const records of typedRecords(table)) rows += records.length;
  return {
    format: 'csv',
    shape: typedShape(table.columns),
    header: typedHeader(table.columns),
    members: [],
    rows,
    bytes: null,
    batches: () => typedRecords(table),
    close: async () => {},
  };
}

export function typedShape(columns: readonly TypedColumn[]): Shape {
  return {
    media_type: 'text/csv',
    encoding: 'utf-8',
    delimiter: ',',
    terminator: '\n',
    columns: columns.map(({ name, type }, index) => ({ index, name, type })),
  };
}

/** The header line. */
export function typedHeader(columns: readonly TypedColumn[]): Uint8Array {
  return utf8(columns.map(({ name }) => fieldOf(name)).join(',') + '\n');
}

/**
 * The rows of a table as CSV.
 * @throws {MedsealError} `RECORD_TOO_LARGE`, `TYPE_MISMATCH`; what `batches` throws
 */
export async function* typedRecords(table: TypedTable): AsyncGenerator<readonly ScannedRecord[]> {
  const writers = table.columns.map(({ type }) => valueWriter(type));
  let row = 0;
  for await (const batch of table.batches()) {
    const records: ScannedRecord[] = [];
    for (let at = 0; at < batch.rows; at++) records.push(recordOf(table, writers, batch, at, ++row));
    yield records;
  }
}

function recordOf(
  { columns }: TypedTable,
  writers: readonly ValueWriter[],
  batch: TypedBatch,
  at: number,
  row: number,
): ScannedRecord {
  const fields = columns.map(({ name, type }, place) => {
    const value = batch.columns[place]?.[at] ?? null;
    if (value === null) return '';
    const text = writers[place]?.(value) ?? null;
    if (text !== null) return fieldOf(text);
    const message = `row ${row}, column ${JSON.stringify(name)}: the ${type} is too far away to be written`;
    throw new MedsealError('TYPE_MISMATCH', message, { row });
  });
  const bytes = utf8(fields.join(',') + '\n');
  if (bytes.length > MAX_CONTENT_BYTES) {
    const message = `row ${row} is larger than ${MAX_CONTENT_BYTES / (1024 * 1024)} MiB, the most a record may be`;
    throw new MedsealError('RECORD_TOO_LARGE', message, { row });
  }
  return { bytes, fields: columns.length, line: row + 1 };
}
