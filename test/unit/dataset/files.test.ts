// Real files, pipes, and what is left open behind them.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../../src/dataset/open.js';
import { ndjsonBytes } from '../../../src/dataset/output.js';
import { sampleReviews } from '../../../src/dataset/sample.js';
import { sealDataset } from '../../../src/dataset/seal.js';
import { examine } from '../../../src/dataset/source/examine.js';
import { joined, newLedger, opened, owner, refusal, temporaryFolder, verified } from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
/** The UCI drug review data set (Druglib.com) as one TSV file: it is not ours to ship. */
const reviews = process.env.MEDSEAL_TEST_REVIEWS ?? '';

test('the sample reviews come back', async () => {
  const text = sampleReviews();
  const ledger = await newLedger();
  await sealDataset(ledger, owner, temporary.file('sample.csv', text), { name: 'sample', blockSize: 7 });
  expect((await opened(ledger)).toString()).toBe(text);
});

if (reviews === '') {
  console.log('skipped: MEDSEAL_TEST_REVIEWS names no file with the 4,143 drug reviews of the UCI data set');
}
test.skipIf(reviews === '').each([1, 500])('4,143 real reviews come back, %i a block', async (blockSize) => {
  const ledger = await newLedger();
  const result = await sealDataset(ledger, owner, reviews, { name: 'reviews', blockSize });
  expect(result).toMatchObject({ rows: 4143, sealed: 4143 });
  const bytes = readFileSync(reviews);
  expect((await opened(ledger)).equals(bytes)).toBe(true);
  expect(await verified(ledger)).toMatchObject({ ok: true, records: 4143 });
  const dataset = await openDataset(ledger, owner);
  expect(dataset.info.manifest).toMatchObject({ delimiter: '\t', encoding: 'utf-8' });
  expect(dataset.info.manifest?.columns).toHaveLength(9);
  const lines = (await joined(ndjsonBytes(dataset))).toString().split('\n').slice(0, -1);
  expect(new Set(lines.map((line) => Object.keys(JSON.parse(line)).length))).toEqual(new Set([9]));
});

test('Latin-1 anywhere in a file is found before it is sealed', async () => {
  const ascii = `a\n${'text\n'.repeat(200_000)}`;
  const latin = temporary.file('latin.csv', Buffer.from(`${ascii}caf\xe9\n`, 'latin1'));
  expect((await examine(latin)).shape.encoding).toBe('iso-8859-1');
  // A character of UTF-8 over the edge of two readings is still one.
  const utf8 = temporary.file('utf8.csv', `a\n${'x'.repeat(2 ** 20 - 3)}é\n`);
  expect((await examine(utf8)).shape.encoding).toBe('utf-8');
});

describe.skipIf(process.platform === 'win32')('a pipe', () => {
  test('is read once, like a stream', async () => {
    const pipe = temporary.path('pipe.csv');
    execFileSync('mkfifo', [pipe]);
    const text = `a,b\n${'1,2\n'.repeat(1000)}`;
    const feeding = spawn('sh', ['-c', 'cat > "$0"', pipe], { stdio: ['pipe', 'ignore', 'ignore'] });
    feeding.stdin.end(text);
    const ledger = await newLedger();
    expect(await sealDataset(ledger, owner, pipe, { name: 'x', blockSize: 500 })).toMatchObject({ rows: 1000 });
    expect((await opened(ledger)).toString()).toBe(text);
  });
});

describe.skipIf(!existsSync('/proc/self/fd'))('no file is left open', () => {
  const openFiles = (path: string): number =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        // The descriptor that lists the folder is gone by now.
        return false;
      }
    }).length;
  const rows = 'some text,2\n'.repeat(300_000);

  test.each([
    ['refused for its kind', `%PDF-${rows}`, 'NOT_TEXT'],
    ['refused for its delimiter', `a,b\n${rows}`, 'DELIMITER_INVALID'],
    ['refused early', `a,b\n1\n${rows}`, 'CSV_FIELDS'],
    ['other than what is sealed', `a,b\n${rows}`, 'DATASET_EXISTS'],
  ])('by a file that is %s', async (_, text, code) => {
    const ledger = await newLedger();
    await sealDataset(ledger, owner, temporary.file('small.csv', 'a,b\nother,1\n'), { name: 'x' });
    const file = temporary.file('long.csv', text);
    const options = { name: 'x', delimiter: code === 'DELIMITER_INVALID' ? ',,' : ',' };
    for (let i = 0; i < 5; i++) expect((await refusal(sealDataset(ledger, owner, file, options))).code).toBe(code);
    // Closing takes a few turns of the event loop.
    await expect.poll(() => openFiles(file), { timeout: 10_000 }).toBe(0);
  });
});
