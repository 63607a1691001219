// Rows found by their values: in what was sealed, appended, imported and copied, with and without an index.

import { describe, expect, test } from 'vitest';
import { grantGroups } from '../../../../src/access/group-keys.js';
import { trailOf } from '../../../../src/access/trail.js';
import { amendRow } from '../../../../src/dataset/amend.js';
import { buildIndex } from '../../../../src/dataset/lookup/build.js';
import { type FindOptions, findRows } from '../../../../src/dataset/lookup/find.js';
import { originalBytes } from '../../../../src/dataset/output.js';
import { sealDataset } from '../../../../src/dataset/seal.js';
import { copyStore } from '../../../../src/ledger/backup.js';
import { exportLedger } from '../../../../src/ledger/export.js';
import { importLedger } from '../../../../src/ledger/import.js';
import { createLedger, type Ledger, openLedger } from '../../../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../../../src/store/memory.js';
import { openSqliteStore } from '../../../../src/store/sqlite/sqlite-store.js';
import { ann, bob, keysOfTable, saying } from '../../../helpers/access.js';
import {
  addWriter,
  joined,
  newLedger,
  owner,
  refusal,
  seal,
  stranger,
  streamOf,
  temporaryFolder,
  writer,
} from '../../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const TABLE = 'patient_id,drug,note\nP-1,x,a\nP-2,"y, z",b\n"P-1","y, z",c\nP-3,x,\n';
const LOOKUP = { subject: 'patient_id', index: ['drug'] };

interface Found {
  readonly text: string;
  readonly by: string;
  readonly report: object;
}

async function find(ledger: Ledger, where: string, more: Partial<FindOptions> = {}, as = owner): Promise<Found> {
  const conditions = where.split('&').map((one) => {
    const [column = '', value = ''] = one.split('=');
    return { column, value };
  });
  const finding = await findRows(ledger, as, { where: conditions, ...more });
  const text = (await joined(originalBytes(finding))).toString();
  const { owner: _, ...report } = finding.report();
  return { text: text.replace(/^[^\n]*\n/, ''), by: finding.by, report };
}

const CLEAN = { blocks: 0, unopened: 0 };

describe.each([1, 3])('with %d rows a block', (blockSize) => {
  test.each([
    ['patient_id=P-1', 'P-1,x,a\n"P-1","y, z",c\n', 2],
    ['1=P-1', 'P-1,x,a\n"P-1","y, z",c\n', 2],
    ['drug=y, z', 'P-2,"y, z",b\n"P-1","y, z",c\n', 2],
    ['patient_id=P-1&drug=y, z', '"P-1","y, z",c\n', 1],
    ['patient_id=P-3&drug=y, z', '', 0],
    ['patient_id=p-1', '', 0],
  ])('%s', async (where, text, found) => {
    const ledger = await newLedger();
    await seal(ledger, TABLE, { ...LOOKUP, blockSize });
    const expected = { text, report: { found, ...CLEAN } };
    expect(await find(ledger, where)).toEqual({ ...expected, by: 'index' });
    expect(await find(ledger, where, { scan: true })).toEqual({ ...expected, by: 'reading' });
  });
});

test('rows that are appended, and rows under a later key, are found too', async () => {
  const ledger = await newLedger();
  await seal(ledger, TABLE, LOOKUP);
  await seal(ledger, 'patient_id,drug,note\nP-1,w,d\n', { append: true });
  const keys = await keysOfTable(ledger);
  await saying(ledger, (granter) => grantGroups(granter, keys, ann.publicKey));
  await saying(ledger, () => keys.map((key_id) => ({ kind: 'revoke', key_id, from: ann.publicKey, reason: 'left' })));
  await seal(ledger, 'patient_id,drug,note\nP-1,v,e\n', { append: true, ...LOOKUP });
  expect((await keysOfTable(ledger)).length).toBe(2);
  const { text, by } = await find(ledger, 'patient_id=P-1');
  expect([text, by]).toEqual(['P-1,x,a\n"P-1","y, z",c\nP-1,w,d\nP-1,v,e\n', 'index']);
});

test('whatever the store says of the history, the same rows are found', async () => {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, TABLE, { ...LOOKUP, blockSize: 1 });
  await seal(ledger, 'a\n1\n', { name: 'other' });
  const expected = await find(ledger, 'patient_id=P-1', { dataset: 'x' });
  expect(expected).toMatchObject({ by: 'index', report: { found: 2, ...CLEAN } });
  for (const [at, block] of medium.blocks.entries()) {
    medium.blocks[at] = { ...block, nodes: block.nodes.map((byte) => byte ^ 1) };
    expect(await find(ledger, 'patient_id=P-1', { dataset: 'x' }), `block ${at + 1}`).toEqual(expected);
    medium.blocks[at] = block;
  }
});

