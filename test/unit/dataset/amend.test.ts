// Corrections: what opens, what is kept, what is refused, and how they go with sealing, erasure and import.

import { expect, test } from 'vitest';
import { eraseStatements } from '../../../src/access/erasure.js';
import { grantGroups, revokeGroups } from '../../../src/access/group-keys.js';
import { amendRow } from '../../../src/dataset/amend.js';
import { listDatasets } from '../../../src/dataset/directory.js';
import { rowHistory } from '../../../src/dataset/history.js';
import { openDataset } from '../../../src/dataset/open.js';
import { originalBytes } from '../../../src/dataset/output.js';
import { proveRecord } from '../../../src/dataset/prove.js';
import { sealDataset } from '../../../src/dataset/seal.js';
import { exportLedger } from '../../../src/ledger/export.js';
import { importLedger } from '../../../src/ledger/import.js';
import { createLedger, type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { memoryStore } from '../../../src/store/memory.js';
import type { ReadOptions, Store } from '../../../src/store/store.js';
import { ann, keysOfTable, saying, stateOf } from '../../helpers/access.js';
import {
  addWriter,
  joined,
  newLedger,
  opened,
  owner,
  readToEnd,
  refusal,
  seal,
  stranger,
  temporaryFolder,
  verified,
  writer,
} from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const TABLE = 'patient,drug\r\nP1,x\r\nP2,"y"\r\nP3,z';

async function withTable(content: string = TABLE, blockSize = 1): Promise<Ledger> {
  const ledger = await newLedger();
  await seal(ledger, content, { name: 'visits', blockSize });
  return ledger;
}

const amend = (ledger: Ledger, row: number, record: string, more: Partial<Parameters<typeof amendRow>[2]> = {}) =>
  amendRow(ledger, owner, { row, correction: { record: Buffer.from(record) }, reason: 'misread', ...more });

const set = (ledger: Ledger, row: number, ...values: [string, string][]) =>
  amendRow(ledger, owner, { row, correction: { values: new Map(values) }, reason: 'misread' });

async function textOf(ledger: Ledger, ...options: Parameters<typeof opened> extends [Ledger, ...infer R] ? R : never) {
  return String(await opened(ledger, ...options));
}

test('the newest version stands in the place of the row, with the line end of the row', async () => {
  const ledger = await withTable();
  expect(await amend(ledger, 2, 'P2,w')).toMatchObject({ row: 2, by: 4, version: 2 });
  expect(await amend(ledger, 3, 'P3,v\n')).toMatchObject({ row: 3, by: 5, version: 2 });
  expect(await amend(ledger, 2, 'P2,"u"\r\n')).toMatchObject({ row: 2, by: 6, version: 3 });
  expect(await textOf(ledger)).toBe('patient,drug\r\nP1,x\r\nP2,"u"\r\nP3,v');
  expect(await textOf(ledger, { rows: { from: 2, to: 2 } })).toBe('patient,drug\r\nP2,"u"\r\n');
  expect(await textOf(ledger, { rows: { from: 4, to: 6 } })).toBe('patient,drug\r\n');
  expect(await verified(ledger)).toMatchObject({ ok: true, problems: [] });
});

test.each([1, 2, 100])('reports count each row once, in blocks of %i', async (blockSize) => {
  const ledger = await withTable(TABLE, blockSize);
  await amend(ledger, 2, 'P2,w');
  await amend(ledger, 2, 'P2,v');
  const dataset = await openDataset(ledger, owner);
  expect(await readToEnd(dataset)).toEqual([1, 2, 3]);
  expect(dataset.report()).toMatchObject({ opened: 3, corrected: 1, missing: 0, closed: 0, left: [], complete: true });
  const part = await openDataset(ledger, owner, { rows: { from: 2, to: 5 } });
  expect(await readToEnd(part)).toEqual([2, 3]);
  expect(part.report()).toMatchObject({ opened: 2, corrected: 1, missing: 0 });
});

test('values are set by column; the other fields keep their exact bytes', async () => {
  const ledger = await withTable('a,b,c\n"1",2,3\n4,5,6\n');
  await set(ledger, 1, ['b', 'x, "y"'], ['3', '']);
  await set(ledger, 2, ['a', 'ä']);
  expect(await textOf(ledger)).toBe('a,b,c\n"1","x, ""y""",\nä,5,6\n');
  await set(ledger, 1, ['a', '7']);
  expect(await textOf(ledger, { rows: { from: 1, to: 1 } })).toBe('a,b,c\n"7","x, ""y""",\n');
});

test('text keeps the encoding of the data set', async () => {
  const ledger = await newLedger();
  await seal(ledger, Buffer.from('a,b\n\xe9,1\n', 'latin1'), { name: 'visits' });
  await set(ledger, 1, ['b', 'ü']);
  expect((await opened(ledger)).toString('latin1')).toBe('a,b\n\xe9,\xfc\n');
  expect((await refusal(set(ledger, 1, ['b', '€']))).code).toBe('ARGUMENT_INVALID');
  const utf8 = await withTable();
  const bytes = { correction: { record: Buffer.from('P1,\xe9', 'latin1') } };
  expect((await refusal(amend(utf8, 1, '', bytes))).code).toBe('ARGUMENT_INVALID');
});

test('NDJSON: a line takes the place of a line', async () => {
  const ledger = await withTable('{"a":1}\n{"a":2}');
  await amend(ledger, 2, '{"a": 3}\n');
  expect(await textOf(ledger)).toBe('{"a":1}\n{"a": 3}');
  expect((await refusal(amend(ledger, 1, '{"a":'))).code).toBe('NDJSON_INVALID');
  expect((await refusal(set(ledger, 1, ['a', '3']))).code).toBe('ARGUMENT_INVALID');
});

test.each([
  ['no record', 1, '', 'ARGUMENT_INVALID'],
  ['two records', 1, 'P1,x\nP1,y\n', 'ARGUMENT_INVALID'],
  ['a header line with it', 1, 'patient,drug\nP1,y\n', 'ARGUMENT_INVALID'],
  ['too few fields', 1, 'P1\n', 'CSV_FIELDS'],
  ['too many fields', 1, 'P1,x,y\n', 'CSV_FIELDS'],
  ['an open quote', 1, 'P1,"x\n', 'CSV_QUOTE_UNCLOSED'],
  ['what it says already', 1, 'P1,x', 'ARGUMENT_INVALID'],
  ['the header row', 0, 'P1,y', 'ROW_NOT_FOUND'],
  ['a row that is not there', 4, 'P1,y', 'ROW_NOT_FOUND'],
])('refused, and nothing is written: %s', async (_, row, record, code) => {
  const ledger = await withTable();
  const size = await ledger.size();
  expect((await refusal(amend(ledger, row, record))).code).toBe(code);
  expect(await ledger.size()).toBe(size);
});

test('a version is not corrected, but the row; a column must be there', async () => {
  const ledger = await withTable();
  await amend(ledger, 2, 'P2,w');
  expect((await refusal(amend(ledger, 4, 'P2,v'))).code).toBe('ROW_NOT_FOUND');
  expect((await refusal(set(ledger, 2, ['dose', '1']))).code).toBe('COLUMN_UNKNOWN');
  expect((await refusal(amend(ledger, 2, 'P2,v', { reason: '' }))).code).toBe('STATEMENT_INVALID');
  expect((await refusal(amend(ledger, 2, 'P2,v', { dataset: 'labs' }))).code).toBe('DATASET_NOT_FOUND');
});

test('only the owner and the writer of a data set correct it', async () => {
  const ledger = await withTable();
  await addWriter(ledger);
  const keyIds = await keysOfTable(ledger);
  await saying(ledger, (granter) => grantGroups(granter, keyIds, writer.publicKey));
  const as = { row: 1, correction: { record: Buffer.from('P1,y') }, reason: 'misread', owner: owner.publicKey };
  expect((await refusal(amendRow(ledger, writer, as))).code).toBe('SIGNER_UNAUTHORISED');
  expect((await refusal(amendRow(ledger, stranger, as))).code).toBe('SIGNER_UNAUTHORISED');
});

test('an incomplete data set is finished first', async () => {
  const ledger = await newLedger();
  expect((await refusal(seal(ledger, 'a,b\n1,2\n3,4\n5\n', { name: 'visits' }))).code).toBe('STREAM_BROKEN');
  expect((await refusal(amend(ledger, 1, '1,3'))).code).toBe('DATASET_INCOMPLETE');
});

test('one row is found by its number, in its newest version', async () => {
  const ledger = await withTable();
  await amend(ledger, 2, 'P2,w');
  const dataset = await openDataset(ledger, owner);
  expect(String(await dataset.record(2))).toBe('P2,w\r\n');
  expect(String(await dataset.record(1))).toBe('P1,x\r\n');
  expect(await dataset.record(4)).toBe(null);
});

test('the history has every version, with who, when and why', async () => {
  const ledger = await withTable();
  await amend(ledger, 2, 'P2,w', { reason: 'misread' });
  await amend(ledger, 1, 'P1,w');
  await amend(ledger, 2, 'P2,v', { reason: 'misheard' });
  const { row, versions } = await rowHistory(ledger, owner, 2);
  expect(row).toBe(2);
  expect(versions.map(({ content }) => String(content))).toEqual(['P2,"y"\r\n', 'P2,w\r\n', 'P2,v\r\n']);
  expect(versions.map(({ version, row: at, reason }) => [version, at, reason])).toEqual([
    [1, 2, null],
    [2, 4, 'misread'],
    [3, 6, 'misheard'],
  ]);
  for (const { by, state } of versions) expect([by, state]).toEqual([owner.publicKey, 'opened']);
  const times = versions.map(({ time }) => String(time));
  expect(times).toEqual([...times].sort());
  expect((await rowHistory(ledger, owner, 6)).row).toBe(2);
  expect((await rowHistory(ledger, owner, 3)).versions).toHaveLength(1);
  expect((await refusal(rowHistory(ledger, owner, 7))).code).toBe('ROW_NOT_FOUND');
  expect((await refusal(rowHistory(ledger, stranger, 2))).code).toBe('NOT_GRANTED');
});

test('a file that was sealed is known again, before and behind corrections; rows are appended behind them', async () => {
  const ledger = await withTable('a\n1\n2\n');
  // Of a file it is known how many rows it has; of a stream not.
  const more = temporary.file('more.csv', 'a\n3\n');
  const append = () => sealDataset(ledger, owner, more, { name: 'visits', append: true });
  await amend(ledger, 1, '7');
  expect(await seal(ledger, 'a\n1\n2\n', { name: 'visits' })).toMatchObject({ already: true, rows: 2 });
  expect(await append()).toMatchObject({ sealed: 1, rows: 3 });
  await amend(ledger, 4, '8');
  await amend(ledger, 1, '9');
  expect(await append()).toMatchObject({ already: true, rows: 3 });
  expect(await seal(ledger, 'a\n1\n2\n', { name: 'visits' })).toMatchObject({ already: true, rows: 3 });
  expect((await refusal(seal(ledger, 'a\n9\n2\n', { name: 'visits' }))).code).toBe('DATASET_EXISTS');
  expect(await textOf(ledger)).toBe('a\n9\n2\n8\n');
});

test('an appending that was interrupted is continued behind corrections', async () => {
  const ledger = await withTable('a,b\n1,1\n');
  await amend(ledger, 1, '1,2');
  const append = { name: 'visits', append: true };
  expect((await refusal(seal(ledger, 'a,b\n2,2\n3\n', append))).code).toBe('STREAM_BROKEN');
  expect(await seal(ledger, 'a,b\n2,2\n3,3\n', append)).toMatchObject({ resumed: 1, sealed: 1, rows: 3 });
  expect(await textOf(ledger)).toBe('a,b\n1,2\n2,2\n3,3\n');
});

test('erasing a row destroys all its versions, and it is not brought back', async () => {
  const ledger = await withTable();
  await amend(ledger, 2, 'P2,w');
  await amend(ledger, 2, 'P2,v');
  const keyIds = await keysOfTable(ledger);
  const why = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };
  await saying(ledger, ({ writer: { state } }) =>
    eraseStatements(ledger, state, [...state.datasets.keys()][0] ?? '', { keyIds, rows: { from: 2, to: 2 }, ...why }),
  );
  expect((await stateOf(ledger)).erased).toBe(3);
  const { versions } = await rowHistory(ledger, owner, 2);
  expect(versions.map(({ state, content }) => [state, content])).toEqual(Array(3).fill(['erased', null]));
  const dataset = await openDataset(ledger, owner);
  expect(await readToEnd(dataset)).toEqual([1, 3]);
  expect(dataset.report()).toMatchObject({ opened: 2, corrected: 0, left: [], missing: 0 });
  expect(dataset.report().erased.map(({ row }) => row)).toEqual([2]);
  expect((await refusal(amend(ledger, 2, 'P2,u'))).code).toBe('ARGUMENT_INVALID');
  expect(await verified(ledger)).toMatchObject({ ok: true, erased: 3 });
});

