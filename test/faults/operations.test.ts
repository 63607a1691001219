// Every file and database operation of a command fails, before it takes effect and after. Whatever happens, what was
// there before is there, what appears is whole, and the same again comes to its end.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeFileWhole } from '../../src/cli/files.js';
import { openDataset } from '../../src/dataset/open.js';
import { originalBytes } from '../../src/dataset/output.js';
import { sealDataset } from '../../src/dataset/seal.js';
import { MedsealError } from '../../src/errors.js';
import { readKeyFile, writeKeyFile } from '../../src/keys/key-file.js';
import { copyStore } from '../../src/ledger/backup.js';
import { exportLedger } from '../../src/ledger/export.js';
import { importLedger } from '../../src/ledger/import.js';
import { headsBeside } from '../../src/ledger/known-heads.js';
import { createLedger, openLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { opened, owner, stranger, temporaryFolder } from '../helpers/dataset-fixture.js';
import { arm, disarm, type Fault } from '../helpers/fault-operations.js';

vi.mock('node:fs', async (original) => (await import('../helpers/fault-operations.js')).failingFiles(original));
vi.mock('node:fs/promises', async (original) =>
  (await import('../helpers/fault-operations.js')).failingHandles(original),
);
vi.mock('libsql', async (original) => (await import('../helpers/fault-operations.js')).failingDatabase(original));

const temporary = temporaryFolder();
const CSV = `id,text\n${Array.from({ length: 12 }, (_, i) => `${i},"row ${i}"\n`).join('')}`;
const [LEDGER, EXPORT, SOURCE] = ['l.medseal', 'l.ndjson', 'rows.csv'].map(temporary.path) as [string, string, string];
let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  writeFileSync(SOURCE, CSV);
  const ledger = await createLedger(LEDGER, owner, { difficulty: 0 });
  await sealDataset(ledger, owner, SOURCE, { name: 'rows', blockSize: 3 });
  await writeFileWhole(EXPORT, exportLedger(ledger), { mode: 0o644 });
  await ledger.close();
});
beforeEach(() => {
  folder = temporary.path('work');
});

interface Scenario {
  /** What is there before; the folder is empty. */
  readonly prepare?: () => Promise<void> | void;
  readonly run: () => Promise<unknown>;
  /** Whether it has come to its end; it throws where what is there is neither the old nor the new. */
  readonly isDone: () => Promise<boolean>;
}

/** The bytes of a file are one of these; which one, from 0. */
function which(file: string, ...known: (string | Buffer | null)[]): number {
  const found = existsSync(file) ? readFileSync(file) : null;
  const index = known.findIndex((bytes) => (bytes === null ? found === null : found?.equals(Buffer.from(bytes))));
  expect(index, `what ${file} is`).toBeGreaterThanOrEqual(0);
  return index;
}

async function isWholeLedger(file: string, blocks: number): Promise<boolean> {
  if (!existsSync(file)) return false;
  expect(await verifyLedger(file, { owner: owner.publicKey })).toMatchObject({ ok: true, problems: [], blocks });
  return true;
}

async function onLedger<T>(
  file: string,
  run: (ledger: Awaited<ReturnType<typeof openLedger>>) => Promise<T>,
): Promise<T> {
  const ledger = await openLedger(file);
  try {
    return await run(ledger);
  } finally {
    await ledger.close();
  }
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'making a ledger': {
    run: async () => (await createLedger(at('new.medseal'), owner, { difficulty: 0 })).close(),
    isDone: () => isWholeLedger(at('new.medseal'), 1),
  },
  importing: {
    run: () => importLedger(EXPORT, at('new.medseal')),
    isDone: () => isWholeLedger(at('new.medseal'), 7),
  },
  'backing up': {
    run: async () => {
      const store = openSqliteStore(LEDGER);
      try {
        await copyStore(store, at('new.medseal'));
      } finally {
        await store.close();
      }
    },
    isDone: () => isWholeLedger(at('new.medseal'), 7),
  },
  exporting: {
    prepare: () => writeFileSync(at('out'), 'what was there'),
    run: () => onLedger(LEDGER, (ledger) => writeFileWhole(at('out'), exportLedger(ledger), { mode: 0o644 })),
    isDone: async () => which(at('out'), 'what was there', readFileSync(EXPORT)) === 1,
  },
  opening: {
    run: () =>
      onLedger(LEDGER, async (ledger) =>
        writeFileWhole(at('out'), originalBytes(await openDataset(ledger, owner)), { mode: 0o600 }),
      ),
    isDone: async () => which(at('out'), null, CSV) === 1,
  },
  'replacing a key file': {
    prepare: () => writeKeyFile(at('a.key'), stranger),
    run: () => writeKeyFile(at('a.key'), owner, { replace: true }),
    isDone: async () => {
      const { publicKey } = await readKeyFile(at('a.key'), async () => '');
      expect([stranger.publicKey, owner.publicKey]).toContain(publicKey);
      return publicKey === owner.publicKey;
    },
  },
  'making a key file': {
    run: () => writeKeyFile(at('a.key'), owner),
    isDone: async () =>
      existsSync(at('a.key')) && (await readKeyFile(at('a.key'), async () => '')).publicKey === owner.publicKey,
  },
  'sealing, with a memory of heads': {
    prepare: async () => (await createLedger(at('new.medseal'), owner, { difficulty: 0 })).close(),
    run: () =>
      onLedger(at('new.medseal'), (ledger) =>
        sealDataset(ledger, owner, SOURCE, { name: 'rows', blockSize: 3, heads: headsBeside(at('owner.key')) }),
      ),
    isDone: async () => {
      expect(await verifyLedger(at('new.medseal'), { owner: owner.publicKey })).toMatchObject({ ok: true });
      return onLedger(at('new.medseal'), async (ledger) => {
        if ((await ledger.size()) < 7) return false;
        expect((await opened(ledger)).toString()).toBe(CSV);
        return true;
      });
    },
  },
};

/** Runs it with one operation failing; the operations that were tried, and the error if it told one. */
async function attempt(run: Scenario['run'], fault: Fault | null): Promise<{ tried: string[]; error: unknown }> {
  arm(fault);
  try {
    await run();
    return { tried: disarm(), error: null };
  } catch (error) {
    return { tried: disarm(), error };
  }
}

async function fresh({ prepare }: Scenario): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await prepare?.();
}

describe.each(Object.entries(SCENARIOS))('%s', (_, scenario) => {
  test('with each of its operations failing', async () => {
    await fresh(scenario);
    const { tried, error } = await attempt(scenario.run, null);
    expect(error).toBeNull();
    expect(await scenario.isDone()).toBe(true);
    expect(tried.length).toBeGreaterThan(4);
    for (let call = 1; call <= tried.length; call++) {
      for (const when of ['before', 'after'] as const) {
        await fresh(scenario);
        const outcome = await attempt(scenario.run, { call, when });
        const place = `${when} ${tried[call - 1]}, operation ${call} of ${tried.join(' ')}`;
        if (outcome.error === null) expect(await scenario.isDone(), place).toBe(true);
        else expect(outcome.error, place).toBeInstanceOf(MedsealError);
        // The same again, where it is not done already.
        if (!(await scenario.isDone())) expect(await attempt(scenario.run, null), place).toMatchObject({ error: null });
        expect(await scenario.isDone(), place).toBe(true);
      }
    }
  });
});
