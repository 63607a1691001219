// RFC 8785 for the values the ledger allows: ASCII member names, integers from 0 to 2^53 − 1, no lone surrogates.

import { demand, Fault } from './bytes.js';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function jcs(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return jcsNumber(value);
  if (typeof value === 'string') return jcsString(value);
  if (Array.isArray(value)) return '[' + value.map(jcs).join(',') + ']';
  // RFC 8785 section 3.2.3 sorts by UTF-16 code units, as sort() does.
  const members = Object.keys(value).sort();
  return '{' + members.map((name) => jcsName(name) + ':' + jcs(value[name]!)).join(',') + '}';
}

function jcsNumber(value: number): string {
  demand(Number.isSafeInteger(value) && value >= 0, 'a number is not an integer from 0 to 2^53 - 1');
  return String(value);
}

function jcsString(value: string): string {
  // With the u flag a pair is one character, so this finds lone surrogates only.
  demand(!/\p{Surrogate}/u.test(value), 'a string holds a lone surrogate');
  // RFC 8785 section 3.2.2.2 is defined by what ECMAScript does.
  return JSON.stringify(value);
}

function jcsName(name: string): string {
  demand(
    [...name].every((character) => character >= ' ' && character <= '~'),
    'a member name is not printable ASCII',
  );
  return jcsString(name);
}

/** How many objects and arrays lie within each other; a scalar has none. */
export function depth(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  // A stack of its own: hostile nesting must not overflow the caller's.
  const open: [Json, number][] = [[value, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [container, level] = next;
    deepest = Math.max(deepest, level);
    for (const inner of Object.values(container as JsonObject)) {
      if (typeof inner === 'object' && inner !== null) open.push([inner, level + 1]);
    }
  }
  return deepest;
}

/**
 * What is JCS on the ledger equals JCS(parse(it)): that one comparison refuses duplicate members, `1.0`, `-0`, white
 * space and every other spelling.
 */
export function parseJcs(text: string, maximumDepth: number): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new Fault('not JSON');
  }
  demand(depth(value) <= maximumDepth, 'nested too deeply');
  demand(jcs(value) === text, 'not canonical JSON');
  return value;
}
