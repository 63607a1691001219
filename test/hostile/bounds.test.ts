// Inputs without end, or made to take far more memory or time than their bytes: what each may cost is written here.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '../helpers/hostile-child.js';

const SCRIPT = fileURLToPath(new URL('../helpers/hostile-endless.mjs', import.meta.url));

test.concurrent.for<[input: string, outcome: string, megabytes: number]>([
  ['an export line without end', 'TOO_LARGE', 300],
  ['an export of one text without end', 'MALFORMED', 300],
  ['a line of empty arrays', 'MALFORMED', 300],
  ['a line of empty entries', 'MALFORMED', 300],
  ['a line of numbers', 'MALFORMED', 300],
  ['a line of members', 'TOO_LARGE', 600],
  ['a line that is no block of ours', 'TOO_LARGE', 400],
  ['a line of opening brackets', 'MALFORMED', 300],
  ['lines of one character', 'MALFORMED', 400],
  ['gaps between blocks', 'BLOCK_MISSING', 300],
  ['blocks full of statements', 'GENESIS_INVALID', 600],
  ['a CSV field without end', 'STREAM_BROKEN', 350],
  ['a CSV header without end', 'RECORD_TOO_LARGE', 350],
  ['CSV of nothing but quotes', 'STREAM_BROKEN', 350],
  // Ten million records: the young generation of Node.js 24 alone takes 100 MB more than that of 20.
  ['CSV of nothing but line ends', 'null rows', 450],
  ['an NDJSON line without end', 'STREAM_BROKEN', 350],
  ['NDJSON of opening brackets', 'STREAM_BROKEN', 400],
  // A record of 30 MB, of which docs/cli.md promises less than 600 MB: 375 to 406, as garbage happens to be collected.
  ['NDJSON nested as deep as a line is long', '1 rows', 450],
  ['NDJSON in small pieces', '1 rows', 400],
  ['a private key', 'KEY_FILE_INVALID', 400],
])('%s: %s within %i MB', async ([input, outcome, most]) => {
  const { stdout, stderr, status, megabytes } = await run(SCRIPT, [input], { seconds: 50 });
  expect({ outcome: stdout, stderr, status }).toEqual({ outcome, stderr: '', status: 0 });
  if (megabytes !== null) expect(megabytes).toBeLessThan(most);
});
