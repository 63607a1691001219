import { isMissing } from '../../dataset/typed/guess.js';
import { parseFloatAsPandas } from './parse-float.js';

/** The type that pandas' `read_csv` gives a column. */
export type ColumnType =
  | 'int64'
  | 'uint64'
  /** Whole numbers with missing ones among them: pandas reads them as int64 and makes floats of them. */
  | 'int64 as float64'
  | 'float64'
  | 'bool'
  /** Truth values with missing ones among them, in a column of objects. */
  | 'bool as object'
  | 'object'
  /** Numbers that are too large for one type of integer and too small for the other: text, in which nothing is missing. */
  | 'object without missing';

/** A value in a row of a DataFrame; null is NaN. */
export type Cell = null | boolean | string | number | bigint;

/** Whether pandas takes a field for a missing value: 1.5 does not yet know "None" for one. */
function isNothing(field: string): boolean {
  return field !== 'None' && isMissing(field);
}

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ...['True', 'TRUE', 'true'].map((text) => [text, true] as const),
  ...['False', 'FALSE', 'false'].map((text) => [text, false] as const),
]);

const WHOLE = /^[ \t\n\v\f\r]*([-+]?[0-9]+)[ \t\n\v\f\r]*$/;
const NEGATIVE = /^[ \t\n\v\f\r]*-/;
const LEAST_INT = -(2n ** 63n);
const MOST_INT = 2n ** 63n - 1n;
const MOST_UINT = 2n ** 64n - 1n;

/**
 * Finds out the type of a column from its fields, in order, as `read_csv` does with `low_memory=False`: the first of
 * int64, uint64, float64, bool that all fields can be read as, or else text.
 */
export class TypeGuess {
  #missing = false;
  /** What ended the attempt to read whole numbers: the first field that is none, or is too large. */
  #ended: 'none' | 'too large' | 'no number' = 'none';
  #unsigned: 'none' | 'too large' | 'no number' = 'none';
  #large = false;
  #negative = false;
  #float = true;
  #bool = true;

  add(field: string): void {
    if (isNothing(field)) {
      this.#missing = true;
      return;
    }
    const number = wholeNumber(field);
    if (this.#ended === 'none') {
      if (number === null) this.#ended = 'no number';
      else if (number > MOST_INT || number < LEAST_INT) this.#ended = 'too large';
    }
    if (this.#unsigned === 'none') this.#addUnsigned(field, number);
    if (this.#float && parseFloatAsPandas(field) === null) this.#float = false;
    if (this.#bool && !TRUTH.has(field)) this.#bool = false;
  }

  /** A negative number is not looked at further: it only says that the others cannot be unsigned. */
  #addUnsigned(field: string, number: bigint | null): void {
    if (NEGATIVE.test(field)) this.#negative = true;
    else if (number === null) this.#unsigned = 'no number';
    else if (number > MOST_UINT) this.#unsigned = 'too large';
    else if (number > MOST_INT) this.#large = true;
  }

  type(): ColumnType {
    if (this.#ended === 'none') return this.#missing ? 'int64 as float64' : 'int64';
    if (this.#ended === 'too large') {
      if (this.#unsigned === 'too large') return 'object';
      if (this.#unsigned === 'none') {
        if (this.#large && (this.#negative || this.#missing)) return 'object without missing';
        return this.#negative ? 'object' : 'uint64';
      }
    }
    if (this.#float) return 'float64';
    if (this.#bool) return this.#missing ? 'bool as object' : 'bool';
    return 'object';
  }
}

/** A field as a value of its column. */
export function cellOf(field: string, type: ColumnType): Cell {
  if (type !== 'object without missing' && isNothing(field)) return null;
  if (type === 'int64' || type === 'uint64') return wholeNumber(field);
  if (type === 'int64 as float64') {
    const number = wholeNumber(field);
    // Where something is missing, pandas itself takes the least integer for its sign of that.
    return number === LEAST_INT ? null : Number(number);
  }
  if (type === 'float64') return parseFloatAsPandas(field);
  if (type === 'bool' || type === 'bool as object') return TRUTH.get(field) ?? null;
  return field;
}

function wholeNumber(field: string): bigint | null {
  const digits = WHOLE.exec(field)?.[1];
  return digits === undefined || digits.length > 100 ? null : BigInt(digits.replace('+', ''));
}
