import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findRows } from '../../../../src/dataset/lookup/find.js';
import { openDataset } from '../../../../src/dataset/open.js';
import { sealDataset } from '../../../../src/dataset/seal.js';
import { examine } from '../../../../src/dataset/source/examine.js';
import { singleThreadMiner } from '../../../../src/work/miner.js';
import { newLedger, opened, owner, refusal, seal, temporaryFolder } from '../../../helpers/dataset-fixture.js';
import { dataPage, dictionaryPage, parquetFile, texts } from '../../../helpers/parquet.js';

const folder = temporaryFolder();
const TEXT = [
  [1, { i: 6 }],
  [6, { i: 0 }],
] as const;

function fileOf(name: string, ...values: readonly string[]): string {
  const path = folder.path(name);
  const pages = values.map((value) => dataPage(0, 1, texts(value)));
  writeFileSync(path, parquetFile({ pages, rows: values.length, element: TEXT }));
  return path;
}

describe('a Parquet file is sealed as CSV with types', () => {
  test('and comes back as CSV, an empty text not nothing', async () => {
    const ledger = await newLedger();
    const file = fileOf('a.parquet', 'x', '', 'y,"z"');
    const result = await sealDataset(ledger, owner, file, { name: 'a' });
    expect(result).toMatchObject({ rows: 3, sealed: 3 });
    expect((await opened(ledger)).toString()).toBe('a\nx\n""\n"y,""z"""\n');
    const { info } = await openDataset(ledger, owner);
    expect(info.manifest?.columns).toEqual([{ index: 0, name: 'a', type: 'text' }]);
  });

  test('whatever its name, by its first bytes', async () => {
    expect(await examine(fileOf('no-name', 'x'))).toMatchObject({ format: 'parquet', rows: 1 });
    const text = folder.path('text.parquet');
    writeFileSync(text, 'a,b\n1,2\n');
    expect(await refusal(examine(text))).toMatchObject({ code: 'PARQUET_INVALID', place: { file: text } });
    expect((await refusal(examine(fileOf('c.dat', 'x'), { format: 'csv' }))).code).toBe('NOT_TEXT');
  });

  test('from a file only: a stream has no end to begin with', async () => {
    const ledger = await newLedger();
    const bytes = readFileSync(fileOf('d.parquet', 'x'));
    expect((await refusal(seal(ledger, bytes))).code).toBe('PARQUET_UNSUPPORTED');
    expect(await ledger.size()).toBe(1);
  });

  test('once: sealed again it is left alone, and another is refused', async () => {
    const ledger = await newLedger();
    const file = fileOf('e.parquet', 'x', 'y');
    await sealDataset(ledger, owner, file, { name: 'e' });
    expect(await sealDataset(ledger, owner, file, { name: 'e' })).toMatchObject({ already: true });
    // The same values, in other bytes.
    const other = folder.path('other.parquet');
    const pages = [dictionaryPage(2, texts('x', 'y')), dataPage(8, 2, Uint8Array.of(1, 3, 0b10))];
    writeFileSync(other, parquetFile({ pages, rows: 2, element: TEXT }));
    expect(await sealDataset(ledger, owner, other, { name: 'e' })).toMatchObject({ already: true });
    const refused = refusal(sealDataset(ledger, owner, fileOf('f.parquet', 'x', 'z'), { name: 'e' }));
    expect((await refused).code).toBe('DATASET_EXISTS');
  });

  test('and added to, also the same rows where that is meant', async () => {
    const ledger = await newLedger();
    const file = fileOf('g.parquet', 'x');
    await sealDataset(ledger, owner, file, { name: 'g' });
    await sealDataset(ledger, owner, file, { name: 'g', append: true, repeat: true });
    await sealDataset(ledger, owner, fileOf('h.parquet', 'y'), { name: 'g', append: true });
    expect((await opened(ledger)).toString()).toBe('a\nx\nx\ny\n');
    const csv = refusal(seal(ledger, 'a\nz\n', { name: 'g', append: true }));
    expect((await csv).code).toBe('COLUMNS_DIFFER');
  });

  test('with rows that are found by their values', async () => {
    const ledger = await newLedger();
    await sealDataset(ledger, owner, fileOf('i.parquet', 'P-1', 'P-2', 'P-1'), { name: 'i', subject: 'a' });
    const finding = await findRows(ledger, owner, { where: [{ column: 'a', value: 'P-1' }] });
    const rows: number[] = [];
    for await (const batch of finding.rows()) rows.push(...batch.map(({ row }) => row));
    expect({ rows, by: finding.by }).toEqual({ rows: [1, 3], by: 'index' });
  });
});

test('an interrupted sealing goes on, and a file that has changed since is not taken for it', async () => {
  const stop = new AbortController();
  let blocks = 0;
  const mine: (typeof singleThreadMiner)['mine'] = (...call) => {
    if (++blocks === 4) stop.abort();
    return singleThreadMiner.mine(...call);
  };
  const ledger = await newLedger({ miner: { mine } });
  const file = fileOf('j.parquet', 'a', 'b', 'c', 'd', 'e', 'f');
  const run = sealDataset(ledger, owner, file, { name: 'j', signal: stop.signal });
  expect((await refusal(run)).code).toBe('ABORTED');
  const other = refusal(sealDataset(ledger, owner, fileOf('k.parquet', 'z', 'b', 'c'), { name: 'j' }));
  expect((await other).code).toBe('DATASET_EXISTS');
  const result = await sealDataset(ledger, owner, file, { name: 'j' });
  expect(result.resumed).toBeGreaterThan(0);
  expect(result.resumed + result.sealed).toBe(6);
  expect((await opened(ledger)).toString()).toBe('a\na\nb\nc\nd\ne\nf\n');
});

test('a file that is changed while it is sealed is found', async () => {
  const ledger = await newLedger();
  const file = fileOf('l.parquet', 'a', 'b');
  const examined = await examine(file);
  fileOf('l.parquet', 'a', 'c');
  const error = await refusal(sealDataset(ledger, owner, examined, { name: 'l' }));
  expect(error).toMatchObject({ code: 'FILE_CHANGED', place: { file } });
});

test('a damaged file is refused before anything is written', async () => {
  const ledger = await newLedger();
  const file = fileOf('m.parquet', 'a', 'b', 'c');
  const bytes = readFileSync(file);
  bytes[bytes.indexOf('b')]! = 0xff;
  writeFileSync(file, bytes);
  expect((await refusal(sealDataset(ledger, owner, file, { name: 'm' }))).code).toBe('PARQUET_INVALID');
  expect(await ledger.size()).toBe(1);
});
