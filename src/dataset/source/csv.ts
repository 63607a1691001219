import { MedsealError } from '../../errors.js';
import { delimiterByte, guessDelimiter } from '../csv/dialect.js';
import { type Encoding, fieldValue, hasByteOrderMark, splitRecord, terminatorLength } from '../csv/fields.js';
import { CsvScanner, type ScannedRecord } from '../csv/scanner.js';
import { columnName } from '../manifest.js';
import { expectText } from '../text.js';
import { type Beginning, SAMPLE_BYTES, scanned } from './beginning.js';
import type { Begun, SourceFormat } from './format.js';
import type { Batches, Shape, SourceOptions } from './source.js';

/** Tables of RFC 4180, with any delimiter. */
export const csv: SourceFormat = { fileName: null, isLike: () => true, begin };

async function begin(beginning: Beginning, options: SourceOptions): Promise<Begun> {
  const { sample, complete } = beginning;
  expectText(sample);
  const start = sample.subarray(0, SAMPLE_BYTES);
  const given = options.delimiter ?? guessDelimiter(start, complete && start.length === sample.length);
  const byte = delimiterByte(given);
  const delimiter = String.fromCharCode(byte);
  const { first, others } = await takeFirst(scanned(new CsvScanner(byte), beginning, options.signal));
  if (first === null) throw new MedsealError('CSV_EMPTY', 'the file is empty: it has not even a header line');
  return {
    shape: (encoding) => shapeOf(first.bytes, delimiter, encoding),
    header: first.bytes,
    members: [],
    batches: withFields(others, first.fields, delimiter, options.delimiter === undefined),
  };
}

function shapeOf(header: Uint8Array, delimiter: string, encoding: Encoding): Shape {
  const { fields, terminator } = splitRecord(header, delimiter.charCodeAt(0), true);
  const columns = fields.map(({ start, end }, index) => {
    const from = index === 0 && hasByteOrderMark(header) ? start + 3 : start;
    return { index, name: columnName(fieldValue(header.subarray(from, end), encoding)) };
  });
  const lineEnd = terminatorLength(header) === 0 ? '\n' : Buffer.from(header.subarray(terminator)).toString('latin1');
  return { media_type: 'text/csv', encoding, delimiter, terminator: lineEnd, columns };
}

async function takeFirst(
  batches: AsyncGenerator<readonly ScannedRecord[]>,
): Promise<{ first: ScannedRecord | null; others: Batches }> {
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

async function* withFields(
  batches: Batches,
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
