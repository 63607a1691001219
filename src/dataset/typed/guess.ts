import { parseDate, parseTimestamp, timestampUnits } from './calendar.js';
import { parseFloat64, parseInteger } from './numbers.js';
import { type ColumnType, integerRange, timestampOf } from './types.js';
import { valueReader } from './values.js';

/** The texts that pandas takes for a value that is not there (`pandas.read_csv`, `na_values`). */
const MISSING: ReadonlySet<string> = new Set([
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
]);

/** Whether a field of a table without types has no value, as pandas sees it. */
export function isMissing(text: string): boolean {
  return text.length <= 8 && MISSING.has(text);
}

type Kind = 'integer' | 'float' | 'boolean' | 'date' | 'timestamp' | 'timestamp-utc';

const LEAST_64 = integerRange('int64')?.least ?? 0n;
const MOST_64 = integerRange('int64')?.greatest ?? 0n;
const MOST_UNSIGNED = integerRange('uint64')?.greatest ?? 0n;
const NANOSECONDS = timestampOf('timestamp-ns');

/** Years that programs of any language have. */
const FOUR_DIGITS = /^(?!0000)\d{4}-/;

const readBoolean = valueReader('boolean');

/**
 * What the fields of a column are, of a table that does not say it: what `pandas.read_csv` finds when it looks at all of
 * them, and besides dates and times of ISO 8601, which pandas finds when it is asked for them (`parse_dates`). A column
 * without any value is of floats, and one without rows is text, as there.
 */
export class TypeGuess {
  /** What all values so far can be; null before the first. */
  #kinds: ReadonlySet<Kind> | null = null;
  #hasMissing = false;
  #hasNegative = false;
  /** A whole number over 2^63 − 1, and one outside of 64 bits. */
  #hasUnsigned = false;
  #hasHuge = false;
  #needsNanoseconds = false;
  #fitsNanoseconds = true;

  /** Whether it is text, whatever comes. */
  get isSettled(): boolean {
    return this.#kinds?.size === 0;
  }

  /** A value that is there. @param text a field's, without its quotes */
  see(text: string): void {
    if (!this.isSettled) this.#kinds = this.#narrowed(text);
  }

  seeMissing(): void {
    this.#hasMissing = true;
  }

  /** A value that is text, whatever it looks like. */
  settle(): void {
    this.#kinds = new Set();
  }

  get type(): ColumnType {
    const kinds = this.#kinds;
    if (kinds === null) return this.#hasMissing ? 'float64' : 'text';
    if (kinds.has('integer')) return this.#integerType();
    if (kinds.has('float')) return 'float64';
    if (kinds.has('boolean')) return 'boolean';
    if (kinds.has('date')) return 'date';
    if (!kinds.has('timestamp') && !kinds.has('timestamp-utc')) return 'text';
    if (this.#needsNanoseconds && !this.#fitsNanoseconds) return 'text';
    return `timestamp-${this.#needsNanoseconds ? 'ns' : 'us'}${kinds.has('timestamp-utc') ? '-utc' : ''}`;
  }

  #narrowed(text: string): ReadonlySet<Kind> {
    const all = this.#kinds;
    const number = all === null || all.has('integer') || all.has('float') ? this.#numberKinds(text) : NOTHING;
    const found = number.length > 0 ? number : this.#otherKinds(text);
    if (all === null) return new Set(found);
    return found.length === all.size && found.every((kind) => all.has(kind))
      ? all
      : new Set(found.filter((kind) => all.has(kind)));
  }

  #numberKinds(text: string): readonly Kind[] {
    const integer = parseInteger(text);
    if (integer === null) {
      // pandas has given up numbers by then: it reads from the top, whole ones first.
      return Number.isNaN(parseFloat64(text) ?? Number.NaN) || this.#hasHuge ? NOTHING : FLOAT;
    }
    if (this.#kinds?.has('integer') !== false) {
      if (integer < 0n) this.#hasNegative = true;
      if (integer > MOST_64) this.#hasUnsigned = true;
      if (integer > MOST_UNSIGNED || integer < LEAST_64) this.#hasHuge = true;
    }
    return INTEGER;
  }

  /** Whole numbers of 64 bits; those over 2^63 − 1 only where pandas has a type for all of the column. */
  #integerType(): ColumnType {
    if (this.#hasHuge) return 'text';
    if (!this.#hasUnsigned) return 'int64';
    return this.#hasNegative || this.#hasMissing ? 'text' : 'uint64';
  }

  #otherKinds(text: string): readonly Kind[] {
    if (readBoolean(text) !== null) return BOOLEAN;
    if (!FOUR_DIGITS.test(text)) return NOTHING;
    if (parseDate(text) !== null) return DATE;
    const timestamp = parseTimestamp(text);
    if (timestamp === null) return NOTHING;
    if (/[1-9]/.test(timestamp.fraction.slice(6))) this.#needsNanoseconds = true;
    if (timestampUnits(timestamp, NANOSECONDS) === null) this.#fitsNanoseconds = false;
    return timestamp.hasOffset ? TIMESTAMP_UTC : TIMESTAMP;
  }
}

const NOTHING: readonly Kind[] = [];
const INTEGER: readonly Kind[] = ['integer', 'float'];
const FLOAT: readonly Kind[] = ['float'];
const BOOLEAN: readonly Kind[] = ['boolean'];
const DATE: readonly Kind[] = ['date'];
const TIMESTAMP: readonly Kind[] = ['timestamp'];
const TIMESTAMP_UTC: readonly Kind[] = ['timestamp-utc'];
