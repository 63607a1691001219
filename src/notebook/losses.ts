import type { Cell } from './pandas/column-types.js';
import type { WrittenRow } from './pandas/write-text.js';

/** How many values of a column are not in a chain as they are in the table. */
export interface ColumnLosses {
  readonly column: string;
  /** Cut at 50 characters. */
  readonly cut: number;
  /** Numbers rounded to the decimals that pandas writes. */
  readonly rounded: number;
  /** Written in another way, such as 007 as 7, or as missing, such as NA. */
  readonly rewritten: number;
}

/** Only columns of which something is lost. */
export type Losses = readonly ColumnLosses[];

/** Counts what the text of rows does not keep of them. */
export class LossCounter {
  readonly #columns: { column: string; cut: number; rounded: number; rewritten: number }[];

  constructor(columns: readonly string[]) {
    this.#columns = columns.map((column) => ({ column, cut: 0, rounded: 0, rewritten: 0 }));
  }

  /** @param fields what stands in the table */
  count(fields: readonly string[], cells: readonly Cell[], row: WrittenRow): void {
    for (const [place, cell] of cells.entries()) {
      const counts = this.#columns[place];
      const written = (row.fields[place] ?? '').trim();
      const field = fields[place] ?? '';
      if (counts === undefined) continue;
      if (row.cut.includes(place)) counts.cut++;
      else if (typeof cell === 'number' && Number.isFinite(cell) && Number(written) !== cell) counts.rounded++;
      else if (cell === null ? field !== '' : typeof cell !== 'string' && written !== field) counts.rewritten++;
    }
  }

  report(): Losses {
    return this.#columns.filter(({ cut, rounded, rewritten }) => cut + rounded + rewritten > 0);
  }
}
