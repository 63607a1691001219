import { concat, utf8 } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { chosenPlaces, distinctNames } from './column-names.js';
import { fieldValue, hasByteOrderMark, splitRecord, terminatorLength } from './csv/fields.js';
import { bundleBytes, resourceLines } from './fhir/output.js';
import type { Manifest } from './manifest.js';
import { isBundle, isTable } from './media-types.js';
import type { OpenedRow, RowSource } from './open.js';

export interface OutputOptions {
  /** Columns by name or by position from 1, in the order given; all where it is left out. */
  readonly columns?: readonly string[];
}

/**
 * The data set as it was sealed: with all columns and rows, byte for byte. A row without a line end that is followed
 * by another gets the manifest's. Of a Bundle, the Bundle with these entries.
 * @throws {MedsealError} `COLUMN_UNKNOWN`; `ARGUMENT_INVALID` for columns of JSON; `ABORTED`
 */
export async function* originalBytes(dataset: RowSource, options: OutputOptions = {}): AsyncGenerator<Uint8Array> {
  const { manifest, header } = dataset.info;
  const pick = manifest === null ? null : columnPicker(manifest, options.columns);
  if (manifest !== null && isBundle(manifest.media_type)) {
    yield* bundleBytes(header ?? new Uint8Array(0), manifest, dataset.rows());
    return;
  }
  const lineEnd = utf8(manifest?.terminator ?? '\n');
  // Cut down to some columns a record can be empty, so its length does not tell whether there was one.
  let unended = false;
  const write = (record: Uint8Array): Uint8Array[] => {
    const parts = unended ? [lineEnd, record] : [record];
    unended = terminatorLength(record) === 0;
    return parts;
  };
  if (header !== null && header.length > 0) yield concat(...write(pick === null ? header : pick(header, true)));
  for await (const rows of dataset.rows()) {
    yield concat(...rows.flatMap(({ content }) => write(pick === null ? content : pick(content, false))));
  }
}

/**
 * One JSON object a row: lines of JSON as they were sealed, of a Bundle the resources; of CSV keyed by column name, every
 * value being text, exactly as the CSV says it. A name that comes a
 * second time gets `.1`, a third `.2`, as in pandas.
 * @throws {MedsealError} `COLUMN_UNKNOWN`, `ARGUMENT_INVALID`; `CANNOT_OPEN` without the header row; `ABORTED`
 */
export async function* ndjsonBytes(dataset: RowSource, options: OutputOptions = {}): AsyncGenerator<Uint8Array> {
  const { manifest } = dataset.info;
  if (manifest === null) {
    throw new MedsealError('CANNOT_OPEN', 'the header row does not open, so the columns have no names; open it as CSV');
  }
  const chosen = placesOf(manifest, options.columns);
  if (!isTable(manifest.media_type)) {
    yield* isBundle(manifest.media_type) ? resourceLines(dataset.rows()) : originalBytes(dataset, options);
    return;
  }
  const names = distinctNames(manifest.columns.map(({ name }) => name));
  const delimiter = manifest.delimiter.charCodeAt(0);
  const toLine = ({ content }: OpenedRow): string => {
    const { fields } = splitRecord(content, delimiter);
    const pairs = chosen.map((index) => {
      const { start = 0, end = 0 } = fields[index] ?? {};
      const value = fieldValue(content.subarray(start, end), manifest.encoding);
      return `${JSON.stringify(names[index] ?? '')}:${JSON.stringify(value)}`;
    });
    return `{${pairs.join(',')}}\n`;
  };
  for await (const rows of dataset.rows()) yield utf8(rows.map(toLine).join(''));
}

/** Cuts a record down to the chosen columns, each field's bytes as they stand, the line end kept. */
function columnPicker(
  manifest: Manifest,
  columns: readonly string[] | undefined,
): ((record: Uint8Array, isHeader: boolean) => Uint8Array) | null {
  if (columns === undefined) return null;
  const chosen = placesOf(manifest, columns);
  const delimiter = utf8(manifest.delimiter);
  return (record, isHeader) => {
    const { fields, terminator } = splitRecord(record, delimiter[0] ?? 0, isHeader);
    const parts: Uint8Array[] = [];
    for (const index of chosen) {
      const { start = 0, end = 0 } = fields[index] ?? {};
      if (parts.length > 0) parts.push(delimiter);
      const skip = isHeader && index === 0 && hasByteOrderMark(record) ? 3 : 0;
      parts.push(record.subarray(start + skip, end));
    }
    return concat(...parts, record.subarray(terminator));
  };
}

/**
 * The places of columns by name or by number from 1; of all where none are named.
 * @throws {MedsealError} `COLUMN_UNKNOWN`; `ARGUMENT_INVALID` where the data set has none
 */
export function placesOf({ columns, media_type }: Manifest, wanted: readonly string[] | undefined): number[] {
  if (wanted !== undefined && !isTable(media_type))
    throw new MedsealError('ARGUMENT_INVALID', 'this data set has no columns to choose from');
  const names = distinctNames(columns.map(({ name }) => name));
  return chosenPlaces(names, wanted);
}
