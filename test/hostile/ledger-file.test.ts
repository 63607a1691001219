// A ledger's file as somebody else has made it. `test/store/sqlite.test.ts` has what is refused at once, and
// `test/properties/sqlite-tampering.test.ts` single changes to single rows; here stands what could hang or overflow.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import Database from 'libsql';
import { beforeAll, describe, expect, test } from 'vitest';
import { listDatasets } from '../../src/dataset/directory.js';
import { createLedger, openLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { createDraft } from '../../src/store/sqlite/draft.js';
import { CREATE_BLOCKS } from '../../src/store/sqlite/schema.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Verdict } from '../../src/verify/verdict.js';
import { owner, refusal, seal, temporaryFolder } from '../helpers/dataset-fixture.js';
import { run } from '../helpers/hostile-child.js';

const temporary = temporaryFolder();
const script = (name: string): string => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url));
const original = temporary.path('original.medseal');
const path = temporary.path('hostile.medseal');
const BLOCKS = 63;

beforeAll(async () => {
  const ledger = await createLedger(original, owner, { difficulty: 0 });
  // Large enough for pages that point to pages, and for records that flow over into more pages.
  const rows = Array.from({ length: 60 }, (_, i) => `${i},${'x'.repeat(i % 7 === 0 ? 20_000 : 900)}\n`);
  await seal(ledger, `id,text\n${rows.join('')}`);
  expect(await ledger.size()).toBe(BLOCKS);
  await ledger.close();
});

function changed(...statements: [sql: string, ...values: unknown[]][]): void {
  copyFileSync(original, path);
  const database = new Database(path);
  for (const [sql, ...values] of statements) database.prepare(sql).run(...values);
  database.close();
}

const schema = (sql: string): [string, ...unknown[]][] => [
  ['PRAGMA writable_schema = ON'],
  ["UPDATE sqlite_schema SET sql = ? WHERE name = 'blocks'", sql],
  ['PRAGMA writable_schema = RESET'],
];
/** With these around it, a column can be set to anything. */
const LOOSE = schema('CREATE TABLE blocks (position INTEGER PRIMARY KEY, head, nodes, entries, salts, bodies)');
const STRICT = schema(CREATE_BLOCKS);

/** What a reader gets of a column, as hex. */
function cell(file: string, k: number, name: string): unknown {
  const database = new Database(file);
  const [hex] = database
    .prepare(`SELECT hex(CAST(${name} AS BLOB)) FROM blocks WHERE position = ${k}`)
    .raw()
    .get() as unknown as [string];
  database.close();
  return hex;
}

const judge = (): Promise<Verdict> => verifyLedger(path, { owner: owner.publicKey });

