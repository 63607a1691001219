import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { createSqliteStore, openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { StoredBlock } from '../../src/store/store.js';
import { refusal } from '../helpers/dataset-fixture.js';
import { blockOf, blocksOf, readAll, storeContract } from './contract.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medseal-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

/** A ledger file that is whole, changed by statements of another program. */
async function changedBy(sql: string): Promise<string> {
  const path = at('changed.ledger');
  await createSqliteStore(path, blocksOf(1, 2)).close();
  const database = new Database(path);
  database.exec(sql);
  database.close();
  return path;
}

describe('a store in a SQLite file', () => {
  let count = 0;
  storeContract(() => {
    const path = at(`${++count}.ledger`);
    const created = createSqliteStore(path, []);
    let first: typeof created | null = created;
    return () => {
      const store = first ?? openSqliteStore(path);
      first = null;
      return store;
    };
  });

  test('keeps what it has over closing and opening, in one file', async () => {
    const path = at('x.ledger');
    const store = createSqliteStore(path, blocksOf(1, 1));
    await store.lock();
    await store.append(1, blocksOf(2, 50));
    await store.close();
    expect(readdirSync(folder)).toEqual(['x.ledger']);
    const reader = openSqliteStore(path, { readOnly: true });
    expect(await readAll(reader)).toHaveLength(50);
    await reader.close();
    expect(readdirSync(folder)).toEqual(['x.ledger']);
  });

  test('a locked store that appended nothing leaves the file as it was', async () => {
    const path = at('x.ledger');
    await createSqliteStore(path, blocksOf(1, 3)).close();
    const before = readFileSync(path);
    const store = openSqliteStore(path);
    await store.lock();
    await store.close();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['x.ledger']);
  });

  test('appends all blocks or none', async () => {
    const path = at('x.ledger');
    const store = createSqliteStore(path, blocksOf(1, 1));
    await store.lock();
    const bad = { ...blockOf(4), entries: null } as unknown as StoredBlock;
    expect((await refusal(store.append(1, [...blocksOf(2, 3), bad]))).code).toBe('STORE_FAILED');
    expect(await store.size()).toBe(1);
    await store.lock();
    await store.append(1, blocksOf(2, 3));
    expect(await readAll(store)).toHaveLength(3);
    await store.close();
  });

  test.each(['with space.ledger', 'a?mode=ro#b%20.ledger', 'ü🩺.ledger', 'quo\'te".ledger'])(
    'can lie at %j',
    async (name) => {
      await createSqliteStore(at(name), blocksOf(1, 2)).close();
      expect(readdirSync(folder)).toEqual([name]);
      const store = openSqliteStore(at(name));
      expect(await store.size()).toBe(2);
      await store.close();
    },
  );

  test('shows the heads to any SQLite tool, and its name to file(1)', async () => {
    const path = at('x.ledger');
    await createSqliteStore(path, blocksOf(1, 1)).close();
    expect(readFileSync(path).subarray(68, 72).toString()).toBe('MSL1');
    const database = new Database(path);
    expect(database.prepare("SELECT head ->> 'number' AS n, typeof(head) AS t FROM blocks").get()).toMatchObject({
      n: 1,
      t: 'text',
    });
    database.close();
  });
});

