// Files of FHIR resources, one a line: what is taken for one, what is refused, and how its rows are found and erased.

import { describe, expect, test } from 'vitest';
import { amendRow } from '../../../../src/dataset/amend.js';
import { listDatasets } from '../../../../src/dataset/directory.js';
import { buildIndex } from '../../../../src/dataset/lookup/build.js';
import { findRows } from '../../../../src/dataset/lookup/find.js';
import { rowsOfSubject } from '../../../../src/dataset/lookup/subject.js';
import { eraseSubject } from '../../../../src/dataset/lookup/subject-erasure.js';
import { originalBytes } from '../../../../src/dataset/output.js';
import { sealDataset } from '../../../../src/dataset/seal.js';
import { examine } from '../../../../src/dataset/source/examine.js';
import { exportLedger } from '../../../../src/ledger/export.js';
import { importLedger } from '../../../../src/ledger/import.js';
import { type Ledger, openLedger } from '../../../../src/ledger/ledger.js';
import { saying, stateOf } from '../../../helpers/access.js';
import {
  joined,
  newLedger,
  opened,
  owner,
  refusal,
  seal,
  streamOf,
  temporaryFolder,
} from '../../../helpers/dataset-fixture.js';
import { fhirSamples, linesOf } from '../../../helpers/fhir-samples.js';

const temporary = temporaryFolder();
const PATIENT = '{"resourceType":"Patient","id":"p1"}\n';

async function found(ledger: Ledger, where: Record<string, string>, scan = false): Promise<string> {
  const conditions = Object.entries(where).map(([column, value]) => ({ column, value }));
  return (await joined(originalBytes(await findRows(ledger, owner, { where: conditions, scan })))).toString();
}

/** Erases whatever there is of a subject. */
async function erase(ledger: Ledger, subject: string): Promise<void> {
  const { datasets } = await listDatasets(ledger, owner);
  await saying(ledger, async ({ writer: { state } }) => {
    const request = { subject, reason: 'asked for', basis: 'consent withdrawn' };
    return (await eraseSubject(ledger, state, datasets, request)).statements;
  });
}

describe('a file is taken for FHIR', () => {
  test.each([
    ['a.ndjson', PATIENT, 'fhir'],
    ['a.ndjson', ' { "id": "p1", "resourceType" : "Patient" }\n', 'fhir'],
    ['a.json', PATIENT + PATIENT, 'fhir'],
    ['a', `\n${PATIENT}`, 'fhir'],
    ['a.ndjson', '{"resourceType":"patient"}\n', 'ndjson'],
    ['a.ndjson', '{"resourceType":5}\n', 'ndjson'],
    ['a.ndjson', '{"a":{"resourceType":"Patient"}}\n', 'ndjson'],
    ['a.ndjson', '["resourceType","Patient"]\n', 'ndjson'],
    ['a.ndjson', '', 'ndjson'],
    ['a.csv', 'resourceType\nPatient\n', 'csv'],
  ])('%s: %j: %s', async (name, content, format) => {
    expect((await examine(temporary.file(name, content))).format).toBe(format);
  });

  test('but what a person says counts more', async () => {
    const path = temporary.file('said.ndjson', PATIENT);
    expect((await examine(path, { format: 'ndjson' })).shape.media_type).toBe('application/x-ndjson');
    expect((await examine(temporary.file('plain.ndjson', '\n'), { format: 'fhir' })).shape.media_type).toBe(
      'application/fhir+ndjson',
    );
  });
});

test.each([
  ['a line that is no object', '["Patient"]\n', 2],
  ['no type', '{"id":"p1"}\n', 2],
  ['a type that is none', '{"resourceType":"a b"}\n', 2],
  ['a type of a prototype', '{"resourceType":"__proto__"}\n', 2],
  ['a type that is no text', '{"resourceType":{"a":"Patient"}}\n', 2],
  ['of two types the last', '{"resourceType":"Patient","resourceType":5}\n', 2],
  ['a blank line before it', '\n{"id":"p1"}\n', 3],
  ['Bundles in Bundles', `${deepBundles(9)}\n`, 2],
  ['contained in contained', `${deepContained(9)}\n`, 2],
  ['a Group of too many', `${groupOf(100_001)}\n`, 2],
])('%s is refused, with the line', async (_, lines, line) => {
  const path = temporary.file('refused.ndjson', PATIENT + lines);
  const { code, place } = await refusal(examine(path, { format: 'fhir' }));
  expect({ code, place }).toEqual({ code: 'FHIR_INVALID', place: { file: path, line } });
  const ledger = await newLedger();
  await refusal(sealDataset(ledger, owner, path, { name: 'x' }));
  expect(await ledger.size()).toBe(1);
});

test('what is no JSON, and columns of groups, are refused', async () => {
  const path = temporary.file('cut.ndjson', `${PATIENT}{"resourceType":"Pat\n`);
  expect(await refusal(examine(path))).toMatchObject({ code: 'NDJSON_INVALID', place: { line: 2 } });
  const ledger = await newLedger();
  const groups = [{ name: 'a', columns: ['*'] }];
  expect((await refusal(seal(ledger, PATIENT, { groups }))).code).toBe('GROUP_INVALID');
});

