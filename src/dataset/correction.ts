import { concat, fromUtf8, utf8 } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { MAX_CONTENT_BYTES } from '../format/limits.js';
import { type Encoding, fieldText, splitRecord, terminatorLength } from './csv/fields.js';
import { CsvScanner, type ScannedRecord } from './csv/scanner.js';
import { expectEntry, expectResource } from './fhir/expect.js';
import type { Manifest } from './manifest.js';
import { isBundle, isFhir, isTable } from './media-types.js';
import { NdjsonScanner } from './ndjson/scanner.js';
import { isWellFormed } from './ndjson/well-formed.js';
import { placesOf } from './output.js';
import { sealedFieldReader } from './typed/fields.js';

/** What is to stand in a row from now on: the whole record, or new values for some of its columns. */
export type Correction =
  /** The record's exact bytes. Its line end may be left out; that of the row is kept in any case. */
  | { readonly record: Uint8Array }
  /** Values by column, which has its name or its number from 1. The other fields keep their exact bytes. */
  | { readonly values: ReadonlyMap<string, string> };

/**
 * The corrected record.
 * @param current its newest version
 * @throws {MedsealError} `ARGUMENT_INVALID` for other than one record, text that the data set's encoding has not, values for
 *   JSON, or nothing that differs; `CSV_FIELDS`, `CSV_QUOTE_UNCLOSED`, `NDJSON_INVALID`, `FHIR_INVALID`, `RECORD_TOO_LARGE`; `COLUMN_UNKNOWN`; `TYPE_MISMATCH`
 */
export function corrected(manifest: Manifest, current: Uint8Array, correction: Correction): Uint8Array {
  const content =
    'record' in correction
      ? inPlaceOf(current, oneRecord(manifest, correction.record), manifest)
      : withValues(manifest, current, correction.values);
  expectTypes(manifest, content);
  if (content.length > MAX_CONTENT_BYTES) {
    throw new MedsealError('RECORD_TOO_LARGE', 'the corrected record is larger than a record may be');
  }
  if (Buffer.compare(content, current) === 0) {
    throw new MedsealError('ARGUMENT_INVALID', 'the row says just that already: there is nothing to correct');
  }
  return content;
}

/** In a table whose columns have types, a correction keeps to them. @throws {MedsealError} `TYPE_MISMATCH` */
function expectTypes({ columns, delimiter, encoding }: Manifest, content: Uint8Array): void {
  if (columns.every(({ type }) => type === undefined)) return;
  const { fields } = splitRecord(content, delimiter.charCodeAt(0));
  for (const [place, { name, type }] of columns.entries()) {
    const { start = 0, end = 0 } = fields[place] ?? {};
    if (type === undefined || sealedFieldReader(type, encoding)(content.subarray(start, end)) !== undefined) continue;
    const message = `column ${JSON.stringify(name)}: the value is no ${type}, in the form that the table's other values have`;
    throw new MedsealError('TYPE_MISMATCH', message);
  }
}

/** A record with what stands around the one that it replaces: the line end, or the white space around a Bundle's entry. */
function inPlaceOf(current: Uint8Array, record: Uint8Array, { media_type }: Manifest): Uint8Array {
  if (!isBundle(media_type)) return concat(record, current.subarray(current.length - terminatorLength(current)));
  const text = fromUtf8(current) ?? '';
  const [before, behind] = [text.length - text.trimStart().length, text.trimEnd().length];
  return concat(utf8(text.slice(0, before)), record, utf8(text.slice(behind)));
}

/** A record without its line end, judged as one that is sealed. */
function oneRecord(manifest: Manifest, bytes: Uint8Array): Uint8Array {
  const { media_type, delimiter, columns, encoding } = manifest;
  if (isBundle(media_type)) return oneEntry(bytes);
  const isCsv = isTable(media_type);
  const check = isFhir(media_type) ? expectResource : undefined;
  const scanner = isCsv ? new CsvScanner(delimiter.charCodeAt(0)) : new NdjsonScanner(check);
  const [record, ...more] = scanned(scanner, bytes);
  if (record === undefined || more.length > 0) {
    const message = `a correction is one record, without a header line; ${record === undefined ? 'none' : 'several'} were given`;
    throw new MedsealError('ARGUMENT_INVALID', message);
  }
  if (isCsv && record.fields !== columns.length) {
    const message = `the record has ${record.fields} fields, the data set ${columns.length} columns, with the delimiter ${JSON.stringify(delimiter)}`;
    throw new MedsealError('CSV_FIELDS', message);
  }
  if (encoding === 'utf-8' && fromUtf8(record.bytes) === null) {
    throw new MedsealError('ARGUMENT_INVALID', 'the record is not UTF-8, as the data set is');
  }
  return record.bytes.subarray(0, record.bytes.length - terminatorLength(record.bytes));
}

/** An entry of a Bundle, on as many lines as it has, without white space around it. */
function oneEntry(bytes: Uint8Array): Uint8Array {
  const text = fromUtf8(bytes)?.trim();
  if (text === undefined || !isWellFormed(text)) {
    throw new MedsealError('FHIR_INVALID', 'a correction of a Bundle is one entry, an object of JSON in UTF-8');
  }
  expectEntry(text, 1, 1);
  return utf8(text);
}

function scanned(scanner: CsvScanner | NdjsonScanner, bytes: Uint8Array): ScannedRecord[] {
  const copied = (record: ScannedRecord): ScannedRecord => ({ ...record, bytes: Uint8Array.from(record.bytes) });
  return [...scanner.push(bytes).map(copied), ...scanner.finish().map(copied)];
}

function withValues(manifest: Manifest, current: Uint8Array, values: ReadonlyMap<string, string>): Uint8Array {
  const { delimiter, encoding } = manifest;
  const texts = [...values.values()];
  const fresh = new Map(placesOf(manifest, [...values.keys()]).map((place, i) => [place, texts[i] ?? '']));
  const { fields, terminator } = splitRecord(current, delimiter.charCodeAt(0));
  const parts = fields.map(({ start, end }, place) => {
    const value = fresh.get(place);
    const field = current.subarray(start, end);
    return value === undefined
      ? field
      : fieldOf(value, delimiter, encoding, fieldText(field, encoding).startsWith('"'));
  });
  const separated = parts.flatMap((part, place) => (place === 0 ? [part] : [utf8(delimiter), part]));
  return concat(...separated, current.subarray(terminator));
}

/** A value as a field: in quotes where it needs them, or where the one that it replaces had them. */
function fieldOf(value: string, delimiter: string, encoding: Encoding, quoted: boolean): Uint8Array {
  const needed = quoted || /["\r\n]/.test(value) || value.includes(delimiter);
  const text = needed ? `"${value.replaceAll('"', '""')}"` : value;
  const bytes = encoding === 'utf-8' ? utf8(text) : Uint8Array.from(Buffer.from(text, 'latin1'));
  if (fieldText(bytes, encoding) === text) return bytes;
  throw new MedsealError('ARGUMENT_INVALID', 'the value has characters that the encoding of the data set has not');
}
