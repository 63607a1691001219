import { MedsealError } from '../../errors.js';
import type { OpenedRow, RowSource } from '../open.js';
import type { TypedBatch, TypedColumn, TypedTable, Value } from './types.js';

/** A batch is full with so many rows, or with rows of so many bytes: so much of a table is in memory at a time. */
const BATCH_ROWS = 50_000;
const BATCH_BYTES = 4 * 1024 * 1024;

/** The values of a row, one for each column. */
export type RowReader = (row: OpenedRow) => readonly Value[];

/** A table that is read from the rows of a data set. */
export interface ReadableTable extends TypedTable {
  /** The same with some of its columns alone, by their places: what they are is known, so nothing is guessed again. */
  only(places: readonly number[]): TypedTable;
}

/** @param reader reads these columns of each row */
export function tableOf<Column extends TypedColumn>(
  dataset: Pick<RowSource, 'rows'>,
  columns: readonly Column[],
  reader: (columns: readonly Column[]) => RowReader,
): ReadableTable {
  const table = (some: readonly Column[]): TypedTable => ({
    columns: some.map(({ name, type }) => ({ name, type })),
    batches: () => batchesOf(dataset.rows(), some.length, reader(some)),
  });
  return { ...table(columns), only: (places) => table(places.flatMap((place) => columns[place] ?? [])) };
}

/** Rows of bytes as batches of values. */
async function* batchesOf(
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
