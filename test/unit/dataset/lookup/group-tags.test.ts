// Tags of several column groups: those of a group that is erased go, and each reader makes those of their own.

import { beforeEach, expect, test } from 'vitest';
import { grantGroups, keyIdsOf } from '../../../../src/access/group-keys.js';
import { erasing } from '../../../../src/cli/erased-records.js';
import type { Identity } from '../../../../src/crypto/identity.js';
import { buildIndex } from '../../../../src/dataset/lookup/build.js';
import { findRows } from '../../../../src/dataset/lookup/find.js';
import { originalBytes } from '../../../../src/dataset/output.js';
import { createLedger, type Ledger } from '../../../../src/ledger/ledger.js';
import { type MemoryMedium, memoryMedium, memoryStore } from '../../../../src/store/memory.js';
import { ann, saying } from '../../../helpers/access.js';
import { joined, owner, seal } from '../../../helpers/dataset-fixture.js';

const TABLE = 'drug,patient_id,note,name\nx,P-1,a,Ada\ny,P-2,b,Bob\n"y","P-1",c,Ada\nx,P-3,d,Cy\n';
const GROUPS = [
  { name: 'identity', columns: ['patient_id', 'name'] },
  { name: 'clinical', columns: ['*'] },
];

let medium: MemoryMedium;
let ledger: Ledger;
beforeEach(async () => {
  medium = memoryMedium();
  ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  const lookup = { subject: 'patient_id', index: ['drug'] };
  await seal(ledger, TABLE, { name: 'visits', blockSize: 3, groups: GROUPS, ...lookup });
  await saying(ledger, (granter) => {
    const { state } = granter.writer;
    const [dataset = ''] = state.datasets.keys();
    return grantGroups(granter, keyIdsOf(state, dataset, 1), ann.publicKey);
  });
});

async function found(where: Record<string, string>, as: Identity = owner): Promise<[text: string, by: string]> {
  const conditions = Object.entries(where).map(([column, value]) => ({ column, value }));
  const finding = await findRows(ledger, as, { where: conditions });
  const text = (await joined(originalBytes(finding))).toString().replace(/^[^\n]*\n/, '');
  expect(finding.report()).toMatchObject({ blocks: 0, unopened: 0 });
  return [text, finding.by];
}

test('the group that names a person is erased, with its tags; the other one is kept, and found', async () => {
  const places = (): number => [...medium.tags.values()].reduce((total, { size }) => total + size, 0);
  const before = places();
  let records = 0;
  await saying(ledger, async (granter) => {
    const why = { reason: 'asked for', basis: 'GDPR' };
    const what = await erasing(granter, { ledger, identity: owner }, { subject: 'P-1', group: 'identity', ...why });
    records = what.records;
    return what.statements;
  });
  expect(records).toBe(2);
  // Two tags less, and the mark of the new statement.
  expect(places()).toBe(before - 2 + 1);
  expect(await found({ patient_id: 'P-1' })).toEqual(['', 'index']);
  expect(await found({ drug: 'x' })).toEqual(['x,,a,\nx,P-3,d,Cy\n', 'index']);
  expect(await found({ drug: 'y' }, ann)).toEqual(['y,b\n"y",c\n', 'index']);
});

test('a reader makes the index of the groups that they open', async () => {
  medium.tags.clear();
  await buildIndex(ledger, ann);
  expect((await found({ drug: 'x' }, ann))[1]).toBe('index');
  expect(await found({ patient_id: 'P-2' })).toEqual(['y,P-2,b,Bob\n', 'reading']);
  await buildIndex(ledger, owner);
  expect(await found({ patient_id: 'P-2' })).toEqual(['y,P-2,b,Bob\n', 'index']);
});
