import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { MedsealError, throwIfAborted } from '../errors.js';
import { delimiterByte, guessDelimiter } from './csv/dialect.js';
import { type Encoding, fieldValue, hasByteOrderMark, splitRecord, terminatorLength } from './csv/fields.js';
import { CsvScanner, type ScannedRecord } from './csv/scanner.js';
import { columnName, type Manifest } from './manifest.js';
import { membersOf } from './ndjson/members.js';
import { NdjsonScanner } from './ndjson/scanner.js';
import { expectText, sniffFormat, Utf8Check } from './text.js';

export type Format = 'csv' | 'ndjson';

/** What is to be sealed: the path of a file, which is looked through first, or a stream, which is judged as it comes. */
export type Source = string | AsyncIterable<Uint8Array>;

export interface SourceOptions {
  /** By default files named `.ndjson` or `.jsonl` are NDJSON; others are what their first line says. */
  readonly format?: Format;
  /** One ASCII character; guessed from the first bytes where it is not given. */
  readonly delimiter?: string;
  readonly signal?: AbortSignal;
  /** Called while a file is looked through. */
  readonly onExamined?: (bytes: number, total: number) => void;
}

/** What is known of a source before its rows are sealed. */
export interface Examined {
  readonly format: Format;
  /** Columns, encoding, delimiter and line end, for the manifest. */
  readonly shape: Omit<Manifest, 'version' | 'name' | 'group'>;
  /** The header line's exact bytes; none for NDJSON. */
  readonly header: Uint8Array;
  /** Of NDJSON, the names of the first row's members; none for CSV. */
  readonly members: readonly string[];
  /** Rows and bytes of a file; null for a stream. */
  readonly rows: number | null;
  readonly bytes: number | null;
  /** The rows behind the header line, once, in batches whose bytes are valid until the next is asked for. */
  batches(): AsyncIterable<readonly ScannedRecord[]>;
  /** Lets go of a stream that is not read to its end. */
  close(): Promise<void>;
}

const SAMPLE_BYTES = 256 * 1024;
const CHUNK_BYTES = 1 << 20;
const PIECE_BYTES = 1 << 16;

/**
 * Looks at a source: at the whole of a file, so that nothing bad is found when half of it is sealed; at the first
 * bytes of a stream.
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_TEXT`, `CSV_EMPTY`, `CSV_FIELDS`, `CSV_QUOTE_UNCLOSED`,
 *   `RECORD_TOO_LARGE`, `DELIMITER_INVALID`, `NDJSON_INVALID`, `ABORTED`; with file and line
 */
export async function examine(source: Source, options: SourceOptions = {}): Promise<Examined> {
  return typeof source === 'string'
    ? inFile(source, () => examineFile(source, options))
    : examineStream(source, options);
}

async function examineStream(source: AsyncIterable<Uint8Array>, options: SourceOptions): Promise<Examined> {
  const iterator = source[Symbol.asyncIterator]();
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  try {
    const begun = await begin({ [Symbol.asyncIterator]: () => iterator }, options);
    const shape = shapeOf(begun, begun.sampleIsUtf8 ? 'utf-8' : 'iso-8859-1');
    return { ...begun, shape, rows: null, bytes: null, batches: () => begun.batches, close };
  } catch (error) {
    // A command that is done with standard input must not wait for its end.
    await close();
    throw error;
  }
}

async function examineFile(path: string, options: SourceOptions): Promise<Examined> {
  const format = options.format ?? (/\.(ndjson|jsonl)$/i.test(path) ? 'ndjson' : undefined);
  const reading = { ...options, ...(format === undefined ? {} : { format }) };
  const stats = await stat(path);
  // A pipe can be read only once.
  if (stats.isFIFO() || stats.isCharacterDevice()) return examineStream(fileChunks(path), reading);
  const watch = new Watch();
  const file = fileChunks(path);
  let begun: Begun;
  let rows = 0;
  try {
    const chunks = watch.over(file, (bytes) => options.onExamined?.(bytes, stats.size));
    begun = await begin(chunks, reading);
    for await (const batch of begun.batches) rows += batch.length;
  } finally {
    file.destroy();
  }
  const { delimiter, format: found } = begun;
  const digest = watch.digest();
  return {
    ...begun,
    shape: shapeOf(begun, watch.isUtf8 ? 'utf-8' : 'iso-8859-1'),
    rows,
    bytes: watch.bytes,
    close: async () => {},
    batches: () => again(path, digest, { ...options, format: found, ...(delimiter === '' ? {} : { delimiter }) }),
  };
}

