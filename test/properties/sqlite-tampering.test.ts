// The ledger's file itself, changed behind Medseal's back: row by row with an ordinary SQLite tool, and byte by byte.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MedsealError } from '../../src/errors.js';
import { exportLedger } from '../../src/ledger/export.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { CREATE_BLOCKS, PAGE_SIZE } from '../../src/store/sqlite/schema.js';
import type { Verdict } from '../../src/verify/verdict.js';
import { collect, named, richLedger } from '../helpers/ledgers.js';
import { NOW, owner } from '../helpers/people.js';

const folder = mkdtempSync(join(tmpdir(), 'medseal-tampering-'));
const original = join(folder, 'original.medseal');
const path = join(folder, 'tampered.medseal');
const BLOCKS = 21;
let content: Buffer;

beforeAll(async () => {
  await (await richLedger('file', original)).close();
  content = await exported(original);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function exported(file: string): Promise<Buffer> {
  const ledger = await openLedger(file);
  try {
    return await collect(exportLedger(ledger));
  } finally {
    await ledger.close();
  }
}

/** The verdict, or the error that says that this is no ledger, one by one, in parts and quickly. Nothing else may come. */
async function judgements(file: string): Promise<(Verdict | MedsealError)[]> {
  const found: (Verdict | MedsealError)[] = [];
  for (const way of [{}, { onBlock() {} }, { quick: true }]) {
    found.push(await verdictOrError(verifyLedger(file, { now: new Date(NOW), owner: owner.publicKey, ...way })));
  }
  return found;
}

/** The verdict or the error, which is the same in every way. */
async function judge(file: string): Promise<Verdict | MedsealError> {
  const found = await judgements(file);
  const [first, ...others] = found.map((each) =>
    each instanceof MedsealError ? { code: each.code } : withoutAnchor(each),
  );
  for (const other of others) expect(other).toEqual(first);
  return found[0]!;
}

function withoutAnchor({ anchor: _, ...verdict }: Verdict): Verdict {
  return { ...verdict, notices: verdict.notices.filter(({ code }) => code !== 'SIGNATURES_UNCHECKED') };
}

async function verdictOrError(verifying: Promise<Verdict>): Promise<Verdict | MedsealError> {
  try {
    return await verifying;
  } catch (error) {
    expect(error).toBeInstanceOf(MedsealError);
    return error as MedsealError;
  }
}

async function tampered(...statements: [sql: string, ...values: unknown[]][]): Promise<Verdict> {
  copyFileSync(original, path);
  const database = new Database(path);
  try {
    for (const [sql, ...values] of statements) database.prepare(sql).run(...values);
  } finally {
    database.close();
  }
  const verdict = await judge(path);
  if (verdict instanceof MedsealError) throw verdict;
  return verdict;
}

const position = fc.integer({ min: 1, max: BLOCKS });
const column = fc.constantFrom('head', 'entries', 'salts', 'bodies');

function cell(row: number, name: string): Buffer {
  const database = new Database(original);
  try {
    const select = database.prepare(`SELECT CAST(${name} AS BLOB) FROM blocks WHERE position = ?`).raw();
    return Buffer.from((select.get(row) as [Uint8Array])[0]);
  } finally {
    database.close();
  }
}

function update(row: number, name: string, bytes: Uint8Array): Promise<Verdict> {
  const value = name === 'head' ? 'CAST(? AS TEXT)' : '?';
  return tampered([`UPDATE blocks SET ${name} = ${value} WHERE position = ?`, bytes, row]);
}

describe('a cell', () => {
  test('with one byte changed', async () => {
    const change = fc.asyncProperty(
      position,
      column,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (k, name, at, x) => {
        const bytes = cell(k, name);
        bytes[at % bytes.length]! ^= x;
        const verdict = await update(k, name, bytes);
        expect(verdict.ok).toBe(false);
        expect(named(verdict)).toEqual([k]);
        expect(verdict.problems).toHaveLength(1);
      },
    );
    await fc.assert(change, { numRuns: 150 });
  });

  test('cut short', async () => {
    const change = fc.asyncProperty(position, column, fc.nat(), async (k, name, at) => {
      const bytes = cell(k, name);
      const verdict = await update(k, name, bytes.subarray(0, at % bytes.length));
      expect(named(verdict)).toEqual([k]);
    });
    await fc.assert(change, { numRuns: 60 });
  });

  test('with bytes added', async () => {
    const change = fc.asyncProperty(
      position,
      column,
      fc.uint8Array({ minLength: 1, maxLength: 9 }),
      async (k, name, more) => {
        const verdict = await update(k, name, Buffer.concat([cell(k, name), more]));
        expect(named(verdict)).toEqual([k]);
      },
    );
    await fc.assert(change, { numRuns: 40 });
  });

  test("that is another row's", async () => {
    const change = fc.asyncProperty(position, position, column, async (k, other, name) => {
      fc.pre(!cell(k, name).equals(cell(other, name)));
      const verdict = await tampered([
        `UPDATE blocks SET ${name} = (SELECT ${name} FROM blocks WHERE position = ?) WHERE position = ?`,
        other,
        k,
      ]);
      expect(verdict.ok).toBe(false);
      // With another block's head it is that block, with other entries, in a place that is not its own.
      if (name === 'head') expect([k, other]).toEqual(expect.arrayContaining(named(verdict)));
      else expect(named(verdict)).toEqual([k]);
    });
    await fc.assert(change, { numRuns: 60 });
  });

  test.each([
    ['head', "''"],
    ['head', "'null'"],
    ['head', "CAST(x'ff00' AS TEXT)"],
    ['head', '17'],
    ['entries', "x''"],
    ['salts', "x''"],
    ['bodies', "x''"],
    ['bodies', 'zeroblob(100000)'],
  ])('%s set to %s', async (name, value) => {
    const verdict = await tampered([`UPDATE blocks SET ${name} = ${value} WHERE position = 5`]);
    expect(named(verdict)).toEqual([5]);
  });

  test.each([
    ['head', 'NULL'],
    ['head', "x'7b7d'"],
    ['entries', 'NULL'],
    ['entries', "CAST(x'80ff' AS TEXT)"],
    ['salts', 'NULL'],
    ['bodies', 'NULL'],
    ['bodies', '1.5'],
    ['bodies', "'text'"],
  ])('%s set to %s, with the schema out of the way for the moment', async (name, value) => {
    await expect(tampered([`UPDATE blocks SET ${name} = ${value} WHERE position = 5`])).rejects.toThrow(
      /constraint|store/,
    );
    const schema = (sql: string) => [
      ['PRAGMA writable_schema = ON'],
      ["UPDATE sqlite_schema SET sql = ? WHERE name = 'blocks'", sql],
      ['PRAGMA writable_schema = RESET'],
    ];
    const loose = 'CREATE TABLE blocks (position INTEGER PRIMARY KEY, head, nodes, entries, salts, bodies)';
    const verdict = await tampered(
      ...(schema(loose) as [string][]),
      [`UPDATE blocks SET ${name} = ${value} WHERE position = 5`],
      ...(schema(CREATE_BLOCKS) as [string][]),
    );
    expect(named(verdict)).toEqual([5]);
  });
});

describe('the nodes', () => {
  test('are nothing to a verdict, nor to what is exported, whatever they are', async () => {
    const change = fc.asyncProperty(position, fc.uint8Array({ maxLength: 3000 }), async (k, nodes) => {
      const verdict = await tampered(['UPDATE blocks SET nodes = ? WHERE position = ?', nodes, k]);
      expect(verdict).toMatchObject({ ok: true, blocks: BLOCKS });
      expect(await exported(path)).toEqual(content);
    });
    await fc.assert(change, { numRuns: 30 });
  });
});

describe('what leads to rows', () => {
  const noted = (verdict: Verdict): string[] => verdict.notices.map(({ code }) => code);

  test('is noted where it is damaged, which is no fault of the ledger', async () => {
    expect(noted(await tampered())).not.toContain('INDEX_DAMAGED');
    const changed = (what: string): string => `CAST(x'01' || substr(${what}, 2) AS BLOB)`;
    for (const sql of [
      `UPDATE tags SET tags = ${changed('tags')} WHERE number = 2`,
      `UPDATE tags SET tags = x'00' WHERE number = 2`,
      'UPDATE tags SET position = 9 WHERE number = 2',
      'DELETE FROM tags WHERE number = 2',
      `UPDATE places SET slots = ${changed('slots')}`,
      // The first slot's position: six bytes behind a tag of eight.
      ...[9, 10, 11, 12, 13, 14, 16].map(
        (byte) =>
          `UPDATE places SET slots = CAST(substr(slots, 1, ${byte - 1}) || x'10' || substr(slots, ${byte + 1}) AS BLOB)`,
      ),
      "UPDATE places SET slots = x''",
      'UPDATE places SET bucket = 1',
      'DELETE FROM places',
    ]) {
      const verdict = await tampered([sql]);
      expect(verdict, sql).toMatchObject({ ok: true, blocks: BLOCKS });
      expect(noted(verdict), sql).toContain('INDEX_DAMAGED');
      expect(await exported(path), sql).toEqual(content);
    }
  });

  test('is noted where it leads behind the newest block, which then has been cut off', async () => {
    const verdict = await tampered(['DELETE FROM blocks WHERE position = ?', BLOCKS]);
    expect(verdict).toMatchObject({ ok: true, blocks: BLOCKS - 1 });
    expect(noted(verdict)).toContain('INDEX_DAMAGED');
  });
});

describe('a row', () => {
  test('deleted', async () => {
    for (let k = 1; k < BLOCKS; k++) {
      expect(named(await tampered(['DELETE FROM blocks WHERE position = ?', k]))).toEqual([k]);
    }
    expect(await tampered(['DELETE FROM blocks WHERE position = ?', BLOCKS])).toMatchObject({ ok: true, blocks: 20 });
  });

  test('with its number exchanged for that of another', async () => {
    const change = fc.asyncProperty(position, position, async (k, other) => {
      fc.pre(k !== other);
      const verdict = await tampered(
        ['UPDATE blocks SET position = -1 WHERE position = ?', k],
        ['UPDATE blocks SET position = ? WHERE position = ?', k, other],
        ['UPDATE blocks SET position = ? WHERE position = -1', other],
      );
      expect(verdict.ok).toBe(false);
      const between = Math.abs(k - other) === 2 ? [(k + other) / 2] : [];
      expect([k, other, ...between]).toEqual(expect.arrayContaining(named(verdict)));
    });
    await fc.assert(change, { numRuns: 40 });
  });

  test('doubled', async () => {
    const change = fc.asyncProperty(position, position, async (k, p) => {
      const verdict = await tampered(
        ['UPDATE blocks SET position = -position WHERE position >= ?', p],
        ['UPDATE blocks SET position = 1 - position WHERE position < 0'],
        [
          'INSERT INTO blocks SELECT ?, head, nodes, entries, salts, bodies FROM blocks WHERE position = ?',
          p,
          k >= p ? k + 1 : k,
        ],
      );
      expect(verdict.problems).toHaveLength(1);
      expect([k, p]).toEqual(expect.arrayContaining(named(verdict)));
    });
    await fc.assert(change, { numRuns: 40 });
  });
});

describe('a row with another number', () => {
  test('in the same order is read as before, or noticed', async () => {
    const change = fc.asyncProperty(position, fc.integer({ min: 1, max: 1000 }), async (k, by) => {
      const verdict = await tampered(
        ['UPDATE blocks SET position = -position WHERE position >= ?', k],
        ['UPDATE blocks SET position = ? - position WHERE position < 0', by],
      );
      if (verdict.ok) expect(await exported(path)).toEqual(content);
    });
    await fc.assert(change, { numRuns: 20 });
  });
});

/** Whether SQLite itself says that the rows of a file are not in the order of their numbers. */
function outOfOrder(file: string): boolean {
  const database = new Database(file);
  try {
    return /Rowid 118 out of order/.test(String(database.prepare('PRAGMA quick_check(blocks)').raw().get()));
  } catch {
    return false;
  } finally {
    database.close();
  }
}

describe('the file', () => {
  const bytes = (): Buffer => readFileSync(original);
  const size = (): number => statSync(original).size;

  /**
   * Every way notices, or what is read is what was written, or the newest blocks are gone, of which nothing can tell. How
   * it is noticed can differ: where SQLite's own pages are damaged, it depends on where reading enters them.
   */
  async function expectNoticedOrHarmless(file: Uint8Array): Promise<void> {
    writeFileSync(path, file);
    const noticed = (await judgements(path)).map((found) => found instanceof MedsealError || !found.ok);
    if (noticed.every(Boolean)) return;
    expect(noticed).not.toContain(true);
    await judge(path);
    const read = await exported(path);
    expect(content.subarray(0, read.length).equals(read)).toBe(true);
  }

  test('with one byte changed', async () => {
    const change = fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (number, x) => {
      const at = number % size();
      const file = bytes();
      file[at]! ^= x;
      await expectNoticedOrHarmless(file);
    });
    await fc.assert(change, { numRuns: 250 });
  });

  test('with one byte of its header or schema changed', async () => {
    const change = fc.asyncProperty(fc.nat(PAGE_SIZE - 1), fc.integer({ min: 1, max: 255 }), async (at, x) => {
      const file = bytes();
      file[at]! ^= x;
      await expectNoticedOrHarmless(file);
    });
    await fc.assert(change, { numRuns: 250 });
  });

  test('with a stretch of bytes replaced', async () => {
    const noise = fc.uint8Array({ minLength: 2, maxLength: 600 });
    const change = fc.asyncProperty(fc.nat(), noise, async (number, stretch) => {
      const at = number % size();
      const file = bytes();
      file.set(stretch.subarray(0, file.length - at), at);
      await expectNoticedOrHarmless(file);
    });
    await fc.assert(change, { numRuns: 100 });
  });

  test('with a row that is found from one side only', async () => {
    const place = [...bytes().keys()].find((at) => {
      if (bytes()[at] !== 6) return false;
      writeFileSync(path, withByte(at, 118));
      return outOfOrder(path);
    });
    expect(place).toBeDefined();
    writeFileSync(path, withByte(place!, 118));
    expect(await judge(path)).toMatchObject({ code: 'NOT_A_LEDGER' });
  });

  function withByte(at: number, value: number): Buffer {
    const file = bytes();
    file[at] = value;
    return file;
  }

  test('cut off anywhere', async () => {
    const change = fc.asyncProperty(fc.nat(), (number) =>
      expectNoticedOrHarmless(bytes().subarray(0, number % size())),
    );
    await fc.assert(change, { numRuns: 60 });
  });
});
