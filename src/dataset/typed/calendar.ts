import type { TimestampType } from './types.js';

/** Days before or after 1970-01-01 that a date may be: those of ECMAScript, years −271821 to 275760. */
const MOST_DAYS = 100_000_000;

const SECONDS_A_DAY = 86_400;

const MOST_64_BITS = (1n << 63n) - 1n;

const YEAR = String.raw`(\d{4}|[+-]\d{6})`;
const DATE = new RegExp(`^${YEAR}-(\\d\\d)-(\\d\\d)$`);
const TIMESTAMP = new RegExp(
  `^${YEAR}-(\\d\\d)-(\\d\\d)[T ](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?(Z|[+-]\\d\\d(?::?\\d\\d)?)?$`,
);

/** A date of ISO 8601 as days since 1970-01-01; null where the text is none. */
export function parseDate(text: string): number | null {
  const match = DATE.exec(text);
  return match === null ? null : dayOf(match);
}

/** A date as `YYYY-MM-DD`, years outside of 0000–9999 with a sign and six digits; null where it is too far away. */
export function dateText(days: number): string | null {
  if (!Number.isInteger(days) || Math.abs(days) > MOST_DAYS) return null;
  const text = new Date(days * SECONDS_A_DAY * 1000).toISOString();
  return text.slice(0, text.indexOf('T'));
}

/** A point in time as its text gives it. */
export interface ParsedTimestamp {
  /** Seconds since 1970-01-01T00:00: in UTC where the text has an offset from it. */
  readonly seconds: number;
  /** The digits behind the seconds' point. */
  readonly fraction: string;
  readonly hasOffset: boolean;
}

/** Date and time of ISO 8601, to the minute at least; null where the text is none. */
export function parseTimestamp(text: string): ParsedTimestamp | null {
  const match = TIMESTAMP.exec(text);
  const day = match === null ? null : dayOf(match);
  if (match === null || day === null) return null;
  const [, , , , hour, minute, second = '0', fraction = '', offset] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const ahead = offset === undefined ? 0 : offsetSeconds(offset);
  if (ahead === null) return null;
  const seconds = day * SECONDS_A_DAY + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - ahead;
  return { seconds, fraction, hasOffset: offset !== undefined };
}

function offsetSeconds(offset: string): number | null {
  if (offset === 'Z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return null;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** In the units of a type of timestamps; null where it has more digits than these, or does not fit into 64 bits. */
export function timestampUnits({ seconds, fraction }: ParsedTimestamp, type: TimestampType): bigint | null {
  const { digits, unitsPerSecond } = type;
  if (/[1-9]/.test(fraction.slice(digits))) return null;
  const units = BigInt(seconds) * unitsPerSecond + BigInt(fraction.slice(0, digits).padEnd(digits, '0'));
  return units <= MOST_64_BITS && units >= -MOST_64_BITS ? units : null;
}

/** `YYYY-MM-DDThh:mm:ss` with all digits of the unit behind the point, and `Z` for UTC; null where it is too far away. */
export function timestampText(units: bigint, { digits, unitsPerSecond, isUtc }: TimestampType): string | null {
  // Of what lies before 1970 too the fraction counts forwards.
  const fraction = ((units % unitsPerSecond) + unitsPerSecond) % unitsPerSecond;
  const seconds = Number((units - fraction) / unitsPerSecond);
  if (Math.abs(seconds) > MOST_DAYS * SECONDS_A_DAY) return null;
  const whole = new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length);
  return `${whole}.${String(fraction).padStart(digits, '0')}${isUtc ? 'Z' : ''}`;
}

/**
 * Days since 1970-01-01 of a date in the proleptic Gregorian calendar; null of one that there is not. Years begin with
 * March, so that the leap day is the last (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
 */
function dayOf([, yearText, monthText, dayText]: RegExpExecArray): number | null {
  const [year, month, day] = [Number(yearText), Number(monthText), Number(dayText)];
  if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month) || yearText === '-000000') return null;
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - 719_468;
  return Math.abs(days) > MOST_DAYS ? null : days;
}

function monthLength(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}
