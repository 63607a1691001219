// Rows of several column groups are found by columns of any of them that the key opens.

import { expect, test } from 'vitest';
import { grantGroups } from '../../../../src/access/group-keys.js';
import { listDatasets } from '../../../../src/dataset/directory.js';
import { buildIndex } from '../../../../src/dataset/lookup/build.js';
import { type FindOptions, findRows } from '../../../../src/dataset/lookup/find.js';
import { exportLedger } from '../../../../src/ledger/export.js';
import { importLedger } from '../../../../src/ledger/import.js';
import { type Ledger, openLedger } from '../../../../src/ledger/ledger.js';
import { ann, saying } from '../../../helpers/access.js';
import { newLedger, owner, refusal, seal, temporaryFolder } from '../../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const CSV = 'patient,name,drug\nP1,Ada,x\nP2,Grace,y\nP1,Ada,y\n';
const GROUPS = [
  { name: 'identity', columns: ['name'] },
  { name: 'clinical', columns: ['*'] },
];

async function patients(): Promise<Ledger> {
  const ledger = await newLedger();
  await seal(ledger, CSV, { groups: GROUPS, blockSize: 2, subject: 'patient', index: ['name', 'drug'] });
  const [info] = (await listDatasets(ledger, owner)).datasets;
  await saying(ledger, (granter) => grantGroups(granter, info?.groups[1]?.keyIds ?? [], ann.publicKey));
  return ledger;
}

async function found(ledger: Ledger, where: Record<string, string>, as = owner, options: Partial<FindOptions> = {}) {
  const conditions = Object.entries(where).map(([column, value]) => ({ column, value }));
  const finding = await findRows(ledger, as, { where: conditions, owner: owner.publicKey, ...options });
  const rows: string[] = [];
  for await (const batch of finding.rows()) rows.push(...batch.map(({ content }) => Buffer.from(content).toString()));
  return { by: finding.by, rows, unopened: finding.report().unopened };
}

test.each([false, true])('by a column of either, and of both (reading all: %s)', async (scan) => {
  const ledger = await patients();
  const by = scan ? 'reading' : 'index';
  const of = (where: Record<string, string>) => found(ledger, where, owner, { scan });
  expect(await of({ patient: 'P1' })).toEqual({ by, rows: ['P1,Ada,x\n', 'P1,Ada,y\n'], unopened: 0 });
  expect(await of({ name: 'Grace' })).toEqual({ by, rows: ['P2,Grace,y\n'], unopened: 0 });
  expect(await of({ name: 'Ada', drug: 'y' })).toEqual({ by, rows: ['P1,Ada,y\n'], unopened: 0 });
  expect((await of({ name: 'Ada', patient: 'P2' })).rows).toEqual([]);
});

test('a reader of one group finds by its columns, and gets no others', async () => {
  const ledger = await patients();
  expect(await found(ledger, { patient: 'P1' }, ann)).toEqual({ by: 'index', rows: ['P1,x\n', 'P1,y\n'], unopened: 0 });
  expect((await refusal(found(ledger, { name: 'Ada' }, ann))).code).toBe('COLUMN_UNKNOWN');
});

test('an import is indexed by its groups too', async () => {
  const path = temporary.path('import.medseal');
  await importLedger(exportLedger(await patients()), path);
  const ledger = await openLedger(path);
  expect((await found(ledger, { name: 'Grace' })).by).toBe('reading');
  expect(await buildIndex(ledger, owner)).toMatchObject({ rows: 3 });
  expect(await found(ledger, { name: 'Grace' })).toEqual({ by: 'index', rows: ['P2,Grace,y\n'], unopened: 0 });
  expect((await found(ledger, { patient: 'P1' }, ann)).by).toBe('index');
  await ledger.close();
});
