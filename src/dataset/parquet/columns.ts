import { isUtf8 } from 'node:buffer';
import { COLUMN_TYPES, type ColumnType, timestampOf, type Value } from '../typed/types.js';
import { damaged, unsupported } from './damaged.js';
import type { ThriftStruct, ThriftValue } from './thrift.js';

/** A value as Parquet stores it: of INT64 a bigint, of INT96 and the byte arrays their bytes. */
export type Stored = boolean | number | bigint | Uint8Array;

/** `Type`, how values are stored. */
export const BOOLEAN = 0;
export const INT32 = 1;
export const INT64 = 2;
export const INT96 = 3;
export const FLOAT = 4;
export const DOUBLE = 5;
export const BYTE_ARRAY = 6;
export const FIXED_LEN_BYTE_ARRAY = 7;

/** What the schema says of a column (`SchemaElement`). */
export interface ColumnElement {
  readonly name: string;
  readonly physical: number;
  /** Bytes of each value of FIXED_LEN_BYTE_ARRAY. */
  readonly length: number;
  readonly optional: boolean;
  /** `ConvertedType`, which came before `LogicalType` and is still written beside it. */
  readonly converted: number | null;
  readonly scale: number;
  /** `LogicalType`: one field, whose id says which. */
  readonly logical: ThriftStruct | null;
}

/** A column of the table that is sealed. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly physical: number;
  readonly length: number;
  readonly optional: boolean;
  /** @throws {MedsealError} `PARQUET_INVALID` for a value that is none */
  readonly convert: (stored: Stored) => Value;
}

/**
 * What becomes of a column (docs/parquet.md).
 * @throws {MedsealError} `PARQUET_UNSUPPORTED`, `PARQUET_INVALID`
 */
export function columnOf(element: ColumnElement): ParquetColumn {
  const { name, physical, length, optional } = element;
  if (physical === FIXED_LEN_BYTE_ARRAY && (length < 1 || length > MOST_FIXED_BYTES)) {
    throw damaged(`column ${JSON.stringify(name)} has values of an impossible size`);
  }
  const { type, convert } = meaningOf(element);
  return { name, type, physical, length, optional, convert };
}

interface Meaning {
  readonly type: ColumnType;
  readonly convert: (stored: Stored) => Value;
}

const MOST_FIXED_BYTES = 1024 * 1024;

/** `ConvertedType` by the `LogicalType` that it became. */
const LOGICAL_OF: Readonly<Record<number, string>> = {
  0: 'text',
  4: 'text',
  5: 'decimal',
  6: 'date',
  7: 'time',
  8: 'time',
  9: 'timestamp',
  10: 'timestamp',
  19: 'text',
};
const BY_LOGICAL: Readonly<Record<number, string>> = {
  1: 'text',
  4: 'text',
  5: 'decimal',
  6: 'date',
  7: 'time',
  8: 'timestamp',
  10: 'integer',
  11: 'nothing',
  12: 'text',
  14: 'uuid',
  15: 'float16',
};

function meaningOf(element: ColumnElement): Meaning {
  const { physical, converted, logical } = element;
  const [id, terms] = logical?.entries().next().value ?? [];
  const integer = converted !== null && converted >= 11 && converted <= 18;
  const kind =
    id !== undefined ? BY_LOGICAL[id] : integer ? 'integer' : converted !== null ? LOGICAL_OF[converted] : 'plain';
  const isBytes = physical === BYTE_ARRAY || physical === FIXED_LEN_BYTE_ARRAY;
  if (kind === 'text' && isBytes) return text(element.name);
  if (kind === 'nothing') return text(element.name);
  if (kind === 'decimal' && (isBytes || physical === INT32 || physical === INT64)) return decimal(element, terms);
  if (kind === 'date' && physical === INT32) return { type: 'date', convert: identity };
  if (kind === 'time') return time(element, terms);
  if (kind === 'timestamp' && physical === INT64) return timestamp(element, terms);
  if (kind === 'integer') return integers(element, terms);
  if (kind === 'uuid' && element.length === 16) return { type: 'text', convert: uuidText };
  if (kind === 'float16' && element.length === 2) return { type: 'float32', convert: float16 };
  const plain = kind === 'plain' ? PLAIN[physical] : undefined;
  if (plain !== undefined) return plain;
  throw unsupported(
    `column ${JSON.stringify(element.name)} holds ${isBytes ? 'bytes that are not said to be text' : 'values of a kind that cannot be sealed'}; write it as text first (bytes: in Base64, or in hex)`,
  );
}

const identity = (stored: Stored): Value => stored as Value;

const PLAIN: Readonly<Record<number, Meaning>> = {
  [BOOLEAN]: { type: 'boolean', convert: identity },
  [INT32]: { type: 'int32', convert: identity },
  [INT64]: { type: 'int64', convert: identity },
  [INT96]: { type: 'timestamp-ns', convert: (stored) => int96(stored as Uint8Array) },
  [FLOAT]: { type: 'float32', convert: identity },
  [DOUBLE]: { type: 'float64', convert: identity },
};

