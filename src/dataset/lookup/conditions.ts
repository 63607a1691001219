import { equalBytes } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { distinctNames, placeOf } from '../column-names.js';
import type { Manifest } from '../manifest.js';
import { isTable } from '../media-types.js';
import type { LookupColumn } from './columns.js';
import { valueBytes, valuePlaces, valuesIn } from './values.js';

/** What is looked for: a column, by name or by number from 1, and the value that it is to have. */
export interface Condition {
  readonly column: string;
  readonly value: string;
}

/** A condition on a column that is known. */
export interface ColumnCondition {
  readonly column: LookupColumn;
  /** The exact bytes of the values of which any will do; none where no row can have it. */
  readonly values: readonly Uint8Array[];
}

/**
 * Conditions on the columns that rows are found by.
 * @throws {MedsealError} `COLUMN_UNKNOWN` where they are not found by one
 */
export function conditionsOn(manifest: Manifest, conditions: readonly Condition[]): ColumnCondition[] {
  const { lookup = [] } = manifest;
  return conditions.map(({ column: wanted, value }) => {
    const column =
      lookup.find(({ name }) => name === wanted) ?? lookup.find(({ index }) => String((index ?? -1) + 1) === wanted);
    if (column !== undefined) return conditionOn(manifest, column, [value]);
    const names = lookup.map(({ name }) => JSON.stringify(name)).join(', ');
    const by = names === '' ? 'no column' : `${names} only`;
    const message = `rows of this data set are found by ${by}, not by ${JSON.stringify(wanted)}; --scan reads all of them instead`;
    throw new MedsealError('COLUMN_UNKNOWN', message);
  });
}

/** Conditions on any columns. @throws {MedsealError} `COLUMN_UNKNOWN`, with the names that are nearest */
export function conditionsOnAny(manifest: Manifest, conditions: readonly Condition[]): ColumnCondition[] {
  const names = distinctNames(manifest.columns.map(({ name }) => name));
  return conditions.map(({ column: wanted, value }) => {
    if (!isTable(manifest.media_type)) return conditionOn(manifest, { name: wanted, subject: false }, [value]);
    const { index, name } = manifest.columns[placeOf(names, wanted)] ?? { index: -1, name: '' };
    return conditionOn(manifest, { name, index, subject: false }, [value]);
  });
}

/** That a column has one of some values, as a person writes them. */
export function conditionOn(manifest: Manifest, column: LookupColumn, values: readonly string[]): ColumnCondition {
  return { column, values: values.map((value) => valueBytes(value, manifest)).filter((value) => value !== null) };
}

/** Tells whether the content of a row is what is looked for. */
export function matcher(manifest: Manifest, conditions: readonly ColumnCondition[]): (content: Uint8Array) => boolean {
  const places = valuePlaces(
    manifest,
    conditions.map(({ column }) => column),
  );
  return (content) =>
    valuesIn(content, places).every((values, i) => {
      const wanted = conditions[i]?.values ?? [];
      for (const value of values) if (wanted.some((each) => equalBytes(value, each))) return true;
      return false;
    });
}
