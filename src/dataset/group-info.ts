import type { GroupKey } from '../crypto/sealing.js';
import type { Timestamp } from '../format/timestamp.js';
import type { JoinOptions, Layout } from './groups.js';
import { recordJoiner } from './groups.js';
import type { DatasetGroup } from './groups-of.js';
import type { Manifest } from './manifest.js';
import { isTable } from './media-types.js';

/** What a key can do with a column group of a data set. */
export type GroupAccess =
  /** Its columns are given out. */
  | 'open'
  /** The key holds no grant for it. */
  | 'not granted'
  /** Its header row has been erased, with all that says which columns it has. */
  | 'erased'
  /** Its header row is sealed under a key that is not held, or does not fit the others: nobody can place its columns. */
  | 'no header';

/** A column group of a data set, as far as an identity opens it. Which columns it has stands in its manifest. */
export interface GroupInfo extends DatasetGroup {
  /** Those of its keys that the identity opens, by their ids. */
  readonly keys: ReadonlyMap<string, GroupKey>;
  /** Its part of the header line. */
  readonly header: Uint8Array | null;
  /** The record of its header row. */
  readonly headerPlace: { readonly block: number; readonly entry: number; readonly isErased: boolean } | null;
  readonly access: GroupAccess;
  /** Until when the identity could open it by a grant that has expired; null where it never could, or still can. */
  readonly expired: Timestamp | null;
}

/** How the parts of a row are put together again. */
export interface JoinPlan extends JoinOptions {
  /** The columns of the groups that open, in the order of the data set. */
  readonly layout: Layout;
}

/** What comes of the groups of a data set that open: their columns, in the order of the file. */
export interface View {
  readonly open: readonly GroupInfo[];
  /** The ids of all keys that these groups have had. */
  readonly keyIds: readonly string[];
  /** Those of these keys that the identity opens, by their ids. */
  readonly keys: ReadonlyMap<string, GroupKey>;
  /** Of all columns that open. */
  readonly manifest: Manifest | null;
  /** The header line, with these columns. */
  readonly header: Uint8Array | null;
  /** Null where the content of the only group is the row as it stands. */
  readonly join: JoinPlan | null;
}

/** What a group is called: its name, or its number from 1 where that is sealed. */
export function groupLabel({ manifest, number }: DatasetGroup): string {
  return manifest?.group ?? String(number + 1);
}

/** Behind "is not granted to this key": that it was once, and until when. */
export function untilExpired(groups: readonly Pick<GroupInfo, 'expired'>[]): string {
  const last = lastExpired(groups);
  return last === null ? '' : ` any more: the grant expired at ${last}`;
}

/** When the last grant of some groups expired; null where none did. */
export function lastExpired(groups: readonly Pick<GroupInfo, 'expired'>[]): Timestamp | null {
  return (
    groups
      .flatMap(({ expired }) => expired ?? [])
      .sort()
      .at(-1) ?? null
  );
}

/**
 * What an identity can do with groups of a data set (spec/records.md, "Column groups").
 * @param count how many groups the data set has
 */
export function withAccess(groups: readonly Omit<GroupInfo, 'access'>[], count: number): GroupInfo[] {
  const held = groups.filter(({ keys }) => keys.size > 0);
  const isPart = ({ manifest }: DatasetGroup): boolean => manifest !== null && (count === 1 || isPartOfTable(manifest));
  const first = held.find(isPart)?.manifest ?? null;
  const taken = new Set<number>();
  return groups.map((group) => {
    if (group.keys.size === 0) return { ...group, access: 'not granted' };
    // Rows whose header row does not open are given out as they stand, where there is nothing to put them together with.
    if (first === null ? group === held[0] : isPart(group) && fits(group.manifest, first, taken)) {
      return { ...group, access: 'open' };
    }
    return { ...group, access: group.headerPlace?.isErased ? 'erased' : 'no header' };
  });
}

/** Whether a manifest can be that of one group of several. */
function isPartOfTable({ media_type, columns }: Manifest): boolean {
  const places = columns.map(({ index }) => index);
  return isTable(media_type) && places.length > 0 && places.every((place, i) => place > (places[i - 1] ?? -1));
}

/** Whether a group says the same of the table as another, and has columns of its own, which are taken then. */
function fits(manifest: Manifest | null, first: Manifest, taken: Set<number>): boolean {
  if (manifest === null) return false;
  const same = (['name', 'encoding', 'delimiter', 'terminator'] as const).every(
    (each) => manifest[each] === first[each],
  );
  if (!same || manifest.columns.some(({ index }) => taken.has(index))) return false;
  for (const { index } of manifest.columns) taken.add(index);
  return true;
}

/** @param count how many groups the data set has */
export function viewOf(groups: readonly GroupInfo[], count: number): View {
  const open = groups.filter(({ access }) => access === 'open');
  const keyIds = open.flatMap((group) => group.keyIds);
  const keys = new Map(open.flatMap((group) => [...group.keys]));
  const [first] = open;
  if (first === undefined) return { open, keyIds, keys, manifest: null, header: null, join: null };
  if (count === 1 || first.manifest === null) {
    return { open, keyIds, keys, manifest: first.manifest, header: first.header, join: null };
  }
  const columns = open.flatMap(({ manifest }) => manifest?.columns ?? []).sort((a, b) => a.index - b.index);
  const { delimiter, terminator } = first.manifest;
  const layout = open.map(({ manifest }) => (manifest?.columns ?? []).map(({ index }) => index));
  const join = { layout, delimiter, terminator, whole: open.length === count };
  const header = recordJoiner(layout, join)(
    open.map((group) => group.header),
    true,
  );
  const lookup = open.flatMap(({ manifest }) => manifest?.lookup ?? []);
  const manifest = { ...first.manifest, columns, ...(lookup.length === 0 ? {} : { lookup }) };
  return { open, keyIds, keys, manifest, header, join };
}

/** Puts the parts of a row together, one for each group that opens, in their order; null where that makes no record. */
export function joinerOf({ join }: View): (parts: readonly (Uint8Array | null)[]) => Uint8Array | null {
  return join === null ? ([part = null]) => part : recordJoiner(join.layout, join);
}