describe('creating', () => {
  test.each(['a file', 'an empty file', 'a link to nothing', 'a folder'])('never replaces %s', async (what) => {
    const path = what === 'a folder' ? folder : at('x.ledger');
    if (what === 'a file') writeFileSync(path, 'precious');
    if (what === 'an empty file') writeFileSync(path, '');
    if (what === 'a link to nothing') symlinkSync(at('nothing'), path);
    expect((await refusal(() => createSqliteStore(path, []))).code).toBe('FILE_EXISTS');
    if (what === 'a file') expect(readFileSync(path, 'utf8')).toBe('precious');
    if (what === 'a link to nothing') expect(existsSync(at('nothing'))).toBe(false);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(1);
  });

  test('leaves nothing behind where it fails', async () => {
    const bad = { ...blockOf(2), head: null } as unknown as StoredBlock;
    expect((await refusal(() => createSqliteStore(at('x.ledger'), [blockOf(1), bad]))).code).toBe('STORE_FAILED');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a file that is no ledger of this version is refused, and not touched', () => {
  const CASES: [what: string, make: () => string | Promise<string>, code: ErrorCode][] = [
    ['another SQLite file', () => foreign('CREATE TABLE t (x)'), 'NOT_A_LEDGER'],
    ['an empty SQLite file of ours by name only', () => foreign('PRAGMA application_id = 0x4d534c31'), 'STORE_VERSION'],
    ['another application', () => changedBy('PRAGMA application_id = 1'), 'NOT_A_LEDGER'],
    ['an older version', () => changedBy('PRAGMA user_version = 2'), 'STORE_VERSION'],
    ['a newer version', () => changedBy('PRAGMA user_version = 5'), 'STORE_VERSION'],
    ['one table more', () => changedBy('CREATE TABLE t (x)'), 'NOT_A_LEDGER'],
    ['an index', () => changedBy('CREATE INDEX i ON blocks (head)'), 'NOT_A_LEDGER'],
    ['a view', () => changedBy('CREATE VIEW v AS SELECT 1'), 'NOT_A_LEDGER'],
    [
      'a trigger',
      () => changedBy('CREATE TRIGGER t AFTER INSERT ON blocks BEGIN DELETE FROM blocks; END'),
      'NOT_A_LEDGER',
    ],
    ['a view in place of the table', () => changedBy(IN_PLACE), 'NOT_A_LEDGER'],
    ['no table', () => changedBy('DROP TABLE blocks'), 'NOT_A_LEDGER'],
    ['another column', () => changedBy('ALTER TABLE blocks ADD COLUMN x TEXT'), 'NOT_A_LEDGER'],
    ['text', () => written('not a ledger'), 'NOT_A_LEDGER'],
    ['an empty file', () => written(''), 'NOT_A_LEDGER'],
    ['the name of SQLite, and nothing', () => written('SQLite format 3\0'), 'NOT_A_LEDGER'],
    ['the name of SQLite, and junk', () => written(`SQLite format 3\0${'junk'.repeat(4000)}`), 'NOT_A_LEDGER'],
    ['a folder', () => folder, 'FILE_UNREADABLE'],
    ['nothing', () => at('nowhere.ledger'), 'FILE_UNREADABLE'],
  ];
  const IN_PLACE = 'ALTER TABLE blocks RENAME TO hidden; CREATE VIEW blocks AS SELECT * FROM hidden';

  function foreign(sql: string): string {
    const path = at('foreign.db');
    const database = new Database(path);
    database.exec(`${sql}; VACUUM`);
    database.close();
    return path;
  }

  function written(text: string): string {
    writeFileSync(at('file'), text);
    return at('file');
  }

  test.each(CASES)('%s', async (_, make, code) => {
    const path = await make();
    const read = (): Buffer | null => (existsSync(path) && statSync(path).isFile() ? readFileSync(path) : null);
    const before = read();
    for (const readOnly of [true, false]) {
      const error = await refusal(() => openSqliteStore(path, { readOnly }));
      expect(error).toMatchObject({ code, place: { file: path } });
      expect(error.message).toContain(path);
    }
    expect((await refusal(openLedger(path))).code).toBe(code);
    expect(read()).toEqual(before);
  });

  test('a ledger cut off is refused or fails, and is never a good ledger', async () => {
    const whole = at('whole.ledger');
    await createSqliteStore(whole, blocksOf(1, 400)).close();
    const bytes = readFileSync(whole);
    for (const length of [100, 8192, bytes.length >> 1, bytes.length - 8192]) {
      writeFileSync(at('cut.ledger'), bytes.subarray(0, length));
      const verdict = await verifyLedger(at('cut.ledger')).catch((error: unknown) => error);
      expect(verdict).toMatchObject(verdict instanceof Error ? { name: 'MedsealError' } : { ok: false });
    }
  });
});
