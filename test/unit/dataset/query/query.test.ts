import { describe, expect, test } from 'vitest';
import { trailOf } from '../../../../src/access/trail.js';
import type { Identity } from '../../../../src/crypto/identity.js';
import { type QueryOptions, type QueryResult, query } from '../../../../src/dataset/query/query.js';
import { jsonOf, type QueryValue } from '../../../../src/dataset/query/values.js';
import { sampleReviews } from '../../../../src/dataset/sample.js';
import { sealDataset } from '../../../../src/dataset/seal.js';
import { examineTyped } from '../../../../src/dataset/typed/source.js';
import type { TypedTable } from '../../../../src/dataset/typed/types.js';
import { createLedger, type Ledger } from '../../../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../../../src/store/memory.js';
import { amendDrug, eraseRows, grantTo, newWorld, PEOPLE, sealRows } from '../../../helpers/access-world.js';
import { newLedger, owner, refusal, seal, stranger } from '../../../helpers/dataset-fixture.js';
import { owner as worldOwner } from '../../../helpers/people.js';

type Rows = (readonly QueryValue[])[];

async function rowsOf(result: QueryResult): Promise<Rows> {
  const all: Rows = [];
  for await (const rows of result.rows()) all.push(...rows);
  return all;
}

async function ask(ledger: Ledger, sql: string, options: QueryOptions = {}, as: Identity = owner): Promise<Rows> {
  return rowsOf(await query(ledger, as, sql, options));
}

const VISITS = 'id,drug,dose,day,ok\n1,x,1.5,2020-01-02,true\n2,,2,2020-01-03,false\n3,"y,z",,2021-05-06,true\n';
const DRUGS = 'drug,maker\nx,Acme\n"y,z",Bolt\n';

async function twoTables(): Promise<Ledger> {
  const ledger = await newLedger();
  await seal(ledger, VISITS, { name: 'visits', blockSize: 2 });
  await seal(ledger, DRUGS, { name: 'drugs.csv' });
  return ledger;
}

