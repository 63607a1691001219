import { fromUtf8 } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { MAX_CONTENT_BYTES } from '../../format/limits.js';
import type { ScannedRecord } from '../csv/scanner.js';
import { isWellFormed } from './well-formed.js';

const LF = 0x0a;

/** What else a line must be. @throws {MedsealError} where it is not, with the line */
export type LineCheck = (text: string, line: number) => void;

/** Cuts a byte stream into lines, each one JSON value or blank; the line feed belongs to its line. */
export class NdjsonScanner {
  readonly #check: LineCheck;
  #parts: Uint8Array[] = [];
  #length = 0;
  #line = 1;

  /** @param check looks at each line that is not blank */
  constructor(check: LineCheck = () => {}) {
    this.#check = check;
  }

  /** @throws {MedsealError} `RECORD_TOO_LARGE`, `NDJSON_INVALID`, and what the check throws */
  push(chunk: Uint8Array): readonly ScannedRecord[] {
    const records: ScannedRecord[] = [];
    for (let start = 0; start < chunk.length; ) {
      const end = chunk.indexOf(LF, start) + 1;
      this.#take(chunk.subarray(start, end === 0 ? chunk.length : end));
      if (end === 0) break;
      records.push(this.#record());
      start = end;
    }
    return records;
  }

  finish(): readonly ScannedRecord[] {
    return this.#length > 0 ? [this.#record()] : [];
  }

  #take(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > MAX_CONTENT_BYTES) {
      const message = `line ${this.#line}: the line is larger than ${MAX_CONTENT_BYTES / (1024 * 1024)} MiB`;
      throw new MedsealError('RECORD_TOO_LARGE', message, { line: this.#line });
    }
    // The caller's chunk may be reused before the line ends.
    this.#parts.push(Uint8Array.from(part));
  }

  #record(): ScannedRecord {
    const bytes = Buffer.concat(this.#parts);
    const line = this.#line;
    this.#parts = [];
    this.#length = 0;
    this.#line++;
    const text = fromUtf8(bytes);
    const isBlank = text?.trim() === '';
    if (text === null || (!isBlank && !isWellFormed(text))) {
      throw new MedsealError('NDJSON_INVALID', `line ${line}: not a JSON value in UTF-8`, { line });
    }
    if (!isBlank) this.#check(text, line);
    return { bytes, fields: 1, line };
  }
}
