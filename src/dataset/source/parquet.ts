import { MedsealError } from '../../errors.js';
import type { ScannedRecord } from '../csv/scanner.js';
import { unsupported } from '../parquet/damaged.js';
import { parquetTable } from '../parquet/table.js';
import { typedHeader, typedRecords, typedShape } from '../typed/source.js';
import type { Beginning } from './beginning.js';
import type { Begun, SourceFormat } from './format.js';
import type { Batches, SourceOptions } from './source.js';

const MAGIC = [0x50, 0x41, 0x52, 0x31];

/** Apache Parquet: the rows are sealed as CSV, with the types of their columns (docs/parquet.md). */
export const parquet: SourceFormat = {
  fileName: /\.(parquet|pq)$/i,
  isLike: (sample) => MAGIC.every((byte, at) => sample[at] === byte),
  begin,
};

async function begin({ path, sample, rest }: Beginning, { signal }: SourceOptions): Promise<Begun> {
  if (path === null) {
    const message =
      'a Parquet file is read from its end, so it must be a file: no stream, and not compressed as a whole';
    throw unsupported(message);
  }
  if (!parquet.isLike(sample)) throw new MedsealError('PARQUET_INVALID', 'the file is no Parquet file');
  const table = await parquetTable(path, signal);
  return {
    shape: () => typedShape(table.columns),
    header: typedHeader(table.columns),
    members: [],
    batches: thenAll(typedRecords(table), rest),
  };
}

/** Reads the bytes too: they tell whether the file is still the same. */
async function* thenAll(batches: Batches, rest: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ScannedRecord[]> {
  yield* batches;
  for await (const _ of rest);
}
