// "Types" of spec/records.md, read straight from its table: a field, and the value that it is.

import { hex } from './bytes.js';
import type { Json } from './jcs.js';

/** A value as a vector holds it: integers and units of time as digits, floats as their bytes, a date as its days. */
export type FieldValue = { value: Json } | { refused: true };

const REFUSED: FieldValue = { refused: true };

export function readField(type: string, field: string): FieldValue {
  if (field === '') return { value: null };
  const text = field.replace(/^"((?:[^"]|"")*)("?)/, (_, inner: string) => inner.replaceAll('""', '"'));
  const value = valueFrom(type, text);
  return value === undefined ? REFUSED : { value };
}

function valueFrom(type: string, text: string): Json | undefined {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (type === 'date') return /^[^T]*$/.test(text) ? daysTo(text) : undefined;
  if (/^u?int/.test(type)) return integer(type, text);
  if (/^float/.test(type)) return float(type, text);
  if (/^timestamp/.test(type)) return timestamp(type, text);
  return text;
}

function integer(type: string, text: string): string | undefined {
  if (!/^(0|-?[1-9]\d*)$/.test(text)) return undefined;
  const bits = BigInt(type.replace(/\D/g, ''));
  const [least, beyond] = type.startsWith('u') ? [0n, 2n ** bits] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n)];
  const value = BigInt(text);
  return value >= least && value < beyond ? String(value) : undefined;
}

/** The bytes of the float, if no shorter text gives the same ones. */
function float(type: string, text: string): string | undefined {
  const bytes = (one: string): string => {
    const view = new DataView(new ArrayBuffer(type === 'float32' ? 4 : 8));
    if (type === 'float32') view.setFloat32(0, Number(one));
    else view.setFloat64(0, Number(one));
    return hex(new Uint8Array(view.buffer));
  };
  const value = type === 'float32' ? Math.fround(Number(text)) : Number(text);
  if (Number.isNaN(value)) return text === 'NaN' ? bytes(text) : undefined;
  for (let digits = 1; digits <= 17; digits++) {
    const shortest = String(Number(value.toPrecision(digits)));
    if (bytes(shortest) !== bytes(String(value))) continue;
    return text === (Object.is(value, -0) ? '-0' : shortest) ? bytes(text) : undefined;
  }
  return text === String(value) ? bytes(text) : undefined;
}

/** Days from 1970-01-01, counted one year and one month after the other. */
function daysTo(text: string): number | undefined {
  const match = /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const isShort = year >= 0 && year <= 9999;
  if ((match[1]!.length === 4) !== isShort || month < 1 || month > 12) return undefined;
  const isLeap = (one: number): boolean => (one % 4 === 0 && one % 100 !== 0) || one % 400 === 0;
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (day < 1 || day > lengths[month - 1]!) return undefined;
  let days = day - 1 + lengths.slice(0, month - 1).reduce((sum, length) => sum + length, 0);
  for (let one = 1970; one < year; one++) days += isLeap(one) ? 366 : 365;
  for (let one = year; one < 1970; one++) days -= isLeap(one) ? 366 : 365;
  return Math.abs(days) <= 100_000_000 ? days : undefined;
}

function timestamp(type: string, text: string): string | undefined {
  const digits = { ms: 3, us: 6, ns: 9 }[type.slice(10, 12)]!;
  const end = type.endsWith('-utc') ? 'Z' : '';
  const match = new RegExp(`^(.+)T(\\d\\d):(\\d\\d):(\\d\\d)\\.(\\d{${digits}})${end}$`).exec(text);
  const days = match === null ? undefined : daysTo(match[1]!);
  if (match === null || days === undefined) return undefined;
  const [hour, minute, second] = match.slice(2, 5).map(Number) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const seconds = days * 86400 + hour * 3600 + minute * 60 + second;
  if (Math.abs(seconds) > 100_000_000 * 86400) return undefined;
  const units = BigInt(seconds) * 10n ** BigInt(digits) + BigInt(match[5]!);
  return units >= -(2n ** 63n) && units < 2n ** 63n ? String(units) : undefined;
}
