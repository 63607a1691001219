// Who can open what, and what comes of rows that are not as they were sealed.

import { describe, expect, test } from 'vitest';
import { listDatasets } from '../../../src/dataset/directory.js';
import { openDataset } from '../../../src/dataset/open.js';
import { ndjsonBytes, originalBytes } from '../../../src/dataset/output.js';
import { sealDataset } from '../../../src/dataset/seal.js';
import type { Block } from '../../../src/format/block.js';
import { isReadable } from '../../../src/format/block.js';
import { createLedger, type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { fromStored, toStored } from '../../../src/ledger/stored.js';
import { MerkleTree } from '../../../src/merkle/tree.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import type { StoredBlock } from '../../../src/store/store.js';
import {
  addWriter,
  joined,
  newLedger,
  opened,
  owner,
  readToEnd,
  recovery,
  refusal,
  seal,
  stranger,
  streamOf,
  verified,
  writer,
} from '../../helpers/dataset-fixture.js';

const CSV = 'id,text\n1,a\n2,"b\n"\n3,c\n4,d\n5,e\n6,f\n7,g';

describe('who opens', () => {
  test('the owner, the writer who sealed it, and the recovery key, but nobody else', async () => {
    const ledger = await newLedger({ recovery: [recovery.publicKey] });
    await addWriter(ledger);
    await sealDataset(ledger, writer, streamOf(CSV), { name: 'of the writer', owner: owner.publicKey });
    for (const identity of [owner, writer, recovery]) {
      expect((await opened(ledger, {}, identity)).toString()).toBe(CSV);
    }
    await seal(ledger, CSV, { name: 'of the owner' });
    for (const identity of [owner, recovery]) {
      expect((await opened(ledger, { dataset: 'of the owner' }, identity)).toString()).toBe(CSV);
    }
    // To the writer the other data set does not exist by name, and by its id it is closed.
    expect((await opened(ledger, {}, writer)).toString()).toBe(CSV);
    const [, second] = (await listDatasets(ledger, writer)).datasets;
    expect(second).toMatchObject({
      name: null,
      manifest: null,
      header: null,
      keys: new Map(),
      granted: false,
      rows: 7,
    });
    expect((await refusal(openDataset(ledger, writer, { dataset: second?.id ?? '' }))).code).toBe('NOT_GRANTED');
    expect((await refusal(openDataset(ledger, writer, { dataset: 'of the owner' }))).code).toBe('DATASET_NOT_FOUND');
  });

  test('a stranger is told that nothing is granted, and no name', async () => {
    const ledger = await newLedger();
    await seal(ledger, CSV, { name: 'secret name' });
    const [dataset] = (await listDatasets(ledger)).datasets;
    for (const wanted of [{}, { dataset: dataset?.id ?? '' }]) {
      const error = await refusal(openDataset(ledger, stranger, wanted));
      expect(error.code).toBe('NOT_GRANTED');
      expect(error.message).not.toContain('secret');
    }
  });

  test('several data sets: one has to be chosen, by name or id', async () => {
    const ledger = await newLedger();
    expect((await refusal(openDataset(ledger, owner))).code).toBe('DATASET_NOT_FOUND');
    const { id } = await seal(ledger, CSV, { name: 'one' });
    await seal(ledger, 'a\n1\n', { name: 'two' });
    const error = await refusal(openDataset(ledger, owner));
    expect(error.code).toBe('DATASET_AMBIGUOUS');
    expect(error.message).toMatch(/one.*two/);
    expect((await opened(ledger, { dataset: id })).toString()).toBe(CSV);
    expect((await opened(ledger, { dataset: 'two' })).toString()).toBe('a\n1\n');
    expect((await refusal(openDataset(ledger, owner, { dataset: 'three' }))).code).toBe('DATASET_NOT_FOUND');
  });

  test('two writers may use a name twice; then the id chooses', async () => {
    const ledger = await newLedger();
    await addWriter(ledger);
    const { id } = await seal(ledger, CSV);
    await sealDataset(ledger, writer, streamOf('a\n1\n'), { name: 'x', owner: owner.publicKey });
    expect((await refusal(openDataset(ledger, owner, { dataset: 'x' }))).code).toBe('DATASET_AMBIGUOUS');
    expect((await opened(ledger, { dataset: id })).toString()).toBe(CSV);
    expect((await refusal(seal(ledger, CSV))).code).toBe('DATASET_AMBIGUOUS');
  });

  test("the owner may go on with a writer's data set, another writer may not", async () => {
    const ledger = await newLedger();
    await addWriter(ledger);
    await sealDataset(ledger, writer, streamOf('a\n1\n'), { name: 'x', owner: owner.publicKey });
    expect(await seal(ledger, 'a\n2\n', { append: true })).toMatchObject({ rows: 2 });
    expect((await opened(ledger)).toString()).toBe('a\n1\n2\n');
  });
});

describe('rows', () => {
  test.each([
    [{ from: 1, to: 7 }, [1, 2, 3, 4, 5, 6, 7]],
    [{ from: 3, to: 4 }, [3, 4]],
    [{ from: 7, to: 7 }, [7]],
    [{ from: 6, to: 100 }, [6, 7]],
    [{ from: 8, to: 9 }, []],
    [{ from: 0, to: 1 }, [1]],
    [{ from: 4, to: 3 }, []],
  ])('%j', async (rows, expected) => {
    const ledger = await newLedger();
    await seal(ledger, CSV, { blockSize: 2 });
    const dataset = await openDataset(ledger, owner, { rows });
    expect(await readToEnd(dataset)).toEqual(expected);
    expect(dataset.report()).toMatchObject({ opened: expected.length, left: [], missing: 0, complete: true });
  });

  test('a range is written with the header line, and ends as it does in the file', async () => {
    const ledger = await newLedger();
    await seal(ledger, CSV, { blockSize: 3 });
    expect((await opened(ledger, { rows: { from: 2, to: 3 } })).toString()).toBe('id,text\n2,"b\n"\n3,c\n');
  });

  test('an appended row behind one without line end gets a line of its own in any range', async () => {
    const ledger = await newLedger();
    await seal(ledger, CSV);
    await seal(ledger, 'id,text\n8,h\n', { append: true });
    expect((await opened(ledger, { rows: { from: 7, to: 8 } })).toString()).toBe('id,text\n7,g\n8,h\n');
  });
});

/** A ledger with the data set, of which one block is changed in the store. */
async function tampered(number: number, change: (block: Block) => Block): Promise<Ledger> {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, CSV, { blockSize: 3 });
  await ledger.close();
  const stored = medium.blocks[number - 1];
  const item = stored === undefined ? null : fromStored({ position: number, ...stored });
  if (item === null || !isReadable(item)) throw new Error('no such block');
  medium.blocks[number - 1] = toStored(change(item), new MerkleTree());
  return openLedger(memoryStore(medium));
}

