import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { concat, utf8 } from '../../bytes.js';
import { terminatorLength } from '../../dataset/csv/fields.js';
import { examine } from '../../dataset/source/examine.js';
import type { Examined } from '../../dataset/source/source.js';
import { reviews } from '../reviews.js';

/** Writes a table of generated reviews. */
export async function writeReviews(path: string, records: number, signal: AbortSignal): Promise<void> {
  await pipeline(Readable.from(reviews(records)), createWriteStream(path), { signal });
}

/** Writes a table's header line and its first records; where there are fewer, they come again and again. */
export async function writeFirst(table: string, path: string, records: number, signal: AbortSignal): Promise<void> {
  const examined = await examine(table, { signal });
  await pipeline(Readable.from(first(examined, records)), createWriteStream(path), { signal });
}

async function* first({ header, shape, batches }: Examined, records: number): AsyncGenerator<Uint8Array> {
  yield header;
  for (let left = records; left > 0; ) {
    for await (const batch of batches()) {
      // The bytes of a batch are valid until the next one is asked for.
      const taken = batch.slice(0, left).map(({ bytes }) => bytes);
      const last = taken.at(-1);
      // A file's last line may have no end.
      if (last !== undefined && terminatorLength(last) === 0) taken.push(utf8(shape.terminator));
      yield concat(...taken);
      left -= batch.length;
      if (left <= 0) return;
    }
  }
}
