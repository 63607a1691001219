import { MedsealError } from '../../errors.js';
import { MAX_CONTENT_BYTES } from '../../format/limits.js';

const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;

/** One record's exact bytes, its line end with it, and where it stood. */
export interface ScannedRecord {
  /** Valid until the scanner is fed again. */
  readonly bytes: Uint8Array;
  readonly fields: number;
  /** Number of the line that it begins on, from 1. */
  readonly line: number;
}

/** Where the scanner is within a record. */
const AT_FIELD_START = 0;
const IN_PLAIN = 1;
const IN_QUOTES = 2;
/** Behind a quote within quotes: it is doubled, or it has closed the field. */
const AFTER_QUOTE = 3;
/** Behind a CR that ends the record, unless an LF belongs to it. */
const AFTER_CR = 4;

/**
 * Cuts a byte stream into CSV records without changing a byte. A quote opens quoting only as the first byte of a
 * field; what stands between a closing quote and the delimiter is kept; LF, CRLF and CR each end a record outside
 * quotes. Each byte is looked at once, however large a record is.
 */
export class CsvScanner {
  readonly #delimiter: number;
  #buffer: Uint8Array = new Uint8Array(1 << 17);
  /** Begin of the record, the next byte to look at, end of the bytes. */
  #start = 0;
  #next = 0;
  #end = 0;
  #state = AT_FIELD_START;
  #fields = 1;
  #line = 1;
  #recordLine = 1;
  #quoteLine = 1;
  #atFileStart = true;

  /** @param delimiter one ASCII byte, no quote and no line end */
  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  /**
   * Takes the next bytes and gives the records that end in them.
   * @throws {MedsealError} `RECORD_TOO_LARGE`
   */
  push(chunk: Uint8Array): readonly ScannedRecord[] {
    this.#append(chunk);
    // A byte-order mark belongs to the first field, but a quote behind it opens quoting.
    if (this.#atFileStart) {
      if (this.#end - this.#start < 3) return [];
      this.#skipByteOrderMark();
    }
    const records = this.#scan();
    if (this.#end - this.#start > MAX_CONTENT_BYTES) throw tooLarge(this.#recordLine);
    return records;
  }

  /**
   * Ends the stream: gives what stands behind the last line end, if anything does.
   * @throws {MedsealError} `CSV_QUOTE_UNCLOSED`
   */
  finish(): readonly ScannedRecord[] {
    if (this.#atFileStart) this.#skipByteOrderMark();
    const records = this.#scan();
    if (this.#state === IN_QUOTES) {
      throw new MedsealError('CSV_QUOTE_UNCLOSED', `line ${this.#quoteLine}: a quote is opened here and never closed`, {
        line: this.#quoteLine,
      });
    }
    return this.#next > this.#start ? [...records, this.#record(this.#next)] : records;
  }

  #skipByteOrderMark(): void {
    const [a, b, c] = this.#buffer.subarray(this.#start, this.#end);
    if (a === 0xef && b === 0xbb && c === 0xbf) this.#next += 3;
    this.#atFileStart = false;
  }

  /** Adds bytes behind those not yet given out, growing by doubling so that a large record is copied a few times only. */
  #append(chunk: Uint8Array): void {
    const kept = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      const target =
        kept + chunk.length > this.#buffer.length
          ? new Uint8Array(Math.max(2 * this.#buffer.length, kept + chunk.length))
          : this.#buffer;
      target.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = target;
      this.#next -= this.#start;
      this.#start = 0;
      this.#end = kept;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * Looks at every byte that has come. State and place are kept in variables: that alone doubles the speed. Within quotes
   * Node.js looks for what matters, several times faster than a loop does: most of a long record is a quoted text.
   */
  #scan(): ScannedRecord[] {
    const records: ScannedRecord[] = [];
    const buffer = this.#buffer;
    const delimiter = this.#delimiter;
    const end = this.#end;
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, end);
    const lineEnds = new LineEnds(bytes);
    let at = this.#next;
    let state = this.#state;
    while (at < end) {
      if (state === IN_QUOTES) {
        const quote = placeOf(QUOTE, bytes, at);
        this.#line += lineEnds.between(at, quote);
        at = quote + 1;
        if (quote === end) break;
        state = AFTER_QUOTE;
        continue;
      }
      const byte = buffer[at];
      if (state === AFTER_CR) {
        // The line was counted with the CR.
        if (byte === LF) at++;
        records.push(this.#record(at));
        state = AT_FIELD_START;
        continue;
      }
      at++;
      if (byte === delimiter) {
        this.#fields++;
        state = AT_FIELD_START;
      } else if (byte === LF) {
        this.#line++;
        records.push(this.#record(at));
        state = AT_FIELD_START;
      } else if (byte === CR) {
        this.#line++;
        state = AFTER_CR;
      } else if (byte === QUOTE && state !== IN_PLAIN) {
        if (state === AT_FIELD_START) this.#quoteLine = this.#line;
        state = IN_QUOTES;
      } else {
        state = IN_PLAIN;
      }
    }
    this.#next = Math.min(at, end);
    this.#state = state;
    return records;
  }

  #record(end: number): ScannedRecord {
    const record = { bytes: this.#buffer.subarray(this.#start, end), fields: this.#fields, line: this.#recordLine };
    if (record.bytes.length > MAX_CONTENT_BYTES) throw tooLarge(record.line);
    this.#start = end;
    this.#fields = 1;
    this.#recordLine = this.#line;
    return record;
  }
}

/** Counts line ends in bytes that are gone through from left to right: LF, CRLF and CR are each one. */
class LineEnds {
  readonly #bytes: Buffer;
  /** The next of each that has not been counted. */
  #lf = -1;
  #cr = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  between(start: number, end: number): number {
    let count = 0;
    if (this.#lf < start) this.#lf = placeOf(LF, this.#bytes, start);
    for (; this.#lf < end; this.#lf = placeOf(LF, this.#bytes, this.#lf + 1)) {
      if (this.#bytes[this.#lf - 1] !== CR) count++;
    }
    if (this.#cr < start) this.#cr = placeOf(CR, this.#bytes, start);
    for (; this.#cr < end; this.#cr = placeOf(CR, this.#bytes, this.#cr + 1)) count++;
    return count;
  }
}

/** Where a byte is found next; the end of the bytes where it is not. */
function placeOf(byte: number, bytes: Buffer, from: number): number {
  const place = bytes.indexOf(byte, from);
  return place < 0 ? bytes.length : place;
}

function tooLarge(line: number): MedsealError {
  const most = MAX_CONTENT_BYTES / (1024 * 1024);
  return new MedsealError(
    'RECORD_TOO_LARGE',
    `line ${line}: the record is larger than ${most} MiB, the most a record may be`,
    { line },
  );
}
