import type { DataType } from 'apache-arrow';
import { optional } from './optional.js';
import { type ColumnType, type TypedBatch, type TypedTable, timestampOf, type Value } from './types.js';

type Arrow = typeof import('apache-arrow');

/**
 * A table as an Arrow file (the IPC file format, also known as Feather 2): a record batch for each batch, written before the
 * next one is read, so that no more than one is in memory.
 * @throws {MedsealError} `MODULE_UNAVAILABLE` without the package `apache-arrow`; what reading the table throws
 */
export async function* arrowBytes(table: TypedTable): AsyncGenerator<Uint8Array> {
  const arrow = await optional('apache-arrow', '21.2.0', () => import('apache-arrow'));
  const schema = new arrow.Schema(
    table.columns.map(({ name, type }) => new arrow.Field(name, arrowType(arrow, type), true)),
  );
  const written = chunksOf(arrow);
  const writer = new arrow.RecordBatchFileWriter();
  writer.reset(written.sink, schema);
  for await (const batch of table.batches()) {
    writer.write(recordBatch(arrow, schema, table, batch));
    yield* written.take();
  }
  writer.finish();
  yield* written.take();
}

/** What a writer has written, to be taken away as it comes. */
function chunksOf({ AsyncByteQueue }: Arrow): { sink: InstanceType<Arrow['AsyncByteQueue']>; take(): Uint8Array[] } {
  let chunks: Uint8Array[] = [];
  class Sink extends AsyncByteQueue {
    override write(chunk: Uint8Array): void {
      chunks.push(chunk);
    }
  }
  const take = (): Uint8Array[] => {
    const taken = chunks;
    chunks = [];
    return taken;
  };
  return { sink: new Sink(), take };
}

function recordBatch(
  arrow: Arrow,
  schema: InstanceType<Arrow['Schema']>,
  { columns }: TypedTable,
  batch: TypedBatch,
): InstanceType<Arrow['RecordBatch']> {
  const children = columns.map(({ type }, place) => columnData(arrow, type, batch.columns[place] ?? []));
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length: batch.rows, nullCount: 0, children });
  return new arrow.RecordBatch(schema, struct);
}

/** A column's buffers (Arrow Columnar Format, "Physical Memory Layout"). */
function columnData(arrow: Arrow, type: ColumnType, values: readonly Value[]): InstanceType<Arrow['Data']> {
  const length = values.length;
  const nullCount = values.reduce<number>((count, value) => count + (value === null ? 1 : 0), 0);
  const nullBitmap = bitmapOf(length, (row) => values[row] !== null);
  const { OFFSET, DATA, VALIDITY } = arrow.BufferType;
  const buffers = { [VALIDITY]: nullBitmap };
  if (type === 'text') {
    const { ends, bytes } = textBuffers(values);
    Object.assign(buffers, { [OFFSET]: ends, [DATA]: bytes });
  } else {
    const data = type === 'boolean' ? bitmapOf(length, (row) => values[row] === true) : numbersOf(type, values);
    Object.assign(buffers, { [DATA]: data });
  }
  return new arrow.Data(arrowType(arrow, type), 0, length, nullCount, buffers);
}

/** One bit a row, the least significant first. */
function bitmapOf(length: number, isSet: (row: number) => boolean): Uint8Array {
  const bits = new Uint8Array((length + 7) >> 3);
  for (let row = 0; row < length; row++) if (isSet(row)) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  return bits;
}

/** Where each text ends, and all of them one behind the other. */
function textBuffers(values: readonly Value[]): { ends: Int32Array; bytes: Uint8Array } {
  const texts = values.map((value) => (value === null ? '' : String(value).toWellFormed()));
  const ends = new Int32Array(texts.length + 1);
  for (const [row, text] of texts.entries()) ends[row + 1] = (ends[row] ?? 0) + Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(ends.at(-1) ?? 0);
  for (const [row, text] of texts.entries()) bytes.write(text, ends[row] ?? 0);
  return { ends, bytes };
}

const ARRAYS = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
  date: Int32Array,
} as const;

function numbersOf(type: ColumnType, values: readonly Value[]): ArrayBufferView {
  if (isSmall(type)) return ARRAYS[type].from(values.map((value) => (value === null ? 0 : Number(value))));
  const units = type === 'uint64' ? BigUint64Array : BigInt64Array;
  return units.from(values.map((value) => (typeof value === 'bigint' ? value : 0n)));
}

function isSmall(type: ColumnType): type is keyof typeof ARRAYS {
  return Object.hasOwn(ARRAYS, type);
}

function arrowType(arrow: Arrow, type: ColumnType): DataType {
  const timestamp = timestampOf(type);
  if (timestamp !== null) {
    const { MILLISECOND, MICROSECOND, NANOSECOND } = arrow.TimeUnit;
    const unit = { 3: MILLISECOND, 6: MICROSECOND, 9: NANOSECOND }[timestamp.digits];
    return new arrow.Timestamp(unit, timestamp.isUtc ? 'UTC' : null);
  }
  const types: Partial<Record<ColumnType, () => DataType>> = {
    boolean: () => new arrow.Bool(),
    int8: () => new arrow.Int8(),
    int16: () => new arrow.Int16(),
    int32: () => new arrow.Int32(),
    int64: () => new arrow.Int64(),
    uint8: () => new arrow.Uint8(),
    uint16: () => new arrow.Uint16(),
    uint32: () => new arrow.Uint32(),
    uint64: () => new arrow.Uint64(),
    float32: () => new arrow.Float32(),
    float64: () => new arrow.Float64(),
    date: () => new arrow.DateDay(),
  };
  return types[type]?.() ?? new arrow.Utf8();
}
