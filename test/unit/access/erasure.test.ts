import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { coveringErasures, eraseStatements } from '../../../src/access/erasure.js';
import { fromBase64url } from '../../../src/bytes.js';
import type { Identity } from '../../../src/crypto/identity.js';
import { isReadable } from '../../../src/format/block.js';
import { copyStore } from '../../../src/ledger/backup.js';
import { exportLedger } from '../../../src/ledger/export.js';
import { importLedger } from '../../../src/ledger/import.js';
import { createLedger, type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { verifiedState } from '../../../src/ledger/verified-state.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { statementEntry } from '../../../src/ledger/writer.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import type { RecordPlace } from '../../../src/verify/state.js';
import { keysOfTable, saying, stateOf } from '../../helpers/access.js';
import { joined, opened, owner, refusal, seal, temporaryFolder } from '../../helpers/dataset-fixture.js';
import { faultyStore } from '../../helpers/fault-store.js';

const temporary = temporaryFolder();
const TABLE = `patient,drug\n${Array.from({ length: 20 }, (_, i) => `P${i + 1},drug ${i + 1}\n`).join('')}`;
const WHY = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };

async function fill(ledger: Ledger): Promise<Ledger> {
  await seal(ledger, TABLE, { name: 'visits', blockSize: 4 });
  return ledger;
}

async function erase(ledger: Ledger, from: number, to: number, as: Identity = owner): Promise<number | null> {
  const keyIds = await keysOfTable(ledger);
  return saying(
    ledger,
    ({ writer: { state } }) => {
      const [dataset] = state.datasets.keys();
      return eraseStatements(ledger, state, dataset ?? '', { keyIds, rows: { from, to }, ...WHY });
    },
    as,
  );
}

/** Puts the statement on the ledger as a process does that is killed before the destruction. */
async function eraseHalf(ledger: Ledger, from: number, to: number): Promise<void> {
  const keyIds = await keysOfTable(ledger);
  const writer = await ledger.write(owner);
  const [dataset = ''] = writer.state.datasets.keys();
  const statements = await eraseStatements(ledger, writer.state, dataset, { keyIds, rows: { from, to }, ...WHY });
  await writer.append(statements.map(statementEntry));
  await writer.close();
}

/** Salts and bodies of rows, before they are erased. */
async function secretsOf(ledger: Ledger, rows: readonly number[]): Promise<Buffer[]> {
  const secrets: Buffer[] = [];
  let row = 0;
  for await (const item of ledger.blocks()) {
    for (const entry of isReadable(item) ? item.entries : []) {
      if (entry.kind !== 'sealed') continue;
      if (rows.includes(row++)) secrets.push(Buffer.from(entry.salt ?? []), Buffer.from(entry.body ?? []));
    }
  }
  return secrets;
}

/** The file of a ledger in which the records of row 9 are erased, and still there. */
async function leftBehind(name: string): Promise<{ path: string; secrets: Buffer[] }> {
  const path = temporary.path(name);
  const ledger = await fill(await createLedger(path, owner, { difficulty: 0 }));
  const secrets = await secretsOf(ledger, [9]);
  await eraseHalf(ledger, 9, 9);
  await ledger.close();
  return { path, secrets };
}

test('erased rows are gone from the file, the rest opens, and the ledger verifies as before', async () => {
  const path = temporary.path('l.medseal');
  const ledger = await fill(await createLedger(path, owner, { difficulty: 0 }));
  const [gone, kept] = [await secretsOf(ledger, [5, 6, 7]), await secretsOf(ledger, [4, 8, 20])];
  expect([gone.length, kept.length]).toEqual([6, 6]);
  await erase(ledger, 5, 7);
  await ledger.close();
  const bytes = readFileSync(path);
  for (const secret of kept) expect(bytes.includes(secret)).toBe(true);
  for (const secret of gone) expect(bytes.includes(secret)).toBe(false);
  const verdict = await verifyLedger(path);
  expect(verdict).toMatchObject({ ok: true, erased: 3, records: 20, problems: [] });
  expect(verdict.notices.map(({ code }) => code)).not.toContain('ERASE_PENDING');
  const again = await openLedger(path);
  const lines = String(await opened(again)).split('\n');
  expect(lines).toEqual(TABLE.split('\n').filter((line) => !/^P[567],/.test(line)));
  await again.close();
});

