// What whoever keeps the store can do with the tags in it: hide rows, and nothing else.

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

describe('a file whose table of tags was changed', () => {
  const temporary = temporaryFolder();

  async function changed(...statements: string[]): Promise<string> {
    const path = temporary.path(`${statements.length}-${statements.join().length}.medseal`);
    const original = await createLedger(path, owner, { difficulty: 0 });
    await seal(original, TABLE, { subject: 'patient_id', blockSize: 4, name: 'visits' });
    await original.close();
    const database = new Database(path);
    for (const statement of statements) database.prepare(statement).run();
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

  test.each([
    [
      'values of other lengths',
      ["INSERT INTO tags VALUES (x''), (x'00'), (zeroblob(15)), (zeroblob(17)), (zeroblob(4000000))"],
    ],
    [
      'places that are nowhere',
      ["INSERT OR IGNORE INTO tags SELECT CAST(substr(place, 1, 8) || x'ffffffffffffffff' AS BLOB) FROM tags"],
    ],
    [
      'all entries of all blocks',
      [
        'INSERT OR IGNORE INTO tags SELECT CAST(substr(a.place, 1, 8) || substr(b.place, 9) AS BLOB) FROM tags a, tags b',
      ],
    ],
    ['no tags', ['DELETE FROM tags']],
    ['no marks', ['DELETE FROM tags WHERE substr(place, 1, 8) = zeroblob(8)']],
  ])('to hold %s: nothing is found but what is there', async (_, statements) => {
    expect(await foundIn(await changed(...statements))).toEqual(ALL);
  });

  test('to say nothing of a subject: its rows are not found, and nothing else is', async () => {
    const path = await changed("DELETE FROM tags WHERE substr(place, 1, 8) > x'0000000000000000'");
    // Without the mark that all rows are tagged, they are read one by one.
    expect(await foundIn(path)).toEqual(ALL);
  });

  test.each([
    ['is not there', ['DROP TABLE tags']],
    ['has a column more', ['ALTER TABLE tags ADD COLUMN more TEXT']],
    ['is another', ['DROP TABLE tags', 'CREATE TABLE tags (place BLOB)']],
    ['has a trigger', ['CREATE TRIGGER more AFTER INSERT ON tags BEGIN DELETE FROM blocks; END']],
  ])('so that it %s: no ledger', async (_, statements) => {
    const path = await changed(...statements);
    expect((await refusal(openLedger(path))).code).toBe('NOT_A_LEDGER');
  });
});
