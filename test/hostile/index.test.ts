// What whoever keeps the store can do with the tags in it: hide rows, and nothing else.

import { rmSync } from 'node:fs';
import Database from 'libsql';
import { beforeEach, describe, expect, test } from 'vitest';
import { newGroupKey } from '../../src/access/grants.js';
import { findRows } from '../../src/dataset/lookup/find.js';
import { originalBytes } from '../../src/dataset/output.js';
import { sealRecord } from '../../src/dataset/records.js';
import { isReadable } from '../../src/format/block.js';
import { composeBlock } from '../../src/ledger/compose.js';
import { createLedger, type Ledger, openLedger } from '../../src/ledger/ledger.js';
import { toStored } from '../../src/ledger/stored.js';
import { MerkleTree } from '../../src/merkle/tree.js';
import { type MemoryMedium, memoryMedium, memoryStore } from '../../src/store/memory.js';
import { singleThreadMiner } from '../../src/work/miner.js';
import { joined, owner, refusal, seal, stranger, temporaryFolder } from '../helpers/dataset-fixture.js';

const TABLE = `patient_id,drug\n${Array.from({ length: 30 }, (_, i) => `P-${i % 5},drug ${i % 3}\n`).join('')}`;
const STATEMENTS = '0000000000000000';
const SPAN = 0x1_0000;

let medium: MemoryMedium;
let ledger: Ledger;
beforeEach(async () => {
  medium = memoryMedium();
  ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, TABLE, { subject: 'patient_id', blockSize: 4, name: 'visits' });
});

async function found(scan = false): Promise<{ rows: string[]; blocks: number; unopened: number }> {
  const finding = await findRows(ledger, owner, { where: [{ column: 'patient_id', value: 'P-2' }], scan });
  const [, ...rows] = (await joined(originalBytes(finding))).toString().trimEnd().split('\n');
  const { blocks, unopened } = finding.report();
  return { rows, blocks, unopened };
}

const ALL = Array.from({ length: 30 }, (_, i) => i)
  .filter((i) => i % 5 === 2)
  .map((i) => `P-2,drug ${i % 3}`);

test('tags that lead elsewhere give no wrong row', async () => {
  const everywhere = Array.from({ length: 40 * 6 }, (_, i) => Math.floor(i / 6) * SPAN + (i % 6));
  for (const [tag, places] of medium.tags) if (tag !== STATEMENTS) for (const place of everywhere) places.add(place);
  const { rows } = await found();
  expect(rows).toEqual(ALL);
});

test('tags changed for one another hide rows; reading all of them finds them', async () => {
  const names = [...medium.tags.keys()].filter((tag) => tag !== STATEMENTS);
  const lists = names.map((name) => medium.tags.get(name) ?? new Set<number>());
  for (const [i, name] of names.entries()) medium.tags.set(name, lists[(i + 1) % lists.length] ?? new Set());
  expect((await found()).rows.every((row) => ALL.includes(row))).toBe(true);
  expect((await found(true)).rows).toEqual(ALL);
});

test('without its marks a ledger is looked through', async () => {
  medium.tags.delete(STATEMENTS);
  expect((await found()).rows).toEqual(ALL);
  medium.tags.clear();
  expect((await found()).rows).toEqual(ALL);
});

test('a row in another place than the owner signed is not given out', async () => {
  const block = medium.blocks[4];
  if (block === undefined) throw new Error('there are fewer blocks');
  // A block of the ledger, once more behind the newest one, and tags that lead to it.
  medium.blocks.push(block);
  for (const [tag, places] of medium.tags) {
    if (tag !== STATEMENTS) for (const place of [...places]) places.add(medium.blocks.length * SPAN + (place % SPAN));
  }
  const { rows, blocks } = await found();
  expect([rows, blocks]).toEqual([ALL, 1]);
});

test('whose ledger it is, is told by its first block, whatever the marks lead to', async () => {
  const item = await ledger.block(1);
  if (item === null || !isReadable(item)) throw new Error('there is no block');
  // Behind the ledger stands one that names another owner, signed by that one; the first block is not marked.
  const { header, entries } = item;
  const statement = Buffer.from(
    Buffer.from(entries[0]?.bytes ?? [])
      .toString()
      .replace(owner.publicKey, stranger.publicKey),
  );
  const place = { ...header, index: medium.blocks.length + 1, history_hash: '00'.repeat(32) };
  const forged = await composeBlock(
    place,
    [{ kind: 'statement', bytes: statement }],
    stranger,
    singleThreadMiner,
    undefined,
  );
  medium.blocks.push(toStored(forged, new MerkleTree()));
  medium.tags.set(
    STATEMENTS,
    new Set([...(medium.tags.get(STATEMENTS) ?? [])].slice(1)).add(medium.blocks.length * SPAN),
  );
  const finding = await findRows(ledger, owner, { where: [{ column: 'patient_id', value: 'P-2' }] });
  expect((await joined(originalBytes(finding))).toString().split('\n').slice(1, -1)).toEqual(ALL);
  expect(finding.report().owner).toBe(owner.publicKey);
});

test('a changed body is left out, and told', async () => {
  const { bodies, ...block } = medium.blocks[2] ?? { bodies: new Uint8Array(0) };
  const changed = Uint8Array.from(bodies);
  changed.fill(1, 30, 60);
  medium.blocks[2] = { ...block, bodies: changed } as (typeof medium.blocks)[number];
  for (const scan of [false, true]) {
    const { rows, unopened } = await found(scan);
    expect(rows.length + (scan ? 0 : unopened)).toBeLessThanOrEqual(ALL.length);
    expect(rows.every((row) => ALL.includes(row))).toBe(true);
  }
});