test('what is erased already is left out; nothing is said of nothing', async () => {
  const ledger = await fill(await createLedger(memoryStore(), owner, { difficulty: 0 }));
  expect(await erase(ledger, 1, 2)).not.toBe(null);
  expect(await erase(ledger, 1, 2)).toBe(null);
  await erase(ledger, 1, 3);
  expect((await stateOf(ledger)).erased).toBe(3);
  expect((await refusal(erase(ledger, 21, 30))).code).toBe('ARGUMENT_INVALID');
});

test('killed between the statement and the destruction, the next writer completes it', async () => {
  const path = temporary.path('interrupted.medseal');
  const ledger = await fill(await createLedger(path, owner, { difficulty: 0 }));
  const secrets = await secretsOf(ledger, [9]);
  await eraseHalf(ledger, 9, 9);
  const between = await verifyLedger(ledger);
  expect(between.ok).toBe(true);
  expect(between.notices.map(({ code }) => code)).toContain('ERASE_PENDING');
  const completed: RecordPlace[] = [];
  const onCompleted = (records: readonly RecordPlace[]): void => void completed.push(...records);
  for (let time = 0; time < 2; time++) await (await ledger.write(owner, { onCompleted })).close();
  // It is told once, of the records that were still there.
  expect(completed).toHaveLength(1);
  expect(await coveringErasures(ledger, completed)).toMatchObject([{ basis: WHY.basis, covered: completed }]);
  await ledger.close();
  for (const secret of secrets) expect(readFileSync(path).includes(secret)).toBe(false);
  const after = await verifyLedger(path);
  expect(after.ok).toBe(true);
  expect(after.notices.map(({ code }) => code)).not.toContain('ERASE_PENDING');
});

test('and so does whoever opens it and has its file for writing, once nobody else is writing', async () => {
  const { path, secrets } = await leftBehind('opened.medseal');
  const isThere = (): boolean[] => secrets.map((secret) => readFileSync(path).includes(secret));
  const open = async (): Promise<string> => {
    const reading = await openLedger(path);
    const text = String(await opened(reading));
    await reading.close();
    return text;
  };
  const other = openSqliteStore(path);
  await other.lock();
  const left = TABLE.replace(/P9,.*\n/, '');
  expect([await open(), isThere()]).toEqual([left, [true, true]]);
  await other.close();
  expect([await open(), isThere()]).toEqual([left, [false, false]]);
  const { ok, notices } = await verifyLedger(path);
  expect([ok, notices.map(({ code }) => code)]).toEqual([true, expect.not.arrayContaining(['ERASE_PENDING'])]);
});

test('another file that has taken the name of the ledger meanwhile is left as it is; so is none', async () => {
  const [path, aside] = [temporary.path('renamed.medseal'), temporary.path('aside.medseal')];
  const ledger = await fill(await createLedger(path, owner, { difficulty: 0 }));
  await ledger.close();
  copyFileSync(path, aside);
  const erasing = await openLedger(path);
  await eraseHalf(erasing, 9, 9);
  const { state } = await verifiedState(erasing);
  // As many blocks, and nothing erased.
  const other = await openLedger(aside);
  const secrets = await secretsOf(other, [9]);
  await saying(other, () => [{ kind: 'audit', on: true }]);
  expect(await other.size()).toBe(await erasing.size());
  await other.close();
  renameSync(aside, path);
  await erasing.completeErasures(state, await erasing.size());
  for (const secret of secrets) expect(readFileSync(path).includes(secret)).toBe(true);
  rmSync(path);
  await erasing.completeErasures(state, await erasing.size());
  await erasing.close();
});

test('a ledger that does not verify is left as it is', async () => {
  const { path, secrets } = await leftBehind('damaged.medseal');
  const database = new Database(path);
  database.exec('DELETE FROM blocks WHERE position = 3');
  database.close();
  const reading = await openLedger(path);
  expect(String(await opened(reading))).not.toContain('P9,');
  await reading.close();
  for (const secret of secrets) expect(readFileSync(path).includes(secret)).toBe(true);
});

test.each(['before', 'after'] as const)(
  'a store that fails %s it has replaced: the next run completes it',
  async (when) => {
    const medium = memoryMedium();
    const ledger = await fill(await createLedger(memoryStore(medium), owner, { difficulty: 0 }));
    await ledger.close();
    const { store } = faultyStore(memoryStore(medium), { operation: 'replace', call: 1, when });
    const faulty = await openLedger(store);
    expect((await refusal(erase(faulty, 2, 4))).code).toBe('STORE_FAILED');
    await faulty.close();
    const again = await openLedger(memoryStore(medium));
    expect(await erase(again, 2, 4)).toBe(null);
    const verdict = await verifyLedger(again);
    expect(verdict).toMatchObject({ ok: true, erased: 3 });
    expect(verdict.notices.map(({ code }) => code)).not.toContain('ERASE_PENDING');
  },
);

