// What a statement is about: rows, data sets and roles, where it names places and keys.

import { expect, test } from 'vitest';
import { type About, aboutOf } from '../../../src/access/about.js';
import { eraseStatements } from '../../../src/access/erasure.js';
import { grantGroups, keyIdsOf } from '../../../src/access/group-keys.js';
import { addMember, createRole, removeMember } from '../../../src/access/roles.js';
import { trailOf } from '../../../src/access/trail.js';
import type { PublicKey } from '../../../src/crypto/secp256k1.js';
import type { EraseStatement } from '../../../src/format/statement.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { ann, bob, saying, stateOf } from '../../helpers/access.js';
import { newLedger, seal } from '../../helpers/dataset-fixture.js';

const WHY = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };
const NOTHING = { dataset: null, group: null, role: null, readerRole: null, records: [], unknown: 0 };
const TWO = 'id,drug\n1,a\n2,b\n3,c\n4,d\n5,e\n';

/** A data set of two column groups, and one of one, in blocks of two rows. */
async function filled(): Promise<{ ledger: Ledger; two: string; one: string }> {
  const ledger = await newLedger();
  const groups = [
    { name: 'who', columns: ['id'] },
    { name: 'what', columns: ['drug'] },
  ];
  await seal(ledger, TWO, { name: 'two', blockSize: 2, groups });
  await seal(ledger, 'id\n1\n2\n', { name: 'one', blockSize: 2 });
  const [two = '', one = ''] = (await stateOf(ledger)).datasets.keys();
  return { ledger, two, one };
}

/** What each event of some kinds is about, in their order. */
async function aboutAll(ledger: Ledger, ...kinds: string[]): Promise<About[]> {
  const state = await stateOf(ledger);
  const found: About[] = [];
  for await (const { statement } of trailOf(ledger, { kinds })) found.push(await aboutOf(ledger, state, statement));
  return found;
}

async function erase(ledger: Ledger, dataset: string, groups: number[], rows?: { from: number; to: number }) {
  const state = await stateOf(ledger);
  const keyIds = groups.flatMap((group) => keyIdsOf(state, dataset, group));
  return eraseStatements(ledger, state, dataset, { keyIds, ...WHY, ...(rows === undefined ? {} : { rows }) });
}

test('an erasure is of rows, in a column group where not in all of them', async () => {
  const { ledger, two, one } = await filled();
  await saying(ledger, () => erase(ledger, two, [1], { from: 2, to: 4 }));
  await saying(ledger, () => erase(ledger, two, [0, 1], { from: 4, to: 5 }));
  await saying(ledger, () => erase(ledger, one, [0]));
  expect(await aboutAll(ledger, 'erase')).toEqual([
    { ...NOTHING, dataset: two, group: 2, records: [{ dataset: two, groups: [2], rows: [[2, 4]] }] },
    {
      ...NOTHING,
      dataset: two,
      // Of row 4 one group was erased before.
      records: [
        { dataset: two, groups: [1], rows: [[4, 4]] },
        { dataset: two, groups: null, rows: [[5, 5]] },
      ],
    },
    { ...NOTHING, dataset: one, records: [{ dataset: one, groups: null, rows: [[0, 2]] }] },
  ]);
});

test('an erasure in several data sets is about none of them alone', async () => {
  const { ledger, two, one } = await filled();
  const rows = { from: 1, to: 1 };
  const statements = [...(await erase(ledger, two, [0], rows)), ...(await erase(ledger, one, [0], rows))];
  const entries = statements.flatMap((statement) => statement.entries);
  await saying(ledger, () => [{ kind: 'erase', entries, ...WHY } satisfies EraseStatement]);
  expect(await aboutAll(ledger, 'erase')).toEqual([
    {
      ...NOTHING,
      records: [
        { dataset: two, groups: [1], rows: [[1, 1]] },
        { dataset: one, groups: null, rows: [[1, 1]] },
      ],
    },
  ]);
});

test('an erasure that is only proposed can name what is not there', async () => {
  const { ledger, one } = await filled();
  const entries: EraseStatement['entries'] = [
    [1, 0],
    [(await ledger.size()) + 5, 0],
  ];
  const [{ entries: there = [] } = {}] = await erase(ledger, one, [0], { from: 2, to: 2 });
  const proposed = { kind: 'erase', entries: [...there, ...entries], ...WHY } as const;
  const { records, unknown } = await aboutOf(ledger, await stateOf(ledger), proposed);
  expect({ records, unknown }).toEqual({ records: [{ dataset: one, groups: null, rows: [[2, 2]] }], unknown: 2 });
});

test('keys of data sets and of roles, and roles that are given them, are called by what they are', async () => {
  const { ledger, two, one } = await filled();
  await saying(ledger, (granter) => createRole(granter, 'researcher', [ann.publicKey]));
  const first = (await stateOf(ledger)).roles.get('researcher')?.publicKey as PublicKey;
  const state = await stateOf(ledger);
  for (const [dataset, group] of [
    [two, 1],
    [one, 0],
  ] as const) {
    await saying(ledger, (granter) => grantGroups(granter, keyIdsOf(state, dataset, group), first));
  }
  await saying(ledger, (granter) => addMember(granter, 'researcher', bob.publicKey));
  await saying(ledger, (granter) => removeMember(granter, 'researcher', bob.publicKey, 'left'));
  expect(await aboutAll(ledger, 'role')).toEqual(Array(2).fill({ ...NOTHING, role: 'researcher' }));
  // The role has other keys since, and the ones that it had before are still known.
  const member = { ...NOTHING, role: 'researcher' };
  const ofOwner = [
    { ...NOTHING, dataset: two, group: 1 },
    { ...NOTHING, dataset: two, group: 2 },
    { ...NOTHING, dataset: one },
  ];
  expect(await aboutAll(ledger, 'grant')).toEqual([
    ...ofOwner,
    ...[member, member],
    { ...NOTHING, dataset: two, group: 2, readerRole: 'researcher' },
    { ...NOTHING, dataset: one, readerRole: 'researcher' },
    ...[member, member, member],
    { ...member, readerRole: 'researcher' },
  ]);
  expect(await aboutAll(ledger, 'revoke')).toEqual([member]);
  await saying(ledger, () => [{ kind: 'writer', public_key: ann.publicKey }]);
  expect(await aboutAll(ledger, 'writer')).toEqual([NOTHING]);
});
