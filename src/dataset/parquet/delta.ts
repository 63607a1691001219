import type { Stored } from './columns.js';
import { damaged } from './damaged.js';
import { expectBytes, readVarint } from './encodings.js';

/*
 * Values as differences from the one before (Apache Parquet, Encodings.md: DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY,
 * DELTA_BYTE_ARRAY), which newer writers use.
 */

/** Bytes that the texts of a page may come to: their beginnings are shared, so a small page can hold very large ones. */
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_BLOCK = 1 << 16;

/** @param bits 32 or 64: differences wrap around. @throws {MedsealError} `PARQUET_INVALID` */
function readDelta(
  bytes: Uint8Array,
  bits: 32 | 64,
  count: number,
): { readonly values: bigint[]; readonly end: number } {
  const block = readVarint(bytes, 0);
  const miniblocks = readVarint(bytes, block.end);
  const total = readVarint(bytes, miniblocks.end);
  const first = readZigzag(bytes, total.end);
  const size = block.value / miniblocks.value;
  if (block.value > MOST_BLOCK || !Number.isInteger(size) || size % 8 !== 0 || total.value !== count) {
    throw damaged('a page of differences does not fit together');
  }
  const values = count === 0 ? [] : [BigInt.asIntN(bits, first.value)];
  let at = first.end;
  while (values.length < count) {
    const least = readZigzag(bytes, at);
    const widths = bytes.subarray(least.end, least.end + miniblocks.value);
    expectBytes(bytes, least.end + miniblocks.value);
    at = least.end + miniblocks.value;
    for (const width of widths) {
      if (values.length >= count) break;
      if (width > 64) throw damaged('a page of differences has values of too many bits');
      expectBytes(bytes, at + Math.ceil((Math.min(size, count - values.length) * width) / 8));
      for (let i = 0; i < size && values.length < count; i++) {
        const before = values[values.length - 1] as bigint;
        values.push(BigInt.asIntN(bits, before + least.value + packed(bytes, at, i * width, width)));
      }
      at += (size * width) / 8;
    }
  }
  return { values, end: Math.min(at, bytes.length) };
}

/** DELTA_BINARY_PACKED of INT32 and INT64. */
export function readDeltaIntegers(bytes: Uint8Array, bits: 32 | 64, count: number): Stored[] {
  const { values } = readDelta(bytes, bits, count);
  return bits === 64 ? values : values.map(Number);
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. */
export function readDeltaLengths(bytes: Uint8Array, count: number): Uint8Array[] {
  const { values: lengths, end } = readDelta(bytes, 32, count);
  let at = end;
  return lengths.map((length) => {
    if (length < 0n) throw damaged('a text has a length below zero');
    expectBytes(bytes, at + Number(length));
    const value = bytes.subarray(at, at + Number(length));
    at += Number(length);
    return value;
  });
}

/** DELTA_BYTE_ARRAY: how many bytes each shares with the one before, and those behind them. */
export function readDeltaTexts(bytes: Uint8Array, count: number): Uint8Array[] {
  const { values: shared, end } = readDelta(bytes, 32, count);
  const rests = readDeltaLengths(bytes.subarray(end), count);
  let before: Uint8Array = new Uint8Array(0);
  let total = 0;
  return rests.map((rest, i) => {
    const length = Number(shared[i]);
    if (length < 0 || length > before.length) throw damaged('a text shares more with the one before than there is');
    total += length + rest.length;
    if (total > MOST_BYTES) throw damaged('the texts of a page are too large');
    const value = new Uint8Array(length + rest.length);
    value.set(before.subarray(0, length));
    value.set(rest, length);
    before = value;
    return value;
  });
}

/** A value of so many bits that begins at a bit behind `from`. */
function packed(bytes: Uint8Array, from: number, bit: number, width: number): bigint {
  let value = 0n;
  for (let got = 0; got < width; ) {
    const inByte = (bit + got) % 8;
    const take = Math.min(8 - inByte, width - got);
    const byte = bytes[from + Math.floor((bit + got) / 8)] as number;
    value |= BigInt((byte >> inByte) & ((1 << take) - 1)) << BigInt(got);
    got += take;
  }
  return value;
}

/** A zigzag LEB128 of up to 64 bits. */
function readZigzag(bytes: Uint8Array, from: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    expectBytes(bytes, from + i + 1);
    const byte = bytes[from + i] as number;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: (value >> 1n) ^ -(value & 1n), end: from + i + 1 };
  }
  throw damaged('a number in a page has no end');
}
