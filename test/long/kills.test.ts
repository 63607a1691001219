// A hundred times `kill -9` at a random moment of the real command line: each time the ledger verifies, nothing that was
// there is lost, and in the end the same command comes to the same bytes.

import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { listDatasets } from '../../src/dataset/directory.js';
import { writeKeyFile } from '../../src/keys/key-file.js';
import { createLedger, openLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { opened, owner, temporaryFolder } from '../helpers/dataset-fixture.js';
import { MAIN, run, start } from '../helpers/hostile-child.js';
import { reviews, writePieces } from '../helpers/hostile-tables.js';

const temporary = temporaryFolder();
const at = temporary.path;
// Random, and told, so that a failure can be looked for again.
const seed = Date.now() % 1_000_000;
console.log(`seed ${seed}`);
let state = seed;
const random = (): number => {
  state = (state * 48_271 + 11) % 2_147_483_647;
  return state / 2_147_483_647;
};

beforeAll(async () => {
  await writeKeyFile(at('owner.key'), owner);
});

/** Kills the command after a random time; false where it had ended before. */
async function killed(args: readonly string[], most: number): Promise<boolean> {
  const child = start(args, at('.'));
  let told = '';
  child.stderr?.on('data', (part: Buffer) => {
    told += String(part);
  });
  const ended = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  const timer = setTimeout(() => child.kill('SIGKILL'), 60 + random() * most);
  const [code, signal] = await ended;
  clearTimeout(timer);
  if (signal === null) expect({ code, told }).toEqual({ code: 0, told: '' });
  return signal !== null;
}

function unfinished(): string[] {
  return readdirSync(at('.')).filter((name) => /\.tmp|-journal/.test(name));
}

/** How far the data set has come; the ledger verifies. */
async function standing(path: string): Promise<{ rows: number; complete: boolean }> {
  expect(await verifyLedger(path, { owner: owner.publicKey })).toMatchObject({ ok: true, problems: [] });
  const ledger = await openLedger(path);
  const { datasets } = await listDatasets(ledger, owner);
  await ledger.close();
  expect(datasets.length).toBeLessThanOrEqual(1);
  return datasets[0] ?? { rows: 0, complete: false };
}

describe.each([
  { blockSize: 1, records: 5000, kills: 35, most: 1300 },
  { blockSize: 50, records: 60_000, kills: 35, most: 1300 },
])('sealing, $blockSize a block', ({ blockSize, records, kills, most }) => {
  test(`killed ${kills} times`, async () => {
    const csv = at(`${blockSize}.csv`);
    writePieces(csv, reviews(records, 200));
    const path = at(`${blockSize}.medseal`);
    const args = ['seal', path, csv, '--key', 'owner.key', '--name', 'x', '--block-size', String(blockSize), '--quiet'];
    let count = 0;
    let incomplete = 0;
    // How far each comes is chance; so it goes on until enough of them have left something.
    while (count < kills || incomplete <= kills / 4) {
      rmSync(path, { force: true });
      await (await createLedger(path, owner, { difficulty: 8 })).close();
      for (let before = 0; ; ) {
        const wasKilled = (count < kills || incomplete <= kills / 4) && (await killed(args, most));
        if (!wasKilled) break;
        count++;
        const { rows, complete } = await standing(path);
        expect(rows).toBeGreaterThanOrEqual(before);
        expect(rows).toBeLessThanOrEqual(records);
        if (!complete && rows > 0) incomplete++;
        before = rows;
      }
      expect(await run(MAIN, args, { cwd: at('.') })).toMatchObject({ status: 0, stderr: '' });
      expect(await standing(path)).toMatchObject({ rows: records, complete: true });
      const ledger = await openLedger(path);
      expect((await opened(ledger)).equals(readFileSync(csv))).toBe(true);
      await ledger.close();
      expect(existsSync(`${path}-journal`)).toBe(false);
    }
    console.log(`sealing, ${blockSize} a block: ${count} kills, ${incomplete} left a data set incomplete`);
  });
});

describe('a ledger as a whole', () => {
  let whole: Buffer;
  beforeAll(async () => {
    writePieces(at('whole.csv'), reviews(40_000, 400));
    await (await createLedger(at('whole.medseal'), owner, { difficulty: 0 })).close();
    const args = ['seal', 'whole.medseal', 'whole.csv', '--key', 'owner.key', '--block-size', '100', '--quiet'];
    expect(await run(MAIN, args, { cwd: at('.') })).toMatchObject({ status: 0 });
    expect(await run(MAIN, ['export', 'whole.medseal', '-o', 'whole.ndjson'], { cwd: at('.') })).toMatchObject({
      status: 0,
    });
    whole = readFileSync(at('whole.ndjson'));
  });

  test('imported, killed 15 times: all of it, or nothing', async () => {
    let none = 0;
    for (let count = 0; count < 15 || none === 0; ) {
      rmSync(at('imported.medseal'), { force: true });
      if (await killed(['import', 'whole.ndjson', 'imported.medseal', '--quiet'], 1500)) count++;
      if (!existsSync(at('imported.medseal'))) none++;
      else expect(await verifyLedger(at('imported.medseal'))).toMatchObject({ ok: true, records: 40_000 });
    }
    console.log(`importing: 15 kills, ${none} left nothing`);
    rmSync(at('imported.medseal'), { force: true });
    expect(await run(MAIN, ['import', 'whole.ndjson', 'imported.medseal'], { cwd: at('.') })).toMatchObject({
      status: 0,
    });
    expect(unfinished()).toEqual([]);
    await run(MAIN, ['export', 'imported.medseal', '-o', 'again.ndjson'], { cwd: at('.') });
    expect(readFileSync(at('again.ndjson')).equals(whole)).toBe(true);
  });

  test('exported, killed 15 times: the file as it was before, or all of it', async () => {
    let old = 0;
    for (let count = 0; count < 15 || old === 0; ) {
      writeFileSync(at('out.ndjson'), 'what was there');
      if (await killed(['export', 'whole.medseal', '-o', 'out.ndjson', '--quiet'], 600)) count++;
      const found = readFileSync(at('out.ndjson'));
      if (found.toString() === 'what was there') old++;
      else expect(found.equals(whole)).toBe(true);
    }
    console.log(`exporting: 15 kills, ${old} left the old file`);
    expect(await verifyLedger(at('whole.medseal'))).toMatchObject({ ok: true, records: 40_000 });
    expect(await run(MAIN, ['export', 'whole.medseal', '-o', 'out.ndjson'], { cwd: at('.') })).toMatchObject({
      status: 0,
    });
    expect(readFileSync(at('out.ndjson')).equals(whole)).toBe(true);
    // What the killed ones have left, the last one has removed.
    expect(unfinished()).toEqual([]);
  });

  test('Ctrl-C ends after the current commit, with code 3, and says how to go on', async () => {
    await (await createLedger(at('interrupted.medseal'), owner, { difficulty: 8 })).close();
    const args = ['seal', 'interrupted.medseal', 'whole.csv', '--key', 'owner.key', '--block-size', '10'];
    const child = start(args, at('.'));
    let told = '';
    child.stderr?.on('data', (part: Buffer) => {
      told += String(part);
    });
    const begun = statSync(at('interrupted.medseal')).size;
    while (statSync(at('interrupted.medseal')).size < begun + 100_000) await new Promise((go) => setTimeout(go, 50));
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(3);
    expect(told).toMatch(/the same command goes on/);
    const { rows, complete } = await standing(at('interrupted.medseal'));
    expect(complete).toBe(false);
    expect(rows).toBeGreaterThan(0);
    expect(readdirSync(at('.')).filter((name) => name.startsWith('interrupted'))).toEqual(['interrupted.medseal']);
    expect(await run(MAIN, args, { cwd: at('.') })).toMatchObject({ status: 0 });
  });
});
