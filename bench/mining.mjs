// How fast proofs of work are found: node bench/mining.mjs [threads] [--json]. Build first.

import { measureMining } from '../dist/bench/mining.js';

const args = process.argv.slice(2);
const [threads] = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
const figures = await measureMining(threads === undefined ? {} : { threads });
if (args.includes('--json')) console.log(JSON.stringify(figures, null, 2));
else print(figures);

function print({ kernel, limit, core, ofLimit, threads, scaling }) {
  const millions = (rate) => `${(rate / 1e6).toFixed(2)} M/s`;
  console.log(`kernel "${kernel}": ${millions(core)} a core, ${ofLimit.toFixed(2)} of the limit, ${millions(limit)}`);
  for (const { difficulty, blocks, alone, together, times } of scaling) {
    console.log(
      `${difficulty} bits, ${blocks} blocks: ${millions(alone)} alone, ${millions(together)} with ${threads} threads: ${times.toFixed(2)} times`,
    );
  }
}
