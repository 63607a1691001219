import { concat, equalBytes, fromBase64url, fromUtf8, toBase64url, utf8 } from '../bytes.js';
import { bodyHash } from '../crypto/sealing.js';
import { MedsealError } from '../errors.js';
import { type Block, type BlockItem, makeEntry, readEntries } from './block.js';
import { ASSOCIATED_LENGTH, type Entry, SEALED_LENGTH } from './entry.js';
import { headMembers, parseHead, readHead } from './header.js';
import { hasExactly, isObject, type JsonValue, parseCanonical, splitArray } from './json.js';
import { MAX_BODY_BYTES, MAX_ENTRIES, MAX_JSON_VALUES, MAX_LINE_BYTES, MAX_STATEMENT_DEPTH } from './limits.js';

const LINE_FEED = 0x0a;
const ARRAY_END = 0x5d;
const COMMA = 0x2c;
const CARRIAGE_RETURN = 0x0d;
/** Its first byte in UTF-8. */
const BYTE_ORDER_MARK = 0xef;
// A statement is two levels down: within the block and its `data`.
const MAX_DEPTH = MAX_STATEMENT_DEPTH + 2;
/** How the canonical JSON of every block of format 1 begins. */
const DATA = utf8('{"data":[');
const OBJECT = utf8('{');

/** One line of the exchange form: the canonical JSON of a block, and a line feed (spec/exchange.md). */
export function encodeLine(block: Block, options: { withoutBodies?: boolean } = {}): Uint8Array {
  const data = block.entries.map((entry) => encodeEntry(entry, options.withoutBodies ?? false)).join(',');
  return utf8(`{"data":[${data}],${headMembers(block)}}\n`);
}

/** An entry's canonical JSON. */
export function encodeEntry(entry: Entry, withoutBodies: boolean = false): string {
  if (entry.kind === 'statement') return fromUtf8(entry.bytes) ?? '';
  const { body, salt, bytes } = entry;
  if (withoutBodies || body === null || salt === null) return `{"stub":"${toBase64url(bytes)}"}`;
  const prefix = toBase64url(bytes.subarray(0, ASSOCIATED_LENGTH));
  return `{"body":"${toBase64url(body)}","salt":"${toBase64url(salt)}","sealed":"${prefix}"}`;
}

/**
 * A block from its line, without the line feed. A line can be 128 MiB long, and parsed JSON takes many times its length,
 * so the entries are parsed one by one.
 * @throws {MedsealError} `MALFORMED`, `TOO_LARGE`, `VERSION_NEWER`
 */
export function decodeLine(line: Uint8Array): Block {
  if (line.at(-1) === CARRIAGE_RETURN) {
    throw new MedsealError('MALFORMED', 'the line ends with a carriage return: the line ends were changed on the way');
  }
  if (line[0] === BYTE_ORDER_MARK) throw new MedsealError('MALFORMED', 'the line begins with a byte-order mark');
  if (!equalBytes(line.subarray(0, DATA.length), DATA)) {
    // A block of a newer format may begin otherwise.
    parseHead(parseCanonical(line, MAX_DEPTH, MAX_JSON_VALUES), ['data']);
    throw new MedsealError('MALFORMED', 'the block\'s "data" is not an array');
  }
  const data = splitArray(line, DATA.length, MAX_ENTRIES);
  if (data === null || line[data.end] !== ARRAY_END || line[data.end + 1] !== COMMA) {
    throw new MedsealError('MALFORMED', 'the text is not the JSON of a block');
  }
  const members = concat(OBJECT, line.subarray(data.end + 2));
  const head = readHead(members, MAX_DEPTH);
  return { ...head, entries: readEntries(data.count, parseEach(data.elements), decodeEntry) };
}

/** An entry's canonical JSON, and what it says. */
export type ParsedEntry = readonly [text: Uint8Array, value: JsonValue];

function* parseEach(elements: readonly Uint8Array[]): Generator<ParsedEntry> {
  for (const text of elements) yield [text, parseCanonical(text, MAX_STATEMENT_DEPTH, MAX_JSON_VALUES)];
}