test('rows of a sealing that was interrupted are found, before it goes on and after', async () => {
  const ledger = await newLedger();
  // A fault behind the third row.
  const broken = TABLE.replace('P-3,x,\n', 'P-3\n');
  expect((await refusal(seal(ledger, broken, LOOKUP))).code).toBe('STREAM_BROKEN');
  const half = { text: 'P-1,x,a\n"P-1","y, z",c\n', by: 'index', report: { found: 2, ...CLEAN } };
  expect(await find(ledger, 'patient_id=P-1')).toEqual(half);
  expect(await find(ledger, 'patient_id=P-3')).toMatchObject({ text: '', by: 'index' });
  expect((await seal(ledger, TABLE)).resumed).toBe(3);
  expect(await find(ledger, 'patient_id=P-1')).toEqual(half);
  expect(await find(ledger, 'patient_id=P-3')).toMatchObject({ text: 'P-3,x,\n', by: 'index' });
});

test('of a corrected row the newest version is found, by its own values', async () => {
  const ledger = await newLedger();
  await seal(ledger, TABLE, LOOKUP);
  const correct = (row: number, column: string, value: string) =>
    amendRow(ledger, owner, { row, correction: { values: new Map([[column, value]]) }, reason: 'misread' });
  await correct(1, 'drug', 'w');
  await correct(1, 'note', 'again');
  await correct(3, 'patient_id', 'P-2');
  for (const scan of [false, true]) {
    const text = async (where: string): Promise<string> => (await find(ledger, where, { scan })).text;
    expect(await text('patient_id=P-1')).toBe('P-1,w,again\n');
    expect(await text('drug=x')).toBe('P-3,x,\n');
    expect(await text('patient_id=P-2')).toBe('P-2,"y, z",b\n"P-2","y, z",c\n');
  }
});

test('where reading is recorded, so is what is found, before it is given out', async () => {
  const ledger = await newLedger({ audit: true });
  await seal(ledger, TABLE, LOOKUP);
  const size = await ledger.size();
  expect((await refusal(find(ledger, 'drug=x'))).code).toBe('PURPOSE_REQUIRED');
  expect(await ledger.size()).toBe(size);
  expect((await find(ledger, 'drug=x', { purpose: 'TREAT' })).text).toBe('P-1,x,a\nP-3,x,\n');
  expect((await find(ledger, 'drug=y, z', { purpose: 'TREAT' })).text).toContain('P-2');
  expect((await find(ledger, 'drug=none', { purpose: 'TREAT', scan: true })).text).toBe('');
  const rows: unknown[] = [];
  for await (const { statement } of trailOf(ledger, { kinds: ['access'] })) {
    if (statement.kind === 'access') rows.push(statement.rows);
  }
  expect(rows).toEqual([
    [
      [1, 1],
      [4, 4],
    ],
    [[2, 3]],
    [],
  ]);
});

test('by which columns rows are found stays', async () => {
  const ledger = await newLedger();
  await seal(ledger, TABLE, LOOKUP);
  for (const other of [{ subject: 'drug' }, { index: ['drug'] }, { ...LOOKUP, index: ['note'] }]) {
    expect((await refusal(seal(ledger, TABLE, other))).code).toBe('COLUMNS_DIFFER');
  }
  expect((await seal(ledger, TABLE, { ...LOOKUP, index: ['2', 'drug'] })).already).toBe(true);
  expect((await seal(ledger, TABLE)).already).toBe(true);
});

test('a column that is not there is refused before anything is written', async () => {
  const ledger = await newLedger();
  expect((await refusal(seal(ledger, TABLE, { subject: 'pateint' }))).code).toBe('COLUMN_UNKNOWN');
  expect((await refusal(seal(ledger, TABLE, { index: ['4'] }))).code).toBe('COLUMN_UNKNOWN');
  expect((await refusal(seal(ledger, '{"a":1}\n', { subject: 'b' }))).code).toBe('COLUMN_UNKNOWN');
  expect(await ledger.size()).toBe(1);
});

test('without tags nothing is stored with the rows', async () => {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, TABLE);
  // What marks the blocks with statements.
  expect([...medium.tags.keys()]).toEqual(['0000000000000000']);
  expect((await refusal(find(ledger, 'patient_id=P-1'))).code).toBe('COLUMN_UNKNOWN');
  expect((await find(ledger, 'note=b', { scan: true })).text).toBe('P-2,"y, z",b\n');
});