describe('a query', () => {
  test('groups, joins, and has the types of the columns', async () => {
    const ledger = await twoTables();
    const result = await query(
      ledger,
      owner,
      'SELECT maker, sum(dose) AS dose, max(day) AS day, bool_and(ok) FROM visits JOIN drugs USING (drug) GROUP BY 1 ORDER BY 1',
    );
    expect(result.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'maker VARCHAR',
      'dose DOUBLE',
      'day DATE',
      'bool_and(ok) BOOLEAN',
    ]);
    expect(await rowsOf(result)).toEqual([
      ['Acme', 1.5, '2020-01-02', true],
      ['Bolt', null, '2021-05-06', true],
    ]);
  });

  test('has of each data set in memory only the columns that it reads', async () => {
    const ledger = await twoTables();
    const columnsOf = async (sql: string): Promise<unknown> => {
      const result = await query(ledger, owner, sql);
      result.close();
      return result.tables.map(({ info, columns, rows }) => [info.name, [...columns].sort(), rows]);
    };
    expect(await columnsOf('SELECT count(*) FROM visits')).toEqual([['visits', [], 3]]);
    expect(await columnsOf('SELECT drug FROM (SELECT * FROM visits) WHERE dose > 1')).toEqual([
      ['visits', ['dose', 'drug'], 3],
    ]);
    expect(
      await columnsOf(
        'WITH v AS (SELECT * FROM visits) SELECT 1 FROM v WHERE EXISTS (FROM drugs d WHERE d.maker = v.drug)',
      ),
    ).toEqual([
      ['drugs.csv', ['maker'], 2],
      ['visits', ['drug'], 3],
    ]);
    expect(await columnsOf('SELECT 1')).toEqual([]);
  });

  test.each([
    ['a star', 'SELECT * FROM visits WHERE id = 2', [[2, null, 2, '2020-01-03', false]]],
    ['no columns', 'SELECT count(*) FROM visits', [[3]]],
    ['a table that only the SQL has', 'WITH visits AS (SELECT 7 AS x) SELECT x FROM visits', [[7]]],
    ['columns by a pattern', "SELECT COLUMNS('^d[or]') FROM visits WHERE id = 1", [['x', 1.5]]],
    ['a whole row', 'SELECT v.* EXCLUDE (day, ok) FROM visits v ORDER BY id LIMIT 1', [[1, 'x', 1.5]]],
    ['a row as a value', 'SELECT d FROM drugs d LIMIT 1', [[new Map(Object.entries({ drug: 'x', maker: 'Acme' }))]]],
    [
      'a window',
      'SELECT id, lag(id) OVER (ORDER BY id DESC) FROM visits ORDER BY 1',
      [
        [1, 2],
        [2, 3],
        [3, null],
      ],
    ],
    ['a pivot', 'PIVOT visits ON ok IN (true) USING count(*) GROUP BY drug ORDER BY ALL LIMIT 1', [['x', 1]]],
    ['names in other letters', 'SELECT "DRUG" FROM VISITS WHERE ID = 1', [['x']]],
    ['the name as it is', 'SELECT count(*) FROM "drugs.csv" a, drugs b, main.drugs', [[8]]],
  ])('with %s', async (_, sql, expected) => {
    expect(await ask(await twoTables(), sql)).toEqual(expected);
  });

  test('finds a data set by its id, which two of one name need', async () => {
    const ledger = await newLedger();
    const first = await seal(ledger, 'a\n1\n', { name: 'one' });
    await seal(ledger, 'a\n2\n', { name: 'ONE' });
    expect((await refusal(ask(ledger, 'SELECT * FROM one'))).code).toBe('DATASET_AMBIGUOUS');
    expect(await ask(ledger, `SELECT * FROM "${first.id}"`)).toEqual([[1]]);
  });

  test('reads the data sets that it is told to, and no other', async () => {
    const ledger = await twoTables();
    const datasets = ['visits'];
    expect(await ask(ledger, 'SELECT count(*) FROM visits', { datasets })).toEqual([[3]]);
    const error = await refusal(ask(ledger, 'SELECT * FROM drugs', { datasets }));
    expect(error).toMatchObject({ code: 'SQL_INVALID', message: expect.stringMatching(/: visits$/) });
    expect((await refusal(ask(ledger, 'SELECT 1', { datasets: ['none'] }))).code).toBe('DATASET_NOT_FOUND');
  });

  test('has columns of one name, of no name, and of odd names', async () => {
    const ledger = await newLedger();
    await seal(ledger, 'a,A,,"x ""y""\n",a_1\n1,2,3,4,5\n', { name: 'odd "name"' });
    const result = await query(ledger, owner, 'FROM "odd ""name"""');
    expect(result.columns.map(({ name }) => name)).toEqual(['a', 'A_2', 'Unnamed: 2', 'x "y"\n', 'a_1']);
    expect(await rowsOf(result)).toEqual([[1, 2, 3, 4, 5]]);
  });

  test('reads lines of JSON by their members', async () => {
    const ledger = await newLedger();
    await seal(ledger, '{"a":1,"b":{"c":[2]}}\n{"a":2,"d":"x"}\n', { name: 'lines' });
    expect(await ask(ledger, 'SELECT a, b, d FROM lines ORDER BY a')).toEqual([
      [1, '{"c":[2]}', null],
      [2, null, 'x'],
    ]);
  });

  test('is over the sealed types where there are some, to the last digit', async () => {
    const table: TypedTable = {
      columns: [
        { name: 'u', type: 'uint64' },
        { name: 'f', type: 'float32' },
        { name: 'd', type: 'date' },
        { name: 'ms', type: 'timestamp-ms' },
        { name: 'us', type: 'timestamp-us-utc' },
        { name: 'ns', type: 'timestamp-ns' },
        { name: 't', type: 'text' },
      ],
      batches: async function* () {
        const columns = [
          [2n ** 64n - 1n, null],
          [Math.fround(0.1), null],
          [-719_528, null],
          [-1n, null],
          [1n, null],
          [2n, null],
          ['', null],
        ];
        yield { rows: 2, columns };
      },
    };
    const ledger = await newLedger();
    await sealDataset(ledger, owner, await examineTyped(table), { name: 't' });
    const nothing = [null, null, null, null, null, null, null];
    expect(await ask(ledger, 'FROM t')).toEqual([
      [
        2n ** 64n - 1n,
        0.1,
        '0000-01-01',
        '1969-12-31T23:59:59.999000',
        '1970-01-01T00:00:00.000001Z',
        '1970-01-01T00:00:00.000000002',
        '',
      ],
      nothing,
    ]);
    expect(
      await ask(ledger, "SELECT count(*) FROM t WHERE d < DATE '1970-01-01' AND u > 18446744073709551614"),
    ).toEqual([[1]]);
  });

  test('gives values of all kinds', async () => {
    const [row = []] = await ask(
      await twoTables(),
      `SELECT [1, NULL], {'a': 1.50, 'b': 'x'}, MAP {'k': 2}, 9007199254740993, 0.1::FLOAT, 'NaN'::DOUBLE, -1.20::DECIMAL(9,2),
        'ab'::BLOB, INTERVAL 3 DAY, TIME '10:00', 170141183460469231731687303715884105727, union_value(n := 1), NULL`,
    );
    expect(row.slice(0, 9)).toEqual([
      [1, null],
      new Map(Object.entries({ a: '1.50', b: 'x' })),
      [new Map<string, QueryValue>(Object.entries({ key: 'k', value: 2 }))],
      9_007_199_254_740_993n,
      0.1,
      Number.NaN,
      '-1.20',
      'YWI=',
      '3 days',
    ]);
    expect(row.slice(9)).toEqual(['10:00:00', 2n ** 127n - 1n, 1, null]);
    expect(jsonOf(row)).toContain('"9007199254740993",0.1,"NaN","-1.20"');
  });

  test('gives times of every unit, and what is no number of JSON, as it says', async () => {
    const sql = `SELECT TIMESTAMP_S '2024-01-02 03:04:05', 'infinity'::DATE, '-infinity'::TIMESTAMP, 'infinity'::TIMESTAMPTZ,
      -0.0::DOUBLE, {'2': 1, '1': 2}`;
    const [row = []] = await ask(await twoTables(), sql);
    expect(jsonOf(row)).toBe('["2024-01-02T03:04:05.000","infinity","-infinity","infinity",-0,{"2":1,"1":2}]');
  });

  test('is let go of before its end', async () => {
    const result = await query(await twoTables(), owner, 'SELECT i FROM range(10000) t(i), visits');
    for await (const [first] of result.rows()) {
      expect(first).toEqual([0]);
      break;
    }
    result.close();
  });

  test('gives a large answer in parts', async () => {
    const ledger = await twoTables();
    const result = await query(ledger, owner, 'SELECT i FROM range(10000) t(i), visits');
    let parts = 0;
    let rows = 0;
    for await (const part of result.rows()) {
      parts++;
      rows += part.length;
    }
    // What has come to its end can be closed all the same.
    result.close();
    expect(rows).toBe(30_000);
    expect(parts).toBeGreaterThan(10);
  });
});

