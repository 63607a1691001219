// Roles after a change of owner: their keys are out of use, until they are renewed.

import { expect, test } from 'vitest';
import { grantGroups } from '../../../src/access/group-keys.js';
import type { Granter } from '../../../src/access/readers.js';
import { addMember, createRole, renewRoles } from '../../../src/access/roles.js';
import { type Said, say as sayWith } from '../../../src/access/say.js';
import { transferOwnership } from '../../../src/access/succession.js';
import { sealDataset } from '../../../src/dataset/seal.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { ann, bob, eve, keysOfTable, ledgerWithTable, saying, stateOf } from '../../helpers/access.js';
import { opened, owner, refusal, streamOf } from '../../helpers/dataset-fixture.js';

const OWNERS = { owner: owner.publicKey };

/** Ann is a member of "researcher", which is a member of "lab", to which the table is granted; eve owns it now. */
async function handedOver(content: boolean): Promise<Ledger> {
  const ledger = await ledgerWithTable();
  const keys = await keysOfTable(ledger);
  await saying(ledger, (granter) => createRole(granter, 'researcher', [ann.publicKey]));
  const researcher = (await stateOf(ledger)).roles.get('researcher')?.publicKey;
  await saying(ledger, (granter) => createRole(granter, 'lab', researcher === undefined ? [] : [researcher]));
  const lab = (await stateOf(ledger)).roles.get('lab')?.publicKey ?? owner.publicKey;
  await saying(ledger, (granter) => grantGroups(granter, keys, lab));
  await saying(ledger, (granter) => transferOwnership(granter, eve.publicKey, { content }));
  return ledger;
}

async function appended(ledger: Ledger, row: string): Promise<void> {
  const file = streamOf(`patient,drug\n${row}`);
  await sealDataset(ledger, eve, file, { name: 'visits', append: true, owner: eve.publicKey });
}

/** The new owner says something. */
const say = (ledger: Ledger, compose: (granter: Granter) => Promise<readonly Said[]>) =>
  sayWith(ledger, eve, {}, compose);

const renewAll = (ledger: Ledger) => say(ledger, (granter) => renewRoles(granter));

test('members of members read what is sealed after the renewal, and what was sealed before', async () => {
  const ledger = await handedOver(true);
  const before = await stateOf(ledger);
  await renewAll(ledger);
  const state = await stateOf(ledger);
  for (const name of ['researcher', 'lab']) {
    expect(state.roles.get(name)?.publicKey).not.toBe(before.roles.get(name)?.publicKey);
  }
  await appended(ledger, 'P3,z\n');
  expect(String(await opened(ledger, OWNERS, ann))).toBe('patient,drug\nP1,x\nP2,y\nP3,z\n');
  expect(await verifyLedger(ledger, OWNERS)).toMatchObject({ ok: true, problems: [] });
});

test('later members reach what was sealed before', async () => {
  const ledger = await handedOver(true);
  await renewAll(ledger);
  await say(ledger, (granter) => addMember(granter, 'researcher', bob.publicKey));
  await appended(ledger, 'P3,z\n');
  expect(String(await opened(ledger, OWNERS, bob))).toBe('patient,drug\nP1,x\nP2,y\nP3,z\n');
});

test('without the renewal the new rows are closed to the members', async () => {
  const ledger = await handedOver(true);
  await appended(ledger, 'P3,z\n');
  expect(String(await opened(ledger, OWNERS, ann))).toBe('patient,drug\nP1,x\nP2,y\n');
});

test('an owner who holds no content can renew roles too; their members keep what they had', async () => {
  const ledger = await handedOver(false);
  await renewAll(ledger);
  expect(String(await opened(ledger, OWNERS, ann))).toBe('patient,drug\nP1,x\nP2,y\n');
  expect(await verifyLedger(ledger, OWNERS)).toMatchObject({ ok: true });
});

test('a role that is in use is not renewed, one that is not there neither', async () => {
  const ledger = await handedOver(true);
  expect((await refusal(say(ledger, (granter) => renewRoles(granter, ['nurse'])))).code).toBe('ROLE_UNKNOWN');
  await say(ledger, (granter) => renewRoles(granter, ['researcher']));
  expect((await refusal(say(ledger, (granter) => renewRoles(granter, ['researcher'])))).code).toBe('ARGUMENT_INVALID');
  await renewAll(ledger);
  expect((await refusal(say(ledger, (granter) => renewRoles(granter)))).code).toBe('ARGUMENT_INVALID');
});

test('a former owner may be pinned who has signed; one who never did may not', async () => {
  const ledger = await handedOver(true);
  expect(String(await opened(ledger, OWNERS, ann))).toContain('P1,x');
  // Eve has been named, and has signed nothing yet.
  expect((await refusal(opened(ledger, { owner: eve.publicKey }, ann))).code).toBe('OWNER_MISMATCH');
  await renewAll(ledger);
  for (const pinned of [owner, eve]) {
    expect(String(await opened(ledger, { owner: pinned.publicKey }, ann))).toContain('P1,x');
  }
  expect((await refusal(opened(ledger, { owner: bob.publicKey }, ann))).code).toBe('OWNER_MISMATCH');
});
