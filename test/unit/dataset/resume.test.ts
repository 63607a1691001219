// Sealing the same again, going on where a run was interrupted, appending.

import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listDatasets } from '../../../src/dataset/directory.js';
import { sealDataset } from '../../../src/dataset/seal.js';
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
const HEADER = 'id,text\r\n';
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i},"row ""${from + i}""\n"\r\n`).join('');
const FIRST = HEADER + rows(1, 10);
const SECOND = HEADER + rows(11, 17);

// Time flies: every block is committed at once, so that an interruption finds some of them durable.
beforeEach(() => {
  let time = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 300;
    return time;
  });
});
afterEach(() => vi.restoreAllMocks());

async function expectWhole(ledger: Ledger, text: string): Promise<void> {
  expect(await verified(ledger)).toMatchObject({ ok: true, problems: [] });
  expect((await opened(ledger)).toString()).toBe(text);
  const { datasets } = await listDatasets(ledger, owner);
  expect(datasets.map(({ complete }) => complete)).toEqual([true]);
}

describe('the same again', () => {
  test.each(['file', 'stream'])('a %s that is sealed whole is left alone', async (how) => {
    const ledger = await newLedger();
    const source = (text: string) => (how === 'file' ? temporary.file('x.csv', text) : streamOf(text));
    const first = await sealDataset(ledger, owner, source(FIRST), { name: 'x', blockSize: 3 });
    expect(first).toMatchObject({ rows: 10, sealed: 10, resumed: 0, already: false, blocks: { from: 2, to: 7 } });
    const size = await ledger.size();
    const again = await sealDataset(ledger, owner, source(FIRST), { name: 'x' });
    expect(again).toEqual({ id: first.id, name: 'x', rows: 10, sealed: 0, resumed: 0, already: true, blocks: null });
    expect(await ledger.size()).toBe(size);
    await expectWhole(ledger, FIRST);
  });

  test.each([
    ['a row more', FIRST + rows(11, 11)],
    ['a row less', HEADER + rows(1, 9)],
    ['another last byte', FIRST.slice(0, -1)],
    ['another row', FIRST.replace('row ""4""', 'row ""5""')],
    ['no rows', HEADER],
    ['other names', FIRST.replace('text', 'texts')],
    ['another delimiter', 'id;text\r\n1;2\r\n'],
    ['a byte-order mark', `\ufeff${FIRST}`],
    ['the same names in quotes', FIRST.replace('id,', '"id",')],
    ['another end of the header line', FIRST.replace('\r\n', '\n')],
  ])('the same name with %s is refused', async (_, text) => {
    const ledger = await newLedger();
    await seal(ledger, FIRST, { blockSize: 4 });
    const size = await ledger.size();
    expect((await refusal(seal(ledger, text))).code).toBe('DATASET_EXISTS');
    expect((await refusal(sealDataset(ledger, owner, temporary.file('y.csv', text), { name: 'x' }))).code).toBe(
      'DATASET_EXISTS',
    );
    expect(await ledger.size()).toBe(size);
    await expectWhole(ledger, FIRST);
  });

  test('a name is the same however its accents are written', async () => {
    const ledger = await newLedger();
    expect(await seal(ledger, FIRST, { name: 'e\u0301tude' })).toMatchObject({ name: '\u00e9tude' });
    expect(await seal(ledger, FIRST, { name: '\u00e9tude' })).toMatchObject({ already: true });
    expect((await opened(ledger, { dataset: 'e\u0301tude' })).toString()).toBe(FIRST);
  });
});

describe.each(Object.entries(INTERRUPTIONS))('interrupted by %s', (how, trapAt) => {
  /** A signal that comes when the last row has been read comes too late. */
  async function expectInterrupted(sealing: Promise<unknown>): Promise<void> {
    const [{ status }] = await Promise.allSettled([sealing]);
    if (how !== 'a signal') expect(status).toBe('rejected');
  }

  const blocks = [1, 2, 3, 4, 6, 7];

  test.each(blocks)('at block %d of a new data set', async (block) => {
    const medium = memoryMedium();
    await (await createLedger(memoryStore(medium), owner, { difficulty: 0 })).close();
    const trap = trapAt(block);
    const interrupted = await openLedger(trap.store(memoryStore(medium)), trap.surroundings);
    await expectInterrupted(seal(interrupted, FIRST, { blockSize: 2, ...trap.options }));
    await interrupted.close();

    const ledger = await openLedger(memoryStore(medium));
    expect((await verified(ledger)).ok).toBe(true);
    const found = (await listDatasets(ledger, owner)).datasets;
    if (found[0] !== undefined && found[0].rows > 0) {
      const size = await ledger.size();
      expect((await refusal(seal(ledger, HEADER + rows(20, 40)))).code).toBe('DATASET_EXISTS');
      expect(await ledger.size()).toBe(size);
    }
    const whole = found[0]?.complete ?? false;
    const result = await seal(ledger, FIRST, { blockSize: 3 });
    const resumed = whole ? 0 : (found[0]?.rows ?? 0);
    expect(result).toMatchObject({ rows: 10, resumed, sealed: whole ? 0 : 10 - resumed, already: whole });
    await expectWhole(ledger, FIRST);
  });

  test.each([1, 2, 4])('at block %d of an appending', async (block) => {
    const medium = memoryMedium();
    const before = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    await seal(before, FIRST, { blockSize: 4 });
    await before.close();
    const trap = trapAt(block);
    const interrupted = await openLedger(trap.store(memoryStore(medium)), trap.surroundings);
    const second = temporary.file('second.csv', SECOND);
    const options = { name: 'x', append: true, blockSize: 2 };
    await expectInterrupted(sealDataset(interrupted, owner, second, { ...options, ...trap.options }));
    await interrupted.close();

    const ledger = await openLedger(memoryStore(medium));
    expect((await verified(ledger)).ok).toBe(true);
    const [found] = (await listDatasets(ledger, owner)).datasets;
    if (found !== undefined && found.rows > 10 && !found.complete) {
      for (const text of [HEADER + rows(20, 40), HEADER]) {
        expect((await refusal(seal(ledger, text, { append: true }))).code).toBe('DATASET_INCOMPLETE');
      }
      // The first file is whole for all that.
      expect(await seal(ledger, FIRST)).toMatchObject({ already: true, rows: found.rows });
    }
    await sealDataset(ledger, owner, second, options);
    await expectWhole(ledger, FIRST + rows(11, 17));
    expect(await sealDataset(ledger, owner, second, options)).toMatchObject({ already: true, rows: 17 });
  });
});

describe('appending', () => {
  test('goes on counting, keeps no second header line, and twice is once', async () => {
    const ledger = await newLedger();
    await seal(ledger, FIRST);
    const second = temporary.file('second.csv', `\ufeff${SECOND}`);
    const options = { name: 'x', append: true };
    expect(await sealDataset(ledger, owner, second, options)).toMatchObject({ rows: 17, sealed: 7, already: false });
    const size = await ledger.size();
    expect(await sealDataset(ledger, owner, second, options)).toMatchObject({ rows: 17, sealed: 0, already: true });
    expect(await ledger.size()).toBe(size);
    await expectWhole(ledger, FIRST + rows(11, 17));
    // Sealing the first file again finds it whole, with what came later behind it; the sum of both is there as well.
    expect(await seal(ledger, FIRST)).toMatchObject({ already: true, rows: 17 });
    expect(await seal(ledger, FIRST + rows(11, 17))).toMatchObject({ already: true, rows: 17 });
    expect(await ledger.size()).toBe(size);
  });

  test('a file before the last one is appended again', async () => {
    const ledger = await newLedger();
    await seal(ledger, FIRST);
    await seal(ledger, SECOND, { append: true });
    const first = temporary.file('first.csv', FIRST);
    expect(await sealDataset(ledger, owner, first, { name: 'x', append: true })).toMatchObject({
      rows: 27,
      sealed: 10,
    });
    await expectWhole(ledger, FIRST + rows(11, 17) + rows(1, 10));
  });

  test('ends a last line that had no end, in the way of the header line', async () => {
    const ledger = await newLedger();
    await seal(ledger, FIRST.slice(0, -2));
    await seal(ledger, SECOND, { append: true });
    await expectWhole(ledger, FIRST + rows(11, 17));
  });

  test('needs a data set, whole, of the same columns', async () => {
    const ledger = await newLedger();
    const append = (text: string, format: 'csv' | 'ndjson' = 'csv') =>
      refusal(seal(ledger, text, { append: true, format }));
    expect((await append(FIRST)).code).toBe('DATASET_NOT_FOUND');
    await seal(ledger, FIRST);
    const size = await ledger.size();
    for (const header of ['text,id', 'id,texts', 'id,text,more', 'id;text', 'ID,text']) {
      expect((await append(`${header}\n`)).code).toBe('COLUMNS_DIFFER');
    }
    expect((await append('{}\n', 'ndjson')).code).toBe('COLUMNS_DIFFER');
    expect(await ledger.size()).toBe(size);
  });

  test('an incomplete data set is finished first', async () => {
    const ledger = await newLedger();
    await refusal(seal(ledger, `${HEADER}${rows(1, 3)}4\r\n`));
    expect((await refusal(seal(ledger, SECOND, { append: true }))).code).toBe('DATASET_INCOMPLETE');
    expect(await seal(ledger, HEADER + rows(1, 5))).toMatchObject({ rows: 5, already: false });
    expect(await seal(ledger, SECOND, { append: true })).toMatchObject({ rows: 12 });
    await expectWhole(ledger, HEADER + rows(1, 5) + rows(11, 17));
  });
});

describe('a file that is changed while it is sealed', () => {
  test.each<[string, (file: string) => void]>([
    ['longer', (file) => appendFileSync(file, rows(11, 11))],
    ['shorter', (file) => writeFileSync(file, HEADER + rows(1, 9))],
    ['different', (file) => writeFileSync(file, FIRST.replace('row ""10""', 'row ""99""'))],
    ['no table any more', (file) => writeFileSync(file, `${FIRST}1,2,3\r\n`)],
    ['gone', (file) => rmSync(file)],
  ])('%s', async (_, change) => {
    const file = temporary.file('changing.csv', FIRST);
    let count = 0;
    const mine = async (): Promise<number> => {
      // The first block of the sealing comes between the two readings of the file.
      if (++count === 2) change(file);
      return 0;
    };
    const ledger = await newLedger({ miner: { mine } });
    const error = await refusal(sealDataset(ledger, owner, file, { name: 'x', blockSize: 3 }));
    expect(error).toMatchObject({ code: 'FILE_CHANGED', place: { file } });
    expect((await verified(ledger)).ok).toBe(true);
    expect((await listDatasets(ledger, owner)).datasets).toMatchObject([{ name: 'x', complete: false }]);
  });
});
