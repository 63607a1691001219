// The table that `medseal bench` measures with: node bench/generate.mjs RECORDS [SEED] > reviews.csv

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { reviews } from '../dist/bench/reviews.js';

const [records = '', seed = '1'] = process.argv.slice(2);
if (/^\d+$/.test(records) && /^\d+$/.test(seed)) {
  await pipeline(Readable.from(reviews(Number(records), Number(seed))), process.stdout);
} else {
  console.error('usage: node bench/generate.mjs RECORDS [SEED] > FILE');
  process.exitCode = 2;
}
