import { MedsealError } from '../../errors.js';
import type { OpenedRow } from '../open.js';
import type { TypedBatch, Value } from './types.js';

/** A batch is full with so many rows, or with rows of so many bytes: so much of a table is in memory at a time. */
const BATCH_ROWS = 50_000;
const BATCH_BYTES = 4 * 1024 * 1024;

/** The values of a row, one for each column. */
export type RowReader = (row: OpenedRow) => readonly Value[];

/** Rows of bytes as batches of values. */
export async function* batchesOf(
  rows: AsyncIterable<readonly OpenedRow[]>,
  columns: number,
  read: RowReader,
): AsyncGenerator<TypedBatch> {
  let batch = new BatchInProgress(columns);
  for await (const some of rows) {
    for (const row of some) {
      batch.add(read(row), row.content.length);
      if (!batch.isFull) continue;
      yield batch;
      batch = new BatchInProgress(columns);
    }
  }
  if (batch.rows > 0) yield batch;
}

class BatchInProgress implements TypedBatch {
  readonly columns: Value[][];
  rows = 0;
  #bytes = 0;

  constructor(columns: number) {
    this.columns = Array.from({ length: columns }, () => []);
  }

  get isFull(): boolean {
    return this.rows >= BATCH_ROWS || this.#bytes >= BATCH_BYTES;
  }

  add(values: readonly Value[], bytes: number): void {
    for (const [place, value] of values.entries()) this.columns[place]?.push(value);
    this.rows++;
    this.#bytes += bytes;
  }
}

/** A value that is not of its column's type. */
export function mismatch(row: number, column: string, type: string): MedsealError {
  const message = `row ${row}, column ${JSON.stringify(column)}: the value is no ${type}; --schema gives a column another type`;
  return new MedsealError('TYPE_MISMATCH', message, { row });
}