/** @throws {MedsealError} `MALFORMED`, `TOO_LARGE` */
export function decodeEntry([text, value]: ParsedEntry): Entry {
  if (!isObject(value)) throw new MedsealError('MALFORMED', 'an entry is not a JSON object');
  if (Object.hasOwn(value, 'kind')) return makeEntry(Uint8Array.from(text), null, null);
  if (hasExactly(value, ['stub'])) {
    const entry = makeEntry(expectBase64url(value.stub, SEALED_LENGTH), null, null);
    // A statement of just this length has a spelling of its own.
    if (entry.kind !== 'sealed') throw new MedsealError('MALFORMED', 'a stub is not that of a sealed record');
    return entry;
  }
  if (!hasExactly(value, ['sealed', 'body', 'salt'])) {
    throw new MedsealError('MALFORMED', 'an entry does not have exactly the members of a sealed record');
  }
  const prefix = expectBase64url(value.sealed, ASSOCIATED_LENGTH);
  const body = expectBase64url(value.body);
  if (body.length > MAX_BODY_BYTES) throw new MedsealError('TOO_LARGE', 'a body is larger than 32 MiB');
  return makeEntry(concat(prefix, bodyHash(body)), body, expectBase64url(value.salt));
}

function expectBase64url(value: JsonValue | undefined, length?: number): Uint8Array {
  const bytes = typeof value === 'string' ? fromBase64url(value) : null;
  if (bytes === null || (length !== undefined && bytes.length !== length)) {
    throw new MedsealError('MALFORMED', 'an entry holds no canonical base64url of the right length');
  }
  return bytes;
}

/** The blocks of an export, read as a stream; a line that is no block becomes an unreadable item in its place. */
export async function* decodeExport(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<BlockItem> {
  for await (const line of splitLines(chunks))
    yield line instanceof MedsealError ? { error: line } : decodeItem(line.bytes);
}

const BLANK: BlockItem = { error: new MedsealError('MALFORMED', 'the line is blank: there is no block in it') };

/** The block of a line, without the line feed; an unreadable item where it is none. */
export function decodeItem(line: Uint8Array): BlockItem {
  // Millions of these are a few kilobytes of a compressed file: they cost next to nothing.
  if (line.length === 0) return BLANK;
  try {
    return decodeLine(line);
  } catch (error) {
    if (error instanceof MedsealError) return { error };
    throw error;
  }
}

export interface Line {
  /** Without the line feed. */
  readonly bytes: Uint8Array;
  /** Whether their buffer is this line's alone, so that it can be handed to a thread as it is. */
  readonly apart: boolean;
}

/** The lines of an export; in place of one that is too long or not ended, the error that says so. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Line | MedsealError> {
  let begun = new Uint8Array(0);
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      const part = chunk.subarray(start, end < 0 ? chunk.length : end);
      const whole = length === 0 && end >= 0;
      // Past the limit the line is only counted, so that it costs no memory.
      if (length + part.length > MAX_LINE_BYTES) begun = new Uint8Array(0);
      else if (!whole) begun = appended(begun, length, part);
      length += part.length;
      if (end < 0) break;
      if (length > MAX_LINE_BYTES) yield new MedsealError('TOO_LARGE', 'the line is longer than a block can be');
      else yield whole ? { bytes: part, apart: false } : { bytes: begun.subarray(0, length), apart: true };
      begun = new Uint8Array(0);
      length = 0;
      start = end + 1;
    }
  }
  if (length > 0)
    yield new MedsealError('MALFORMED', 'the last line is not ended by a line feed: the export is cut off');
}

/**
 * A line with its next part; it grows by doubling, so that a long one is never held twice over, as it would be in the
 * end if its parts were kept.
 */
function appended(line: Uint8Array<ArrayBuffer>, length: number, part: Uint8Array): Uint8Array<ArrayBuffer> {
  let grown = line;
  if (length + part.length > line.length) {
    grown = new Uint8Array(Math.max(length + part.length, Math.min(2 * line.length, MAX_LINE_BYTES)));
    grown.set(line.subarray(0, length));
  }
  grown.set(part, length);
  return grown;
}
