import { beforeAll, describe, expect, test } from 'vitest';
import { listDatasets } from '../../../src/dataset/directory.js';
import { findDataset, findRecord, type GroupPlace } from '../../../src/dataset/find-record.js';
import { proveRecord } from '../../../src/dataset/prove.js';
import { parseCheckpoint } from '../../../src/format/checkpoint.js';
import { makeCheckpoint } from '../../../src/ledger/checkpoint.js';
import { proveConsistency } from '../../../src/ledger/history-nodes.js';
import { createLedger, type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { proveEntry } from '../../../src/ledger/prove.js';
import { statementEntry } from '../../../src/ledger/writer.js';
import { verifyProof } from '../../../src/proof/verify-proof.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import type { Store } from '../../../src/store/store.js';
import { addWriter, newLedger, owner, refusal, seal, stranger, writer } from '../../helpers/dataset-fixture.js';

const ROWS = Array.from({ length: 200 }, (_, i) => `${i + 1},${'x'.repeat(i % 9)}\n`);
const CSV = `id,text\n${ROWS.join('')}`;
const medium = memoryMedium();
let ledger: Ledger;
let ids: string[];

beforeAll(async () => {
  ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, 'a\n1\n', { name: 'first' });
  await seal(ledger, CSV, { name: 'rows', blockSize: 7 });
  await seal(ledger, CSV, { name: 'others', blockSize: 1 });
  // Rows of one data set around those of another.
  await seal(ledger, 'id,text\n201,y\n', { name: 'rows', append: true });
  ids = (await listDatasets(ledger, owner)).datasets.map(({ id }) => id);
});

async function firstGroup(from: Ledger, id: string): Promise<GroupPlace | null> {
  const dataset = await findDataset(from.numbered({ bodies: false }), id);
  return dataset && { block: dataset.block, keyIds: dataset.groups[0]?.keyIds ?? [] };
}

describe('a row is found', () => {
  test('wherever it stands', async () => {
    const place = (await firstGroup(ledger, ids[1]!))!;
    for (let row = 0; row <= 201; row++) {
      const found = (await findRecord(ledger, place, row))!;
      const made = await proveEntry(ledger, found);
      expect(made.record).toMatchObject({ ...found, row, keyId: place.keyIds[0] });
    }
  });

  test('or not, where it is not', async () => {
    const place = (await firstGroup(ledger, ids[1]!))!;
    for (const row of [202, 2 ** 53 - 1]) expect(await findRecord(ledger, place, row)).toBeNull();
    expect(await findDataset(ledger.numbered(), '00'.repeat(16))).toBeNull();
  });

  test('in blocks that stand in another order too', async () => {
    const swapped = { ...memoryMedium(), blocks: [...medium.blocks] };
    [swapped.blocks[20], swapped.blocks[30]] = [swapped.blocks[30]!, swapped.blocks[20]!];
    const tampered = await openLedger(memoryStore(swapped));
    const place = (await firstGroup(tampered, ids[1]!))!;
    for (let row = 0; row <= 201; row++) expect(await findRecord(tampered, place, row)).not.toBeNull();
  });

  test('with a few reads, however many blocks there are', async () => {
    let blocks = 0;
    const counting: Store = {
      ...memoryStore(medium),
      async *read(options) {
        for await (const block of memoryStore(medium).read(options)) {
          blocks++;
          yield block;
        }
      },
    };
    const counted = await openLedger(counting);
    const place = (await firstGroup(counted, ids[2]!))!;
    blocks = 0;
    await proveEntry(counted, (await findRecord(counted, place, 150))!);
    expect(blocks).toBeLessThan(25);
    blocks = 0;
    await proveRecord(counted, { dataset: ids[2]!, row: 150 });
    expect(blocks).toBeLessThan(40);
  });
});

describe('of a data set', () => {
  test('of a row where the store does not say which blocks hold statements', async () => {
    const unmarked = await openLedger(memoryStore({ ...memoryMedium(), blocks: medium.blocks }));
    const { record } = await proveRecord(unmarked, { dataset: ids[2]!, row: 9 });
    expect(record).toMatchObject({ row: 9 });
  });

  test('named by its id, without any key', async () => {
    const { bytes, record } = await proveRecord(ledger, { dataset: ids[2]!, row: 9 });
    expect(record).toMatchObject({ row: 9, content: null, signer: owner.publicKey });
    expect((await verifyProof(bytes, { owner: owner.publicKey })).ok).toBe(true);
    expect((await verifyProof(bytes, { owner: stranger.publicKey })).problem?.code).toBe('OWNER_MISMATCH');
  });

  test('named by its name, and disclosed, with a key', async () => {
    const { bytes } = await proveRecord(ledger, { dataset: 'rows', row: 5, identity: owner, disclose: true });
    const { record } = await verifyProof(bytes, { owner: owner.publicKey });
    expect(Buffer.from(record?.content ?? []).toString()).toBe(ROWS[4]);
  });

  test.each([
    ['no such name', { dataset: 'nothing', identity: owner }, 'DATASET_NOT_FOUND'],
    ['a name without a key', { dataset: 'rows' }, 'DATASET_NOT_FOUND'],
    ['no name, of several', { identity: owner }, 'DATASET_AMBIGUOUS'],
    ['a key that opens nothing', { dataset: 'rows', identity: stranger }, 'NOT_GRANTED'],
  ])('%s is refused', async (_, options, code) => {
    expect((await refusal(proveRecord(ledger, { row: 1, ...options }))).code).toBe(code);
  });

  test('without the key nothing is disclosed', async () => {
    const options = { dataset: ids[1]!, row: 1, disclose: true };
    expect((await refusal(proveRecord(ledger, options))).code).toBe('NOT_GRANTED');
  });

  test('a row that is not there, and one that does not open', async () => {
    expect((await refusal(proveRecord(ledger, { dataset: ids[0]!, row: 2 }))).code).toBe('ROW_NOT_FOUND');
    const bodiless = { ...memoryMedium(), blocks: medium.blocks.map((block) => ({ ...block })) };
    const at = (await proveRecord(ledger, { dataset: 'rows', row: 5, identity: owner })).record.block - 1;
    const bodies = Uint8Array.from(bodiless.blocks[at]!.bodies);
    for (let i = 8; i < bodies.length; i += 16) bodies[i]! ^= 1;
    bodiless.blocks[at] = { ...bodiless.blocks[at]!, bodies };
    const damaged = await openLedger(memoryStore(bodiless));
    const options = { dataset: 'rows', row: 5, identity: owner };
    expect((await refusal(proveRecord(damaged, { ...options, disclose: true }))).code).toBe('CANNOT_OPEN');
    expect((await proveRecord(damaged, options)).record.row).toBe(5);
  });
});

