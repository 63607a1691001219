import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Value } from '../typed/types.js';
import { decompressor } from './codecs.js';
import { BOOLEAN, INT32, INT64, type ParquetColumn, type Stored } from './columns.js';
import { damaged, unsupported } from './damaged.js';
import { readDeltaIntegers, readDeltaLengths, readDeltaTexts } from './delta.js';
import { expectBytes, readHybrid, readPlain, readSplit } from './encodings.js';
import { type ColumnChunk, count, readBytes } from './footer.js';
import { readStruct, type ThriftStruct } from './thrift.js';

/** Some values of a column, one for each row. */
export interface Page {
  readonly values: readonly Value[];
  /** What it takes of memory, roughly, with the dictionary that its values are in. */
  readonly bytes: number;
}

/** `PageType`. */
const DATA = 0;
const DICTIONARY = 2;
const DATA_V2 = 3;

/** `Encoding`. */
const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RLE = 3;
const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;

/** Most writers make pages of 1 MiB. */
const MOST_PAGE_BYTES = 128 * 1024 * 1024;
const MOST_PAGE_VALUES = 1 << 24;
/** Of a value in an array. */
const VALUE_BYTES = 16;
const HEADER_BYTES = 16 * 1024;
const MOST_HEADER_BYTES = 16 * 1024 * 1024;

/**
 * The pages of a column's chunk, in order, each read when its turn comes.
 * @throws {MedsealError} `PARQUET_INVALID`, `PARQUET_UNSUPPORTED`
 */
export async function* pagesOf(file: FileHandle, column: ParquetColumn, chunk: ColumnChunk): AsyncGenerator<Page> {
  const unpack = await decompressor(chunk.codec);
  let dictionary: readonly Value[] = [];
  let dictionaryBytes = 0;
  for (let at = chunk.start; at < chunk.end; ) {
    const { header, length } = await readHeader(file, at, chunk.end);
    const type = count(header.get(1));
    const sizes = { packed: count(header.get(3)), unpacked: count(header.get(2)) };
    const start = at + length;
    at = start + sizes.packed;
    if (at > chunk.end) throw damaged('a page is larger than its column');
    if (type !== DATA && type !== DICTIONARY && type !== DATA_V2) continue;
    if (Math.max(sizes.packed, sizes.unpacked) > MOST_PAGE_BYTES) {
      throw unsupported(`the Parquet file has pages of more than ${MOST_PAGE_BYTES / 2 ** 20} MiB; write smaller ones`);
    }
    const packed = await readBytes(file, start, sizes.packed);
    expectUnchanged(packed, header);
    if (type === DICTIONARY) {
      dictionary = dictionaryOf(unpack(packed, sizes.unpacked), column, header);
      dictionaryBytes = sizes.unpacked + dictionary.length * VALUE_BYTES;
      continue;
    }
    const values = valuesOf(
      type === DATA
        ? dataOf(unpack(packed, sizes.unpacked), column, header)
        : dataOfV2(packed, sizes.unpacked, unpack, column, header),
      column,
      dictionary,
    );
    yield { values, bytes: dictionaryBytes + sizes.unpacked + values.length * VALUE_BYTES };
  }
}

async function readHeader(
  file: FileHandle,
  at: number,
  end: number,
): Promise<{ header: ThriftStruct; length: number }> {
  // It says how long its parts are, but not how long it is.
  for (let size = HEADER_BYTES; ; size *= 8) {
    const bytes = await readBytes(file, at, Math.min(size, end - at));
    const read = readStruct(bytes);
    if (read !== null) return { header: read.struct, length: read.length };
    if (bytes.length < size || size > MOST_HEADER_BYTES) throw damaged('the head of a page breaks off');
  }
}

function expectUnchanged(packed: Uint8Array, header: ThriftStruct): void {
  const crc = header.get(4);
  if (typeof crc === 'number' && crc >>> 0 !== crc32(packed))
    throw damaged('the bytes of a page are not what they were');
}

function dictionaryOf(bytes: Uint8Array, column: ParquetColumn, header: ThriftStruct): readonly Value[] {
  const number = valueCount(part(header, 7));
  return readPlain(bytes, column, number).map(column.convert);
}

/** The values of a page that are there, as they lie, and of each row whether it has one; null where all have. */
interface PageData {
  readonly bytes: Uint8Array;
  readonly encoding: number;
  readonly rows: number;
  readonly present: readonly number[] | null;
}