test('rows sealed by somebody else under a key of theirs are none of the data set', async () => {
  const item = await ledger.block(3);
  if (item === null || !isReadable(item)) throw new Error('there is no block');
  const random = (length: number): Uint8Array => new Uint8Array(length).fill(7);
  const key = newGroupKey(new Uint8Array(32), random);
  const forged = sealRecord(key, 1, Buffer.from('P-2,forged\n'), random(32));
  const signature = await stranger.sign(new Uint8Array(32));
  medium.blocks[2] = toStored({ ...item, signature, entries: [forged, ...item.entries.slice(1)] }, new MerkleTree());
  expect((await found()).rows.join()).not.toContain('forged');
  expect((await found(true)).rows.join()).not.toContain('forged');
});

describe('a file whose tables of tags were changed', () => {
  const temporary = temporaryFolder();
  const SLOT = 16;
  const ROW = 8144;

  async function changed(change: (database: Database.Database) => void): Promise<string> {
    const path = temporary.path('changed.medseal');
    rmSync(path, { force: true });
    const original = await createLedger(path, owner, { difficulty: 0 });
    await seal(original, TABLE, { subject: 'patient_id', blockSize: 4, name: 'visits' });
    await original.close();
    const database = new Database(path);
    change(database);
    database.close();
    return path;
  }

  async function foundIn(path: string): Promise<string[]> {
    ledger = await openLedger(path);
    try {
      return (await found()).rows;
    } finally {
      await ledger.close();
    }
  }

  function slotsOf(database: Database.Database): Buffer[] {
    const rows = database.prepare('SELECT slots FROM places').raw().all() as unknown as [Uint8Array][];
    const all = Buffer.concat(rows.map(([slots]) => slots));
    const slots = Array.from({ length: all.length / SLOT }, (_, i) => all.subarray(i * SLOT, (i + 1) * SLOT));
    return slots.filter((slot) => !slot.equals(Buffer.alloc(SLOT)));
  }

  function setSlots(database: Database.Database, slots: readonly Buffer[]): void {
    database.exec('DELETE FROM places');
    const insert = database.prepare('INSERT INTO places (bucket, slots) VALUES (?, ?)');
    for (let from = 0; from < slots.length; from += ROW / SLOT) {
      const page = Buffer.alloc(ROW);
      Buffer.concat(slots.slice(from, from + ROW / SLOT)).copy(page);
      insert.run(0, page);
    }
  }

  const nowhere = (slot: Buffer): Buffer => Buffer.concat([slot.subarray(0, 8), Buffer.alloc(8, 0xff)]);

  test.each<[string, (database: Database.Database) => void]>([
    [
      'values of other lengths',
      (database) => {
        for (const length of [0, 1, ROW - 1, ROW + 1, 4_000_000]) {
          database.exec(`INSERT INTO places (bucket, slots) VALUES (0, zeroblob(${length}))`);
          database.exec(`INSERT INTO tags (position, tags) VALUES (2, zeroblob(${length}))`);
        }
      },
    ],
    [
      'places that are nowhere',
      (database) => setSlots(database, [...slotsOf(database), ...slotsOf(database).map(nowhere)]),
    ],
    [
      'all entries of all blocks',
      (database) => {
        const slots = slotsOf(database);
        const crossed = slots.flatMap((a) => slots.map((b) => Buffer.concat([a.subarray(0, 8), b.subarray(8)])));
        setSlots(database, crossed);
      },
    ],
    [
      'buckets that are nowhere',
      (database) => {
        database.exec(`INSERT INTO places (bucket, slots) VALUES (${Number.MAX_SAFE_INTEGER}, zeroblob(${ROW}))`);
        database.exec(`INSERT INTO places (bucket, slots) VALUES (-1, zeroblob(${ROW}))`);
      },
    ],
    ['no tags', (database) => void database.exec('DELETE FROM places; DELETE FROM tags')],
    [
      'no marks',
      (database) =>
        setSlots(
          database,
          slotsOf(database).filter((slot) => !slot.subarray(0, 8).equals(Buffer.alloc(8))),
        ),
    ],
    [
      // Without the mark that all rows are tagged, they are read one by one.
      'nothing but marks',
      (database) =>
        setSlots(
          database,
          slotsOf(database).filter((slot) => slot.subarray(0, 8).equals(Buffer.alloc(8))),
        ),
    ],
  ])('to hold %s: nothing is found but what is there', async (_, change) => {
    expect(await foundIn(await changed(change))).toEqual(ALL);
  });

  test.each([
    ['one is not there', 'DROP TABLE tags'],
    ['one has a column more', 'ALTER TABLE places ADD COLUMN more TEXT'],
    ['one is another', 'DROP TABLE tags; CREATE TABLE tags (place BLOB)'],
    ['there is no index', 'DROP INDEX places_by_bucket'],
    ['one has a trigger', 'CREATE TRIGGER more AFTER INSERT ON tags BEGIN DELETE FROM blocks; END'],
  ])('so that %s: no ledger', async (_, sql) => {
    const path = await changed((database) => void database.exec(sql));
    expect((await refusal(openLedger(path))).code).toBe('NOT_A_LEDGER');
  });
});