describe('who vouches', () => {
  let shared: Ledger;
  beforeAll(async () => {
    shared = await newLedger();
    await addWriter(shared);
    await seal(shared, 'a\n1\n', { name: 'owned' });
    const ofWriter = await shared.write(writer, { owner: owner.publicKey });
    for (let i = 0; i < 700; i++) await ofWriter.append([statementEntry({ kind: 'info-note', text: String(i) })]);
    await ofWriter.close();
  });

  test('is the newest block of the owner, however far back', async () => {
    const { record } = await proveEntry(shared, { block: 4, entry: 0 });
    expect(record).toMatchObject({ row: 1, anchor: { kind: 'later-block', size: 4 } });
  });

  test('is the record’s own block where that is the newest of the owner', async () => {
    const medium = memoryMedium();
    const cut = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    await seal(cut, 'a\n1\n');
    medium.blocks.pop();
    const { record } = await proveEntry(cut, { block: 3, entry: 0 });
    expect(record).toMatchObject({ row: 1, anchor: { kind: 'own-block', size: 2 } });
  });

  test('can be another key, where that is asked for', async () => {
    const { bytes, record } = await proveEntry(shared, { block: 4, entry: 0 }, { owner: writer.publicKey });
    expect(record.anchor).toMatchObject({ kind: 'later-block', size: (await shared.size()) - 1 });
    expect((await verifyProof(bytes, { owner: writer.publicKey })).ok).toBe(true);
  });

  test('can be nobody', async () => {
    const attempt = proveEntry(shared, { block: 4, entry: 0 }, { owner: stranger.publicKey });
    expect((await refusal(attempt)).code).toBe('ANCHOR_MISSING');
  });

  test('can be a checkpoint, unless it is older than the record or newer than the ledger', async () => {
    const of = async (from: Ledger) => parseCheckpoint(Buffer.from((await makeCheckpoint(from, owner)).text));
    const checkpoint = await of(shared);
    const { bytes } = await proveEntry(shared, { block: 4, entry: 0 }, { checkpoint });
    expect((await verifyProof(bytes, { owner: owner.publicKey, checkpoint })).ok).toBe(true);
    const other = await of(await newLedger());
    for (const size of [3, 100_000]) {
      const attempt = proveEntry(shared, { block: 4, entry: 0 }, { checkpoint: { ...other, size } });
      expect((await refusal(attempt)).code).toBe('ANCHOR_MISSING');
    }
    // One of another ledger is found out when the proof is checked.
    const attempt = proveEntry(shared, { block: 4, entry: 0 }, { checkpoint: { ...other, size: 5 } });
    expect((await refusal(attempt)).code).toBe('LEDGER_INVALID');
  });
});

describe('is refused:', () => {
  test.each([
    [0, 0],
    [9999, 0],
    [1, 0],
    [3, 9],
  ])('a proof of entry %i %i', async (block, entry) => {
    expect(['LEDGER_INVALID', 'ARGUMENT_INVALID']).toContain(
      (await refusal(proveEntry(ledger, { block, entry }))).code,
    );
  });

  test.each([
    [0, 1],
    [2, 1],
    [1, 1e6],
    [1.5, 2],
  ])('growth from %d to %d', async (first, second) => {
    expect((await refusal(proveConsistency(ledger, first, second))).code).toBe('ARGUMENT_INVALID');
  });
});

describe('a checkpoint is signed', () => {
  test('by the owner only', async () => {
    expect((await refusal(makeCheckpoint(ledger, writer))).code).toBe('SIGNER_UNAUTHORISED');
  });

  test('of a ledger that verifies only', async () => {
    const damaged = { ...memoryMedium(), blocks: [...medium.blocks] };
    damaged.blocks.splice(4, 1);
    const error = await refusal(makeCheckpoint(await openLedger(memoryStore(damaged)), owner));
    expect(error).toMatchObject({ code: 'LEDGER_INVALID', place: { block: 5 } });
  });

  test('never of an older state than the signer knows', async () => {
    const known = new Map([
      [(await makeCheckpoint(ledger, owner)).ledger, { index: 9999, hash: '', timestamp: 'then' }],
    ]);
    const heads = {
      get: (id: string) => known.get(id) ?? null,
      set: (id: string, head: never) => void known.set(id, head),
    };
    expect((await refusal(makeCheckpoint(ledger, owner, { heads }))).code).toBe('LEDGER_ROLLED_BACK');
    const { size } = await makeCheckpoint(ledger, owner, { heads, acceptRollback: true });
    expect([...known.values()]).toMatchObject([{ index: size }]);
  });

  test('unless it is aborted', async () => {
    const signal = AbortSignal.abort();
    expect((await refusal(makeCheckpoint(ledger, owner, { signal }))).code).toBe('ABORTED');
  });
});