describe('only what the key opens', () => {
  const asBob = (): Promise<Identity> => PEOPLE.bob!.identity();

  test('columns that are not granted are none, and a stranger has no table', async () => {
    const world = await newWorld(false);
    await sealRows(world, 't', [
      ['1', 'Ann', 'x'],
      ['2', 'Bob', 'y'],
    ]);
    await grantTo(world, 't', [1], 'bob');
    const pin = { owner: worldOwner.publicKey };
    expect(await ask(world.ledger, 'FROM t', pin, await asBob())).toEqual([
      [1, 'x'],
      [2, 'y'],
    ]);
    const error = await refusal(ask(world.ledger, 'SELECT name FROM t', pin, await asBob()));
    expect(error).toMatchObject({ code: 'SQL_INVALID', message: expect.not.stringContaining('Ann') });
    expect((await refusal(ask(world.ledger, 'FROM t', pin, stranger))).code).toBe('NOT_GRANTED');
    expect((await refusal(ask(world.ledger, 'FROM t', { owner: stranger.publicKey }))).code).toBe('OWNER_MISMATCH');
  });

  test('what has been erased is NULL, a row of which nothing is left is none, and a correction counts', async () => {
    const world = await newWorld(false);
    await sealRows(world, 't', [
      ['1', 'Ann', 'x'],
      ['2', 'Bob', 'y'],
      ['3', 'Cid', 'z'],
    ]);
    await eraseRows(world, 't', [0], { from: 1, to: 1 });
    await eraseRows(world, 't', [0, 1], { from: 2, to: 2 });
    await amendDrug(world, 't', 3, 'corrected');
    const as = await worldOwner.identity();
    const result = await query(world.ledger, as, 'FROM t');
    expect(await rowsOf(result)).toEqual([
      [1, null, 'x'],
      [3, 'Cid', 'corrected'],
    ]);
    expect(result.tables[0]?.report.erased.map(({ row }) => row)).toEqual([1, 2, 2]);
  });

  test('records that do not verify are left out, and the report tells', async () => {
    const medium = memoryMedium();
    const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    await seal(ledger, 'a\n1\n2\n3\n', { name: 't' });
    medium.blocks[3]!.bodies![5]! ^= 1;
    const result = await query(ledger, owner, 'FROM t');
    expect(await rowsOf(result)).toEqual([[1], [3]]);
    expect(result.tables[0]?.report.verdict).toMatchObject({ ok: false });
  });

  test('reading is recorded, of each data set that is named, before it is read', async () => {
    const ledger = await newLedger({ audit: true });
    await seal(ledger, 'a\n1\n2\n', { name: 't' });
    await seal(ledger, 'a\n1\n', { name: 'other' });
    const size = await ledger.size();
    expect((await refusal(ask(ledger, 'FROM t'))).code).toBe('PURPOSE_REQUIRED');
    expect((await refusal(ask(ledger, 'FRO t', { purpose: 'TREAT' }))).code).toBe('SQL_INVALID');
    expect(await ledger.size()).toBe(size);
    expect(await ask(ledger, 'SELECT count(*) FROM t', { purpose: 'TREAT' })).toEqual([[2]]);
    const said: unknown[] = [];
    for await (const { statement } of trailOf(ledger, { kinds: ['access'] })) said.push(statement);
    expect(said).toMatchObject([{ purpose: 'TREAT', rows: [[1, 2]], outcome: 'permitted' }]);
  });
});

