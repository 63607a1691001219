// A disk of 20 MB that fills: the command says so and ends with code 3, what was sealed is there and verifies, and the
// same command goes on when there is room.

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listDatasets } from '../../src/dataset/directory.js';
import { writeKeyFile } from '../../src/keys/key-file.js';
import { createLedger, openLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { opened, owner, temporaryFolder } from '../helpers/dataset-fixture.js';
import { type Disk, smallDisk } from '../helpers/fault-disk.js';
import { type Ended, MAIN, run } from '../helpers/hostile-child.js';
import { reviews, writePieces } from '../helpers/hostile-tables.js';

const RECORDS = 60_000;
const temporary = temporaryFolder();
const at = temporary.path;
const medseal = (...args: string[]): Promise<Ended> => run(MAIN, args, { cwd: at('.') });
// Looking at a file keeps it open for a while, so that each test needs a disk of its own.
const disks: Disk[] = [];
let mountable = true;

function newDisk(): Disk | null {
  const disk = mountable ? smallDisk(20) : null;
  if (disk === null) mountable = false;
  else disks.push(disk);
  return disk;
}

beforeAll(async () => {
  if (newDisk() === null) return;
  await writeKeyFile(at('owner.key'), owner);
  writePieces(at('reviews.csv'), reviews(RECORDS));
  writePieces(at('fewer.csv'), reviews(RECORDS / 4));
  await (await createLedger(at('l.medseal'), owner, { difficulty: 0 })).close();
  await medseal('seal', 'l.medseal', 'reviews.csv', '--key', 'owner.key', '--block-size', '500', '--quiet');
  expect(await medseal('export', 'l.medseal', '-o', 'l.ndjson', '--quiet')).toMatchObject({ status: 0 });
});
afterAll(() => {
  for (const disk of disks) disk.remove();
});

function expectFull({ status, stderr }: Ended): void {
  expect(status).toBe(3);
  expect(stderr).toMatch(/the disk is full/);
  expect(stderr).not.toMatch(/^\s+at |unexpected/m);
}

describe.sequential('a disk of 20 MB', () => {
  test.each([
    { blockSize: 1, file: 'fewer.csv', sizes: [20, 22] },
    // Blocks are committed eight megabytes at a time: with less room than that for more, none is added.
    { blockSize: 500, file: 'reviews.csv', sizes: [20, 32, 48] },
  ])('fills while records are sealed, $blockSize a block', async ({ blockSize, file, sizes }) => {
    const disk = newDisk();
    if (disk === null) return;
    const path = disk.path('l.medseal');
    await (await createLedger(path, owner, { difficulty: 0 })).close();
    const args = ['seal', path, file, '--key', 'owner.key', '--block-size', String(blockSize)];
    let before = 0;
    // More room, and full again, over and over.
    for (const megabytes of sizes) {
      disk.resize(megabytes);
      expectFull(await medseal(...args));
      expect(await verifyLedger(path, { owner: owner.publicKey })).toMatchObject({ ok: true, problems: [] });
      const ledger = await openLedger(path);
      const [dataset] = (await listDatasets(ledger, owner)).datasets;
      await ledger.close();
      expect(dataset).toMatchObject({ complete: false });
      expect(dataset?.rows).toBeGreaterThan(before);
      before = dataset?.rows ?? 0;
      console.log(`${blockSize} a block: ${before} rows until ${megabytes} MB were full`);
    }
    disk.resize(200);
    expect(await medseal(...args)).toMatchObject({ status: 0 });
    const ledger = await openLedger(path);
    expect((await opened(ledger)).equals(readFileSync(at(file)))).toBe(true);
    await ledger.close();
    expect(readdirSync(disk.path('.'))).toEqual(['l.medseal']);
  });

  test.each([
    ['export', (file: string) => ['export', 'l.medseal', '-o', file]],
    ['import', (file: string) => ['import', 'l.ndjson', file]],
    ['backup', (file: string) => ['backup', 'l.medseal', file]],
    ['open', (file: string) => ['open', 'l.medseal', '--key', 'owner.key', '-o', file]],
  ])('is too small for what %s writes', async (command, args) => {
    const disk = newDisk();
    if (disk === null) return;
    const file = disk.path(command);
    for (const megabytes of [20, 30]) {
      disk.resize(megabytes);
      expectFull(await medseal(...args(file)));
      expect(readdirSync(disk.path('.'))).toEqual([]);
    }
    disk.resize(200);
    expect(await medseal(...args(file))).toMatchObject({ status: 0 });
    if (command === 'export') expect(readFileSync(file).equals(readFileSync(at('l.ndjson')))).toBe(true);
    else if (command === 'open') expect(readFileSync(file).equals(readFileSync(at('reviews.csv')))).toBe(true);
    else expect(await verifyLedger(file)).toMatchObject({ ok: true, records: RECORDS });
  });
});
