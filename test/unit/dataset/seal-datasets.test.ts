// Several sources at once: each a data set, or all of them one; refused whole, and gone on with where a run was interrupted.

import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listDatasets } from '../../../src/dataset/directory.js';
import { type SealJob, sealDatasets } from '../../../src/dataset/seal-datasets.js';
import { examine } from '../../../src/dataset/source/examine.js';
import { createLedger, type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import {
  newLedger,
  opened,
  owner,
  refusal,
  seal,
  streamOf,
  temporaryFolder,
  verified,
} from '../../helpers/dataset-fixture.js';
import { INTERRUPTIONS } from '../../helpers/dataset-interruptions.js';

const temporary = temporaryFolder();
const HEADER = 'id,text\n';
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i},row\n`).join('');
const PARTS = [rows(1, 5), rows(6, 8), '', rows(9, 13)] as const;
const NAMES = ['a', 'b', 'c', 'd'] as const;

/** One job a file, all into one data set where a name is given. */
function jobs(name?: string, parts: readonly string[] = PARTS): SealJob[] {
  return parts.map((part, i) => {
    const own = NAMES[i] ?? '';
    return { source: temporary.file(`${own}.csv`, HEADER + part), name: name ?? own };
  });
}

async function namesIn(ledger: Ledger): Promise<(readonly [string | null, number, boolean])[]> {
  const { datasets } = await listDatasets(ledger, owner);
  return datasets.map(({ name, rows, complete }) => [name, rows, complete] as const);
}

describe('several names', () => {
  test('are several data sets, for which the ledger is begun to be written to once', async () => {
    const ledger = await newLedger();
    const write = vi.spyOn(ledger, 'write');
    const done: number[] = [];
    const results = await sealDatasets(ledger, owner, jobs(), { blockSize: 2, onSealed: (_, i) => done.push(i) });
    expect(write).toHaveBeenCalledTimes(1);
    expect(done).toEqual([0, 1, 2, 3]);
    expect(results.map(({ name, sealed, blocks }) => [name, sealed, blocks])).toEqual([
      ['a', 5, { from: 2, to: 6 }],
      ['b', 3, { from: 7, to: 10 }],
      ['c', 0, { from: 11, to: 12 }],
      ['d', 5, { from: 13, to: 17 }],
    ]);
    for (const [i, name] of NAMES.entries()) {
      expect((await opened(ledger, { dataset: name })).toString()).toBe(HEADER + PARTS[i]);
    }
    expect(await verified(ledger)).toMatchObject({ ok: true });
    const again = await sealDatasets(ledger, owner, jobs());
    expect(again.map(({ already }) => already)).toEqual([true, true, true, true]);
    expect(await ledger.size()).toBe(17);
  });

  test('make progress, each in its own rows', async () => {
    const told: [number, number, number | null][] = [];
    const onProgress = ({ rows, total }: { rows: number; total: number | null }, i: number): void => {
      told.push([i, rows, total]);
    };
    await sealDatasets(await newLedger(), owner, jobs(), { onProgress });
    const last = NAMES.map((_, i) => told.filter(([source]) => source === i).at(-1));
    expect(last).toEqual([
      [0, 5, 5],
      [1, 3, 3],
      [2, 0, 0],
      [3, 5, 5],
    ]);
  });
});

describe('one name', () => {
  test('is one data set, in the order of the sources, each of which has an end', async () => {
    const ledger = await newLedger();
    const results = await sealDatasets(ledger, owner, jobs('x'), { blockSize: 2 });
    expect(results.map(({ rows, sealed, already }) => [rows, sealed, already])).toEqual([
      [5, 5, false],
      [8, 3, false],
      [8, 0, false],
      [13, 5, false],
    ]);
    expect((await opened(ledger)).toString()).toBe(HEADER + rows(1, 13));
    expect(await verified(ledger)).toMatchObject({ ok: true });
    const size = await ledger.size();
    const again = await sealDatasets(ledger, owner, jobs('x'));
    expect(again.map(({ already }) => already)).toEqual([true, true, true, true]);
    expect(await ledger.size()).toBe(size);
    // As if they had been appended one by one.
    const single = await newLedger();
    for (const [i, part] of PARTS.entries()) await seal(single, HEADER + part, { append: i > 0, blockSize: 2 });
    expect(await single.size()).toBe(size);
  });

  test('goes on with a data set that has the first of them', async () => {
    const ledger = await newLedger();
    await seal(ledger, HEADER + PARTS[0]);
    const results = await sealDatasets(ledger, owner, jobs('x'));
    expect(results.map(({ already }) => already)).toEqual([true, false, false, false]);
    expect((await opened(ledger)).toString()).toBe(HEADER + rows(1, 13));
  });

  test('takes streams too', async () => {
    const ledger = await newLedger();
    const sources = PARTS.map((part) => ({ source: streamOf(HEADER + part), name: 'x' }));
    await sealDatasets(ledger, owner, sources);
    expect((await opened(ledger)).toString()).toBe(HEADER + rows(1, 13));
  });

  test('is appended to, and twice is once, but for --repeat', async () => {
    const ledger = await newLedger();
    await seal(ledger, `${HEADER}0,row\n`);
    const added = jobs('x', [rows(1, 5), rows(6, 8)]);
    const append = { append: true };
    expect((await sealDatasets(ledger, owner, added, append)).map(({ sealed }) => sealed)).toEqual([5, 3]);
    const again = await sealDatasets(ledger, owner, added, append);
    expect(again.map(({ already }) => already)).toEqual([true, true]);
    // The last of them is there, what comes behind it is not.
    const further = [...added.slice(1), { source: temporary.file('further.csv', HEADER + rows(9, 9)), name: 'x' }];
    expect((await sealDatasets(ledger, owner, further, append)).map(({ already }) => already)).toEqual([true, false]);
    expect((await opened(ledger)).toString()).toBe(HEADER + rows(0, 9));
    const repeated = await sealDatasets(ledger, owner, jobs('x', [rows(1, 5), rows(6, 8)]), {
      ...append,
      repeat: true,
    });
    expect(repeated.map(({ sealed }) => sealed)).toEqual([5, 3]);
    expect((await opened(ledger)).toString()).toBe(HEADER + rows(0, 9) + rows(1, 8));
  });
});

describe('nothing is written', () => {
  const good = { source: temporary.file('good.csv', HEADER + rows(1, 3)), name: 'good' };
  let made = 0;
  const bad = (text: string, name: string): SealJob => ({ source: temporary.file(`bad-${made++}.csv`, text), name });

  test.each<[string, SealJob, string, object?]>([
    ['where a later file is no table', bad('a,b\n1\n', 'bad'), 'CSV_FIELDS'],
    ['where a later file has other columns', bad('a,b\n1,2\n', 'good'), 'COLUMNS_DIFFER'],
    ['where a later file is there with other rows', bad(`${HEADER}9,9\n`, 'there'), 'DATASET_EXISTS'],
    [
      'where a later file has not the column to look up by',
      bad('a,b\n1,2\n', 'bad'),
      'COLUMN_UNKNOWN',
      { index: ['text'] },
    ],
    [
      'where a later file has not the columns of a group',
      bad('a,b\n1,2\n', 'bad'),
      'COLUMN_UNKNOWN',
      {
        groups: [
          { name: 'one', columns: ['id'] },
          { name: 'two', columns: ['*'] },
        ],
      },
    ],
    ['where a later file is not there', { source: temporary.path('nowhere.csv'), name: 'x' }, 'FILE_UNREADABLE'],
    ['where a name is none', bad(HEADER, ''), 'DATASET_NAME_INVALID'],
  ])('%s', async (_, job, code, options = {}) => {
    const ledger = await newLedger();
    await seal(ledger, HEADER + rows(1, 3), { name: 'there' });
    const size = await ledger.size();
    const error = await refusal(sealDatasets(ledger, owner, [good, job], options));
    expect(error.code).toBe(code);
    if (!code.startsWith('DATASET')) expect(error.place.file).toBe(job.source);
    expect(await ledger.size()).toBe(size);
    // Whoever comes next can write.
    expect(await sealDatasets(ledger, owner, [good])).toMatchObject([{ sealed: 3 }]);
  });
});

test('of a file that is changed, those before it are kept, and it is the one that is named', async () => {
  const ledger = await newLedger();
  const changing = temporary.file('changing.csv', HEADER + rows(1, 3));
  const sources = [
    { source: await examine(temporary.file('first.csv', HEADER + rows(1, 3))), name: 'first' },
    { source: await examine(changing), name: 'changing' },
  ];
  writeFileSync(changing, HEADER + rows(1, 4));
  const error = await refusal(sealDatasets(ledger, owner, sources));
  expect(error).toMatchObject({ code: 'FILE_CHANGED', place: { file: changing } });
  expect((await namesIn(ledger))[0]).toEqual(['first', 3, true]);
  expect(await verified(ledger)).toMatchObject({ ok: true });
});

describe.each(Object.entries(INTERRUPTIONS))('interrupted by %s', (_, trapAt) => {
  // Time flies: every block is committed at once, so that an interruption finds some of them durable.
  beforeEach(() => {
    let time = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      time += 300;
      return time;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  test.each([
    ['several data sets', undefined, false],
    ['one data set', 'x', false],
    ['one data set that is appended to', 'x', true],
  ])('%s: the same again goes on, and nothing is sealed twice', async (_what, name, append) => {
    for (let block = 1; block <= 13; block += 2) {
      const medium = memoryMedium();
      const before = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
      if (append) await seal(before, `${HEADER}0,row\n`);
      await before.close();
      const trap = trapAt(block);
      const interrupted = await openLedger(trap.store(memoryStore(medium)), trap.surroundings);
      const options = { append, blockSize: 2 };
      await sealDatasets(interrupted, owner, jobs(name), { ...options, ...trap.options }).catch(() => {});
      await interrupted.close();

      const ledger = await openLedger(memoryStore(medium));
      expect((await verified(ledger)).ok).toBe(true);
      const there = (await namesIn(ledger)).reduce((sum, [, count]) => sum + count, append ? -1 : 0);
      const results = await sealDatasets(ledger, owner, jobs(name), options);
      const sealed = results.reduce((sum, one) => sum + one.sealed, 0);
      expect(there + sealed, `block ${block}`).toBe(13);
      if (name === undefined) {
        for (const [i, own] of NAMES.entries()) {
          expect((await opened(ledger, { dataset: own })).toString()).toBe(HEADER + PARTS[i]);
        }
      } else expect((await opened(ledger)).toString()).toBe(HEADER + rows(append ? 0 : 1, 13));
      expect(await verified(ledger)).toMatchObject({ ok: true });
      await ledger.close();
    }
  });
});

test('any files, of which any first ones are there, become the same data set', async () => {
  const part = fc.array(fc.constantFrom('1,a\n', '2,b\n'), { maxLength: 4 }).map((lines) => lines.join(''));
  const parts = fc.array(part, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(parts, fc.nat(4), async (texts, there) => {
      const ledger = await newLedger();
      const first = Math.min(there, texts.length);
      if (first > 0) await sealDatasets(ledger, owner, jobs('x', texts.slice(0, first)));
      const results = await sealDatasets(ledger, owner, jobs('x', texts));
      expect(results.map(({ already }) => already)).toEqual(texts.map((_, i) => i < first));
      expect((await opened(ledger)).toString()).toBe(HEADER + texts.join(''));
    }),
    { numRuns: 15 },
  );
});