describe('refused before a record is read', () => {
  test.each([
    ['nothing', ' ;'],
    ['what is no SQL', 'SELEC 1'],
    ['an unknown column', 'SELECT nope FROM visits'],
    ['an unknown table', 'SELECT * FROM nope'],
    ['an unknown function', 'SELECT nope(1)'],
    ['a mean of texts', 'SELECT avg(drug) FROM visits'],
    ['two statements', 'SELECT 1; SELECT 2'],
    ['a parameter', 'SELECT ?'],
    ['a change', 'INSERT INTO visits VALUES (1)'],
    ['a deletion', 'DELETE FROM visits'],
    ['a setting', 'SET threads = 1'],
    ['a file as a table', "SELECT * FROM '/etc/passwd'"],
    ['a file read', "SELECT * FROM read_csv('/etc/passwd')"],
    ['a text file read', "SELECT * FROM read_text('/etc/passwd')"],
    ['a folder read', "SELECT * FROM glob('/etc/*')"],
    ['a file written', "COPY visits TO 'out.csv'"],
    ['a database attached', "ATTACH 'x.db'"],
    ['an extension', 'INSTALL httpfs'],
    ['the tables behind', 'SELECT * FROM medseal.t0'],
    ['a file named as a database is', "FROM read_text(':memory:')"],
    ['logging', "SELECT count(*) FROM visits, enable_logging(level='trace', storage='stdout')"],
    ['profiling', "FROM enable_profiling(format='json')"],
    ['what is said within a query', "FROM query('FROM force_checkpoint()')"],
    ['what is said within a subquery', 'SELECT (SELECT count(*) FROM checkpoint()) FROM visits'],
    ['settings', 'FROM duckdb_settings()'],
    ['lists of the engine', 'SHOW TABLES'],
  ])('%s', async (_, sql) => {
    expect((await refusal(ask(await twoTables(), sql))).code).toBe('SQL_INVALID');
  });

  test('with the data sets that there are, where SQL names none', async () => {
    const error = await refusal(ask(await twoTables(), 'SHOW TABLES'));
    expect(error.message).toMatch(/visits, drugs\.csv$/);
  });

  test.each([
    ['FROM range(2)', 2],
    ['SELECT unnest([1, 2, 3])', 3],
    ['FROM generate_series(1, 3), visits', 9],
    ['SELECT id, v FROM visits, unnest([1, 2]) AS u(v)', 6],
    ['FROM (VALUES (1), (2)) AS v', 2],
    ['WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM a WHERE x < 4) FROM a', 4],
    ["FROM json_each('[1, 2]')", 2],
    ['DESCRIBE visits', 5],
    ['SUMMARIZE visits', 5],
    ['PIVOT visits ON ok IN (true, false) USING count(*) GROUP BY drug', 3],
  ])('but not what makes rows of its arguments, or of data sets: %s', async (sql, rows) => {
    expect(await ask(await twoTables(), sql)).toHaveLength(rows);
  });

  test('with line and column', async () => {
    const error = await refusal(ask(await twoTables(), 'SELECT id,\n  "é", nope\nFROM visits'));
    expect(error).toMatchObject({
      code: 'SQL_INVALID',
      place: { line: 2 },
      message: expect.stringContaining('column 3'),
    });
  });

  test('memory that is no amount', async () => {
    expect((await refusal(ask(await twoTables(), 'SELECT 1', { memory: 5 }))).code).toBe('ARGUMENT_INVALID');
  });
});