describe('a row', () => {
  const value = fc.oneof(
    fc.constantFrom('NULL', '0', '-1', '1e400', '-0.0', '9223372036854775807', "''", "x''", "'{}'", "'[['", "x'00'"),
    fc.constantFrom(
      "x'ffffffff'",
      "x'ffffffffffffffff'",
      "x'00000000'",
      "x'7fffffff'",
      'zeroblob(70000)',
      "char(0)||'x'",
    ),
    fc.constantFrom('head', 'entries', 'salts', 'bodies', "bodies || 'x'", 'entries || entries', 'hex(entries)'),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => `x'${Buffer.from(bytes).toString('hex')}'`),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => `CAST(x'${Buffer.from(bytes).toString('hex')}' AS TEXT)`),
  );

  test('with anything in its columns is a verdict that names its block', async () => {
    const column = fc.constantFrom('head', 'entries', 'salts', 'bodies');
    const property = fc.asyncProperty(fc.integer({ min: 1, max: BLOCKS }), column, value, async (k, name, other) => {
      changed(...LOOSE, [`UPDATE blocks SET ${name} = ${other} WHERE position = ${k}`], ...STRICT);
      fc.pre(cell(path, k, name) !== cell(original, k, name));
      const verdict = await judge();
      expect(verdict.ok).toBe(false);
      expect([...new Set(verdict.problems.map(({ block }) => block))]).toEqual([k]);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('with anything in the place of its nodes is as good as before, and never loaded beyond their size', async () => {
    const property = fc.asyncProperty(fc.integer({ min: 1, max: BLOCKS }), value, async (k, other) => {
      changed(...LOOSE, [`UPDATE blocks SET nodes = ${other} WHERE position = ${k}`], ...STRICT);
      expect(await judge()).toMatchObject({ ok: true, blocks: BLOCKS });
      const store = openSqliteStore(path);
      expect((await store.nodes(k))?.length ?? 0).toBeLessThanOrEqual(64 * 32);
      await store.close();
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test.each([
    ['0', BLOCKS - 1],
    ['-1', BLOCKS - 1],
    ['-9223372036854775808', BLOCKS - 1],
    ['9007199254740991', BLOCKS - 1],
    ['9007199254740993', BLOCKS - 1],
    ['9223372036854775807', BLOCKS - 1],
  ])('with the number %s', async (position, blocks) => {
    changed([`UPDATE blocks SET position = ${position} WHERE position = ${BLOCKS}`]);
    expect((await judge()).blocks).toBeGreaterThanOrEqual(blocks);
    const ledger = await openLedger(path);
    await listDatasets(ledger, owner);
    // A block before the first is not there at all; one behind a gap is nothing to add to.
    const writing = Number(position) > 0 ? refusal(ledger.write(owner)) : ledger.write(owner);
    expect(await writing).toMatchObject(Number(position) > 0 ? { code: 'LEDGER_INVALID' } : { newest: BLOCKS - 1 });
    await ledger.close();
  });

  test.each([
    ['bodies', 'zeroblob(300000000)', ''],
    ['head', 'CAST(zeroblob(300000000) AS TEXT)', ''],
    ['bodies', 'zeroblob(300000000)', ', salts = NULL'],
  ])('of 300 MB in %s is not loaded (%s%s)', async (name, content, more) => {
    changed(...LOOSE, [`UPDATE blocks SET ${name} = ${content}${more} WHERE position = 9`], ...STRICT);
    const { stdout, megabytes } = await run(script('hostile-endless.mjs'), ['a ledger', path], { seconds: 50 });
    expect(stdout).toBe('TOO_LARGE');
    if (megabytes !== null) expect(megabytes).toBeLessThan(200);
  });
});

describe('pages', () => {
  test.each([1, 2])('damaged in headers and pointers (%i) end no process, and are read to an end', async (seed) => {
    const { stdout, stderr, status } = await run(script('hostile-pages.mjs'), [original, path, String(seed), '150'], {
      seconds: 55,
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const outcomes = JSON.parse(stdout) as Record<string, number>;
    expect(Object.keys(outcomes).filter((name) => name.startsWith('unexpected'))).toEqual([]);
    expect(outcomes['not ok']).toBeGreaterThan(0);
    expect(outcomes.NOT_A_LEDGER).toBeGreaterThan(0);
  });

  test('of a tree that leads to the same page again and again', async () => {
    const bytes = readFileSync(original);
    const root = 8192;
    // Page 2 is the table's root: an interior page, whose cells begin with the number of the page they lead to.
    expect(bytes[root]).toBe(5);
    const cells = bytes.readUInt16BE(root + 3);
    const leaf = bytes.readUInt32BE(root + bytes.readUInt16BE(root + 12));
    for (let i = 0; i < cells; i++) bytes.writeUInt32BE(leaf, root + bytes.readUInt16BE(root + 12 + 2 * i));
    writeFileSync(path, bytes);
    const outcome = await judge().catch((error: unknown) => error);
    expect(outcome).toMatchObject(outcome instanceof Error ? { code: 'NOT_A_LEDGER' } : { ok: false });
  });
});

describe('what lies beside the file', () => {
  let count = 0;
  test.each(['-journal', '-wal', '-shm'])('a %s of somebody else is a verdict or an error', async (suffix) => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), async (bytes, magic) => {
      // Each time another file: one that is mapped into memory must not be cut off under its reader.
      const copy = temporary.path(`beside-${count++}.medseal`);
      copyFileSync(original, copy);
      const begin = magic ? 'd9d505f920a163d700000001000000000000004000002000' : '';
      writeFileSync(`${copy}${suffix}`, Buffer.concat([Buffer.from(begin, 'hex'), bytes]));
      const outcome = await verifyLedger(copy, { owner: owner.publicKey }).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'MedsealError' });
    });
    await fc.assert(property, { numRuns: 25 });
  });
});

describe('what is no file', () => {
  test('a pipe that nobody writes into does not stop a reader for ever', async () => {
    const pipe = temporary.path('pipe');
    execFileSync('mkfifo', [pipe]);
    expect((await refusal(openLedger(pipe))).code).toBe('NOT_A_LEDGER');
  });

  test.skipIf(!existsSync('/dev/zero'))('a device without end', async () => {
    expect((await refusal(openLedger('/dev/zero'))).code).toBe('NOT_A_LEDGER');
    expect((await refusal(verifyLedger('/dev/zero'))).code).toBe('NOT_A_LEDGER');
    expect((await refusal(verifyLedger('/dev/null'))).code).toBe('NOT_A_LEDGER');
  });

  test('a name with a NUL in it, which ends the driver', async () => {
    const name = temporary.path('a\0b');
    expect((await refusal(openLedger(name))).code).toBe('FILE_UNREADABLE');
    expect((await refusal(() => openSqliteStore(name))).code).toBe('FILE_UNREADABLE');
    expect((await refusal(() => createDraft(name))).code).toBe('OUTPUT_INVALID');
    expect((await refusal(createLedger(name, owner, { difficulty: 0 }))).code).toBe('OUTPUT_INVALID');
  });
});
