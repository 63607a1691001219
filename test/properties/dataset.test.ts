// Whatever table is sealed, its bytes come back.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDataset } from '../../src/dataset/open.js';
import { ndjsonBytes, originalBytes } from '../../src/dataset/output.js';
import { sealDataset } from '../../src/dataset/seal.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { joined, newLedger, owner, streamOf, temporaryFolder, verified } from '../helpers/dataset-fixture.js';
import {
  byteTables,
  lineOf,
  looksBinary,
  pairsOfTables,
  type Table,
  textOf,
  textOfColumns,
  unicodeTables,
} from '../helpers/dataset-tables.js';

const temporary = temporaryFolder();
const blockSizes = fc.integer({ min: 1, max: 9 });
const chunkSizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40_000 })), {
  minLength: 1,
  maxLength: 5,
});

async function openedAs(ledger: Ledger, name: string, columns?: string[]): Promise<Buffer> {
  const dataset = await openDataset(ledger, owner, { dataset: name });
  return joined(originalBytes(dataset, columns === undefined ? {} : { columns }));
}

async function rowsAsJson(ledger: Ledger, name: string): Promise<Record<string, string>[]> {
  const text = (await joined(ndjsonBytes(await openDataset(ledger, owner, { dataset: name })))).toString('utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, string>);
}

/** The names under which pandas shows columns: a repeated name is numbered, with a number that gives no other's name. */
function distinctNames({ header }: Table, decode: (text: string) => string): string[] {
  const given = header.map(({ value }) => decode(value));
  const names: string[] = [];
  for (const name of given) {
    let distinct = name;
    const isTaken = (): boolean => names.includes(distinct) || (distinct !== name && given.includes(distinct));
    for (let count = 1; isTaken(); count++) distinct = `${name}.${count}`;
    names.push(distinct);
  }
  return names;
}

function expectValues(actual: Record<string, string>[], table: Table, decode = (text: string) => text): void {
  const names = distinctNames(table, decode);
  expect(actual).toHaveLength(table.rows.length);
  for (const [i, row] of table.rows.entries()) {
    expect(Object.keys(actual[i] ?? {})).toHaveLength(names.length);
    expect(names.map((name) => actual[i]?.[name])).toEqual(row.map(({ value }) => decode(value)));
  }
}

test('any table of any strings comes back byte for byte', async () => {
  const property = fc.asyncProperty(unicodeTables, blockSizes, chunkSizes, async (table, blockSize, sizes) => {
    const bytes = Buffer.from(textOf(table));
    fc.pre(bytes.length > 0 && !looksBinary(bytes));
    const ledger = await newLedger();
    const { delimiter } = table;
    const result = await sealDataset(ledger, owner, streamOf(bytes, sizes), { name: 'stream', blockSize, delimiter });
    expect(result).toMatchObject({ rows: table.rows.length, sealed: table.rows.length, already: false });
    const file = temporary.file('table.csv', bytes);
    await sealDataset(ledger, owner, file, { name: 'file', blockSize, delimiter });
    expect(await openedAs(ledger, 'stream')).toEqual(bytes);
    expect(await openedAs(ledger, 'file')).toEqual(bytes);
    expectValues(await rowsAsJson(ledger, 'file'), table);
    expect(await verified(ledger)).toMatchObject({ ok: true, records: 2 * table.rows.length });
  });
  await fc.assert(property, { numRuns: 100 });
});

test('any bytes come back, UTF-8 or not', async () => {
  const property = fc.asyncProperty(byteTables, blockSizes, chunkSizes, async (table, blockSize, sizes) => {
    const bytes = Buffer.from(textOf(table, '\xef\xbb\xbf'), 'latin1');
    fc.pre(bytes.length > 0 && !looksBinary(bytes));
    const ledger = await newLedger();
    const { delimiter } = table;
    await sealDataset(ledger, owner, streamOf(bytes, sizes), { name: 'x', blockSize, delimiter });
    expect(await openedAs(ledger, 'x')).toEqual(bytes);
    const isUtf8 = Buffer.from(bytes.toString('utf8')).equals(bytes);
    const decode = isUtf8 ? (text: string) => Buffer.from(text, 'latin1').toString('utf8') : undefined;
    expectValues(await rowsAsJson(ledger, 'x'), table, decode);
  });
  await fc.assert(property, { numRuns: 100 });
});

test('chosen columns are what naive picking gives', async () => {
  const choices = fc.array(fc.nat(11), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(unicodeTables, choices, async (table, choice) => {
    const bytes = Buffer.from(textOf(table));
    fc.pre(bytes.length > 0 && !looksBinary(bytes));
    const ledger = await newLedger();
    await sealDataset(ledger, owner, streamOf(bytes), { name: 'x', blockSize: 5, delimiter: table.delimiter });
    const positions = choice.map((column) => String((column % table.header.length) + 1));
    // A column may be named like a position; then the name counts.
    const places = positions.map((text) => {
      const named = table.header.findIndex(({ value }) => value === text);
      return named >= 0 ? named : Number(text) - 1;
    });
    expect((await openedAs(ledger, 'x', positions)).toString()).toBe(textOfColumns(table, places));
  });
  await fc.assert(property, { numRuns: 100 });
});

test('appending gives the first file, its last line ended, and the rows of the second', async () => {
  const property = fc.asyncProperty(pairsOfTables, blockSizes, async ([first, second], blockSize) => {
    const bytes = Buffer.from(textOf(first));
    fc.pre(bytes.length > 0 && !looksBinary(bytes));
    const more = Buffer.from(textOf(second));
    fc.pre(!looksBinary(more));
    const ledger = await newLedger();
    const options = { name: 'x', blockSize, delimiter: first.delimiter };
    await sealDataset(ledger, owner, temporary.file('first.csv', bytes), options);
    const result = await sealDataset(ledger, owner, temporary.file('second.csv', more), { ...options, append: true });
    const rows = (table: Table): string[] => table.rows.map((cells, i) => lineOf(table, cells, i + 1));
    // What was sealed last is not sealed again.
    const already = JSON.stringify(rows(first)) === JSON.stringify(rows(second));
    expect(result).toMatchObject({ already, rows: first.rows.length + (already ? 0 : second.rows.length) });
    const lineEnd = first.rows.length === 0 ? '\n' : first.lineEnds[0];
    const ended = first.lineEnds.at(-1) !== '' || second.rows.length === 0 || already ? '' : lineEnd;
    const expected = textOf(first) + ended + (already ? '' : rows(second).join(''));
    expect((await openedAs(ledger, 'x')).toString()).toBe(expected);
    expect((await verified(ledger)).ok).toBe(true);
  });
  await fc.assert(property, { numRuns: 100 });
});

test('any NDJSON comes back', async () => {
  const line = fc.oneof(fc.json({ maxDepth: 3 }), fc.constantFrom('', '  ', '\r', ' null ', '"\\u0000"', '[1,\t2]\r'));
  const property = fc.asyncProperty(
    fc.array(line, { maxLength: 12 }),
    fc.boolean(),
    blockSizes,
    chunkSizes,
    async (lines, ended, blockSize, sizes) => {
      const text = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '');
      const ledger = await newLedger();
      const options = { name: 'x', format: 'ndjson', blockSize } as const;
      const result = await sealDataset(ledger, owner, streamOf(text, sizes), options);
      expect(result.rows).toBe(text === '' ? 0 : text.replace(/\n$/, '').split('\n').length);
      expect((await openedAs(ledger, 'x')).toString()).toBe(text);
      expect((await joined(ndjsonBytes(await openDataset(ledger, owner)))).toString()).toBe(text);
    },
  );
  await fc.assert(property, { numRuns: 80 });
});
