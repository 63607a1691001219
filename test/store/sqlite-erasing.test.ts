// What has been replaced is in none of a store's files any more, whatever it was and wherever it lay.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqliteStore, openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { StoredBlock } from '../../src/store/store.js';
import { packTags } from '../../src/store/tags.js';
import { blockOf, readAll } from './contract.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medseal-erasing-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What stands in the place of a block's salts and bodies when they have been destroyed. */
function zeros({ salts, bodies }: Pick<StoredBlock, 'salts' | 'bodies'>): Pick<StoredBlock, 'salts' | 'bodies'> {
  return { salts: Buffer.alloc(salts.length), bodies: Buffer.alloc(bodies.length) };
}

/** A block whose salts and bodies are found again among other bytes. */
function marked(number: number, bodyLength: number): StoredBlock {
  const salts = Buffer.from(`SALT-${number}-OF-A-PATIENT`);
  const body = Buffer.from(`BODY-${number}-OF-A-PATIENT `);
  const bodies = Buffer.concat(Array.from({ length: Math.ceil(bodyLength / body.length) }, () => body));
  return { ...blockOf(number), salts, bodies };
}

/** Everything that is on the medium under this folder. */
function everyByte(): Buffer {
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

describe.each([
  ['small bodies, several on a page', 30],
  ['bodies that fill pages', 7_000],
  ['bodies of many pages', 300_000],
])('%s', (_, length) => {
  test('are destroyed where they are replaced, and nowhere else', async () => {
    const path = join(folder, 'x.ledger');
    const store = createSqliteStore(
      path,
      Array.from({ length: 12 }, (_unused, i) => marked(i + 1, length)),
    );
    await store.lock();
    expect(everyByte().includes('SALT-5-OF-A-PATIENT')).toBe(true);
    await store.replace(
      [3, 5, 6, 12].map((position) => ({ position, ...zeros(marked(position, length)) })),
      4,
    );
    await store.append(12, [marked(13, length)]);
    await store.close();
    const bytes = everyByte();
    for (const number of [1, 2, 4, 7, 8, 9, 10, 11, 13]) {
      expect(bytes.includes(`SALT-${number}-OF-A-PATIENT`)).toBe(true);
      expect(bytes.includes(`BODY-${number}-OF-A-PATIENT`)).toBe(true);
    }
    for (const number of [3, 5, 6, 12]) {
      expect(bytes.includes(`SALT-${number}-OF-A-PATIENT`)).toBe(false);
      expect(bytes.includes(`BODY-${number}-OF-A-PATIENT`)).toBe(false);
    }
    expect(readdirSync(folder)).toEqual(['x.ledger']);
    const again = openSqliteStore(path);
    expect(await readAll(again, { bodies: true })).toHaveLength(13);
    await again.close();
  });
});

test('blocks of any size, destroyed one by one in any order, leave nothing behind', async () => {
  const path = join(folder, 'x.ledger');
  // Of some only a part lies on a page with others, the rest by itself.
  const sizes = Array.from({ length: 120 }, (_, i) => 100 + ((i * 7919) % 20_000));
  const store = createSqliteStore(path, []);
  await store.lock();
  for (const [i, size] of sizes.entries()) await store.append(i, [marked(i + 1, size)]);
  const order = sizes.map((_, i) => 1 + ((i * 77) % sizes.length)).filter((_, i) => i % 5 > 0);
  for (const [i, position] of order.entries()) {
    const block = marked(position, sizes[position - 1] ?? 0);
    await store.replace([{ position, ...zeros(block) }], i + 1);
  }
  await store.close();
  const bytes = everyByte();
  for (const position of sizes.keys()) {
    const isThere = !order.includes(position + 1);
    expect(bytes.includes(`SALT-${position + 1}-OF-A-PATIENT`)).toBe(isThere);
    expect(bytes.includes(`BODY-${position + 1}-OF-A-PATIENT`)).toBe(isThere);
  }
});

test('what a killed process has left in the journal is destroyed by the next writer', async () => {
  const path = join(folder, 'x.ledger');
  await createSqliteStore(path, [marked(1, 7_000), marked(2, 7_000)]).close();
  // As it is when a process is killed behind its commit.
  const database = new Database(path);
  database.exec('PRAGMA secure_delete = ON; PRAGMA journal_mode = PERSIST');
  database.exec(
    'UPDATE blocks SET salts = zeroblob(length(salts)), bodies = zeroblob(length(bodies)) WHERE position = 2',
  );
  database.close();
  expect(readFileSync(`${path}-journal`).includes('BODY-2-OF-A-PATIENT')).toBe(true);
  const store = openSqliteStore(path);
  await store.lock();
  await store.close();
  expect(everyByte().includes('OF-A-PATIENT')).toBe(true);
  expect(everyByte().includes('BODY-2-OF-A-PATIENT')).toBe(false);
  expect(readdirSync(folder)).toEqual(['x.ledger']);
});

test('killed at any moment, the file is whole: all is replaced, or nothing', async () => {
  const path = join(folder, 'x.ledger');
  await createSqliteStore(
    path,
    Array.from({ length: 40 }, (_, i) => marked(i + 1, 60_000)),
  ).close();
  const script = join(folder, 'erase.mjs');
  const built = fileURLToPath(new URL('../../dist/store/sqlite/sqlite-store.js', import.meta.url));
  writeFileSync(
    script,
    `import { openSqliteStore } from ${JSON.stringify(built)};
     const store = openSqliteStore(${JSON.stringify(path)});
     await store.lock();
     const replacements = [];
     for await (const { position, salts, bodies } of store.read({ bodies: true })) {
       replacements.push({ position, salts: new Uint8Array(salts.length), bodies: new Uint8Array(bodies.length) });
     }
     console.log('ready');
     await store.replace(replacements, 40);`,
  );
  for (const delay of [0, 1, 2, 4, 8, 16]) {
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await once(child, 'close');
    const store = openSqliteStore(path);
    await store.lock();
    const wiped = (await readAll(store, { bodies: true })).map(({ bodies }) => bodies?.every((byte) => byte === 0));
    expect(new Set(wiped).size).toBe(1);
    const gone = wiped[0] === true;
    expect(await store.destroyed()).toBe(gone ? 40 : 0);
    await store.close();
    expect(everyByte().includes('BODY-7-OF-A-PATIENT')).toBe(!gone);
  }
});

test('no tag that was taken away is in the file any more, wherever SQLite has moved it before', async () => {
  const path = join(folder, 'x.ledger');
  const store = createSqliteStore(path, []);
  await store.lock();
  const tags: Buffer[][] = [];
  for (let block = 0; block < 40; block++) {
    const ofBlock = Array.from({ length: 1000 }, (_, entry) =>
      createHash('sha256').update(`${block}.${entry}`).digest().subarray(0, 8),
    );
    tags.push(ofBlock);
    const packed = packTags(ofBlock.map((tag, entry) => ({ tag, entry })));
    await store.append(block, [{ ...blockOf(block + 1), tags: packed }]);
  }
  const gone = [3, 17, 500, 501, 999];
  const replacements = tags.map((_, i) => ({ position: i + 1, ...zeros(blockOf(i + 1)), untagged: gone }));
  await store.replace(replacements.slice(0, 20), 20);
  await store.replace(replacements.slice(20), 40);
  await store.close();
  const bytes = everyByte();
  for (const ofBlock of tags) {
    for (const [entry, tag] of ofBlock.entries()) {
      if (gone.includes(entry)) expect(bytes.includes(tag)).toBe(false);
      else if (entry % 50 === 0) expect(bytes.includes(tag)).toBe(true);
    }
  }
});

test('tags that come one by one, in a table that grows all the while, are all taken away', async () => {
  const path = join(folder, 'x.ledger');
  const store = createSqliteStore(path, []);
  await store.lock();
  const tagOf = (block: number): Buffer => createHash('sha256').update(`${block}`).digest().subarray(0, 8);
  const common = Buffer.from('a common');
  const tagsOf = (block: number) => packTags([tagOf(block), common].map((tag) => ({ tag, entry: 0 })));
  const COUNT = 3000;
  for (let from = 1; from <= COUNT; from += 50) {
    const blocks = Array.from({ length: 50 }, (_, i) => ({ ...blockOf(from + i), tags: tagsOf(from + i) }));
    await store.append(from - 1, blocks);
    // Half of them go again at once, and make room for others.
    const gone = blocks.map((_, i) => from + i).filter((block) => block % 2 === 0);
    await store.replace(
      gone.map((position) => ({ position, ...zeros(blockOf(position)), untagged: [0] })),
      (from + 49) / 2,
    );
  }
  const left: number[] = [];
  for await (const { position } of store.places(common)) left.push(position);
  expect(left.sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT / 2 }, (_, i) => 2 * i + 1));
  for (const block of [1, 1501, 2999]) {
    const found: number[] = [];
    for await (const { position } of store.places(tagOf(block))) found.push(position);
    expect(found).toEqual([block]);
  }
  const odd = left.map((position) => ({ position, ...zeros(blockOf(position)), untagged: [0] }));
  await store.replace(odd, COUNT);
  await store.close();
  const bytes = everyByte();
  expect(bytes.includes(common)).toBe(false);
  for (let block = 1; block <= COUNT; block++) expect(bytes.includes(tagOf(block))).toBe(false);
});

test('what is found is all there is, also where another process adds tags meanwhile', async () => {
  const path = join(folder, 'x.ledger');
  const common = Buffer.from('a common');
  const COUNT = 1000;
  const store = createSqliteStore(path, []);
  await store.lock();
  const tagsOf = (block: number, entry: number) => {
    const tag = createHash('sha256').update(`${block} ${entry}`).digest().subarray(0, 8);
    return entry === 0 ? { tag: common, entry } : { tag, entry };
  };
  const first = Array.from({ length: COUNT }, (_, i) => ({ ...blockOf(i + 1), tags: packTags([tagsOf(i + 1, 0)]) }));
  await store.append(0, first);
  const reader = await openSqliteStore(path);
  const places = reader.places(common)[Symbol.asyncIterator]();
  const found = new Set([(await places.next()).value?.position]);
  // So many that each bucket is split.
  await store.tag(
    Array.from({ length: COUNT }, (_, i) => ({
      position: i + 1,
      tags: packTags(Array.from({ length: 60 }, (_unused, entry) => tagsOf(i + 1, entry + 1))),
    })),
  );
  for (let next = await places.next(); !next.done; next = await places.next()) found.add(next.value.position);
  expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
  await reader.close();
  await store.close();
});