test('a correction is sealed under a new key where a reader has left; who left sees that the row is closed', async () => {
  const ledger = await withTable();
  const keyIds = await keysOfTable(ledger);
  await saying(ledger, (granter) => grantGroups(granter, keyIds, ann.publicKey));
  await saying(ledger, (granter) => revokeGroups(granter, keyIds, [ann.publicKey], 'left'));
  await amend(ledger, 2, 'P2,w');
  // The new key alone: the rows of before are closed to its holder.
  const fresh = (await keysOfTable(ledger)).filter((id) => !keyIds.includes(id));
  expect(fresh).toHaveLength(1);
  await saying(ledger, (granter) => grantGroups(granter, fresh, stranger.publicKey));
  await saying(ledger, (granter) => grantGroups(granter, keyIds, ann.publicKey));
  for (const [who, rows] of [
    [stranger, [2]],
    [ann, [1, 3]],
  ] as const) {
    const dataset = await openDataset(ledger, who, { owner: owner.publicKey });
    expect(await readToEnd(dataset)).toEqual(rows);
    expect(dataset.report()).toMatchObject({ closed: 3 - rows.length, left: [], missing: 0 });
  }
  const { versions } = await rowHistory(ledger, ann, 2);
  expect(versions.map(({ state }) => state)).toEqual(['opened', 'closed']);
});

