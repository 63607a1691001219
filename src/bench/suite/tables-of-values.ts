import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { examine } from '../../dataset/source/examine.js';
import type { Examined } from '../../dataset/source/source.js';
import { csvTable } from '../../dataset/typed/csv-table.js';
import { parquetBytes } from '../../dataset/typed/parquet.js';
import { type Group, rate, type Step } from '../step.js';
import { roundsFor, type Setting } from './setting.js';
import { writeReviews } from './tables.js';
import { LITTLE_WORK, removeLedger } from './workflow.js';

/** A Parquet file in, SQL over it, a Parquet file out. */
export function tablesOfValues(setting: Setting, records: number): Group {
  const { key } = setting.owner;
  return {
    name: 'a Parquet file, in blocks of 1,000 records',
    records,
    rounds: roundsFor(records, setting.plan),
    async prepare(folder, signal) {
      const csv = join(folder, 'reviews.csv');
      await writeReviews(csv, records, signal);
      await writeParquet(csv, join(folder, 'reviews.parquet'), signal);
    },
    steps(folder) {
      const ledger = join(folder, 'tables.medseal');
      const needs = 'tables/seal';
      const sealing = { csv: join(folder, 'reviews.parquet'), ledger, key, records, blockSize: 1000 };
      const seal = rate({ task: 'seal', on: { ...sealing, difficulty: LITTLE_WORK } });
      const query = rate({ task: 'query', on: { ledger, key, records } });
      const output = join(folder, 'again.parquet');
      const write = rate({ task: 'exportTable', on: { ledger, key, records, output } });
      const unit = 'records/s';
      const steps: Step[] = [
        {
          id: needs,
          what: 'sealing a Parquet file',
          unit,
          take: (signal) => {
            removeLedger(ledger);
            return seal(signal);
          },
        },
        { id: 'tables/query', what: 'SQL over two columns', unit, take: query, needs },
        { id: 'tables/export', what: 'opening into a Parquet file', unit, take: write, needs },
      ];
      return hasEngine() ? steps : steps.filter(({ id }) => id !== 'tables/query');
    },
  };
}

/** SQL needs a package that is not installed everywhere. */
function hasEngine(): boolean {
  try {
    import.meta.resolve('@duckdb/node-api');
    return true;
  } catch {
    return false;
  }
}

async function writeParquet(csv: string, path: string, signal: AbortSignal): Promise<void> {
  const examined = await examine(csv, { signal });
  const manifest = { version: 1, name: 'reviews', group: 'all', ...examined.shape } as const;
  const table = await csvTable({ rows: () => rowsOf(examined) }, manifest, {});
  await pipeline(parquetBytes(table), createWriteStream(path), { signal });
}

async function* rowsOf(examined: Examined): AsyncGenerator<readonly { row: number; content: Uint8Array }[]> {
  let row = 0;
  for await (const batch of examined.batches()) yield batch.map(({ bytes }) => ({ row: ++row, content: bytes }));
}
