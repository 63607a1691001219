// Data sets as tables of values.

import { describe, expect, test } from 'vitest';
import { amendRow } from '../../../../src/dataset/amend.js';
import { openDataset } from '../../../../src/dataset/open.js';
import { sealDataset } from '../../../../src/dataset/seal.js';
import { openedBytes } from '../../../../src/dataset/typed/formats.js';
import { examineTyped } from '../../../../src/dataset/typed/source.js';
import { readTable, type TableOptions } from '../../../../src/dataset/typed/table.js';
import type { TypedTable, Value } from '../../../../src/dataset/typed/types.js';
import { joined, newLedger, opened, owner, readToEnd, refusal, seal } from '../../../helpers/dataset-fixture.js';

async function tableOf(content: string, options: TableOptions = {}): Promise<{ types: string[]; rows: Value[][] }> {
  const ledger = await newLedger();
  await seal(ledger, content, { blockSize: 2 });
  return contentOf(await readTable(await openDataset(ledger, owner), options));
}

async function contentOf({ columns, batches }: TypedTable): Promise<{ types: string[]; rows: Value[][] }> {
  const rows: Value[][] = [];
  for await (const batch of batches()) {
    for (let at = 0; at < batch.rows; at++) rows.push(batch.columns.map((values) => values[at] ?? null));
  }
  return { types: columns.map(({ name, type }) => `${name} ${type}`), rows };
}

describe('a CSV file', () => {
  test('has the types that pandas finds', async () => {
    const { types, rows } = await tableOf(
      'n,x,ok,day,at,t\n1,1.5,True,2024-02-29,1970-01-01T00:00:01Z,"a,b"\n,,,NA,,\n',
    );
    expect(types).toEqual(['n int64', 'x float64', 'ok boolean', 'day date', 'at timestamp-us-utc', 't text']);
    expect(rows).toEqual([
      [1n, 1.5, true, 19782, 1_000_000n, 'a,b'],
      [null, null, null, null, null, null],
    ]);
  });

  test('has the types that are asked for', async () => {
    const schema = { a: 'text', '2': 'float' } as const;
    expect(await tableOf('a,b\n007,1\nNA,2\n', { schema })).toEqual({
      types: ['a text', 'b float64'],
      rows: [
        ['007', 1],
        [null, 2],
      ],
    });
  });

  test('gives some columns, in the order given', async () => {
    expect(await tableOf('a,b,c\n1,2,x\n', { columns: ['3', 'a'] })).toEqual({
      types: ['c text', 'a int64'],
      rows: [['x', 1n]],
    });
  });

  test.each([
    ['a,a,a.1', ['a', 'a.2', 'a.1']],
    [',b,', ['Unnamed: 0', 'b', 'Unnamed: 2']],
    ['"",Unnamed: 0', ['Unnamed: 0.1', 'Unnamed: 0']],
    ['Unnamed: 1,,b', ['Unnamed: 1', 'Unnamed: 1.1', 'b']],
  ])('%s names its columns as pandas does', async (header, names) => {
    const { types } = await tableOf(`${header}\n${names.map(() => 'x').join(',')}\n`);
    expect(types).toEqual(names.map((name) => `${name} text`));
  });

  test.each([
    ['TYPE_MISMATCH', { schema: { b: 'integer' } }],
    ['ARGUMENT_INVALID', { schema: { b: 'number' } }],
    ['COLUMN_UNKNOWN', { schema: { c: 'text' } }],
    ['COLUMN_UNKNOWN', { columns: ['c'] }],
    ['ARGUMENT_INVALID', { columns: ['a', '1'] }],
  ])('is refused with %s: %j', async (code, options) => {
    const attempt = tableOf('a,b\n1,secret\n', options as TableOptions);
    const error = await refusal(attempt);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('secret');
  });
});

describe('lines of JSON', () => {
  test('have their members as columns', async () => {
    const lines = [
      '{"a":1,"d":"2024-01-01","n":"5","o":{"x":[1]}}',
      '',
      '{"b":true,"a":null,"m":1}',
      '{"m":"x","a":2}',
    ];
    expect(await tableOf(`${lines.join('\n')}\n`)).toEqual({
      types: ['a int64', 'd date', 'n text', 'o text', 'b boolean', 'm text'],
      rows: [
        [1n, 19723, '5', '{"x":[1]}', null, null],
        [null, null, null, null, null, null],
        [null, null, null, null, true, '1'],
        [2n, null, null, null, null, 'x'],
      ],
    });
  });

  test.each([
    ['{"a":1}\n\n\u00a0\n\u3000\n{"a": 2 }', '[\n{"a":1},\n{"a": 2 }\n]\n'],
    ['\n \n', '[]\n'],
  ])('are one array as they stand, without what is blank', async (content, array) => {
    const ledger = await newLedger();
    await seal(ledger, content, { format: 'ndjson', blockSize: 2 });
    const bytes = await openedBytes(await openDataset(ledger, owner), { format: 'json' });
    expect(String(await joined(bytes))).toBe(array);
  });

  test('that are no objects are no table', async () => {
    expect((await refusal(tableOf('{"a":1}\n[1]\n'))).code).toBe('TYPE_MISMATCH');
  });
});

