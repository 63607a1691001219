import { floatText } from '../typed/numbers.js';

/**
 * A value of a result. Whole numbers are numbers up to 2^53, beyond that bigints. Decimals are texts with all their digits;
 * dates and times are texts of ISO 8601, as `open` writes them; bytes are Base64. Lists are lists, structs are maps from their
 * members' names, and maps are lists of such with `key` and `value`.
 */
export type QueryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly QueryValue[]
  | ReadonlyMap<string, QueryValue>;

/** The value as JSON: what JSON has no number for is text. */
export function jsonOf(value: QueryValue): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (typeof value === 'number') return Number.isFinite(value) ? floatText(value, 64) : `"${value}"`;
  if (isList(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (value instanceof Map) return objectJson([...value.keys()], [...value.values()]);
  return JSON.stringify(value);
}

/** Members in their order, whatever they are called. */
export function objectJson(names: readonly string[], values: readonly QueryValue[]): string {
  return `{${names.map((name, i) => `${JSON.stringify(name)}:${jsonOf(values[i] ?? null)}`).join(',')}}`;
}

function isList(value: QueryValue): value is readonly QueryValue[] {
  return Array.isArray(value);
}

/** The value as a field of CSV or a cell of a table; null for one that is not there. */
export function textOf(value: QueryValue): string | null {
  if (value === null) return null;
  if (typeof value === 'number') return floatText(value, 64);
  return typeof value === 'object' ? jsonOf(value) : String(value);
}
