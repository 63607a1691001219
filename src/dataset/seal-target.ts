import { equalBytes } from '../bytes.js';
import { MedsealError } from '../errors.js';
import type { LedgerWriter } from '../ledger/writer.js';
import type { DatasetInfo } from './directory.js';
import { isSameLookup, type LookupColumn } from './lookup/columns.js';
import type { Manifest } from './manifest.js';
import { isTable } from './media-types.js';
import { expectAllGroups } from './seal-plan.js';
import { exists } from './sealed-before.js';
import type { Examined } from './source/source.js';

/**
 * The data set that a source continues, or null where it begins one.
 * @param existing all of its name
 * @throws {MedsealError} `DATASET_NOT_FOUND`, `DATASET_AMBIGUOUS`, `DATASET_EXISTS`, `COLUMNS_DIFFER`, `GROUP_INVALID`
 */
export function chooseTarget(
  existing: readonly DatasetInfo[],
  examined: Examined,
  writer: LedgerWriter,
  name: string,
  append: boolean,
): DatasetInfo | null {
  const { shape, header } = examined;
  const [dataset, ...others] = existing;
  if (dataset === undefined) {
    if (!append) return null;
    throw new MedsealError('DATASET_NOT_FOUND', `there is no data set "${name}" to append to that this key opens`);
  }
  if (others.length > 0) {
    throw new MedsealError('DATASET_AMBIGUOUS', `several data sets are named "${name}"`);
  }
  const state = writer.state.datasets.get(dataset.id);
  const { publicKey } = writer.identity;
  if (state === undefined || (state.signer !== publicKey && writer.state.owner !== publicKey)) {
    throw new MedsealError(
      'DATASET_EXISTS',
      `the data set "${name}" was begun by another writer; choose another --name`,
    );
  }
  expectAllGroups(dataset);
  if (!append && !isSameTable(dataset.manifest, shape)) throw exists(name);
  expectSameTable(dataset.manifest, examined, name);
  // The same names can be written in other bytes (quotes, a byte-order mark, another line end).
  if (!append && (dataset.header === null || !equalBytes(dataset.header, header))) throw exists(name);
  return dataset;
}

/** What rows must have in common with those of a data set that they are added to. */
type Table = Pick<Manifest, 'media_type' | 'delimiter' | 'columns'>;

/** @throws {MedsealError} `COLUMNS_DIFFER` */
export function expectSameTable(table: Table | null, { shape }: Pick<Examined, 'shape'>, name: string): void {
  if (isSameTable(table, shape)) return;
  const what = isTable(shape.media_type) ? 'columns, types of them, or another delimiter,' : 'kind of content';
  throw new MedsealError('COLUMNS_DIFFER', `the file has other ${what} than the data set "${name}"`);
}

function isSameTable(one: Table | null, other: Table): boolean {
  return (
    one?.media_type === other.media_type &&
    one.delimiter === other.delimiter &&
    isSameColumns(one.columns, other.columns)
  );
}

/** Columns of the same names, and of the same types where they have any. */
function isSameColumns(one: Manifest['columns'], other: Manifest['columns']): boolean {
  const plain = (columns: Manifest['columns']): string =>
    JSON.stringify(columns.map(({ name, type = null }) => [name, type]));
  return plain(one) === plain(other);
}

/** By which columns rows are found is sealed with the header row, and stays. @throws {MedsealError} `COLUMNS_DIFFER` */
export function expectSameLookup({ manifest }: DatasetInfo, lookup: readonly LookupColumn[], name: string): void {
  if (isSameLookup(manifest?.lookup ?? [], lookup)) return;
  const message = `the rows of "${name}" are found by other columns, and that stays; leave --subject and --index away, or choose another --name`;
  throw new MedsealError('COLUMNS_DIFFER', message);
}
