import { MedsealError } from '../../errors.js';
import { placeOf } from '../column-names.js';

/** What the values of a column can be (spec/records.md, "Types"). */
export const COLUMN_TYPES = [
  'text',
  'boolean',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float32',
  'float64',
  'date',
  'timestamp-ms',
  'timestamp-us',
  'timestamp-ns',
  'timestamp-ms-utc',
  'timestamp-us-utc',
  'timestamp-ns-utc',
] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

/** Shorter names for the types that people mean most. */
const SHORT: Readonly<Record<string, ColumnType>> = {
  integer: 'int64',
  float: 'float64',
  timestamp: 'timestamp-us',
  'timestamp-utc': 'timestamp-us-utc',
};

/** A type by its name, or by a shorter one: `integer`, `float`, `timestamp`, `timestamp-utc`. */
export type TypeName = ColumnType | 'integer' | 'float' | 'timestamp' | 'timestamp-utc';

/**
 * A value of a column; null where there is none. Text is a string; a whole number of up to 32 bits and a float are numbers;
 * one of 64 bits is a bigint. A date is a number: days since 1970-01-01. A timestamp is a bigint: units since
 * 1970-01-01T00:00, of its own clock or, in a type that ends with `-utc`, in UTC.
 */
export type Value = string | number | bigint | boolean | null;

export interface TypedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** Some rows of a table, by columns: as many values in each as there are rows. */
export interface TypedBatch {
  readonly rows: number;
  readonly columns: readonly (readonly Value[])[];
}

/** A table whose columns have types. */
export interface TypedTable {
  readonly columns: readonly TypedColumn[];
  /** All rows, in order. */
  batches(): AsyncIterable<TypedBatch>;
}

/** Units of a second, by the type's name. */
const UNITS = { ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n } as const;

export interface TimestampType {
  /** Digits of the fraction of a second. */
  readonly digits: 3 | 6 | 9;
  readonly unitsPerSecond: bigint;
  readonly isUtc: boolean;
}

/** What a type of timestamps is; null for other types. */
export function timestampOf(type: Extract<ColumnType, `timestamp-${string}`>): TimestampType;
export function timestampOf(type: ColumnType): TimestampType | null;
export function timestampOf(type: ColumnType): TimestampType | null {
  const unit = /^timestamp-([mun]s)/.exec(type)?.[1] as keyof typeof UNITS | undefined;
  if (unit === undefined) return null;
  const digits = unit === 'ms' ? 3 : unit === 'us' ? 6 : 9;
  return { digits, unitsPerSecond: UNITS[unit], isUtc: type.endsWith('-utc') };
}

/** The least and the greatest value of a type of whole numbers; null for other types. */
export function integerRange(type: ColumnType): { least: bigint; greatest: bigint } | null {
  const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(type) ?? [];
  if (bits === undefined) return null;
  const size = 1n << BigInt(bits);
  return unsigned === 'u' ? { least: 0n, greatest: size - 1n } : { least: -size / 2n, greatest: size / 2n - 1n };
}

/** A type that is written in a manifest; `text` for one that this version does not know, whose texts are as good. */
export function knownType(name: string): ColumnType {
  return COLUMN_TYPES.find((type) => type === name) ?? 'text';
}

/**
 * The types that a person gives columns, by the columns' places.
 * @param names distinct names of the columns
 * @param schema type by column, which has its name or its number from 1
 * @throws {MedsealError} `COLUMN_UNKNOWN`, with the names that are nearest; `ARGUMENT_INVALID` for what is no type
 */
export function chosenTypes(
  names: readonly string[],
  schema: Readonly<Record<string, string>>,
): ReadonlyMap<number, ColumnType> {
  return new Map(Object.entries(schema).map(([column, type]) => [placeOf(names, column), typeNamed(type)]));
}

/** @throws {MedsealError} `ARGUMENT_INVALID`, with all names */
export function typeNamed(name: string): ColumnType {
  const type = COLUMN_TYPES.find((each) => each === name) ?? (Object.hasOwn(SHORT, name) ? SHORT[name] : undefined);
  if (type !== undefined) return type;
  const all = [...Object.keys(SHORT), ...COLUMN_TYPES].join(', ');
  throw new MedsealError('ARGUMENT_INVALID', `${JSON.stringify(name)} is no type of a column; there are: ${all}`);
}