/** `DataPageHeader`: levels and values are packed together. */
function dataOf(bytes: Uint8Array, { optional }: ParquetColumn, header: ThriftStruct): PageData {
  const data = part(header, 5);
  const rows = valueCount(data);
  const encoding = count(data.get(2));
  if (!optional) return { bytes, encoding, rows, present: null };
  if (data.get(3) !== RLE) throw unsupported('the Parquet file has levels of an encoding that is out of use');
  const { inner, rest } = withLength(bytes);
  return { bytes: rest, encoding, rows, present: readHybrid(inner, 1, rows) };
}

/** `DataPageHeaderV2`: the levels come before what is packed. */
function dataOfV2(
  packed: Uint8Array,
  unpackedBytes: number,
  unpack: (bytes: Uint8Array, length: number) => Uint8Array,
  { optional }: ParquetColumn,
  header: ThriftStruct,
): PageData {
  const data = part(header, 8);
  const rows = valueCount(data);
  const levels = count(data.get(5));
  if (count(data.get(6)) !== 0) throw damaged('a column of single values has levels of lists');
  expectBytes(packed, levels);
  if (levels > unpackedBytes) throw damaged('a page is not as large as it says');
  const rest = packed.subarray(levels);
  const bytes = data.get(7) === false ? rest : unpack(rest, unpackedBytes - levels);
  const present = optional ? readHybrid(packed.subarray(0, levels), 1, rows) : null;
  return { bytes, encoding: count(data.get(4)), rows, present };
}

function valuesOf({ bytes, encoding, rows, present }: PageData, column: ParquetColumn, dictionary: readonly Value[]) {
  const there = present === null ? rows : present.reduce((sum, level) => sum + level, 0);
  const found = there === 0 ? [] : readValues(bytes, encoding, column, there, dictionary);
  if (there === rows) return found;
  let next = 0;
  return (present ?? []).map((level) => (level === 1 ? (found[next++] ?? null) : null));
}

function readValues(
  bytes: Uint8Array,
  encoding: number,
  column: ParquetColumn,
  number: number,
  dictionary: readonly Value[],
): readonly Value[] {
  if (encoding !== PLAIN_DICTIONARY && encoding !== RLE_DICTIONARY) {
    return readStored(bytes, encoding, column, number).map(column.convert);
  }
  expectBytes(bytes, 1);
  return readHybrid(bytes.subarray(1), bytes[0] ?? 0, number).map((index) => {
    const value = dictionary[index];
    if (value === undefined) throw damaged('a value is not in the dictionary');
    return value;
  });
}

function readStored(bytes: Uint8Array, encoding: number, column: ParquetColumn, number: number): Stored[] {
  const { physical } = column;
  if (encoding === PLAIN) return readPlain(bytes, column, number);
  if (encoding === RLE && physical === BOOLEAN) return readHybrid(withLength(bytes).inner, 1, number).map(isOne);
  if (encoding === DELTA_BINARY_PACKED && (physical === INT32 || physical === INT64)) {
    return readDeltaIntegers(bytes, physical === INT64 ? 64 : 32, number);
  }
  if (encoding === DELTA_LENGTH_BYTE_ARRAY) return readDeltaLengths(bytes, number);
  if (encoding === DELTA_BYTE_ARRAY) return readDeltaTexts(bytes, number);
  if (encoding === BYTE_STREAM_SPLIT) return readSplit(bytes, column, number);
  throw unsupported('the Parquet file has values of an unknown encoding');
}

const isOne = (bit: number): boolean => bit === 1;

/** Bytes behind their number, and what follows them. */
function withLength(bytes: Uint8Array): { readonly inner: Uint8Array; readonly rest: Uint8Array } {
  expectBytes(bytes, 4);
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  expectBytes(bytes, end);
  return { inner: bytes.subarray(4, end), rest: bytes.subarray(end) };
}

function part(header: ThriftStruct, id: number): ThriftStruct {
  const value = header.get(id);
  if (value instanceof Map) return value as ThriftStruct;
  throw damaged('the head of a page says too little');
}

function valueCount(header: ThriftStruct): number {
  const number = count(header.get(1));
  if (number > MOST_PAGE_VALUES) throw unsupported('the Parquet file has pages of too many values; write smaller ones');
  return number;
}
