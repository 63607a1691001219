// The reviews through pandas, Parquet, a ledger and back; and SQL over them beside DuckDB's own over the CSV file.

import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../src/dataset/open.js';
import { query } from '../../src/dataset/query/query.js';
import type { QueryValue } from '../../src/dataset/query/values.js';
import { sampleReviews } from '../../src/dataset/sample.js';
import { sealDataset } from '../../src/dataset/seal.js';
import { openedBytes } from '../../src/dataset/typed/formats.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { newLedger, owner, temporaryFolder } from '../helpers/dataset-fixture.js';
import { pythonHas, runPython } from '../helpers/python.js';

const SCRIPT = fileURLToPath(new URL('tables.py', import.meta.url));
const given = process.env.MEDSEAL_TEST_REVIEWS ?? '';
const delimiter = given === '' ? ',' : '\t';
const temporary = temporaryFolder();

const python = (...args: string[]): string => runPython(SCRIPT, ...args);

const QUERIES = [
  'SELECT condition, avg(rating), count(*) FROM reviews GROUP BY 1 ORDER BY 3 DESC, 1 NULLS LAST LIMIT 40',
  'SELECT effectiveness, "sideEffects", count(*), min(rating), max(rating) FROM reviews GROUP BY ALL ORDER BY ALL',
  'SELECT count(*), count("benefitsReview"), count(DISTINCT condition), sum(length("commentsReview")) FROM reviews',
  'SELECT rating, count(*) FILTER (WHERE "commentsReview" IS NULL) FROM reviews GROUP BY 1 ORDER BY 1',
  'SELECT a.condition, max(b.rating) FROM reviews a JOIN reviews b USING (condition) WHERE a.rating = 1 GROUP BY 1 ORDER BY 1',
  'SELECT rating, median(length("benefitsReview")), stddev(length("sideEffectsReview")) FROM reviews GROUP BY 1 ORDER BY 1',
  'SELECT * FROM reviews QUALIFY row_number() OVER (PARTITION BY effectiveness ORDER BY length("benefitsReview") DESC, rating, "commentsReview") = 1 ORDER BY effectiveness',
];

describe.skipIf(!pythonHas('pandas', 'pyarrow', 'duckdb'))('the reviews', () => {
  const csv = temporary.path('reviews.csv');
  const ledger: Promise<Ledger> = newLedger();
  beforeAll(async () => {
    writeFileSync(csv, given === '' ? sampleReviews({ records: 2000 }) : readFileSync(given));
    await sealDataset(await ledger, owner, csv, { name: 'reviews', blockSize: 500 });
  });

  test.each(['snappy', 'zstd', 'none'])(
    'by pandas as Parquet (%s), sealed, and opened as Parquet are the same frame',
    async (compression) => {
      const [there, back] = [temporary.path(`${compression}.parquet`), temporary.path(`${compression}-again.parquet`)];
      python('write', csv, there, delimiter, compression);
      const own = await newLedger();
      await sealDataset(own, owner, there, { name: 'reviews', blockSize: 500 });
      const dataset = await openDataset(own, owner);
      await pipeline(await openedBytes(dataset, { format: 'parquet' }), createWriteStream(back));
      expect(dataset.report()).toMatchObject({ complete: true, left: [] });
      python('equal', there, back);
    },
  );

  test('answer SQL as DuckDB answers it over the CSV file', async () => {
    const expected = JSON.parse(python('query', csv, delimiter, ...QUERIES)) as unknown[];
    for (const [i, sql] of QUERIES.entries()) {
      const rows: (readonly QueryValue[])[] = [];
      for await (const part of (await query(await ledger, owner, sql)).rows()) rows.push(...part);
      expect(rows.length, sql).toBeGreaterThan(0);
      expect(rows, sql).toEqual(expected[i]);
    }
  });
});
