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
 * @throws {MedsealError} `MALFORMED`; `TOO_LARGE` beyond the depth
 */
export function parseCanonical(bytes: Uint8Array, maxDepth: number): JsonValue {
  const text = fromUtf8(bytes);
  if (text === null) throw new MedsealError('MALFORMED', 'the text is not UTF-8');
  expectDepth(bytes, maxDepth);
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

/** Looks at the nesting before anything is parsed, so that no text can exhaust the stack or the memory. */
function expectDepth(bytes: Uint8Array, maxDepth: number): void {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inText) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) throw new MedsealError('TOO_LARGE', `the JSON is nested deeper than ${maxDepth}`);
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the object has exactly these members. */
export function hasExactly(object: JsonObject, names: readonly string[]): boolean {
  const own = Object.keys(object);
  return own.length === names.length && names.every((name) => Object.hasOwn(object, name));
}