function deepBundles(levels: number): string {
  return (
    '{"resourceType":"Bundle","entry":[{"resource":'.repeat(levels) +
    '{"resourceType":"Patient"}' +
    '}]}'.repeat(levels)
  );
}

function groupOf(patients: number): string {
  const members = Array.from({ length: patients }, (_, i) => ({ entity: { reference: `Patient/${i}` } }));
  return JSON.stringify({ resourceType: 'Group', member: members });
}

test('a Group of as many as may be is taken', async () => {
  const path = temporary.file('group.ndjson', `${groupOf(100_000)}\n`);
  expect((await examine(path)).rows).toBe(1);
});

function deepContained(levels: number): string {
  return '{"resourceType":"Basic","contained":['.repeat(levels) + '{"resourceType":"Patient"}' + ']}'.repeat(levels);
}

test('lines come back byte for byte, and are found by what they are and whose', async () => {
  const ledger = await newLedger();
  const samples = fhirSamples(4);
  const text = linesOf(samples).replaceAll(/"value":(\d+)\.?\d*/g, '"value": $1.10') + '\n{"resourceType" : "Basic"}';
  await seal(ledger, text, { blockSize: 3 });
  expect((await opened(ledger)).toString()).toBe(text);
  const lines = text.split('\n').map((line) => `${line}\n`);
  const ofPatient = lines.filter((line) => line.includes('"Patient/p2"') || line.includes('"Patient","id":"p2"'));
  expect(ofPatient.length).toBe(7);
  for (const scan of [false, true]) {
    expect(await found(ledger, { patient: 'Patient/p2' }, scan)).toBe(ofPatient.join(''));
    expect(await found(ledger, { resource: 'Condition/c2' }, scan)).toBe(ofPatient[5]);
    expect(await found(ledger, { patient: 'Patient/p2', resource: 'Condition/c1' }, scan)).toBe('');
    expect(await found(ledger, { resource: 'Condition' }, scan)).toBe('');
  }
  expect(await found(ledger, { resourceType: 'Condition', id: 'c2' }, true)).toBe(ofPatient[5]);
  expect((await refusal(found(ledger, { id: 'c2' }))).code).toBe('COLUMN_UNKNOWN');
});

test('further members, or nothing at all, can be chosen to find rows by', async () => {
  const ledger = await newLedger();
  const text = linesOf(fhirSamples(2).filter(({ resourceType }) => resourceType === 'Encounter'));
  await seal(ledger, text, { name: 'more', index: ['status'] });
  expect((await found(ledger, { status: 'finished', patient: 'Patient/p2' })).split('\n').length).toBe(2);
  await seal(ledger, text, { name: 'none', fhirIndex: false });
  await seal(ledger, text, { name: 'own', subject: 'id', index: ['patient'] });
  const lookups = (await listDatasets(ledger, owner)).datasets.map(({ manifest }) =>
    (manifest?.lookup ?? []).map(({ name, subject }) => (subject ? `${name}!` : name)),
  );
  expect(lookups).toEqual([['patient!', 'resource', 'status'], [], ['id!', 'patient', 'resource']]);
  expect((await refusal(seal(ledger, text, { name: 'other', index: ['stat'] }))).code).toBe('COLUMN_UNKNOWN');
});

test('files of several types make one data set', async () => {
  const ledger = await newLedger();
  const samples = fhirSamples(3);
  const ofType = (type: string): string => linesOf(samples.filter(({ resourceType }) => resourceType === type));
  const types = ['Patient', 'Encounter', 'Observation', 'Condition'];
  for (const [i, type] of types.entries()) await seal(ledger, ofType(type), { append: i > 0, blockSize: 4 });
  expect((await opened(ledger)).toString()).toBe(types.map(ofType).join(''));
  expect((await found(ledger, { patient: 'Patient/p1' })).trim().split('\n').length).toBe(6);
  expect((await refusal(seal(ledger, '{"a":1}\n', { append: true }))).code).toBe('COLUMNS_DIFFER');
  expect((await refusal(seal(ledger, PATIENT, { append: true, index: ['id'] }))).code).toBe('COLUMNS_DIFFER');
});