describe.each([
  ['a CSV file', 'a,b\n1,x\n2,y\n'],
  ['lines of JSON', '{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n'],
])('%s of which some columns are read', (_, content) => {
  test('is read once for its types, and once for its values', async () => {
    const ledger = await newLedger();
    await seal(ledger, content);
    const { info, rows } = await openDataset(ledger, owner);
    let readings = 0;
    const counted = (): ReturnType<typeof rows> => {
      readings++;
      return rows();
    };
    const table = await readTable({ info, rows: counted });
    expect(await contentOf(table.only([1]))).toEqual({ types: ['b text'], rows: [['x'], ['y']] });
    expect(readings).toBe(2);
  });
});

describe('a table with types', () => {
  const table: TypedTable = {
    columns: [
      { name: 'day, of birth', type: 'date' },
      { name: 'n', type: 'int64' },
      { name: 't', type: 'text' },
    ],
    batches: async function* () {
      yield {
        rows: 2,
        columns: [
          [0, null],
          [2n ** 63n - 1n, -1n],
          ['NA', ''],
        ],
      };
      yield { rows: 1, columns: [[-1], [null], ['a"\n']] };
    },
  };

  test('is sealed as CSV, and comes back as it was', async () => {
    const ledger = await newLedger();
    const examined = await examineTyped(table);
    expect(examined.rows).toBe(3);
    await sealDataset(ledger, owner, examined, {
      name: 't',
      groups: [
        { name: 'a', columns: ['n'] },
        { name: 'b', columns: ['*'] },
      ],
    });
    expect(String(await opened(ledger))).toBe(
      '"day, of birth",n,t\n1970-01-01,9223372036854775807,NA\n,-1,""\n1969-12-31,,"a""\n"\n',
    );
    const dataset = await openDataset(ledger, owner);
    expect(await contentOf(await readTable(dataset))).toEqual({
      types: ['day, of birth date', 'n int64', 't text'],
      rows: [
        [0, 2n ** 63n - 1n, 'NA'],
        [null, -1n, ''],
        [-1, null, 'a"\n'],
      ],
    });
    await readToEnd(dataset);
    expect(dataset.report()).toMatchObject({ opened: 3, complete: true });
  });

  test('is corrected with values of its types', async () => {
    const ledger = await newLedger();
    await sealDataset(ledger, owner, await examineTyped(table), { name: 't' });
    const set = (column: string, value: string) =>
      amendRow(ledger, owner, { row: 1, reason: 'misread', correction: { values: new Map([[column, value]]) } });
    for (const value of ['x', '007', '9223372036854775808']) {
      expect((await refusal(set('n', value))).code, value).toBe('TYPE_MISMATCH');
    }
    expect(await set('n', '7')).toMatchObject({ version: 2 });
    expect(await set('n', '')).toMatchObject({ version: 3 });
    expect((await contentOf(await readTable(await openDataset(ledger, owner)))).rows[0]).toEqual([0, null, 'NA']);
  });

  test('takes no rows of other types', async () => {
    const ledger = await newLedger();
    await sealDataset(ledger, owner, await examineTyped(table), { name: 'x' });
    const attempt = seal(ledger, '"day, of birth",n,t\n1970-01-01,1,a\n', { append: true });
    expect((await refusal(attempt)).code).toBe('COLUMNS_DIFFER');
    await sealDataset(ledger, owner, await examineTyped(table), { name: 'x', append: true, repeat: true });
    expect((await openDataset(ledger, owner)).info.rows).toBe(6);
  });

  test.each([
    ['ARGUMENT_INVALID', []],
    [
      'ARGUMENT_INVALID',
      [
        { name: 'a', type: 'text' },
        { name: 'a', type: 'text' },
      ],
    ],
    ['TYPE_MISMATCH', [{ name: 'a', type: 'date' }]],
  ] as const)('is refused with %s before anything is written: %j', async (code, columns) => {
    const far: TypedTable = {
      columns,
      batches: async function* () {
        yield { rows: 1, columns: [[100_000_001]] };
      },
    };
    expect((await refusal(examineTyped(far))).code).toBe(code);
  });
});