/** The second pass: the same rows, or an error at the end where the file is not the one that was looked through. */
async function* again(path: string, digest: string, options: SourceOptions): AsyncGenerator<readonly ScannedRecord[]> {
  const changed = (cause?: unknown): MedsealError => {
    const message = `${path} was changed while it was being sealed; what was sealed is kept as an incomplete data set`;
    return new MedsealError('FILE_CHANGED', message, { file: path }, { cause });
  };
  const watch = new Watch();
  const file = fileChunks(path);
  try {
    yield* (await begin(watch.over(file), options)).batches;
  } catch (error) {
    if (error instanceof MedsealError && error.code === 'ABORTED') throw error;
    throw changed(error);
  } finally {
    file.destroy();
  }
  if (watch.digest() !== digest) throw changed();
}

interface Begun {
  readonly format: Format;
  readonly delimiter: string;
  readonly header: Uint8Array;
  readonly members: readonly string[];
  readonly sampleIsUtf8: boolean;
  readonly batches: AsyncIterable<readonly ScannedRecord[]>;
}

/** Finds out the dialect from the first bytes, takes off the header line, and leaves the checked rows behind it. */
async function begin(chunks: AsyncIterable<Uint8Array>, options: SourceOptions): Promise<Begun> {
  const { sample, complete, rest } = await takeSample(chunks);
  expectText(sample);
  const utf8 = new Utf8Check();
  utf8.update(sample);
  const sampleIsUtf8 = complete ? utf8.finish() : utf8.soFar;
  const batches = (scanner: CsvScanner | NdjsonScanner) => scanAll(scanner, sample, rest, options.signal);
  if ((options.format ?? (options.delimiter === undefined ? sniffFormat(sample) : 'csv')) === 'ndjson') {
    const scanned = batches(new NdjsonScanner());
    const members = firstMembers(sample);
    return { format: 'ndjson', delimiter: '', header: new Uint8Array(0), members, sampleIsUtf8, batches: scanned };
  }
  const start = sample.subarray(0, SAMPLE_BYTES);
  const delimiter = options.delimiter ?? guessDelimiter(start, complete && start.length === sample.length);
  const byte = delimiterByte(delimiter);
  const { first, others } = await takeFirst(batches(new CsvScanner(byte)));
  if (first === null) throw new MedsealError('CSV_EMPTY', 'the file is empty: it has not even a header line');
  const guessed = options.delimiter === undefined;
  const checked = withFields(others, first.fields, String.fromCharCode(byte), guessed);
  const shape = { delimiter: String.fromCharCode(byte), header: first.bytes, members: [] };
  return { format: 'csv', ...shape, sampleIsUtf8, batches: checked };
}

/** The members of the first line that is not blank, as far as the sample has them. */
function firstMembers(sample: Uint8Array): string[] {
  const text = Buffer.from(sample).toString('utf8').trimStart();
  const [line = ''] = text.split('\n', 1);
  const names = [...membersOf(line)].map(({ name }) => name);
  return [...new Set(names.filter((name) => name.isWellFormed()))];
}