describe('of a patient is erased', () => {
  const other = { resourceType: 'Patient', id: 'p2', identifier: [{ system: 'urn:insurance', value: '7' }] };
  const patient = {
    resourceType: 'Patient',
    id: 'p1',
    identifier: [
      { system: 'urn:mrn', value: '17' },
      { system: 'urn:insurance', value: '7' },
    ],
  };
  const condition = (id: string, subject: object): object => ({ resourceType: 'Condition', id, subject });

  test.each([
    ['what refers to it', condition('c', { reference: 'Patient/p1' })],
    ['in a version', condition('c', { reference: 'Patient/p1/_history/3' })],
    ['by its URL', condition('c', { reference: 'https://a.example/fhir/Patient/p1' })],
    ['by an identifier of it', condition('c', { identifier: { system: 'urn:mrn', value: '17' } })],
    ['what it has performed', { resourceType: 'Observation', performer: [{ reference: 'Patient/p1' }] }],
    [
      'a list of patients',
      { resourceType: 'Group', member: [other, patient].map(({ id }) => ({ entity: { reference: `Patient/${id}` } })) },
    ],
    [
      'what contains a resource of it',
      { resourceType: 'Basic', contained: [condition('c', { reference: 'Patient/p1' })] },
    ],
    ['a Bundle on a line', { resourceType: 'Bundle', entry: [{ resource: patient }] }],
    ['a type of a later version', { resourceType: 'GenomicStudy', subject: { reference: 'Patient/p1' } }],
  ])('%s', async (_, resource) => {
    const ledger = await newLedger();
    const kept = linesOf([
      other,
      condition('k', { reference: 'Patient/p2' }),
      condition('l', { reference: 'Group/p1' }),
    ]);
    await seal(ledger, linesOf([patient]) + kept, { name: 'one' });
    await seal(ledger, linesOf([resource]) + kept, { name: 'two' });
    await erase(ledger, 'Patient/p1');
    // Of people who share an identifier only one is meant.
    for (const dataset of ['one', 'two']) expect((await opened(ledger, { dataset })).toString()).toBe(kept);
  });

  test('in one data set, by the names that another one tells; and what is of others too is counted', async () => {
    const ledger = await newLedger();
    const group = {
      resourceType: 'Group',
      member: [other, patient].map(({ id }) => ({ entity: { reference: `Patient/${id}` } })),
    };
    const byNumber = condition('c', { identifier: { system: 'urn:mrn', value: '17' } });
    const byUrn = { ...condition('u', { reference: 'Patient/p1' }), asserter: { reference: 'urn:uuid:1' } };
    await seal(ledger, linesOf([patient, other]), { name: 'one' });
    await seal(ledger, linesOf([group, byNumber, byUrn, condition('k', { reference: 'Patient/p2' })]), { name: 'two' });
    const { datasets } = await listDatasets(ledger, owner);
    const [one, two] = await rowsOfSubject(ledger, await stateOf(ledger), datasets, 'Patient/p1');
    expect([one?.rows.length, one?.shared, two?.rows.length, two?.shared]).toEqual([1, 0, 3, 1]);
    const second = datasets.slice(1);
    const alone = await rowsOfSubject(ledger, await stateOf(ledger), second, 'Patient/p1');
    expect(alone.map(({ rows }) => rows.map(({ row }) => row))).toEqual([[1, 3]]);
    const told = await rowsOfSubject(ledger, await stateOf(ledger), second, 'Patient/p1', { namesFrom: datasets });
    expect(told.map(({ rows }) => rows.map(({ row }) => row))).toEqual([[1, 2, 3]]);
  });

  test('with the index of an import, and by reading all', async () => {
    const ledger = await newLedger();
    await seal(ledger, linesOf([patient, condition('c', { identifier: { system: 'urn:mrn', value: '17' } }), other]));
    const path = temporary.path('imported.medseal');
    await importLedger(exportLedger(ledger), path);
    const imported = await openLedger(path);
    const { datasets } = await listDatasets(imported, owner);
    const rowsOf = async (scan: boolean): Promise<number[][]> =>
      (await rowsOfSubject(imported, await stateOf(imported), datasets, 'Patient/p1', { scan })).map(({ rows }) =>
        rows.map(({ row }) => row),
      );
    expect(await rowsOf(true)).toEqual([[1, 2]]);
    await buildIndex(imported, owner);
    expect(await rowsOf(false)).toEqual([[1, 2]]);
    expect(await rowsOf(true)).toEqual([[1, 2]]);
    await imported.close();
  });
});

test('a corrected line is a resource, and found as what it says now', async () => {
  const ledger = await newLedger();
  await seal(ledger, `${PATIENT}{"resourceType":"Basic","id":"b","subject":{"reference":"Patient/p1"}}\r\n`);
  const amend = (text: string): Promise<unknown> =>
    amendRow(ledger, owner, { row: 2, correction: { record: Buffer.from(text) }, reason: 'wrong patient' });
  expect((await refusal(amend('{"id":"b"}'))).code).toBe('FHIR_INVALID');
  expect((await refusal(amend(PATIENT + PATIENT))).code).toBe('ARGUMENT_INVALID');
  const record = '{"resourceType":"Basic","id":"b","subject":{"reference":"Patient/p2"}}';
  await amend(record);
  expect(await found(ledger, { patient: 'Patient/p2' })).toBe(`${record}\r\n`);
  expect(await found(ledger, { patient: 'Patient/p1' })).toBe(PATIENT);
});

test('of a stream too', async () => {
  const ledger = await newLedger();
  const text = linesOf(fhirSamples(2));
  await sealDataset(ledger, owner, streamOf(text, [7, 100]), { name: 'x' });
  expect((await opened(ledger)).toString()).toBe(text);
  expect((await found(ledger, { resource: 'Patient/p2' })).length).toBeGreaterThan(0);
});