test('an import does not bring back what an erasure covers', async () => {
  const ledger = await fill(await createLedger(memoryStore(), owner, { difficulty: 0 }));
  const secrets = await secretsOf(ledger, [3]);
  await eraseHalf(ledger, 3, 3);
  const text = await joined(exportLedger(ledger));
  const inText = (secret: Buffer): boolean => text.includes(secret.toString('base64url'));
  expect(secrets.every(inText)).toBe(true);
  const path = temporary.path('copy.medseal');
  const chunks = async function* () {
    yield text;
  };
  expect((await importLedger(chunks(), path)).ok).toBe(true);
  for (const secret of secrets) expect(readFileSync(path).includes(secret)).toBe(false);
  const verdict = await verifyLedger(path);
  expect(verdict).toMatchObject({ ok: true, erased: 1 });
  expect(verdict.notices.map(({ code }) => code)).not.toContain('ERASE_PENDING');
});

test('a salt that is missing without a statement is an error', async () => {
  const ledger = await fill(await createLedger(memoryStore(), owner, { difficulty: 0 }));
  await erase(ledger, 3, 3);
  const lines = String(await joined(exportLedger(ledger))).split('\n');
  const [, , third = ''] = lines;
  const block = JSON.parse(third);
  const sealed = block.data.find((entry: object) => 'sealed' in entry);
  expect(fromBase64url(sealed.salt)).toHaveLength(32);
  const changed = lines.with(2, third.replace(/,"salt":"[^"]*"/, `,"salt":"${'A'.repeat(43)}"`)).join('\n');
  const chunks = async function* () {
    yield Buffer.from(changed);
  };
  const { problems } = await verifyLedger(chunks());
  expect(problems).toMatchObject([{ block: 3, code: 'SALT_MISMATCH' }]);
});

test('nothing is read again where all that was to be destroyed is known to be', async () => {
  const medium = memoryMedium();
  const ledger = await fill(await createLedger(memoryStore(medium), owner, { difficulty: 0 }));
  await erase(ledger, 5, 7);
  await ledger.close();
  const read = async (): Promise<number> => {
    const { store, calls } = faultyStore(memoryStore(medium));
    const other = await openLedger(store);
    await (await other.write(owner)).close();
    await other.close();
    return calls.block;
  };
  expect(await read()).toBe(medium.blocks.length);
  // Whoever has not been told looks into the blocks that are concerned, and takes note.
  medium.destroyed = 0;
  expect(await read()).toBeGreaterThan(medium.blocks.length);
  expect(await read()).toBe(medium.blocks.length);
});

test('another erasure leaves alone what is gone', async () => {
  const medium = memoryMedium();
  const ledger = await fill(await createLedger(memoryStore(medium), owner, { difficulty: 0 }));
  await erase(ledger, 1, 12);
  await ledger.close();
  const { store, calls } = faultyStore(memoryStore(medium));
  const again = await openLedger(store);
  const writer = await again.write(owner);
  const before = calls.block;
  const [dataset = ''] = writer.state.datasets.keys();
  const keyIds = [...writer.state.keys.keys()];
  const rows = { from: 17, to: 17 };
  await writer.append(
    (await eraseStatements(again, writer.state, dataset, { keyIds, rows, ...WHY })).map(statementEntry),
  );
  const looking = calls.block;
  expect(await writer.destroyErased()).toBe(1);
  expect([looking > before, calls.block - looking]).toEqual([true, 1]);
  expect(medium.destroyed).toBe(13);
  await writer.close();
});

test('an import and a copy know what has been destroyed', async () => {
  const ledger = await fill(await createLedger(temporary.path('known.medseal'), owner, { difficulty: 0 }));
  await erase(ledger, 5, 7);
  const copy = temporary.path('known-copy.medseal');
  const original = openSqliteStore(temporary.path('known.medseal'));
  await copyStore(original, copy);
  await original.close();
  const imported = temporary.path('known-import.medseal');
  expect((await importLedger(exportLedger(ledger), imported)).ok).toBe(true);
  await ledger.close();
  for (const path of [copy, imported]) {
    const store = openSqliteStore(path);
    expect(await store.destroyed()).toBe(3);
    await store.close();
  }
});
