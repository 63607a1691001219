import { MedsealError } from '../../errors.js';
import { resourceRows } from '../fhir/output.js';
import { isBundle, isTable } from '../media-types.js';
import type { OpenedRow, RowSource } from '../open.js';
import type { ReadableTable } from './batches.js';
import { csvTable } from './csv-table.js';
import { jsonTable } from './json-table.js';
import type { TypeName } from './types.js';

export interface TableOptions {
  /** Columns by name or by position from 1, in the order given; all where it is left out. */
  readonly columns?: readonly string[];
  /** Types of columns, each by its name or its position from 1. Of the others the data set says it, or it is guessed. */
  readonly schema?: Readonly<Record<string, TypeName>>;
}

/**
 * The columns and the values of a data set that opens. A column has the type that `schema` says, or the one that it was
 * sealed with. Of the others it is guessed, as pandas does it from a whole file: all rows are read for it before the first
 * batch, so they are decrypted twice. A batch at a time is in memory.
 *
 * The columns of a CSV file are its columns, a name that is missing or comes again made up for as in pandas. Those of JSON
 * are the members of its lines' objects, or of a Bundle's resources, in the order in which they first come; what is nested is
 * text, as JSON.
 * @throws {MedsealError} `COLUMN_UNKNOWN`, `ARGUMENT_INVALID`; `CANNOT_OPEN` without the header row; `TYPE_MISMATCH` for what is
 *   no table, and from `batches` for a value that is not of its column's type; what reading the rows throws
 */
export async function readTable(dataset: RowSource, options: TableOptions = {}): Promise<ReadableTable> {
  const { manifest } = dataset.info;
  if (manifest === null) {
    const message = 'the header row does not open, so the columns have no names; it opens as CSV only';
    throw new MedsealError('CANNOT_OPEN', message);
  }
  const table = isTable(manifest.media_type)
    ? await csvTable(dataset, manifest, options)
    : await jsonTable(isBundle(manifest.media_type) ? resourcesOf(dataset) : dataset, options);
  const names = table.columns.map(({ name }) => name);
  if (new Set(names).size === names.length) return table;
  throw new MedsealError('ARGUMENT_INVALID', 'a column is asked for twice; in a table each has a name of its own');
}

function resourcesOf(dataset: Pick<RowSource, 'rows'>): Pick<RowSource, 'rows'> {
  return { rows: (): AsyncGenerator<readonly OpenedRow[]> => resourceRows(dataset.rows()) };
}