test('NDJSON is found by members of the first level', async () => {
  const ledger = await newLedger();
  const lines = ['{"id":"P-1","n":7}', '{"n":"7"}', '', '{"id":"P-\\u0031","x":{"id":"P-2"}}', '{"id":null}'];
  await seal(ledger, `${lines.join('\n')}\n`, { subject: 'id', index: ['n'], format: 'ndjson' });
  const rows = async (where: string) =>
    (
      await joined(
        originalBytes(
          await findRows(ledger, owner, {
            where: [{ column: where.split('=')[0] ?? '', value: where.split('=')[1] ?? '' }],
          }),
        ),
      )
    ).toString();
  expect(await rows('id=P-1')).toBe(`${lines[0]}\n${lines[3]}\n`);
  expect(await rows('n=7')).toBe(`${lines[0]}\n${lines[1]}\n`);
  expect(await rows('id=P-2')).toBe('');
});

test('an import has no index until it is made; a copy has the one of its original', async () => {
  const [path, copy, imported] = ['l', 'copy', 'imported'].map((name) => temporary.path(name)) as [
    string,
    string,
    string,
  ];
  const ledger = await createLedger(path, owner, { difficulty: 0 });
  await seal(ledger, TABLE, { ...LOOKUP, blockSize: 2 });
  const expected = await find(ledger, 'patient_id=P-1');
  expect(expected.by).toBe('index');
  const chunks = await joined(exportLedger(ledger));
  await ledger.close();
  const source = openSqliteStore(path);
  await copyStore(source, copy);
  await source.close();
  await importLedger(streamOf(chunks), imported);
  for (const [file, by] of [
    [copy, 'index'],
    [imported, 'reading'],
  ] as const) {
    const other = await openLedger(file);
    expect(await find(other, 'patient_id=P-1')).toEqual({ ...expected, by });
    expect((await buildIndex(other, owner)).rows).toBe(4);
    expect(await find(other, 'patient_id=P-1')).toEqual(expected);
    await other.close();
  }
});

test('whoever holds the key makes the index; others have nothing to do with it', async () => {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, TABLE, LOOKUP);
  const whole = new Map([...medium.tags].map(([tag, places]) => [tag, new Set(places)]));
  medium.tags.clear();
  expect(await buildIndex(ledger, bob)).toEqual({ datasets: [], rows: 0 });
  expect((await find(ledger, 'drug=x')).by).toBe('reading');
  await buildIndex(ledger, owner);
  expect(new Map([...medium.tags].sort())).toEqual(new Map([...whole].sort()));
});

test('a data set is chosen by its columns, or by name', async () => {
  const ledger = await newLedger();
  await seal(ledger, TABLE, { ...LOOKUP, name: 'visits' });
  await seal(ledger, 'patient_id,dose\nP-1,3\n', { subject: 'patient_id', index: ['dose'], name: 'doses' });
  expect((await find(ledger, 'dose=3')).text).toBe('P-1,3\n');
  expect((await refusal(find(ledger, 'patient_id=P-1'))).code).toBe('DATASET_AMBIGUOUS');
  expect((await find(ledger, 'patient_id=P-1', { dataset: 'doses' })).text).toBe('P-1,3\n');
  expect((await refusal(find(ledger, 'patient_id=P-1', { dataset: 'other' }))).code).toBe('DATASET_NOT_FOUND');
  expect((await refusal(findRows(ledger, stranger, { where: [{ column: 'dose', value: '3' }] }))).code).toBe(
    'NOT_GRANTED',
  );
  expect((await refusal(findRows(ledger, owner, { where: [] }))).code).toBe('ARGUMENT_INVALID');
});

test('a reader finds, by what the owner has signed or by a look at all of it', async () => {
  const ledger = await newLedger();
  await addWriter(ledger);
  await sealDataset(ledger, writer, streamOf(TABLE), { name: 'labs', owner: owner.publicKey, ...LOOKUP });
  // Nothing by the owner stands behind the rows yet.
  expect(await find(ledger, 'drug=x')).toMatchObject({ by: 'index', report: { found: 2 } });
  await saying(ledger, async (granter) => grantGroups(granter, await keysOfTable(ledger), ann.publicKey));
  expect(await find(ledger, 'drug=x', { owner: owner.publicKey }, ann)).toMatchObject({
    report: { found: 2, ...CLEAN },
  });
  const other = { owner: ann.publicKey };
  expect((await refusal(find(ledger, 'drug=x', other, ann))).code).toBe('OWNER_MISMATCH');
  expect((await refusal(find(ledger, 'drug=x', { ...other, scan: true }, ann))).code).toBe('OWNER_MISMATCH');
});