function withBody(position: number, change: (body: Buffer) => Uint8Array | null): (block: Block) => Block {
  return (block) => ({
    ...block,
    entries: block.entries.map((entry, i) =>
      i === position && entry.kind === 'sealed' ? { ...entry, body: change(Buffer.from(entry.body ?? [])) } : entry,
    ),
  });
}

const flipped = (bytes: Buffer): Buffer => {
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes;
};

describe('tampering', () => {
  // Block 2 holds the header row, 3 to 5 hold rows 1–3, 4–6 and 7, and 6 the end.
  test.each([
    ['changed', flipped],
    ['cut off', (body: Buffer) => body.subarray(1)],
    ['taken away', () => null],
    ['emptied', () => new Uint8Array(0)],
  ])('a body %s leaves out just its row', async (_, change) => {
    const ledger = await tampered(4, withBody(1, change));
    const dataset = await openDataset(ledger, owner);
    expect(await readToEnd(dataset)).toEqual([1, 2, 3, 4, 6, 7]);
    const report = dataset.report();
    expect(report).toMatchObject({ opened: 6, left: [{ row: 5, block: 4 }], missing: 0, complete: true });
    expect(report.verdict).toMatchObject({ ok: false, problems: [{ block: 4, entry: 1 }] });
    expect((await opened(ledger)).toString()).toBe(CSV.replace('5,e\n', ''));
  });

  test('a changed salt leaves out its row', async () => {
    const ledger = await tampered(3, (block) => ({
      ...block,
      entries: block.entries.map((entry, i) =>
        i === 2 && entry.kind === 'sealed' ? { ...entry, salt: flipped(Buffer.from(entry.salt ?? [])) } : entry,
      ),
    }));
    const dataset = await openDataset(ledger, owner);
    expect(await readToEnd(dataset)).toEqual([1, 2, 4, 5, 6, 7]);
    expect(dataset.report().left).toEqual([{ row: 3, block: 3 }]);
  });

  test('a changed entry leaves out its block', async () => {
    const ledger = await tampered(4, (block) => ({ ...block, entries: block.entries.slice(1) }));
    const dataset = await openDataset(ledger, owner);
    expect(await readToEnd(dataset)).toEqual([1, 2, 3, 7]);
    expect(dataset.report()).toMatchObject({ opened: 4, left: [{ row: null, block: 4 }], missing: 3, complete: true });
  });

  test('a changed end leaves the data set incomplete', async () => {
    const ledger = await tampered(6, (block) => ({ ...block, signature: flipped(Buffer.from(block.signature)) }));
    const dataset = await openDataset(ledger, owner);
    expect(await readToEnd(dataset)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(dataset.report()).toMatchObject({ opened: 7, missing: 0, complete: false, verdict: { ok: false } });
  });

  test('a changed header row is reported as row 0, and the rows come without it', async () => {
    const ledger = await tampered(2, withBody(2, flipped));
    expect((await listDatasets(ledger, owner)).datasets).toMatchObject([{ name: null, manifest: null, rows: 7 }]);
    const dataset = await openDataset(ledger, owner);
    expect((await joined(originalBytes(dataset))).toString()).toBe(CSV.replace('id,text\n', ''));
    expect(dataset.report()).toMatchObject({ opened: 7, left: [{ row: 0, block: 2 }], missing: 0 });
    expect((await refusal(joined(ndjsonBytes(await openDataset(ledger, owner))))).code).toBe('CANNOT_OPEN');
  });

  test.each<[string, (blocks: StoredBlock[]) => unknown]>([
    ['gone', (blocks) => blocks.splice(2, 1)],
    ['there twice', (blocks) => blocks.splice(3, 0, blocks[3]!)],
    ['swapped with the next', (blocks) => blocks.splice(2, 2, blocks[3]!, blocks[2]!)],
    ['too early', (blocks) => blocks.splice(2, 0, blocks[4]!)],
    ['moved to the front', (blocks) => blocks.unshift(...blocks.splice(4, 1))],
  ])('opening and verifying say the same of a block that is %s', async (_, tamper) => {
    const medium = memoryMedium();
    const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    await seal(ledger, CSV, { blockSize: 1 });
    tamper(medium.blocks);
    const verdict = await verified(ledger);
    const dataset = await openDataset(ledger, owner, { owner: owner.publicKey });
    await readToEnd(dataset);
    expect(verdict.ok).toBe(false);
    expect(dataset.report().verdict).toEqual(verdict);
  });

  test('a block that is gone is reported', async () => {
    const medium = memoryMedium();
    const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    await seal(ledger, CSV, { blockSize: 3 });
    medium.blocks.splice(2, 1);
    const dataset = await openDataset(ledger, owner);
    expect(await readToEnd(dataset)).toEqual([4, 5, 6, 7]);
    expect(dataset.report()).toMatchObject({ opened: 4, missing: 3, verdict: { ok: false } });
  });
});

test('an incomplete data set opens as far as it is sealed, and says so', async () => {
  const ledger = await newLedger();
  const signal = new AbortController();
  const onProgress = ({ rows }: { rows: number }): void => {
    if (rows > 0) signal.abort();
  };
  await refusal(seal(ledger, `a\n${'1\n'.repeat(200_000)}`, { blockSize: 1000, signal: signal.signal, onProgress }));
  const dataset = await openDataset(ledger, owner);
  const rows = await readToEnd(dataset);
  expect(rows.length).toBeGreaterThan(0);
  expect(dataset.report()).toMatchObject({ opened: rows.length, missing: 0, complete: false, verdict: { ok: true } });
});

test('opening stops when it is told to, and tells how far it is', async () => {
  const ledger = await newLedger();
  await seal(ledger, CSV);
  const controller = new AbortController();
  const seen: [number, number][] = [];
  const onProgress = (blocks: number, total: number): void => {
    seen.push([blocks, total]);
    if (blocks === 3) controller.abort();
  };
  const dataset = await openDataset(ledger, owner, { signal: controller.signal, onProgress });
  expect((await refusal(readToEnd(dataset))).code).toBe('ABORTED');
  expect(seen).toEqual([
    [1, 10],
    [2, 10],
    [3, 10],
  ]);
});

test('a pinned owner is compared before anything is opened', async () => {
  const ledger = await newLedger();
  await seal(ledger, CSV);
  expect((await refusal(openDataset(ledger, owner, { owner: stranger.publicKey }))).code).toBe('OWNER_MISMATCH');
  expect((await opened(ledger, { owner: owner.publicKey })).toString()).toBe(CSV);
});
