// Several processes at one SQLite file, some of which die.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { listDatasets } from '../../src/dataset/directory.js';
import { openDataset } from '../../src/dataset/open.js';
import { createLedger, openLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { createSqliteStore, openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { owner, readToEnd, refusal, seal, temporaryFolder } from '../helpers/dataset-fixture.js';
import { blocksOf } from './contract.js';

const temporary = temporaryFolder();
const script = (name: string): string => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url));
const built = existsSync(new URL('../../dist/index.js', import.meta.url));
if (!built) console.log('skipped: dist is not there, so no other process can run Medseal; npm run build');

function start(name: string, path: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [script(name), path], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

test('a lock is kept against other processes, and dies with its own', async () => {
  const path = temporary.path('locked.ledger');
  await createSqliteStore(path, blocksOf(1, 2)).close();
  const { child, lines } = start('dataset-lock-holder.mjs', path);
  expect((await lines.next()).value).toBe('locked');
  const store = openSqliteStore(path);
  expect((await refusal(store.lock())).code).toBe('LOCKED');
  // Reading needs no lock.
  expect(await store.size()).toBe(2);
  await kill(child);
  await store.lock();
  await store.append(2, blocksOf(3, 3));
  await store.close();
});

describe.skipIf(!built)('a writer that is killed in the middle', () => {
  test.each([0, 50, 120, 200])('after %d ms more', async (delay) => {
    const path = temporary.path(`killed-${delay}.ledger`);
    await (await createLedger(path, owner, { difficulty: 0 })).close();
    const { child, lines } = start('dataset-endless-writer.mjs', path);
    let reported = 0;
    while (reported === 0) reported = Number((await lines.next()).value);
    await new Promise((resolve) => setTimeout(resolve, delay));
    await kill(child);
    for (let line = await lines.next(); !line.done; line = await lines.next()) reported = Number(line.value);

    expect(await verifyLedger(path, { owner: owner.publicKey })).toMatchObject({ ok: true, problems: [] });
    const ledger = await openLedger(path);
    const [found] = (await listDatasets(ledger, owner)).datasets;
    expect(found).toMatchObject({ name: 'endless', complete: false });
    expect(found?.rows).toBeGreaterThanOrEqual(reported);

    // It goes on where it was: the rows that are there and three more.
    const text = 'x'.repeat(20_000);
    const rows = Array.from({ length: (found?.rows ?? 0) + 3 }, (_, i) => `${i + 1},${text}\n`);
    const result = await seal(ledger, `row,text\n${rows.join('')}`, { name: 'endless' });
    expect(result).toMatchObject({ resumed: found?.rows, sealed: 3 });
    const dataset = await openDataset(ledger, owner);
    expect(await readToEnd(dataset)).toHaveLength(rows.length);
    expect(dataset.report()).toMatchObject({ complete: true, left: [], missing: 0 });
    await ledger.close();
    expect(readdirSync(temporary.path('.')).filter((name) => name.startsWith(`killed-${delay}.`))).toHaveLength(1);
  });
});

describe.skipIf(!built || process.platform === 'win32')('where nothing can be written', () => {
  test('a ledger is verified and opened, but not written to', async () => {
    const folder = temporary.path('read-only');
    mkdirSync(folder);
    const path = `${folder}/x.ledger`;
    const ledger = await createLedger(path, owner, { difficulty: 0 });
    const text = 'a,b\n1,2\n';
    await seal(ledger, text);
    await ledger.close();
    chmodSync(path, 0o444);
    chmodSync(folder, 0o555);
    chmodSync(temporary.path('.'), 0o755);
    // The permissions mean nothing to root, so the reader is somebody else.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const output = execFileSync(process.execPath, [script('dataset-reader.mjs'), path], { encoding: 'utf8', ...user });
    expect(JSON.parse(output)).toEqual({ ok: true, text, writing: 'STORE_FAILED' });
    expect(readdirSync(folder)).toEqual(['x.ledger']);
    chmodSync(folder, 0o755);
  });
});
