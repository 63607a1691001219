import { fromUtf8 } from '../bytes.js';
import { MedsealError } from '../errors.js';

/** The JSON that a ledger holds: integers from 0 to 2^53 − 1 are its only numbers. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue;
}

/**
 * RFC 8785 canonical JSON. With ASCII member names the order of UTF-16 code units is that of `sort`, and an
 * ECMAScript string literal as `JSON.stringify` writes it is the canonical one.
 * @throws {MedsealError} `MALFORMED` for a number, text or name that a ledger does not hold
 */
export function canonicalize(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
      throw new MedsealError('MALFORMED', 'a number is not an integer from 0 to 2^53 − 1');
    }
    return String(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new MedsealError('MALFORMED', 'a text has a lone surrogate');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return '[' + value.map(canonicalize).join(',') + ']';
  const members = Object.keys(value).sort();
  return '{' + members.map((name) => memberName(name) + ':' + canonicalize(value[name] ?? null)).join(',') + '}';
}

function memberName(name: string): string {
  if (!/^[\x20-\x7e]*$/.test(name)) throw new MedsealError('MALFORMED', 'a member name is not ASCII');
  return JSON.stringify(name);
}

/**
 * Parses canonical JSON: text that `canonicalize` would write again exactly.
 * @param maxDepth how many arrays and objects may stand within each other
 * @param maxValues how many values it may be made of
 * @throws {MedsealError} `MALFORMED`; `TOO_LARGE` beyond the depth or the number
 */
export function parseCanonical(
  bytes: Uint8Array,
  maxDepth: number,
  maxValues: number = Number.POSITIVE_INFINITY,
): JsonValue {
  const text = fromUtf8(bytes);
  if (text === null) throw new MedsealError('MALFORMED', 'the text is not UTF-8');
  expectBounds(bytes, maxDepth, maxValues);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw new MedsealError('MALFORMED', 'the text is not JSON');
  }
  if (canonicalize(value) !== text) {
    throw new MedsealError('MALFORMED', 'the JSON is not in its canonical form (RFC 8785)');
  }
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

const opens = (byte: number | undefined): boolean => byte === 0x7b || byte === 0x5b;
const closes = (byte: number | undefined): boolean => byte === 0x7d || byte === 0x5d;

/** Looks at nesting and number before anything is parsed, so that no text can exhaust the stack or the memory. */
function expectBounds(bytes: Uint8Array, maxDepth: number, maxValues: number): void {
  let depth = 0;
  let values = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) i = endOfText(bytes, i);
    else if (opens(byte)) {
      if (++depth > maxDepth) throw new MedsealError('TOO_LARGE', `the JSON is nested deeper than ${maxDepth}`);
      values++;
    } else if (closes(byte)) depth--;
    else if (byte === COMMA) values++;
    if (values > maxValues) throw new MedsealError('TOO_LARGE', `the JSON has more than ${maxValues} values`);
  }
}

/** Where the quote stands that closes the text opened at `start`; the end of the bytes where none does. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; ; at++) {
    at = bytes.indexOf(QUOTE, at);
    if (at < 0) return bytes.length;
    let backslashes = 0;
    while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

/** An array within JSON text, cut into its elements' bytes without parsing them. */
export interface SplitArray {
  readonly elements: readonly Uint8Array[];
  /** How many there are; those beyond `most` are only counted. */
  readonly count: number;
  /** Where the bracket stands that closes the array. */
  readonly end: number;
}

/** Cuts the array whose first element begins at `start` into its elements; null where the array is not closed. */
export function splitArray(bytes: Uint8Array, start: number, most: number): SplitArray | null {
  const elements: Uint8Array[] = [];
  let count = 0;
  let depth = 0;
  let from = start;
  for (let i = start; i < bytes.length; i++) {
    const byte = bytes[i];
    const ends = depth === 0 && (byte === COMMA || closes(byte));
    if (ends && (byte === COMMA || i > start)) {
      if (count++ < most) elements.push(bytes.subarray(from, i));
      from = i + 1;
    }
    if (ends && byte !== COMMA) return { elements, count, end: i };
    if (byte === QUOTE) i = endOfText(bytes, i);
    else if (opens(byte)) depth++;
    else if (closes(byte)) depth--;
  }
  return null;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the object has exactly these members. */
export function hasExactly(object: JsonObject, names: readonly string[]): boolean {
  const own = Object.keys(object);
  return own.length === names.length && names.every((name) => Object.hasOwn(object, name));
}
