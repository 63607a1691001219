import { MedsealError } from '../../errors.js';
import { terminatorLength } from '../csv/fields.js';
import { arrayBytes } from '../json-array.js';
import { isBundle, isTable } from '../media-types.js';
import type { OpenedRow, RowSource } from '../open.js';
import { ndjsonBytes, originalBytes } from '../output.js';
import { arrowBytes } from './arrow.js';
import { jsonBytes } from './json.js';
import { parquetBytes } from './parquet.js';
import { readTable, type TableOptions } from './table.js';

/** The forms that a data set opens in. */
export type OpenFormat = 'csv' | 'ndjson' | 'json' | 'parquet' | 'arrow';

export interface OpenFormatOptions extends TableOptions {
  /** Default: the bytes that were sealed, of whatever format. */
  readonly format?: OpenFormat;
}

/**
 * A data set in a format. In the one that it was sealed in, and without one, it is the bytes that were sealed
 * (`originalBytes`), JSON in the other of its forms as it stands; otherwise it is a table of values (`readTable`), of which a batch at a time is
 * in memory.
 * @throws {MedsealError} `USAGE` for JSON as CSV, and for types of what is given out as bytes; what `readTable`,
 *   `originalBytes` and `arrowBytes` throw, some of it only when the bytes are read
 */
export async function openedBytes(
  dataset: RowSource,
  options: OpenFormatOptions = {},
): Promise<AsyncGenerator<Uint8Array>> {
  const { format, columns, schema } = options;
  const mediaType = dataset.info.manifest?.media_type ?? 'text/csv';
  const isJson = !isTable(mediaType);
  if (format === 'csv' && isJson) {
    throw new MedsealError('USAGE', 'the data set was sealed from JSON; it opens as ndjson, json, parquet or arrow');
  }
  if (format === undefined || format === 'csv') {
    if (schema === undefined) return originalBytes(dataset, options);
    throw new MedsealError('USAGE', 'these rows are given out as they were sealed; a --schema needs another --format');
  }
  if (isJson && columns === undefined && schema === undefined) {
    if (format === 'ndjson') return ndjsonBytes(dataset);
    if (format === 'json') return isBundle(mediaType) ? originalBytes(dataset) : arrayBytes(linesOf(dataset));
  }
  const table = await readTable(dataset, options);
  if (format === 'parquet') return parquetBytes(table);
  return format === 'arrow' ? arrowBytes(table) : jsonBytes(table, format === 'json' ? 'array' : 'lines');
}

/** Lines of JSON, each as it stands; blank ones are left out. */
async function* linesOf(dataset: Pick<RowSource, 'rows'>): AsyncGenerator<readonly string[]> {
  const toText = ({ content }: OpenedRow): string =>
    Buffer.from(content.subarray(0, content.length - terminatorLength(content))).toString('utf8');
  for await (const rows of dataset.rows()) yield rows.map(toText).filter((line) => line.trim() !== '');
}
