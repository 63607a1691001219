import { damaged } from './damaged.js';

/*
 * Thrift's compact protocol, as far as Parquet uses it (Apache Thrift, doc/specs/thrift-compact-protocol.md). What is read may
 * have been made to be read: numbers have at most ten bytes, and neither the depth nor the number of values is without end.
 */

/** A whole number outside of ±2^53 is NaN: nothing that Parquet counts or points at is as large. */
export type ThriftValue = boolean | number | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** The fields of a struct by their ids. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

const MOST_DEPTH = 16;
/** What a footer of a thousand columns and forty row groups has; the worst that can be made of them takes some 300 MB. */
const MOST_VALUES = 1_000_000;

/**
 * Reads a struct from the beginning of the bytes.
 * @returns null where the bytes end before it does
 * @throws {MedsealError} `PARQUET_INVALID`
 */
export function readStruct(bytes: Uint8Array): { readonly struct: ThriftStruct; readonly length: number } | null {
  const reader = new Reader(bytes);
  try {
    return { struct: reader.struct(0), length: reader.at };
  } catch (error) {
    if (error === END) return null;
    throw error;
  }
}

/** Thrown, and caught above, where the bytes end. */
const END = Symbol('end of bytes');

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  struct(depth: number): ThriftStruct {
    if (depth > MOST_DEPTH) throw damaged('what describes it is nested too deep');
    const fields = new Map<number, ThriftValue>();
    for (let id = 0; ; ) {
      const head = this.#byte();
      const type = head & 0x0f;
      if (type === 0) return fields;
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4);
      fields.set(id, type === TRUE || type === FALSE ? type === TRUE : this.#value(type, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    if (++this.#values > MOST_VALUES) throw damaged('what describes it has too many parts');
    if (type === TRUE || type === FALSE) return this.#byte() === TRUE;
    if (type === BYTE) return (this.#byte() << 24) >> 24;
    if (type >= I16 && type <= I64) return this.#zigzag();
    if (type === DOUBLE) return this.#view.getFloat64(this.#skip(8), true);
    if (type === BINARY) return this.#binary();
    if (type === LIST || type === SET) return this.#list(depth);
    if (type === STRUCT) return this.struct(depth + 1);
    throw damaged('what describes it has a part of no known kind');
  }

  #list(depth: number): readonly ThriftValue[] {
    if (depth > MOST_DEPTH) throw damaged('what describes it is nested too deep');
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    const values: ThriftValue[] = [];
    // Each takes a byte at least, so the bytes end before the memory does.
    for (let i = 0; i < size; i++) values.push(this.#value(head & 0x0f, depth + 1));
    return values;
  }

  #binary(): Uint8Array {
    const length = this.#varint();
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #byte(): number {
    return this.#bytes[this.#skip(1)] as number;
  }

  #skip(length: number): number {
    const start = this.at;
    // NaN is no length either.
    if (!(start + length <= this.#bytes.length)) throw END;
    this.at += length;
    return start;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
    }
    throw damaged('a number in what describes it has no end');
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
