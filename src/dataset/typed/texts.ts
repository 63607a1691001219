import { dateText, timestampText } from './calendar.js';
import { floatText } from './numbers.js';
import { type ColumnType, timestampOf, type Value } from './types.js';

/** The text of a value that is there; null where it has none, being a date or time too far away. */
export type ValueWriter = (value: Exclude<Value, null>) => string | null;

/** How values of a type are written (spec/records.md, "Types"). */
export function valueWriter(type: ColumnType): ValueWriter {
  if (type === 'float32') return (value) => floatText(Number(value), 32);
  if (type === 'float64') return (value) => floatText(Number(value), 64);
  if (type === 'date') return (value) => dateText(Number(value));
  const timestamp = timestampOf(type);
  return timestamp === null ? String : (value) => timestampText(BigInt(value), timestamp);
}

/** A text as a field of CSV: in quotes where it needs them, or where it would be taken for a value that is not there. */
export function fieldOf(text: string): string {
  // A header line must not begin with what would be its byte-order mark.
  return text === '' || /[",\r\n]|^\ufeff/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
