import type { Amendments } from '../verify/state.js';
import type { RowRange } from './block-rows.js';

/*
 * A corrected row keeps its number, whatever versions it has. Each newer version has been sealed as a row of its own,
 * which is shown in the place of the row that it corrects, and under no number of its own.
 */

/** Whether a row has not been corrected and is no correction itself. */
export function isOnlyVersion({ versions, originals }: Amendments, row: number): boolean {
  return !versions.has(row) && !originals.has(row);
}

/** The row of which this one is a version; null where it is none, but the row itself. */
export function originalOf({ originals }: Amendments, row: number): number | null {
  return originals.get(row) ?? null;
}

/** The numbers of a row's versions, the row itself first and the newest last. */
export function versionsOf({ versions }: Amendments, row: number): readonly number[] {
  return [row, ...(versions.get(row) ?? [])];
}

/** The number of a row's newest version. */
export function newestOf({ versions }: Amendments, row: number): number {
  return versions.get(row)?.at(-1) ?? row;
}

/** Corrected rows within a range, ascending. */
export function amendedWithin({ versions }: Amendments, { from, to }: RowRange): number[] {
  return [...versions.keys()].filter((row) => row >= from && row <= to).sort((a, b) => a - b);
}

/** How many rows of a range have been corrected or are corrections. */
export function versionsWithin({ versions, originals }: Amendments, { from, to }: RowRange): number {
  let count = 0;
  for (const rows of [versions, originals]) for (const row of rows.keys()) if (row >= from && row <= to) count++;
  return count;
}

/** How many rows there are for those who count each once, whatever versions it has. */
export function rowsWithoutVersions(rows: number, { originals }: Amendments): number {
  return rows - originals.size;
}
