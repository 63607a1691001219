import { fromUtf8 } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { MAX_CONTENT_BYTES } from '../../format/limits.js';
import type { ScannedRecord } from '../csv/scanner.js';
import { membersOf, stringOf } from '../ndjson/members.js';
import { isWellFormed } from '../ndjson/well-formed.js';
import { expectEntry } from './expect.js';

const [QUOTE, BACKSLASH, COMMA, COLON, LF] = [0x22, 0x5c, 0x2c, 0x3a, 0x0a];
const [BRACE, BRACKET, END_BRACE, END_BRACKET] = [0x7b, 0x5b, 0x7d, 0x5d];
/** No longer name can be "entry", whatever is escaped in it. */
const LONGEST_NAME = 32;

/** Where the scanner is: before the entries, among them, or behind them. */
type Part = 'head' | 'entries' | 'tail';

/**
 * Cuts a Bundle (hl7.org/fhir/R4/bundle.html) into what stands around its entries, and the entries: each with all that is
 * between the commas. Put together again they are the same bytes. It holds one entry at a time, and what is around them.
 */
export class BundleScanner {
  #part: Part = 'head';
  /** Of the head, an entry or the tail: what has come of it. */
  #pieces: Uint8Array[] = [];
  #length = 0;
  #head: Uint8Array = new Uint8Array(0);
  #tail: Uint8Array = new Uint8Array(0);
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The bytes of the member name that has come last on the first level; null while that cannot be "entry". */
  #name: number[] | null = null;
  #inName = false;
  /** Whether the array of entries would begin here. */
  #atEntries = false;
  #entries = 0;
  #line = 1;
  #entryLine = 1;

  /** What stands around the entries; only after `finish`. @returns how much of it stands before them */
  get around(): { readonly bytes: Uint8Array; readonly head: number } {
    return { bytes: Buffer.concat([this.#head, this.#tail]), head: this.#head.length };
  }

  /** @throws {MedsealError} `RECORD_TOO_LARGE`, `FHIR_INVALID` */
  push(chunk: Uint8Array): readonly ScannedRecord[] {
    const records: ScannedRecord[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      // Most bytes are a string's.
      if (this.#inString && !this.#inName && !this.#escaped) at = plainEnd(chunk, at);
      const byte = chunk[at];
      if (byte === undefined) break;
      if (byte === LF) this.#line++;
      const cut = this.#inString ? this.#string(byte) : this.#structure(byte);
      if (cut === null) continue;
      // The brackets belong to what is around the entries, the commas to nothing.
      this.#take(chunk.subarray(start, cut === 'head' ? at + 1 : at));
      start = cut === 'tail' ? at : at + 1;
      this.#cut(cut, records);
    }
    this.#take(chunk.subarray(start));
    return records;
  }

  /** @throws {MedsealError} `FHIR_INVALID` where it was no Bundle, or not all of one */
  finish(): readonly ScannedRecord[] {
    if (this.#part === 'entries') throw this.#invalid('the entries of the Bundle do not end');
    if (this.#part === 'head') this.#head = this.#taken();
    else this.#tail = this.#taken();
    const text = fromUtf8(this.around.bytes);
    if (text === null || !isWellFormed(text)) throw this.#invalid('not one JSON document in UTF-8');
    const members = [...membersOf(text)].filter(({ name }) => name === 'entry' || name === 'resourceType');
    const types = members.filter(({ name }) => name === 'resourceType');
    if (types.length !== 1 || stringOf(types[0]?.value) !== 'Bundle') {
      const message = 'a resource on several lines is no Bundle; write it on one line, as NDJSON';
      throw this.#invalid(message, 1);
    }
    if (members.length - types.length !== (this.#part === 'head' ? 0 : 1)) {
      throw this.#invalid('a Bundle has one "entry" at most, an array');
    }
    return [];
  }

  #string(byte: number): null {
    if (this.#inName) {
      if (byte !== QUOTE || this.#escaped) this.#name?.push(byte);
      if ((this.#name?.length ?? 0) > LONGEST_NAME) this.#name = null;
    }
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = this.#inName = false;
    return null;
  }

  /** @returns where to cut: behind the bracket that begins the entries, at what ends one, or at the bracket that ends them */
  #structure(byte: number): 'head' | 'entry' | 'tail' | null {
    if (byte === QUOTE) {
      this.#inString = true;
      // On the first level a string is a name or a value; behind a value no colon comes.
      this.#inName = this.#part === 'head' && this.#depth === 1;
      this.#name = this.#inName ? [] : null;
      this.#atEntries = false;
    } else if (byte === COLON) {
      this.#atEntries = this.#part === 'head' && this.#depth === 1 && this.#isEntry();
    } else if (byte === BRACE || byte === BRACKET) {
      this.#depth++;
      const begins = this.#atEntries && byte === BRACKET;
      this.#atEntries = false;
      if (begins) return 'head';
    } else if (byte === END_BRACE || byte === END_BRACKET) {
      this.#depth--;
      if (this.#part === 'entries' && this.#depth === 1) return 'tail';
    } else if (byte === COMMA && this.#part === 'entries' && this.#depth === 2) {
      return 'entry';
    }
    return null;
  }

  #isEntry(): boolean {
    if (this.#name === null) return false;
    try {
      return JSON.parse(`"${Buffer.from(this.#name).toString('utf8')}"`) === 'entry';
    } catch {
      return false;
    }
  }

  #cut(cut: 'head' | 'entry' | 'tail', records: ScannedRecord[]): void {
    if (cut === 'head') {
      this.#head = this.#taken();
      this.#part = 'entries';
      this.#entryLine = this.#line;
      return;
    }
    const bytes = this.#taken();
    const isEmpty = cut === 'tail' && this.#entries === 0 && isBlank(bytes);
    if (isEmpty) this.#head = Buffer.concat([this.#head, bytes]);
    else records.push(this.#entry(bytes));
    this.#entryLine = this.#line;
    if (cut === 'tail') this.#part = 'tail';
  }

  #entry(bytes: Uint8Array): ScannedRecord {
    const number = ++this.#entries;
    const text = fromUtf8(bytes);
    const line = this.#entryLine + (/^\s*/.exec(text ?? '')?.[0].split('\n').length ?? 1) - 1;
    if (text === null || !isWellFormed(text)) throw this.#invalid(`entry ${number} is not JSON in UTF-8`, line);
    expectEntry(text, number, line);
    return { bytes, fields: 1, line };
  }

  #take(part: Uint8Array): void {
    this.#length += part.length;
    const around = this.#part === 'entries' ? 0 : this.#head.length;
    if (this.#length + around > MAX_CONTENT_BYTES) {
      const what = this.#part === 'entries' ? `entry ${this.#entries + 1}` : 'what stands around the entries';
      const message = `line ${this.#entryLine}: ${what} is larger than ${MAX_CONTENT_BYTES / (1024 * 1024)} MiB`;
      throw new MedsealError('RECORD_TOO_LARGE', message, { line: this.#entryLine });
    }
    // The caller's chunk may be reused before the entry ends.
    if (part.length > 0) this.#pieces.push(Uint8Array.from(part));
  }

  #taken(): Uint8Array {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    return bytes;
  }

  #invalid(message: string, line: number = this.#line): MedsealError {
    return new MedsealError('FHIR_INVALID', `line ${line}: ${message}`, { line });
  }
}

/** Where a string ends, or something is escaped in it, from a place on; or the bytes end. */
function plainEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== QUOTE && bytes[at] !== BACKSLASH) at++;
  return at;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
