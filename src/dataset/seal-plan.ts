import { MedsealError } from '../errors.js';
import { MAX_CONTENT_BYTES } from '../format/limits.js';
import type { DatasetInfo } from './directory.js';
import { groupLabel } from './group-info.js';
import { assignColumns, type ColumnGroup, type GroupChoice, type Layout, recordSplitter } from './groups.js';
import type { LookupColumn } from './lookup/columns.js';
import { encodeManifest, type Manifest, ONLY_GROUP } from './manifest.js';
import { isBundle, isTable } from './media-types.js';
import type { Examined } from './source/source.js';

/** How records are cut into the parts of several column groups. */
export interface SplitPlan {
  readonly layout: Layout;
  readonly delimiter: string;
}

/** How the records of a data set are sealed. */
export interface SealPlan {
  readonly groups: readonly ColumnGroup[];
  /** Null for one group: each record is sealed whole. */
  readonly split: SplitPlan | null;
}

/**
 * The plan of a new data set.
 * @throws {MedsealError} `GROUP_INVALID`, `COLUMN_UNKNOWN`
 */
export function planFor({ shape }: Examined, choices: readonly GroupChoice[] = []): SealPlan {
  const everything = shape.columns.map(({ index }) => index);
  if (choices.length === 0) return planOf([{ name: ONLY_GROUP, columns: everything }], shape.delimiter);
  if (!isTable(shape.media_type)) {
    const message = 'column groups are for tables; JSON is sealed whole, or it would not come back byte for byte';
    throw new MedsealError('GROUP_INVALID', message);
  }
  const names = shape.columns.map(({ name }) => name);
  return planOf(assignColumns(choices, names), shape.delimiter);
}

/**
 * A data set is added to by those who open all of it: otherwise what there is cannot be compared.
 * @throws {MedsealError} `GROUP_INVALID`
 */
export function expectAllGroups({ groups }: DatasetInfo): void {
  const closed = groups.filter(({ access }) => access !== 'open');
  if (closed.length === 0) return;
  const which = closed.map((group) => `${groupLabel(group)} (${group.access})`).join(', ');
  throw new MedsealError(
    'GROUP_INVALID',
    `nothing can be added to a data set of which column groups do not open: ${which}`,
  );
}

/**
 * The plan by which a data set goes on of which all groups open.
 * @param choices groups that a person asks for; they must be those that it has
 * @throws {MedsealError} `GROUP_INVALID`, `COLUMN_UNKNOWN`
 */
export function planToGoOn(dataset: DatasetInfo, examined: Examined, choices: readonly GroupChoice[] = []): SealPlan {
  const groups = dataset.groups.map(({ manifest }) => ({
    name: manifest?.group ?? '',
    columns: (manifest?.columns ?? []).map(({ index }) => index),
  }));
  const wanted = choices.length === 0 ? groups : planFor(examined, choices).groups;
  if (JSON.stringify(wanted) !== JSON.stringify(groups)) {
    const has = dataset.groups.map(
      ({ manifest }) => `${manifest?.group} (${manifest?.columns.map(({ name }) => name).join(', ')})`,
    );
    const message = `the data set has other column groups: ${has.join('; ')}; leave out --group to go on with these`;
    throw new MedsealError('GROUP_INVALID', message);
  }
  return planOf(groups, examined.shape.delimiter);
}

function planOf(groups: readonly ColumnGroup[], delimiter: string): SealPlan {
  return { groups, split: groups.length === 1 ? null : { layout: groups.map(({ columns }) => columns), delimiter } };
}

/** Cuts a record into what is sealed of it, one part a group. */
export function splitterOf(split: SplitPlan | null): (record: Uint8Array, isHeader?: boolean) => readonly Uint8Array[] {
  return split === null ? (record) => [record] : recordSplitter(split.layout, split.delimiter);
}

/** What row 0 of a group says. */
export interface RowZero {
  readonly manifest: Manifest;
  /** Its part of the header line. */
  readonly header: Uint8Array;
}

/**
 * Row 0 of each group.
 * @param lookup columns that rows are found by: each group says it of its own
 * @throws {MedsealError} `RECORD_TOO_LARGE`
 */
export function rowZeros(
  { groups, split }: SealPlan,
  name: string,
  { shape, header }: Examined,
  lookup: readonly LookupColumn[],
): RowZero[] {
  const parts = splitterOf(split)(header, true);
  return groups.map((group, i) => {
    const columns = group.columns.flatMap((place) => shape.columns[place] ?? []);
    const own = split === null ? lookup : lookup.filter(({ index = -1 }) => group.columns.includes(index));
    const found = own.length === 0 ? {} : { lookup: own };
    const manifest = { version: 1 as const, name, ...shape, group: group.name, columns, ...found };
    const zero = { manifest, header: parts[i] ?? new Uint8Array(0) };
    if (encodeManifest(zero.manifest, zero.header).length <= MAX_CONTENT_BYTES) return zero;
    const what = isBundle(shape.media_type)
      ? 'what stands around the entries'
      : 'the header line, with the names of its columns,';
    const message = `line 1: ${what} is larger than a record may be`;
    throw new MedsealError('RECORD_TOO_LARGE', message, { line: 1 });
  });
}
