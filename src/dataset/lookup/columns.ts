import { distinctNames, placeOf } from '../column-names.js';
import { PATIENT, RESOURCE } from '../fhir/values.js';
import type { Manifest } from '../manifest.js';
import { isFhir, isTable } from '../media-types.js';

/** A column by whose values rows are found. */
export interface LookupColumn {
  readonly name: string;
  /** Its place in the file, from 0; missing where rows are JSON, whose columns are members. */
  readonly index?: number;
  /** Whether its value tells whose record a row is. */
  readonly subject: boolean;
}

/** Columns as a person names them, each by its name or its number from 1. */
export interface LookupChoice {
  /** The column that says whose record a row is. */
  readonly subject?: string;
  /** Further columns to find rows by. */
  readonly index?: readonly string[];
  /** Whether FHIR resources are found by `patient`, as their subject, and `resource`, whatever else is chosen. Default true. */
  readonly fhirIndex?: boolean;
}

/** What is known of a table's columns before it is sealed. */
interface Table {
  readonly shape: Pick<Manifest, 'media_type' | 'columns'>;
  /** Of JSON, the names of the first row's members. */
  readonly members: readonly string[];
}

/**
 * The columns of a table that a person has chosen; each once, the subject first.
 * @throws {MedsealError} `COLUMN_UNKNOWN`
 */
export function chooseLookup(
  table: Table,
  { subject, index = [], fhirIndex = true }: LookupChoice,
): readonly LookupColumn[] {
  const chosen = new Map<string, LookupColumn>();
  const add = (wanted: string, isSubject: boolean): void => {
    const column = columnOf(table, wanted);
    const name = `${column.index} ${column.name}`;
    if (!chosen.has(name)) chosen.set(name, { ...column, subject: isSubject });
  };
  if (subject !== undefined) add(subject, true);
  if (fhirIndex && isFhir(table.shape.media_type)) {
    add(PATIENT, subject === undefined);
    add(RESOURCE, false);
  }
  for (const wanted of index) add(wanted, false);
  return [...chosen.values()];
}

function columnOf({ shape, members }: Table, wanted: string): Omit<LookupColumn, 'subject'> {
  if (!isTable(shape.media_type)) {
    const names = isFhir(shape.media_type) ? [...new Set([PATIENT, RESOURCE, ...members])] : members;
    return { name: names[placeOf(names, wanted)] ?? '' };
  }
  const place = placeOf(distinctNames(shape.columns.map(({ name }) => name)), wanted);
  const { index = place, name = '' } = shape.columns[place] ?? {};
  return { name, index };
}

/** Whether a person has named columns. */
export function isChosen({ subject, index = [] }: LookupChoice): boolean {
  return subject !== undefined || index.length > 0;
}

/** Whether two data sets are found by the same columns. */
export function isSameLookup(a: readonly LookupColumn[], b: readonly LookupColumn[]): boolean {
  const plain = (columns: readonly LookupColumn[]): string =>
    JSON.stringify(columns.map(({ name, index = null, subject }) => [index, name, subject]).sort());
  return plain(a) === plain(b);
}
