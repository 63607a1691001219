// Frames of polars: sealed and opened, they are equal; what they cannot be, and what is left out.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eraseStatements } from '../../src/access/erasure.js';
import { type OpenReport, openDataset } from '../../src/dataset/open.js';
import { optional } from '../../src/dataset/typed/optional.js';
import { parquetBytes } from '../../src/dataset/typed/parquet.js';
import { fromDataFrame, toDataFrame } from '../../src/dataset/typed/polars.js';
import { readTable } from '../../src/dataset/typed/table.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { keysOfTable, saying } from '../helpers/access.js';
import { joined, newLedger, owner, refusal, seal } from '../helpers/dataset-fixture.js';
import { type Frame, pl, withoutPolars } from '../helpers/polars.js';
import { readAll, typedTables } from '../helpers/typed-tables.js';

const plain = (columns: readonly (readonly unknown[])[]): unknown[][] =>
  columns.map((values) => values.map((value) => (Object.is(value, -0) ? '-0' : value)));

describe.skipIf(withoutPolars)('a frame', () => {
  test('of any types is sealed and opened to an equal one', async () => {
    const property = fc.asyncProperty(typedTables, fc.integer({ min: 1, max: 5 }), async (table, blockSize) => {
      const frame = pl.readParquet(await joined(parquetBytes(table)));
      const ledger = await newLedger();
      await fromDataFrame(ledger, owner, frame, { name: 'frame', blockSize });
      const again = await toDataFrame<Frame>(ledger, owner);
      expect(again.dtypes.map(String)).toEqual(frame.dtypes.map(String));
      expect(again.columns).toEqual(frame.columns);
      expect(again.frameEqual(frame, true)).toBe(true);
      const sealed = await readTable(await openDataset(ledger, owner));
      expect(sealed.columns).toEqual(table.columns);
      expect(plain(await readAll(sealed))).toEqual(plain(table.values));
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test('of more rows than are looked at together', async () => {
    const rows = Array.from({ length: 25_000 }, (_, row) => (row % 7 === 0 ? null : row));
    const frame = pl.DataFrame({
      n: pl.Series('n', rows, pl.Int64),
      t: rows.map((row) => (row === null ? '' : `t${row}`)),
    });
    const ledger = await newLedger();
    await fromDataFrame(ledger, owner, frame, { name: 'frame', blockSize: 5000 });
    expect((await toDataFrame<Frame>(ledger, owner)).frameEqual(frame, true)).toBe(true);
  });

  test('has categories as texts', async () => {
    const ledger = await newLedger();
    const frame = pl.DataFrame({ c: pl.Series('c', ['a', 'b', null], pl.Utf8).cast(pl.Categorical) });
    await fromDataFrame(ledger, owner, frame, { name: 'frame' });
    expect((await toDataFrame<Frame>(ledger, owner)).toRecords()).toEqual([{ c: 'a' }, { c: 'b' }, { c: null }]);
  });

  test.each([
    ['a list', () => pl.Series('x', [[1], [2]])],
    ['a duration', () => pl.Series('x', [1, 2], pl.Int64).cast(pl.Duration('us'))],
    ['a zone', () => pl.Series('x', [1, 2], pl.Int64).cast(pl.Datetime('us', 'Europe/Berlin'))],
  ])('with %s is refused', async (_, series) => {
    const ledger = await newLedger();
    const attempt = fromDataFrame(ledger, owner, pl.DataFrame({ x: series() }), { name: 'x' });
    expect((await refusal(attempt)).code).toBe('TYPE_MISMATCH');
    expect(await ledger.size()).toBe(1);
  });

  test('of a CSV file has the types that are guessed, or asked for', async () => {
    const ledger = await newLedger();
    await seal(ledger, 'id,dose,day\n007,1.5,2024-02-29\n8,,\n');
    const types = async (
      ...options: Parameters<typeof toDataFrame> extends [infer _, infer __, ...infer R] ? R : never
    ) =>
      (await toDataFrame<Frame>(ledger, owner, ...options)).dtypes.map((type) =>
        String(type).slice('DataType('.length, -1),
      );
    expect(await types()).toEqual(['Int64', 'Float64', 'Date']);
    expect(await types({ schema: { id: 'text', day: 'timestamp' }, columns: ['id'] })).toEqual(['String']);
  });

  test('has the columns that were granted', async () => {
    const ledger = await newLedger();
    const groups = [
      { name: 'identity', columns: ['name'] },
      { name: 'clinical', columns: ['*'] },
    ];
    await seal(ledger, 'id,name,dose\n1,Ada,2.5\n', { groups });
    const frame = await toDataFrame<Frame>(ledger, owner, { groups: ['clinical'] });
    expect(frame.toRecords()).toEqual([{ id: 1, dose: 2.5 }]);
  });
});

describe.skipIf(withoutPolars)('what is not there', () => {
  const groups = [
    { name: 'identity', columns: ['name'] },
    { name: 'clinical', columns: ['*'] },
  ];

  /** Erases of a row what is sealed under some of the data set's keys. */
  async function erase(ledger: Ledger, row: number, keyIds: readonly string[]): Promise<void> {
    const why = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };
    await saying(ledger, ({ writer: { state } }) => {
      const [dataset = ''] = state.datasets.keys();
      return eraseStatements(ledger, state, dataset, { keyIds, rows: { from: row, to: row }, ...why });
    });
  }

  test('erased rows are left out, erased fields null, and both are told of', async () => {
    const ledger = await newLedger();
    await seal(ledger, 'id,name,dose\n1,Ada,2.5\n2,Grace,3\n3,Joan,4\n', { groups });
    const [identity = '', clinical = ''] = await keysOfTable(ledger);
    await erase(ledger, 1, [identity]);
    await erase(ledger, 2, [identity, clinical]);
    let report: OpenReport | null = null;
    const frame = await toDataFrame<Frame>(ledger, owner, { onReport: (told) => (report = told) });
    expect(frame.toRecords()).toEqual([
      { id: 1, name: null, dose: 2.5 },
      { id: 3, name: 'Joan', dose: 4 },
    ]);
    expect(report).toMatchObject({ opened: 2, left: [], missing: 0 });
    expect((report as unknown as OpenReport).erased.map(({ row, group }) => `${row} ${group}`)).toEqual([
      '1 identity',
      '2 identity',
      '2 clinical',
    ]);
    expect((await toDataFrame(ledger, owner)).height).toBe(2);
  });

  test('a data set that is not whole makes a frame only where somebody takes the report', async () => {
    const ledger = await newLedger();
    expect((await refusal(seal(ledger, 'a,b\n1,2\n3\n'))).code).toBe('STREAM_BROKEN');
    expect((await refusal(toDataFrame(ledger, owner))).code).toBe('DATASET_INCOMPLETE');
    const reports: OpenReport[] = [];
    expect((await toDataFrame(ledger, owner, { onReport: (report) => reports.push(report) })).height).toBe(1);
    expect(reports).toMatchObject([{ opened: 1, complete: false }]);
  });
});

test('a package that is not there is named', async () => {
  const error = await refusal(optional('no-such-package', '1.0.0', () => import('no-such-package' as string)));
  expect(error.code).toBe('MODULE_UNAVAILABLE');
  expect(error.message).toMatch(/npm install (\S+ )*no-such-package@1\.0\.0/);
});
