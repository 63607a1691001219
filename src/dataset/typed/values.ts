import { parseDate, parseTimestamp, timestampUnits } from './calendar.js';
import { parseFloat64, parseInteger } from './numbers.js';
import { type ColumnType, integerRange, timestampOf, type Value } from './types.js';

/** Reads a text as a value of a type; null where it is none. */
export type ValueReader = (text: string) => Value;

/**
 * How the texts of a column are read. Every text that sealing writes is read again to the same value, and numbers as freely
 * as in pandas.
 */
export function valueReader(type: ColumnType): ValueReader {
  if (type === 'text') return (text) => text;
  if (type === 'boolean') return readBoolean;
  if (type === 'float64') return parseFloat64;
  if (type === 'float32') return readFloat32;
  if (type === 'date') return parseDate;
  const timestamp = timestampOf(type);
  if (timestamp === null) return integerReader(type);
  return (text) => {
    // Midnight of a day that has no time, as pandas reads it.
    const parsed = parseTimestamp(timestamp.isUtc || parseDate(text) === null ? text : `${text}T00:00`);
    return parsed === null || parsed.hasOffset !== timestamp.isUtc ? null : timestampUnits(parsed, timestamp);
  };
}

function readBoolean(text: string): boolean | null {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : null;
}

function readFloat32(text: string): number | null {
  const value = parseFloat64(text);
  return value === null ? null : Math.fround(value);
}

function integerReader(type: ColumnType): ValueReader {
  const { least, greatest } = integerRange(type) ?? { least: 0n, greatest: 0n };
  const isLarge = type.endsWith('64');
  return (text) => {
    const value = parseInteger(text);
    if (value === null || value < least || value > greatest) return null;
    return isLarge ? value : Number(value);
  };
}