test('the exchange form carries corrections', async () => {
  const ledger = await withTable();
  await amend(ledger, 2, 'P2,w');
  const path = temporary.path('copy.medseal');
  await importLedger(exportLedger(ledger), path);
  const copy = await openLedger(path);
  expect(await textOf(copy)).toBe(await textOf(ledger));
  await copy.close();
});

test('a row is proven whatever key it is sealed under, by name and by id', async () => {
  const ledger = await withTable();
  const keyIds = await keysOfTable(ledger);
  await saying(ledger, (granter) => grantGroups(granter, keyIds, ann.publicKey));
  await saying(ledger, (granter) => revokeGroups(granter, keyIds, [ann.publicKey], 'left'));
  await amend(ledger, 2, 'P2,w');
  const [info] = (await listDatasets(ledger, owner)).datasets;
  const disclosed = await proveRecord(ledger, { dataset: 'visits', row: 4, identity: owner, disclose: true });
  expect(String(disclosed.record.content)).toBe('P2,w\r\n');
  expect((await proveRecord(ledger, { dataset: info?.id ?? '', row: 4 })).record.row).toBe(4);
  expect((await refusal(proveRecord(ledger, { dataset: info?.id ?? '', row: 5 }))).code).toBe('ROW_NOT_FOUND');
});

