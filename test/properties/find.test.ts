// Whatever table is sealed, a row is found by its values just where reading all rows one by one finds it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findRows } from '../../src/dataset/lookup/find.js';
import { newLedger, owner, seal } from '../helpers/dataset-fixture.js';
import { byteTables, looksBinary, type Table, textOf, unicodeTables } from '../helpers/dataset-tables.js';

const choices = fc.record({ column: fc.nat(), row: fc.nat(), blockSize: fc.integer({ min: 1, max: 9 }) });

type Choice = typeof choices extends fc.Arbitrary<infer T> ? T : never;

async function expectSameRows(table: Table, bytes: Buffer, { column, row, blockSize }: Choice): Promise<void> {
  const place = column % table.header.length;
  const ledger = await newLedger();
  const number = String(place + 1);
  await seal(ledger, bytes, { subject: number, blockSize, delimiter: table.delimiter, format: 'csv' });
  const value = table.rows[row % Math.max(1, table.rows.length)]?.[place]?.value ?? 'none';
  const rows = async (scan: boolean): Promise<number[]> => {
    const finding = await findRows(ledger, owner, { where: [{ column: number, value: asText(value, bytes) }], scan });
    const found: number[] = [];
    for await (const batch of finding.rows()) found.push(...batch.map((each) => each.row));
    expect(finding.by).toBe(scan ? 'reading' : 'index');
    return found;
  };
  const naive = table.rows.flatMap((cells, i) => (cells[place]?.value === value ? [i + 1] : []));
  expect(await rows(false)).toEqual(naive);
  expect(await rows(true)).toEqual(naive);
}

/** A value whose characters are bytes, as a person writes it who is shown the file as UTF-8 or Latin-1. */
function asText(value: string, file: Buffer): string {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(file) ? bytes.toString('utf8') : value;
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}

/** The same table with the bytes of each value as its characters. */
function inBytes(table: Table): Table {
  const cell = ({ raw, value }: { raw: string; value: string }) => ({
    raw: Buffer.from(raw).toString('latin1'),
    value: Buffer.from(value).toString('latin1'),
  });
  return { ...table, header: table.header.map(cell), rows: table.rows.map((row) => row.map(cell)) };
}

test.each([
  ['Unicode', unicodeTables, (table: Table) => Buffer.from(textOf(table)), inBytes],
  [
    'any bytes',
    byteTables,
    (table: Table) => Buffer.from(textOf(table, '\xef\xbb\xbf'), 'latin1'),
    (table: Table) => table,
  ],
] as const)('of %s', async (_, tables, encode, valued) => {
  const property = fc.asyncProperty(tables, choices, async (table, choice) => {
    const bytes = encode(table);
    // A name that is a number would be taken for a column's name, before its number.
    fc.pre(!looksBinary(bytes) && !table.header.some(({ value }) => /^\d+$/.test(value)));
    await expectSameRows(valued(table), bytes, choice);
  });
  await fc.assert(property, { numRuns: 60 });
});
