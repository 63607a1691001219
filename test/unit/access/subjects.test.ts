// Everything of one subject: erased with the tags that lead to it, and looked up in the trail.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createKeyring, storedGrants } from '../../../src/access/keyring.js';
import { granterOf } from '../../../src/access/say.js';
import { touchedBy } from '../../../src/access/touching.js';
import { trailOf } from '../../../src/access/trail.js';
import { type Erasing, erasing } from '../../../src/cli/erased-records.js';
import { columnTagKey, valueTag } from '../../../src/crypto/index-tag.js';
import { amendRow } from '../../../src/dataset/amend.js';
import { listDatasets } from '../../../src/dataset/directory.js';
import { buildIndex } from '../../../src/dataset/lookup/build.js';
import { entriesOf, rowsOfSubject, unsearchedOf } from '../../../src/dataset/lookup/subject.js';
import { timestampOf } from '../../../src/format/timestamp.js';
import { createLedger, type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { verifiedState } from '../../../src/ledger/verified-state.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { statementEntry } from '../../../src/ledger/writer.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import { bob, saying, stateOf } from '../../helpers/access.js';
import { newLedger, opened, owner, refusal, seal, temporaryFolder } from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const VISITS = `patient_id,drug\n${Array.from({ length: 30 }, (_, i) => `P-${i % 6},drug ${i % 4}\n`).join('')}`;
const DOSES = 'patient,dose\nP-2,7\nP-9,8\nP-2,9\n';
const WHY = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };
const SUBJECT = 'P-2';

async function fill(ledger: Ledger): Promise<Ledger> {
  await seal(ledger, VISITS, { name: 'visits', blockSize: 4, subject: 'patient_id', index: ['drug'] });
  await seal(ledger, DOSES, { name: 'doses', subject: 'patient' });
  await seal(ledger, 'note\nP-2\n', { name: 'notes' });
  return ledger;
}

async function eraseSubject(ledger: Ledger, more: object = {}): Promise<Erasing | null> {
  let what: Erasing | null = null;
  await saying(ledger, async (granter) => {
    what = await erasing(granter, { ledger, identity: owner }, { subject: SUBJECT, ...WHY, ...more });
    return what.statements;
  });
  return what;
}

/** The tags that values of a column have, under all keys of the ledger. */
async function tagsFor(ledger: Ledger, column: string, value: string): Promise<Buffer[]> {
  const { ledgerId, state } = await verifiedState(ledger);
  const keyring = createKeyring(ledgerId, state, storedGrants(ledger), owner, timestampOf(new Date()));
  const tags: Buffer[] = [];
  for (const [id, { kind }] of state.keys) {
    const key = kind === 'group' ? await keyring.groupKey(id) : null;
    if (key !== null) tags.push(Buffer.from(valueTag(columnTagKey(key, column), Buffer.from(value))));
  }
  return tags;
}

test('all rows of a subject are erased, in every data set, and no tag leads to them', async () => {
  const path = temporary.path('l.medseal');
  const ledger = await fill(await createLedger(path, owner, { difficulty: 0 }));
  const gone = [...(await tagsFor(ledger, 'patient_id', SUBJECT)), ...(await tagsFor(ledger, 'patient', SUBJECT))];
  const kept = await tagsFor(ledger, 'patient_id', 'P-3');
  const before = readFileSync(path);
  expect(gone.filter((tag) => before.includes(tag))).toHaveLength(2);
  const what = await eraseSubject(ledger);
  expect(what).toMatchObject({ records: 7, datasets: ['visits', 'doses'], missed: 0 });
  await ledger.close();
  const after = readFileSync(path);
  expect(gone.filter((tag) => after.includes(tag))).toEqual([]);
  expect(kept.filter((tag) => after.includes(tag))).toHaveLength(1);
  expect(await verifyLedger(path)).toMatchObject({ ok: true, erased: 7 });
  const again = await openLedger(path);
  expect(String(await opened(again, { dataset: 'visits' }))).toBe(VISITS.replaceAll(/P-2,.*\n/g, ''));
  expect(String(await opened(again, { dataset: 'notes' }))).toBe('note\nP-2\n');
  expect((await refusal(eraseSubject(again))).code).toBe('ARGUMENT_INVALID');
  // An index made anew leads to none of them either.
  await buildIndex(again, owner);
  await again.close();
  expect(gone.filter((tag) => readFileSync(path).includes(tag))).toEqual([]);
});

test('killed behind the statement, the next writer takes the tags away too', async () => {
  const path = temporary.path('killed.medseal');
  const ledger = await fill(await createLedger(path, owner, { difficulty: 0 }));
  const gone = await tagsFor(ledger, 'patient_id', SUBJECT);
  const writer = await ledger.write(owner);
  const options = { subject: SUBJECT, ...WHY };
  const { statements } = await erasing(granterOf(ledger, writer), { ledger, identity: owner }, options);
  await writer.append(statements.map(statementEntry));
  await writer.close();
  expect(gone.some((tag) => readFileSync(path).includes(tag))).toBe(true);
  await (await ledger.write(owner)).close();
  await ledger.close();
  expect(gone.some((tag) => readFileSync(path).includes(tag))).toBe(false);
});

