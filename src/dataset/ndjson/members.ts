import { utf8 } from '../../bytes.js';
import { blanks, stringEnd } from './well-formed.js';

/** A member of a JSON object: its name, and its value's text as it stands. */
export interface Member {
  readonly name: string;
  readonly value: string;
}

/**
 * The members of an object's first level, as far as they are well-formed; none of any other value. What is nested in them is
 * passed over without being made.
 */
export function* membersOf(text: string): Generator<Member> {
  let at = blanks(text, 0);
  if (text[at] !== '{') return;
  do {
    const start = blanks(text, at + 1);
    const end = stringEnd(text, start);
    const colon = end < 0 ? -1 : blanks(text, end);
    if (text[colon] !== ':') return;
    const from = blanks(text, colon + 1);
    const to = valueEnd(text, from);
    if (to <= from) return;
    yield { name: JSON.parse(text.slice(start, end)) as string, value: text.slice(from, to) };
    at = blanks(text, to);
  } while (text[at] === ',');
}

/** The values of some members of an object's first level: of members of one name the last, as JSON.parse has it. */
export function membersNamed(text: string, names: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, value } of membersOf(text)) if (names.has(name)) found.set(name, value);
  return found;
}

/** The names of an object's members, each once, but those that no text can say. */
export function namesIn(text: string): string[] {
  const names = [...membersOf(text)].map(({ name }) => name);
  return [...new Set(names.filter((name) => name.isWellFormed()))];
}

/** The elements of an array, as far as they are well-formed; none of any other value. */
export function* elementsOf(text: string): Generator<string> {
  let at = blanks(text, 0);
  if (text[at] !== '[') return;
  do {
    const from = blanks(text, at + 1);
    const to = valueEnd(text, from);
    if (to <= from) return;
    yield text.slice(from, to);
    at = blanks(text, to);
  } while (text[at] === ',');
}

/**
 * The value of a member by which rows are found: a string's text, a number, `true` or `false` as it stands.
 * @returns none of null, an object, an array, and text that is no well-formed Unicode
 */
export function valueBytesOf(value: string | undefined): readonly Uint8Array[] {
  if (value === undefined || value === 'null' || value.startsWith('{') || value.startsWith('[')) return [];
  const text = value.startsWith('"') ? stringOf(value) : value;
  return text === null ? [] : [utf8(text)];
}

/** What a string says; null of any other value, and of text that is no well-formed Unicode. */
export function stringOf(value: string | undefined): string | null {
  if (value === undefined || !value.startsWith('"')) return null;
  const text = JSON.parse(value) as string;
  return text.isWellFormed() ? text : null;
}

/** Where a value ends that is well-formed; −1 where it does not end. */
export function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const character = text[at] ?? '';
    if (character === '"') {
      at = stringEnd(text, at);
      if (at < 0) return -1;
    } else if (character === '{' || character === '[') {
      depth++;
      at++;
    } else if (character === '}' || character === ']') {
      if (depth === 0) return at;
      depth--;
      at++;
    } else if (depth === 0) {
      at = wordEnd(text, at);
    } else {
      at++;
      continue;
    }
    if (depth === 0) return at;
  }
  return -1;
}

/** Where a number or a word ends. */
function wordEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !',}] \t\r\n'.includes(text[at] ?? '')) at++;
  return at;
}