describe('what goes wrong on the records', () => {
  const SECRET = 'Jane Doe';
  test.each([
    'SELECT name::INT FROM people',
    'SELECT name::DATE FROM people',
    'SELECT id FROM people WHERE name = 5',
    'SELECT error(name) FROM people',
    "SELECT strptime(name, '%Y') FROM people",
    "SELECT regexp_matches('x', name || '(') FROM people",
    'SELECT (9223372036854775807 + id) FROM people',
    "SELECT name::ENUM('a') FROM people",
    'SELECT [1, 2][name::INT] FROM people',
    "SELECT date_trunc(name, DATE '2020-01-01') FROM people",
    'SELECT unhex(name) FROM people',
    'SELECT (SELECT id FROM people) FROM people',
  ])('is told without quoting one: %s', async (sql) => {
    const ledger = await newLedger();
    await seal(ledger, `id,name\n1,${SECRET}\n2,${SECRET}\n`, { name: 'people' });
    const error = await refusal(ask(ledger, sql));
    expect(['SQL_FAILED', 'SQL_INVALID']).toContain(error.code);
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      expect(cause.message).not.toMatch(/Jane|Doe|9223372036854775807 \+ 1/);
    }
  });

  test('too much for the memory', async () => {
    const ledger = await newLedger();
    await seal(ledger, sampleReviews(), { name: 'reviews', blockSize: 100 });
    const sql =
      "SELECT max(x) FROM (SELECT repeat('x', 10000) || i || id AS x FROM reviews, range(100) t(i) GROUP BY ALL)";
    expect((await refusal(ask(ledger, sql, { memory: 64_000_000 }))).code).toBe('MEMORY_EXCEEDED');
  });

  test('an interruption, of what would take hours', async () => {
    const ledger = await twoTables();
    const stop = new AbortController();
    const sql = 'SELECT count(*) FROM range(1000000000000) t(i), visits WHERE i % 3 = id';
    const asked = refusal(query(ledger, owner, sql, { signal: stop.signal }));
    setTimeout(() => stop.abort(), 300);
    expect((await asked).code).toBe('ABORTED');
  });
});