test('what the index hides is found where all rows are read', async () => {
  const medium = memoryMedium();
  const ledger = await fill(await createLedger(memoryStore(medium), owner, { difficulty: 0 }));
  for (const tag of await tagsFor(ledger, 'patient_id', SUBJECT)) medium.tags.delete(tag.toString('hex'));
  expect(await eraseSubject(ledger)).toMatchObject({ records: 2, datasets: ['doses'] });
  expect(await eraseSubject(ledger, { scan: true })).toMatchObject({ records: 5, datasets: ['visits'] });
});

test('a corrected row goes with all its versions, whichever of them names the subject', async () => {
  const ledger = await fill(await newLedger());
  const correction = { values: new Map([['patient_id', SUBJECT]]) };
  await amendRow(ledger, owner, { dataset: 'visits', row: 1, correction, reason: 'misread' });
  await amendRow(ledger, owner, {
    dataset: 'visits',
    row: 3,
    correction: { values: new Map([['drug', 'x']]) },
    reason: 'misread',
  });
  expect(await eraseSubject(ledger, { dataset: 'visits' })).toMatchObject({ records: 5 + 1 + 2, datasets: ['visits'] });
  expect(String(await opened(ledger, { dataset: 'visits' }))).not.toMatch(/P-2|,x/);
});

test('it takes a column that names subjects, and a key', async () => {
  const ledger = await newLedger();
  await seal(ledger, DOSES, { index: ['patient'] });
  expect((await refusal(eraseSubject(ledger))).code).toBe('ARGUMENT_INVALID');
  const { datasets } = await listDatasets(await fill(ledger), bob);
  expect((await refusal(rowsOfSubject(ledger, await stateOf(ledger), datasets, SUBJECT))).code).toBe(
    'ARGUMENT_INVALID',
  );
});

test('what names no subject, and what a key does not open, is told; what is wholly erased is not', async () => {
  const ledger = await fill(await newLedger());
  const told = async (identity: typeof owner): Promise<unknown> => {
    const { unnamed, closed } = unsearchedOf((await listDatasets(ledger, identity)).datasets);
    return [unnamed.map(({ name }) => name), closed];
  };
  expect(await told(owner)).toEqual([['notes'], 0]);
  expect(await told(bob)).toEqual([[], 3]);
  await saying(
    ledger,
    async (granter) => (await erasing(granter, { ledger, identity: owner }, { dataset: 'notes', ...WHY })).statements,
  );
  expect(await told(owner)).toEqual([[], 0]);
  expect(await told(bob)).toEqual([[], 2]);
});

test('the trail of a subject is what touches its records', async () => {
  const ledger = await fill(await newLedger({ audit: true }));
  await amendRow(ledger, owner, {
    dataset: 'visits',
    row: 4,
    correction: { values: new Map([['drug', 'x']]) },
    reason: 'other',
  });
  await amendRow(ledger, owner, {
    dataset: 'visits',
    row: 3,
    correction: { values: new Map([['drug', 'x']]) },
    reason: 'this',
  });
  for (const [from, to] of [
    [1, 2],
    [2, 3],
    [4, 8],
  ] as const) {
    await opened(ledger, { dataset: 'visits', rows: { from, to }, purpose: 'TREAT' });
  }
  await saying(
    ledger,
    async (granter) =>
      (await erasing(granter, { ledger, identity: owner }, { dataset: 'doses', rows: '2', ...WHY })).statements,
  );
  const { state } = await verifiedState(ledger);
  const { datasets } = await listDatasets(ledger, owner);
  const records = [];
  for (const found of await rowsOfSubject(ledger, state, datasets, SUBJECT))
    records.push(...(await entriesOf(ledger, state, found)));
  const touching = touchedBy(state, records);
  const told: string[] = [];
  for await (const { statement } of trailOf(ledger, { touching })) {
    if (statement.kind === 'sealed' || statement.kind === 'access')
      told.push(`${statement.kind} ${JSON.stringify(statement.rows)}`);
    else told.push(statement.kind === 'amend' ? `amend ${statement.row}` : statement.kind);
  }
  expect(told).toEqual([
    'dataset',
    'grant',
    ...['[[3,3]]', '[[9,9]]', '[[15,15]]', '[[21,21]]', '[[27,27]]'].map((rows) => `sealed ${rows}`),
    'dataset',
    'grant',
    'sealed [[1,1]]',
    'sealed [[3,3]]',
    'sealed [[32,32]]',
    'amend 3',
    'access [[2,3]]',
  ]);
  const kinds = [];
  for await (const { statement } of trailOf(ledger, { touching, kinds: ['sealed'] })) kinds.push(statement.kind);
  expect(kinds).toHaveLength(8);
});
