import {
  BOOLEAN,
  BYTE_ARRAY,
  DOUBLE,
  FIXED_LEN_BYTE_ARRAY,
  FLOAT,
  INT32,
  INT64,
  INT96,
  type Stored,
} from './columns.js';
import { damaged } from './damaged.js';

/*
 * How values lie in a page (Apache Parquet, Encodings.md). Each function takes the bytes from where its values begin, and gives
 * exactly as many as it is asked for, or throws: nothing is made larger than the page, or than the number of values.
 */

/** How the values of a column are stored. */
export interface StoredType {
  readonly physical: number;
  /** Bytes of each value of FIXED_LEN_BYTE_ARRAY. */
  readonly length: number;
}

const WIDTHS: Readonly<Record<number, number>> = { [INT32]: 4, [INT64]: 8, [INT96]: 12, [FLOAT]: 4, [DOUBLE]: 8 };

/** PLAIN. @throws {MedsealError} `PARQUET_INVALID` */
export function readPlain(bytes: Uint8Array, { physical, length }: StoredType, count: number): Stored[] {
  if (physical === BOOLEAN) return readHybridRun(bytes, 0, 1, count).map((bit) => bit === 1);
  if (physical === BYTE_ARRAY) return readByteArrays(bytes, count);
  const width = physical === FIXED_LEN_BYTE_ARRAY ? length : (WIDTHS[physical] ?? 0);
  return readFixed(bytes, physical, width, count);
}

function readFixed(bytes: Uint8Array, physical: number, width: number, count: number): Stored[] {
  expectBytes(bytes, count * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = (i: number): Stored => {
    if (physical === INT32) return view.getInt32(i * width, true);
    if (physical === INT64) return view.getBigInt64(i * width, true);
    if (physical === FLOAT) return view.getFloat32(i * width, true);
    if (physical === DOUBLE) return view.getFloat64(i * width, true);
    return bytes.subarray(i * width, (i + 1) * width);
  };
  const values: Stored[] = [];
  for (let i = 0; i < count; i++) values.push(at(i));
  return values;
}

function readByteArrays(bytes: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    expectBytes(bytes, at + 4);
    const end = at + 4 + view.getUint32(at, true);
    expectBytes(bytes, end);
    values.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return values;
}

/** BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones. @throws {MedsealError} `PARQUET_INVALID` */
export function readSplit(bytes: Uint8Array, { physical, length }: StoredType, count: number): Stored[] {
  const width = physical === FIXED_LEN_BYTE_ARRAY ? length : (WIDTHS[physical] ?? 0);
  if (width === 0) throw damaged('values are split that cannot be');
  expectBytes(bytes, count * width);
  const joined = new Uint8Array(count * width);
  for (let part = 0; part < width; part++) {
    for (let i = 0; i < count; i++) joined[i * width + part] = bytes[part * count + i] as number;
  }
  return readFixed(joined, physical, width, count);
}

/**
 * RLE and bit-packing, in runs: levels, indexes into a dictionary, booleans.
 * @param width bits of a value, 0 to 32
 * @throws {MedsealError} `PARQUET_INVALID`
 */
export function readHybrid(bytes: Uint8Array, width: number, count: number): number[] {
  if (width > 32) throw damaged('values have too many bits');
  const values: number[] = [];
  for (let at = 0; values.length < count; ) {
    const header = readVarint(bytes, at);
    at = header.end;
    const run = Math.floor(header.value / 2);
    const left = count - values.length;
    if (header.value % 2 === 1) {
      for (const value of readHybridRun(bytes, at, width, Math.min(run * 8, left))) values.push(value);
      at += run * width;
      continue;
    }
    const size = Math.ceil(width / 8);
    expectBytes(bytes, at + size);
    let value = 0;
    for (let i = 0; i < size; i++) value += (bytes[at + i] as number) * 2 ** (8 * i);
    for (let i = Math.min(run, left); i > 0; i--) values.push(value);
    at += size;
  }
  return values;
}

/** Values of so many bits each, one behind the other, the least significant bit first. */
function readHybridRun(bytes: Uint8Array, from: number, width: number, count: number): number[] {
  expectBytes(bytes, from + Math.ceil((count * width) / 8));
  const values: number[] = [];
  let at = from;
  let bit = 0;
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let got = 0; got < width; ) {
      const take = Math.min(8 - bit, width - got);
      value |= (((bytes[at] as number) >> bit) & ((1 << take) - 1)) << got;
      got += take;
      bit += take;
      if (bit === 8) {
        bit = 0;
        at++;
      }
    }
    values.push(value >>> 0);
  }
  return values;
}

/** An unsigned LEB128. @throws {MedsealError} `PARQUET_INVALID` */
export function readVarint(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    expectBytes(bytes, from + i + 1);
    const byte = bytes[from + i] as number;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: from + i + 1 };
  }
  throw damaged('a number in a page has no end');
}

export function expectBytes(bytes: Uint8Array, length: number): void {
  if (length > bytes.length) throw damaged('a page has fewer values than it says');
}
