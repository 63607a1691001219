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
  *push(chunk: Uint8Array): Generator<ScannedRecord> {
    this.#append(chunk);
    // A byte-order mark belongs to the first field, but a quote behind it opens quoting.
    if (this.#atFileStart) {
      if (this.#end - this.#start < 3) return;
      this.#skipByteOrderMark();
    }
    yield* this.#scan();
    if (this.#end - this.#start > MAX_CONTENT_BYTES) throw tooLarge(this.#recordLine);
  }

  /**
   * Ends the stream: gives what stands behind the last line end, if anything does.
   * @throws {MedsealError} `CSV_QUOTE_UNCLOSED`
   */
  *finish(): Generator<ScannedRecord> {
    if (this.#atFileStart) {
      this.#skipByteOrderMark();
      yield* this.#scan();
    }
    if (this.#state === IN_QUOTES) {
      throw new MedsealError('CSV_QUOTE_UNCLOSED', `line ${this.#quoteLine}: a quote is opened here and never closed`, {
        line: this.#quoteLine,
      });
    }
    if (this.#next > this.#start) yield this.#record(this.#next);
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

  *#scan(): Generator<ScannedRecord> {
    const delimiter = this.#delimiter;
    while (this.#next < this.#end) {
      const byte = this.#buffer[this.#next];
      if (this.#state === AFTER_CR) {
        // The line was counted with the CR.
        const end = byte === LF ? ++this.#next : this.#next;
        yield this.#record(end);
        continue;
      }
      this.#next++;
      if (byte === CR || (byte === LF && !this.#followsCr())) this.#line++;
      if (this.#state === IN_QUOTES) {
        if (byte === QUOTE) this.#state = AFTER_QUOTE;
      } else if (byte === delimiter) {
        this.#fields++;
        this.#state = AT_FIELD_START;
      } else if (byte === LF) {
        yield this.#record(this.#next);
      } else if (byte === CR) {
        this.#state = AFTER_CR;
      } else if (byte === QUOTE && this.#state !== IN_PLAIN) {
        if (this.#state === AT_FIELD_START) this.#quoteLine = this.#line;
        this.#state = IN_QUOTES;
      } else {
        this.#state = IN_PLAIN;
      }
    }
  }

  #followsCr(): boolean {
    return this.#next - 2 >= this.#start && this.#buffer[this.#next - 2] === CR;
  }

  #record(end: number): ScannedRecord {
    const record = { bytes: this.#buffer.subarray(this.#start, end), fields: this.#fields, line: this.#recordLine };
    if (record.bytes.length > MAX_CONTENT_BYTES) throw tooLarge(record.line);
    this.#start = end;
    this.#fields = 1;
    this.#state = AT_FIELD_START;
    this.#recordLine = this.#line;
    return record;
  }
}

function tooLarge(line: number): MedsealError {
  const most = MAX_CONTENT_BYTES / (1024 * 1024);
  return new MedsealError(
    'RECORD_TOO_LARGE',
    `line ${line}: the record is larger than ${most} MiB, the most a record may be`,
    { line },
  );
}
