const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const HEX = /[0-9a-fA-F]{4}/y;
const BRACES = 1;
const BRACKETS = 0;

/**
 * Whether a text is one JSON value (RFC 8259), without making it: made of a line of many megabytes, nested or in small
 * pieces, it would take gigabytes. What stands within each other is kept as one byte a level.
 */
export function isWellFormed(text: string): boolean {
  let levels = new Uint8Array(64);
  let depth = 0;
  let at = blanks(text, 0);
  for (;;) {
    // A value begins here, or a container that is still empty ends.
    const first = text[at];
    if (first === '{' || first === '[') {
      if (depth === levels.length) levels = grown(levels);
      levels[depth++] = first === '{' ? BRACES : BRACKETS;
      at = blanks(text, at + 1);
      if (text[at] !== (first === '{' ? '}' : ']')) {
        if (first === '{') at = memberName(text, at);
        if (at < 0) return false;
        continue;
      }
      depth--;
      at++;
    } else at = scalar(text, at);
    if (at < 0) return false;
    // A value has ended: behind it comes the next one, or the end of what it stands in, over and over.
    for (;;) {
      at = blanks(text, at);
      if (depth === 0) return at === text.length;
      const inObject = levels[depth - 1] === BRACES;
      if (text[at] === ',') {
        at = blanks(text, at + 1);
        if (inObject) at = memberName(text, at);
        break;
      }
      if (text[at] !== (inObject ? '}' : ']')) return false;
      depth--;
      at++;
    }
    if (at < 0) return false;
  }
}

function grown(levels: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * levels.length);
  larger.set(levels);
  return larger;
}

/** Where what is no white space begins, from a place on. */
export function blanks(text: string, at: number): number {
  let end = at;
  for (;;) {
    const character = text.charCodeAt(end);
    if (character !== 0x20 && character !== 0x0a && character !== 0x0d && character !== 0x09) return end;
    end++;
  }
}

/** Where the value behind a member's name and colon begins; -1 where there is no name. */
function memberName(text: string, at: number): number {
  const end = stringEnd(text, at);
  const colon = end < 0 ? -1 : blanks(text, end);
  return text[colon] === ':' ? blanks(text, colon + 1) : -1;
}

/** Where a text, number or word ends; -1 where none is. */
function scalar(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return stringEnd(text, at);
  const word = matchEnd(WORD, text, at);
  return word < 0 ? matchEnd(NUMBER, text, at) : word;
}

/** Where the string that begins at a place ends; -1 where none does. */
export function stringEnd(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) return -1;
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) return at + 1;
    if (character < 0x20) return -1;
    if (character !== BACKSLASH) continue;
    at++;
    if (text[at] === 'u') {
      at = matchEnd(HEX, text, at + 1) - 1;
      if (at < 0) return -1;
    } else if (!'"\\/bfnrt'.includes(text[at] ?? 'x')) return -1;
  }
  return -1;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