function shapeOf({ format, delimiter, header }: Begun, encoding: Encoding): Examined['shape'] {
  if (format === 'ndjson') {
    return { media_type: 'application/x-ndjson', encoding: 'utf-8', delimiter: '', terminator: '\n', columns: [] };
  }
  const { fields, terminator } = splitRecord(header, delimiter.charCodeAt(0), true);
  const columns = fields.map(({ start, end }, index) => {
    const from = index === 0 && hasByteOrderMark(header) ? start + 3 : start;
    return { index, name: columnName(fieldValue(header.subarray(from, end), encoding)) };
  });
  const lineEnd = terminatorLength(header) === 0 ? '\n' : Buffer.from(header.subarray(terminator)).toString('latin1');
  return { media_type: 'text/csv', encoding, delimiter, terminator: lineEnd, columns };
}

async function* scanAll(
  scanner: CsvScanner | NdjsonScanner,
  sample: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ScannedRecord[]> {
  for (const piece of pieces(sample)) yield scanner.push(piece);
  for await (const chunk of rest) {
    throwIfAborted(signal);
    for (const piece of pieces(chunk)) yield scanner.push(piece);
  }
  yield scanner.finish();
}

/** A batch of very short records takes a hundred times the memory of its bytes, so it is made of few of them. */
function* pieces(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
}

async function* withFields(
  batches: AsyncIterable<readonly ScannedRecord[]>,
  expected: number,
  delimiter: string,
  guessed: boolean,
): AsyncGenerator<readonly ScannedRecord[]> {
  for await (const batch of batches) {
    for (const [i, { bytes, fields, line }] of batch.entries()) {
      if (fields === expected) continue;
      // Of a stream, the good rows before it are sealed.
      yield batch.slice(0, i);
      const blank = bytes.length === terminatorLength(bytes);
      if (blank) {
        const message = `line ${line}: the line is blank; a blank line is no record, so take it out of the file`;
        throw new MedsealError('CSV_FIELDS', message, { line });
      }
      const found = `the record has ${fields} ${fields === 1 ? 'field' : 'fields'}`;
      const how = guessed ? ` (delimiter ${JSON.stringify(delimiter)}, guessed; --delimiter sets another)` : '';
      throw new MedsealError(
        'CSV_FIELDS',
        `line ${line}: ${found}, the header line has ${expected === 1 ? '1 field' : `${expected} fields`}${how}`,
        { line },
      );
    }
    yield batch;
  }
}

async function takeFirst(
  batches: AsyncGenerator<readonly ScannedRecord[]>,
): Promise<{ first: ScannedRecord | null; others: AsyncIterable<readonly ScannedRecord[]> }> {
  for (;;) {
    const { value, done } = await batches.next();
    if (done) return { first: null, others: batches };
    const [first, ...others] = value;
    if (first === undefined) continue;
    const kept = { ...first, bytes: Uint8Array.from(first.bytes) };
    return { first: kept, others: prepend(others, batches) };
  }
}

async function* prepend<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

async function takeSample(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ sample: Uint8Array; complete: boolean; rest: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let length = 0;
  let complete = false;
  while (length < SAMPLE_BYTES && !complete) {
    const { value, done } = await iterator.next();
    if (done) complete = true;
    else {
      parts.push(value);
      length += value.length;
    }
  }
  return { sample: Buffer.concat(parts), complete, rest: { [Symbol.asyncIterator]: () => iterator } };
}

function fileChunks(path: string): ReadStream {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES });
}

/** Looks at bytes as they pass: their digest, their number, whether they are UTF-8. */
class Watch {
  readonly #hash = createHash('sha256');
  readonly #utf8 = new Utf8Check();
  bytes = 0;
  isUtf8 = true;

  async *over(chunks: AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#utf8.update(chunk);
      this.bytes += chunk.length;
      onBytes?.(this.bytes);
      yield chunk;
    }
    this.isUtf8 = this.#utf8.finish();
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Names the file in whatever goes wrong with it. */
async function inFile<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof MedsealError) {
      const { code, message, place } = error;
      throw new MedsealError(code, `${path}: ${message}`, { ...place, file: path }, { cause: error });
    }
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new MedsealError('FILE_UNREADABLE', `cannot read ${path}: ${why}`, { file: path }, { cause: error });
  }
}