function text(name: string): Meaning {
  return {
    type: 'text',
    convert: (stored) => {
      const bytes = stored as Uint8Array;
      if (!isUtf8(bytes)) throw damaged(`column ${JSON.stringify(name)} has a text that is not UTF-8`);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    },
  };
}

function integers({ name, physical, converted }: ColumnElement, terms: ThriftValue | undefined): Meaning {
  const said = terms instanceof Map ? terms : null;
  const bits = said === null ? 8 << (((converted ?? 11) - 11) % 4) : said.get(1);
  const signed = said === null ? (converted ?? 0) >= 15 : said.get(2) === true;
  const type = COLUMN_TYPES.find((each) => each === `${signed ? '' : 'u'}int${bits}`);
  if (type === undefined || physical !== (bits === 64 ? INT64 : INT32)) {
    throw damaged(`column ${JSON.stringify(name)} has integers of an impossible size`);
  }
  if (type === 'uint64') return { type, convert: (stored) => BigInt.asUintN(64, stored as bigint) };
  if (type === 'int64' || type === 'int32') return { type, convert: identity };
  // What has more bits than it should is cut, as other readers do.
  if (signed) return { type, convert: (stored) => ((stored as number) << (32 - Number(bits))) >> (32 - Number(bits)) };
  return { type, convert: (stored) => ((stored as number) << (32 - Number(bits))) >>> (32 - Number(bits)) };
}

/** The exact digits as text: there is no type that has them all. */
function decimal({ scale: plainScale }: ColumnElement, terms: ThriftValue | undefined): Meaning {
  const scale = terms instanceof Map ? Number(terms.get(1) ?? 0) : plainScale;
  if (!Number.isInteger(scale) || scale < 0 || scale > 1000) throw damaged('a decimal has an impossible scale');
  const convert = (stored: Stored): Value => {
    const unscaled = stored instanceof Uint8Array ? bigEndian(stored) : BigInt(stored as number | bigint);
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
  };
  return { type: 'text', convert };
}

/** Two's complement, the most significant byte first. */
function bigEndian(bytes: Uint8Array): bigint {
  if (bytes.length > 64) throw damaged('a decimal has too many digits');
  const value = BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
  return BigInt.asIntN(8 * bytes.length, value);
}

type Unit = 'ms' | 'us' | 'ns';

/** @param before the ConvertedType whose unit is the millisecond */
function unitOf(
  { name, converted }: ColumnElement,
  terms: ThriftValue | undefined,
  before: number,
): { unit: Unit; isUtc: boolean } {
  // What ConvertedType calls a time is one in UTC.
  if (!(terms instanceof Map)) return { unit: converted === before ? 'ms' : 'us', isUtc: true };
  const named = terms.get(2);
  const unit = named instanceof Map ? (['ms', 'us', 'ns'] as const)[Number(named.keys().next().value) - 1] : undefined;
  if (unit === undefined) throw damaged(`column ${JSON.stringify(name)} has times of no known unit`);
  return { unit, isUtc: terms.get(1) === true };
}

function timestamp(element: ColumnElement, terms: ThriftValue | undefined): Meaning {
  const { unit, isUtc } = unitOf(element, terms, 9);
  return { type: isUtc ? `timestamp-${unit}-utc` : `timestamp-${unit}`, convert: identity };
}

/** The time of a day as text, `hh:mm:ss` and the digits of its unit. */
function time(element: ColumnElement, terms: ThriftValue | undefined): Meaning {
  const { unit } = unitOf(element, terms, 7);
  const { digits, unitsPerSecond: second } = timestampOf(`timestamp-${unit}`);
  if (element.physical !== (unit === 'ms' ? INT32 : INT64)) throw damaged('a time has an impossible size');
  const two = (value: bigint): string => String(value).padStart(2, '0');
  const convert = (stored: Stored): Value => {
    const units = BigInt(stored as number | bigint);
    const seconds = units / second;
    if (units < 0n || seconds >= 86_400n) throw damaged('a time is none of a day');
    const fraction = String(units % second).padStart(digits, '0');
    return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}.${fraction}`;
  };
  return { type: 'text', convert };
}

/** Nanoseconds of a day and the day's Julian number, as Spark and Impala once wrote them. */
function int96(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const days = BigInt(view.getInt32(8, true)) - 2_440_588n;
  const nanoseconds = days * 86_400_000_000_000n + view.getBigInt64(0, true);
  if (nanoseconds === BigInt.asIntN(64, nanoseconds)) return nanoseconds;
  throw damaged('a time does not fit into 64 bits of nanoseconds');
}

function uuidText(stored: Stored): Value {
  const hex = Buffer.from(stored as Uint8Array).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** IEEE 754 binary16. */
function float16(stored: Stored): Value {
  const [low = 0, high = 0] = stored as Uint8Array;
  const sign = high & 0x80 ? -1 : 1;
  const exponent = (high >> 2) & 0x1f;
  const fraction = ((high & 3) << 8) | low;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
