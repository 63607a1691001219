// Inputs without end, or made to take far more memory or time than their bytes: what each may cost is written here.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '../helpers/hostile-child.js';

const SCRIPT = fileURLToPath(new URL('../helpers/hostile-endless.mjs', import.meta.url));

test.concurrent.for<[input: string, outcome: string, megabytes: number]>([
  ['an export line without end', 'TOO_LARGE', 650],
  ['an export of one text without end', 'MALFORMED', 650],
  ['a line of empty arrays', 'MALFORMED', 600],
  ['a line of empty entries', 'MALFORMED', 600],
  ['a line of numbers', 'MALFORMED', 600],
  ['a line of members', 'TOO_LARGE', 850],
  ['a line that is no block of ours', 'TOO_LARGE', 700],
  ['a line of opening brackets', 'MALFORMED', 600],
  ['lines of one character', 'MALFORMED', 650],
  ['gaps between blocks', 'BLOCK_MISSING', 550],
  ['blocks full of statements', 'GENESIS_INVALID', 850],
  ['a CSV field without end', 'STREAM_BROKEN', 600],
  ['a CSV header without end', 'RECORD_TOO_LARGE', 600],
  ['CSV of nothing but quotes', 'STREAM_BROKEN', 600],
  ['CSV of nothing but line ends', 'null rows', 550],
  ['an NDJSON line without end', 'STREAM_BROKEN', 600],
  ['NDJSON of opening brackets', 'STREAM_BROKEN', 650],
  ['NDJSON nested as deep as a line is long', '1 rows', 650],
  ['NDJSON in small pieces', '1 rows', 650],
  ['a private key', 'KEY_FILE_INVALID', 650],
])('%s: %s within %i MB', async ([input, outcome, most]) => {
  const { stdout, stderr, status, megabytes } = await run(SCRIPT, [input], { seconds: 50 });
  expect({ outcome: stdout, stderr, status }).toEqual({ outcome, stderr: '', status: 0 });
  if (megabytes !== null) expect(megabytes).toBeLessThan(most);
});
