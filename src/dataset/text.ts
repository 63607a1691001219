import { isUtf8 } from 'node:buffer';
import { concat } from '../bytes.js';
import { MedsealError } from '../errors.js';

/** First bytes of files that people take for text, and what to say of them. */
const BINARY: readonly { magic: string; what: string }[] = [
  { magic: 'PK\x03\x04', what: 'a ZIP archive or an Excel workbook; save it as CSV (UTF-8) first' },
  { magic: '\xd0\xcf\x11\xe0', what: 'an old Excel workbook; save it as CSV (UTF-8) first' },
  { magic: '\x1f\x8b', what: 'compressed twice (gzip); unpack it once first' },
  { magic: '\x28\xb5\x2f\xfd', what: 'compressed twice (Zstandard); unpack it once first' },
  { magic: 'BZh91AY&SY', what: 'compressed (bzip2); unpack it first' },
  { magic: '\xfd7zXZ\0', what: 'compressed (xz); unpack it first' },
  { magic: 'PAR1', what: 'a Parquet file, not CSV (--format parquet)' },
  { magic: 'ARROW1', what: 'an Arrow file; write it as CSV first' },
  { magic: 'SQLite format 3\0', what: 'a SQLite database' },
  { magic: '%PDF-', what: 'a PDF document' },
];

const UTF16 = 'UTF-16 text; save it as UTF-8 first (for instance: iconv -f UTF-16 -t UTF-8)';

/**
 * Refuses what is no text of one byte a character or UTF-8.
 * @throws {MedsealError} `NOT_TEXT`
 */
export function expectText(sample: Uint8Array): void {
  const start = Buffer.from(sample.subarray(0, 16)).toString('latin1');
  const binary = BINARY.find(({ magic }) => start.startsWith(magic));
  const what = binary?.what ?? (isUtf16(sample) ? UTF16 : null);
  if (what !== null) throw new MedsealError('NOT_TEXT', `the file is ${what}`);
}

function isUtf16(sample: Uint8Array): boolean {
  const [a, b] = sample;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  // Without a mark: of text in Latin letters every second byte is zero.
  const length = Math.min(sample.length, 4096);
  let zeros = 0;
  for (let i = 0; i < length; i++) if (sample[i] === 0) zeros++;
  return length >= 4 && zeros > length / 3;
}

/**
 * Whether a sample that is not called CSV turns out to be NDJSON: its first line is a JSON object.
 * @throws {MedsealError} `NOT_TEXT` for JSON that is not one value a line
 */
export function isNdjson(sample: Uint8Array): boolean {
  const text = Buffer.from(sample).toString('utf8');
  const [first = ''] = text.trimStart().split('\n', 1);
  const line = first.trim();
  if (!/^[[{]/.test(line)) return false;
  if (line === '[' || line === '{' || /^\[\s*[[{]/.test(line)) {
    const message = 'the file is a JSON document; write it as NDJSON, one object a line (for a CSV file: --format csv)';
    throw new MedsealError('NOT_TEXT', message);
  }
  try {
    return line.startsWith('{') && typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

/** Whether bytes that come in pieces are UTF-8. */
export class Utf8Check {
  #valid = true;
  /** The beginning of a character whose end has not come yet. */
  #begun: Uint8Array = new Uint8Array(0);

  get soFar(): boolean {
    return this.#valid;
  }

  update(bytes: Uint8Array): void {
    if (!this.#valid) return;
    const whole = this.#begun.length === 0 ? bytes : concat(this.#begun, bytes);
    const end = whole.length - begunLength(whole);
    this.#valid = isUtf8(whole.subarray(0, end));
    this.#begun = whole.slice(end);
  }

  finish(): boolean {
    return this.#valid && this.#begun.length === 0;
  }
}

/** How many bytes at the end are the beginning of a character that needs more of them. */
function begunLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    // A byte that begins a character: its ones at the front are the number of bytes that it has.
    if (byte >= 0xc0) return Math.clz32(~byte << 24) > back ? back : 0;
  }
  return 0;
}
