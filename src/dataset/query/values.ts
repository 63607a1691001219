import { floatText } from '../typed/numbers.js';

/**
 * A value of a result. Whole numbers are numbers up to 2^53, beyond that bigints. Decimals are texts with all their digits;
 * dates and times are texts of ISO 8601, as `open` writes them; bytes are Base64. Lists are lists, structs are objects, and maps
 * are lists of objects with `key` and `value`.
 */
export type QueryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly QueryValue[]
  | { readonly [name: string]: QueryValue };

/** The value as JSON: what JSON has no number for is text. */
export function jsonOf(value: QueryValue): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return String(part);
    return typeof part === 'number' && !Number.isFinite(part) ? String(part) : part;
  });
}

/** The value as a field of CSV or a cell of a table; null for one that is not there. */
export function textOf(value: QueryValue): string | null {
  if (value === null) return null;
  if (typeof value === 'number') return floatText(value, 64);
  return typeof value === 'object' ? jsonOf(value) : String(value);
}
