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

/** Where a value ends that is well-formed; −1 where it does not end. */
function valueEnd(text: string, from: number): number {
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