test('the newest version is read from its block, without a search', async () => {
  const read: number[] = [];
  const store = memoryStore();
  const watched: Store = {
    ...store,
    async *read(options: ReadOptions = {}) {
      for await (const block of store.read(options)) {
        read.push(block.position);
        yield block;
      }
    },
  };
  const ledger = await createLedger(watched, owner, { difficulty: 0 });
  await seal(ledger, `patient,drug\n${'P,x\n'.repeat(40)}`, { name: 'visits' });
  await amend(ledger, 7, 'P,w');
  const { block } = await amend(ledger, 7, 'P,v');
  await seal(ledger, 'patient,drug\nP,last\n', { name: 'visits', append: true });
  const dataset = await openDataset(ledger, owner);
  read.splice(0);
  expect(String(Buffer.from((await dataset.record(7)) ?? []))).toBe('P,v\n');
  expect(read).toEqual([block]);
});

test('a version that was sealed before it is said to be one is found too', async () => {
  const ledger = await withTable();
  await seal(ledger, 'patient,drug\r\nP1,w\r\n', { name: 'visits', append: true });
  const [info] = (await listDatasets(ledger, owner)).datasets;
  await saying(ledger, () => [{ kind: 'amend', id: info?.id ?? '', row: 1, by: 4, reason: 'misread' }]);
  const dataset = await openDataset(ledger, owner);
  expect(await readToEnd(dataset)).toEqual([1, 2, 3]);
  expect(String(Buffer.from((await dataset.record(1)) ?? []))).toBe('P1,w\r\n');
  expect(dataset.report()).toMatchObject({ opened: 3, corrected: 1, missing: 0, left: [] });
});

test('many corrections, in a file, open in their places', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => `P${i + 1},x\n`);
  const ledger = await createLedger(memoryStore(), owner, { difficulty: 0 });
  await seal(ledger, `patient,drug\n${rows.join('')}`, { name: 'visits', blockSize: 7 });
  for (const row of [30, 1, 15, 16, 15, 2]) {
    const text = `P${row},corrected ${rows[row - 1] === `P${row},x\n` ? 1 : 2}\n`;
    await amend(ledger, row, text);
    rows[row - 1] = text;
  }
  const dataset = await openDataset(ledger, owner);
  expect(String(await joined(originalBytes(dataset)))).toBe(`patient,drug\n${rows.join('')}`);
  expect(dataset.report()).toMatchObject({ opened: 30, corrected: 5 });
});
