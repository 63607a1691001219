import { type FileHandle, open } from 'node:fs/promises';
import { throwIfAborted } from '../../errors.js';
import type { TypedBatch, TypedTable, Value } from '../typed/types.js';
import type { ParquetColumn } from './columns.js';
import { damaged, unsupported } from './damaged.js';
import { type RowGroup, readFooter } from './footer.js';
import { type Page, pagesOf } from './pages.js';

/** A batch has no more rows than this, and no more text. */
const BATCH_ROWS = 1024;
const BATCH_CHARACTERS = 1 << 18;

/** What the pages that are held, one of each column, may come to. */
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * The table of a Parquet file (Apache Parquet, `parquet.thrift` and Encodings.md). It is read page by page: what is held at a
 * time is one page of each column, with its dictionary.
 * @throws {MedsealError} `PARQUET_INVALID`, `PARQUET_UNSUPPORTED`, here and by `batches`; `ABORTED` by these
 */
export async function parquetTable(path: string, signal: AbortSignal | undefined): Promise<TypedTable> {
  const { columns, groups } = await withFile(path, async (file) => readFooter(file, (await file.stat()).size));
  return { columns, batches: () => batchesOf(path, columns, groups, signal) };
}

async function withFile<T>(path: string, run: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    return await run(file);
  } finally {
    await file.close();
  }
}

async function* batchesOf(
  path: string,
  columns: readonly ParquetColumn[],
  groups: readonly RowGroup[],
  signal: AbortSignal | undefined,
): AsyncGenerator<TypedBatch> {
  const file = await open(path);
  try {
    for (const group of groups) {
      const held = new Held();
      const cursors = columns.map((column, i) => {
        const chunk = group.chunks[i];
        if (chunk === undefined) throw damaged('a row group has another number of columns');
        return new Cursor(pagesOf(file, column, chunk), held);
      });
      for (let row = 0; row < group.rows; ) {
        throwIfAborted(signal);
        const batch = await takeBatch(cursors, group.rows - row);
        row += batch.rows;
        yield batch;
      }
      for (const cursor of cursors) await cursor.expectEnd();
    }
  } finally {
    await file.close();
  }
}

async function takeBatch(cursors: readonly Cursor[], rows: number): Promise<TypedBatch> {
  let most = Math.min(rows, BATCH_ROWS);
  // As many as all columns have in the pages that are held.
  for (const cursor of cursors) most = Math.min(most, await cursor.fill());
  const columns = cursors.map((): Value[] => []);
  let taken = 0;
  for (let characters = 0; taken < most && characters < BATCH_CHARACTERS; taken++) {
    for (const [i, cursor] of cursors.entries()) {
      const value = cursor.take();
      columns[i]?.push(value);
      if (typeof value === 'string') characters += value.length;
    }
  }
  return { rows: taken, columns };
}

/** The bytes of the pages that are held. */
class Held {
  #bytes = 0;

  replace(before: number, after: number): void {
    this.#bytes += after - before;
    if (this.#bytes > MOST_BYTES) {
      throw unsupported(
        `the pages of the Parquet file's columns take more than ${MOST_BYTES / 2 ** 20} MiB together; write smaller pages`,
      );
    }
  }
}

/** Where in a column reading has come to. */
class Cursor {
  readonly #pages: AsyncGenerator<Page>;
  readonly #held: Held;
  #page: Page = { values: [], bytes: 0 };
  #next = 0;

  constructor(pages: AsyncGenerator<Page>, held: Held) {
    this.#pages = pages;
    this.#held = held;
  }

  /** Makes sure that there is a value, and says how many can be taken. */
  async fill(): Promise<number> {
    while (this.#next >= this.#page.values.length) {
      const { value, done } = await this.#pages.next();
      if (done) throw damaged('a column has fewer values than there are rows');
      this.#held.replace(this.#page.bytes, value.bytes);
      this.#page = value;
      this.#next = 0;
    }
    return this.#page.values.length - this.#next;
  }

  take(): Value {
    return this.#page.values[this.#next++] ?? null;
  }

  async expectEnd(): Promise<void> {
    let left = this.#page.values.length - this.#next;
    for await (const { values } of this.#pages) left += values.length;
    if (left > 0) throw damaged('a column has more values than there are rows');
  }
}
