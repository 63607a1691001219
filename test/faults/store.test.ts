// Each operation of a store failing, and failing after it took effect, at each time it is called: then the ledger
// verifies, what was acknowledged is there, and the same command goes on to the very same file.

import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listDatasets } from '../../src/dataset/directory.js';
import { sealDataset } from '../../src/dataset/seal.js';
import { createLedger, openLedger } from '../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../src/store/memory.js';
import { createSqliteStore, openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Store } from '../../src/store/store.js';
import { opened, owner, refusal, temporaryFolder, verified } from '../helpers/dataset-fixture.js';
import { type Calls, type Fault, faultyStore, OPERATIONS } from '../helpers/fault-store.js';

const temporary = temporaryFolder();
const HEADER = 'id,text\r\n';
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i},"row ""${from + i}""\n"\r\n`).join('');
const FIRST = temporary.file('first.csv', HEADER + rows(1, 7));
const SECOND = temporary.file('second.csv', HEADER + rows(8, 12));
const PART = temporary.file('part.csv', HEADER + rows(1, 3));

// Time flies: every block is committed at once, so that there is a failure between any two.
beforeEach(() => {
  let time = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 300;
    return time;
  });
});
afterEach(() => vi.restoreAllMocks());

/** A place for one ledger. `fresh` forgets what a process that has died had open. */
interface Place {
  create(): Store;
  open(): Store;
  /** What the death of a process does to its locks. */
  release(): void;
}

let count = 0;
const PLACES: Readonly<Record<string, () => Place>> = {
  memory: () => {
    const medium = memoryMedium();
    const store = (): Store => memoryStore(medium);
    return { create: store, open: store, release: () => void Object.assign(medium, { writer: null }) };
  },
  'a SQLite file': () => {
    const path = temporary.path(`${count++}.medseal`);
    const left: Store[] = [];
    const kept = (store: Store): Store => {
      left.push(store);
      return store;
    };
    return {
      create: () => kept(createSqliteStore(path, [])),
      open: () => kept(openSqliteStore(path)),
      release: () => void Promise.all(left.splice(0).map((store) => store.close())),
    };
  },
};

interface Step {
  readonly file: string;
  readonly append?: boolean;
}

/** What is in the ledger before, what is done to it while something fails, and what it opens to in the end. */
const SCENARIOS: Readonly<Record<string, { before: readonly Step[]; step: Step; broken?: boolean; result: string }>> = {
  'sealing a file': { before: [], step: { file: FIRST }, result: HEADER + rows(1, 7) },
  'going on with a file': {
    before: [{ file: FIRST }],
    broken: true,
    step: { file: FIRST },
    result: HEADER + rows(1, 7),
  },
  'appending a file': { before: [{ file: FIRST }], step: { file: SECOND, append: true }, result: HEADER + rows(1, 12) },
  'sealing what is sealed': { before: [{ file: PART }], step: { file: PART }, result: HEADER + rows(1, 3) },
};

async function sealStep(store: Store, { file, append = false }: Step, onRows?: (rows: number) => void): Promise<void> {
  const ledger = await openLedger(store);
  try {
    await sealDataset(ledger, owner, file, {
      name: 'x',
      blockSize: 2,
      append,
      ...(onRows === undefined ? {} : { onProgress: (progress) => onRows(progress.rows) }),
    });
  } finally {
    await ledger.close();
  }
}

async function prepared(place: Place, { before, broken }: (typeof SCENARIOS)[string]): Promise<void> {
  await (await createLedger(place.create(), owner, { difficulty: 0 })).close();
  for (const step of before) {
    // A sealing that was interrupted is made by the third commit failing.
    const { store } = faultyStore(place.open(), broken ? { operation: 'append', call: 3, when: 'after' } : null);
    await (broken ? refusal(sealStep(store, step)) : sealStep(store, step));
    place.release();
  }
}

async function rowsIn(place: Place): Promise<number> {
  const ledger = await openLedger(place.open());
  expect(await verified(ledger)).toMatchObject({ ok: true, problems: [] });
  const [dataset] = (await listDatasets(ledger, owner)).datasets;
  await ledger.close();
  return dataset?.rows ?? 0;
}

async function expectFinished(place: Place, step: Step, result: string): Promise<void> {
  await sealStep(place.open(), step);
  const ledger = await openLedger(place.open());
  expect(await verified(ledger)).toMatchObject({ ok: true, problems: [] });
  expect((await listDatasets(ledger, owner)).datasets.map(({ complete }) => complete)).toEqual([true]);
  expect((await opened(ledger)).toString()).toBe(result);
  await ledger.close();
}

/** Every call that the step makes of a store, failing before and after. */
function faultsOf(calls: Calls): Fault[] {
  return OPERATIONS.flatMap((operation) =>
    Array.from({ length: calls[operation] }, (_, i) => i + 1).flatMap((call) => [
      { operation, call, when: 'before' } as const,
      { operation, call, when: 'after' } as const,
    ]),
  );
}

describe.each(Object.keys(PLACES))('in %s', (kind) => {
  const place = (): Place => PLACES[kind]!();

  test.each(Object.entries(SCENARIOS))('%s', async (_, scenario) => {
    const { step, result } = scenario;
    const healthy = place();
    await prepared(healthy, scenario);
    const { store, calls } = faultyStore(healthy.open());
    await sealStep(store, step);
    // Blocks come alike from every store.
    const faults = faultsOf(kind === 'memory' ? calls : { ...calls, block: 0 });
    expect(faults.length).toBeGreaterThan(15);

    for (const fault of faults) {
      const failing = place();
      await prepared(failing, scenario);
      const before = await rowsIn(failing);
      let acknowledged = 0;
      const attempt = sealStep(faultyStore(failing.open(), fault).store, step, (rows) => {
        acknowledged = Math.max(acknowledged, rows);
      });
      // A reader who has seen enough does not hear of what fails behind.
      const unheard = fault.when === 'after' && (fault.operation === 'read' || fault.operation === 'block');
      const outcome = await (unheard ? attempt.catch((error: unknown) => error) : refusal(attempt));
      if (outcome !== undefined) expect(outcome, JSON.stringify(fault)).toMatchObject({ code: 'STORE_FAILED' });
      failing.release();
      const there = await rowsIn(failing);
      expect(there).toBeGreaterThanOrEqual(Math.max(before, step.append ? before + acknowledged : acknowledged));
      // A run that had come to its end before the failure has nothing left to do.
      await expectFinished(failing, step, result);
    }
  });

  test('creating a ledger', async () => {
    const { store, calls } = faultyStore(place().create());
    await (await createLedger(store, owner, { difficulty: 0 })).close();
    for (const fault of faultsOf({ ...calls, close: 0 })) {
      const failing = place();
      const attempt = createLedger(faultyStore(failing.create(), fault).store, owner, { difficulty: 0 });
      expect((await refusal(attempt)).code).toBe('STORE_FAILED');
      failing.release();
      // Either there is a ledger, which is good, or there is none, and one can be made.
      const target = failing.open();
      const ledger =
        (await target.size()) === 0 ? await createLedger(target, owner, { difficulty: 0 }) : await openLedger(target);
      expect(await verified(ledger)).toMatchObject({ ok: true, blocks: 1 });
      await ledger.close();
    }
  });
});

test('a store whose closing failed leaves no lock behind when its process ends', async () => {
  const path = temporary.path('closing.medseal');
  await (await createLedger(path, owner, { difficulty: 0 })).close();
  const { store } = faultyStore(openSqliteStore(path), { operation: 'close', call: 1, when: 'after' });
  expect((await refusal(sealStep(store, { file: FIRST }))).code).toBe('STORE_FAILED');
  await sealStep(openSqliteStore(path), { file: FIRST });
  rmSync(path);
});
