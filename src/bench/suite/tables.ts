import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { concat } from '../../bytes.js';
import { type Examined, examine } from '../../dataset/source.js';
import { reviews } from '../reviews.js';

/** Writes a table of generated reviews. */
export async function writeReviews(path: string, records: number, signal: AbortSignal): Promise<void> {
  await pipeline(Readable.from(reviews(records)), createWriteStream(path), { signal });
}

/** Writes a table's header line and its first records. */
export async function writeFirst(table: string, path: string, records: number, signal: AbortSignal): Promise<void> {
  const examined = await examine(table, { signal });
  await pipeline(Readable.from(first(examined, records)), createWriteStream(path), { signal });
}

async function* first({ header, batches }: Examined, records: number): AsyncGenerator<Uint8Array> {
  yield header;
  let left = records;
  for await (const batch of batches()) {
    // The bytes of a batch are valid until the next one is asked for.
    yield concat(...batch.slice(0, left).map(({ bytes }) => bytes));
    left -= batch.length;
    if (left <= 0) return;
  }
}
