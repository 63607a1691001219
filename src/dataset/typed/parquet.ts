import type { SchemaElement } from 'hyparquet';
import { type ColumnType, integerRange, type TypedTable, timestampOf } from './types.js';

const UNITS = { 3: 'MILLIS', 6: 'MICROS', 9: 'NANOS' } as const;

/**
 * A table as a Parquet file, compressed with Snappy: a row group for each batch, written before the next one is read, so that
 * no more than one is in memory. Every column may have values that are not there.
 * @throws {MedsealError} what reading the table throws
 */
export async function* parquetBytes(table: TypedTable): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const bytes = new ByteWriter();
  const take = (): Uint8Array => {
    const taken = bytes.getBytes().slice();
    bytes.index = 0;
    return taken;
  };
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(table), createdBy: 'medseal' });
  for await (const { rows, columns } of table.batches()) {
    const columnData = table.columns.map(({ name }, place) => ({ name, data: [...(columns[place] ?? [])] }));
    await writer.write({ columnData, rowGroupSize: rows });
    yield take();
  }
  await writer.finish();
  yield take();
}

function schemaOf({ columns }: TypedTable): SchemaElement[] {
  const elements = columns.map(
    ({ name, type }): SchemaElement => ({ ...elementOf(type), name, repetition_type: 'OPTIONAL' }),
  );
  return [{ name: 'schema', num_children: columns.length }, ...elements];
}

/** A column's physical type, and what it stands for (Apache Parquet, LogicalTypes.md). */
function elementOf(type: ColumnType): Omit<SchemaElement, 'name'> {
  if (type === 'text') return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
  if (type === 'boolean') return { type: 'BOOLEAN' };
  if (type === 'float32') return { type: 'FLOAT' };
  if (type === 'float64') return { type: 'DOUBLE' };
  if (type === 'date') return { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } };
  const timestamp = timestampOf(type);
  if (timestamp === null) return integerElement(type);
  const { digits, isUtc } = timestamp;
  return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: isUtc, unit: UNITS[digits] } };
}

/** Only with the older annotation: the writer gives the newer one in a form that readers do not take. */
function integerElement(type: ColumnType): Omit<SchemaElement, 'name'> {
  const isSigned = integerRange(type)?.least !== 0n;
  const bits = Number(type.replace(/\D/g, '')) as 8 | 16 | 32 | 64;
  return { type: bits === 64 ? 'INT64' : 'INT32', converted_type: `${isSigned ? '' : 'U'}INT_${bits}` };
}
