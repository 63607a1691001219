import { MedsealError } from '../../errors.js';
import type { PythonValue } from './value.js';

/** Nesting and number of values: bounds on what reading a stranger's file can cost. */
const MAX_DEPTH = 100;
const MAX_VALUES = 4_000_000;
/** Python itself takes whole numbers of no more digits (sys.int_info.default_max_str_digits). */
const MAX_DIGITS = 4300;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const LITERALS: readonly (readonly [string, PythonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

/**
 * Reads JSON as Python's `json.loads` does: RFC 8259 with NaN and Infinity, whole numbers exact, floats as doubles, lone
 * surrogates kept. JavaScript's own parser would make 1.0 and 1 the same, and round what exceeds 2^53.
 * @throws {MedsealError} `NOT_A_CHAIN`, with the line
 */
export function readPythonJson(text: string): PythonValue {
  return new Reader(text).document();
}

class Reader {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PythonValue {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#fault('something stands behind the end');
    return value;
  }

  #value(depth: number): PythonValue {
    this.#skipSpace();
    if (++this.#values > MAX_VALUES) throw this.#fault(`it has more than ${MAX_VALUES} values`);
    if (depth > MAX_DEPTH) throw this.#fault(`it is nested deeper than ${MAX_DEPTH}`);
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === '{') return this.#map(depth);
    if (first === '[') return this.#list(depth);
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #map(depth: number): ReadonlyMap<string, PythonValue> {
    const map = new Map<string, PythonValue>();
    this.#at++;
    if (this.#takes('}')) return map;
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#fault('a name is expected');
      const name = this.#string();
      if (!this.#takes(':')) throw this.#fault('a colon is expected');
      map.set(name, this.#value(depth + 1));
    } while (this.#takes(','));
    if (!this.#takes('}')) throw this.#fault('a comma or a closing brace is expected');
    return map;
  }

  #list(depth: number): readonly PythonValue[] {
    const list: PythonValue[] = [];
    this.#at++;
    if (this.#takes(']')) return list;
    do list.push(this.#value(depth + 1));
    while (this.#takes(','));
    if (!this.#takes(']')) throw this.#fault('a comma or a closing bracket is expected');
    return list;
  }

  /** Escapes and what a text may not hold are the same in JavaScript, one text by itself. */
  #string(): string {
    const start = this.#at;
    let end = start;
    do end = this.#text.indexOf('"', end + 1);
    while (end > 0 && this.#isEscaped(end));
    if (end < 0) throw this.#fault('a text is not closed');
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      this.#at = start;
      throw this.#fault('a text is not well-formed');
    }
  }

  #isEscaped(quote: number): boolean {
    let backslashes = 0;
    while (this.#text[quote - 1 - backslashes] === '\\') backslashes++;
    return backslashes % 2 === 1;
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#at;
    const [whole, integer = '', fraction, exponent] = NUMBER.exec(this.#text) ?? [];
    if (whole === undefined) throw this.#fault('a value is expected');
    if (fraction === undefined && exponent === undefined && integer.length > MAX_DIGITS) {
      throw this.#fault(`a whole number has more than ${MAX_DIGITS} digits`);
    }
    this.#at += whole.length;
    return fraction === undefined && exponent === undefined ? BigInt(integer) : Number(whole);
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #fault(what: string): MedsealError {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    return new MedsealError('NOT_A_CHAIN', `Python would not read this as JSON: line ${line}: ${what}`, { line });
  }
}
