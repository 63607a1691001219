// Data sets of several column groups: sealed, opened by those who hold some of the keys, revoked, erased, corrected, proven.

import { describe, expect, test } from 'vitest';
import { eraseStatements } from '../../../src/access/erasure.js';
import { grantGroups, revokeGroups } from '../../../src/access/group-keys.js';
import { amendRow } from '../../../src/dataset/amend.js';
import { listDatasets } from '../../../src/dataset/directory.js';
import type { GroupChoice } from '../../../src/dataset/groups.js';
import { rowHistory } from '../../../src/dataset/history.js';
import { type OpenOptions, openDataset } from '../../../src/dataset/open.js';
import { ndjsonBytes, originalBytes } from '../../../src/dataset/output.js';
import { proveRecord } from '../../../src/dataset/prove.js';
import { sealDataset } from '../../../src/dataset/seal.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { createLedger, openLedger } from '../../../src/ledger/ledger.js';
import { verifyProof } from '../../../src/proof/verify-proof.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import { ann, bob, saying } from '../../helpers/access.js';
import {
  joined,
  newLedger,
  opened,
  owner,
  readToEnd,
  refusal,
  seal,
  streamOf,
  temporaryFolder,
  verified,
} from '../../helpers/dataset-fixture.js';
import { INTERRUPTIONS } from '../../helpers/dataset-interruptions.js';
import { seeded, steppingClock } from '../../helpers/people.js';

const temporary = temporaryFolder();
const GROUPS: readonly GroupChoice[] = [
  { name: 'identity', columns: ['name', 'ssn'] },
  { name: 'clinical', columns: ['*'] },
];
const HEADER = 'id,name,ssn,drug,dose\r\n';
const row = (i: number): string => `${i},"Ada, ${i}",S-${i},"x\n${i}",${i * i}\r\n`;
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => row(from + i)).join('');
const PATIENTS = HEADER + rows(1, 7);
const IDENTITY = `name,ssn\r\n${[1, 2, 3, 4, 5, 6, 7].map((i) => `"Ada, ${i}",S-${i}\r\n`).join('')}`;
const CLINICAL = `id,drug,dose\r\n${[1, 2, 3, 4, 5, 6, 7].map((i) => `${i},"x\n${i}",${i * i}\r\n`).join('')}`;

async function patients(blockSize = 3): Promise<Ledger> {
  const ledger = await newLedger();
  await seal(ledger, PATIENTS, { name: 'patients', groups: GROUPS, blockSize });
  return ledger;
}

/** The ids of the keys that a group has had. */
async function keysOf(ledger: Ledger, group: number): Promise<readonly string[]> {
  const { datasets } = await listDatasets(ledger, owner);
  return datasets[0]?.groups[group]?.keyIds ?? [];
}

const grant = async (ledger: Ledger, group: number): Promise<unknown> => {
  const keys = await keysOf(ledger, group);
  return saying(ledger, (granter) => grantGroups(granter, keys, ann.publicKey));
};

const WHY = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };

async function erase(ledger: Ledger, group: number, range?: { from: number; to: number }): Promise<void> {
  const keyIds = await keysOf(ledger, group);
  const [info] = (await listDatasets(ledger, owner)).datasets;
  await saying(ledger, ({ writer }) =>
    eraseStatements(ledger, writer.state, info?.id ?? '', {
      keyIds,
      ...WHY,
      ...(range === undefined ? {} : { rows: range }),
    }),
  );
}

async function openedAs(ledger: Ledger, identity = owner, options: OpenOptions = {}) {
  const dataset = await openDataset(ledger, identity, options);
  const text = (await joined(originalBytes(dataset))).toString();
  return { text, info: dataset.info, report: dataset.report() };
}

describe('a file of two groups', () => {
  test.each([1, 3, 100])('comes back byte for byte, in blocks of %i rows', async (blockSize) => {
    const ledger = await patients(blockSize);
    expect(await verified(ledger)).toMatchObject({ ok: true, records: 7 });
    expect((await opened(ledger)).toString()).toBe(PATIENTS);
  });

  test('and without a line end at its end, with a byte-order mark at its beginning', async () => {
    const text = `\ufeff"id",name,ssn,drug,dose\n1,a,b,c,`;
    const ledger = await newLedger();
    await seal(ledger, text, { groups: GROUPS });
    expect((await opened(ledger)).toString()).toBe(text);
    expect((await opened(ledger, { groups: ['clinical'] })).toString()).toBe('\ufeff"id",drug,dose\n1,c,\n');
  });

  test('opens group by group', async () => {
    const ledger = await patients();
    expect((await opened(ledger, { groups: ['identity'] })).toString()).toBe(IDENTITY);
    expect((await opened(ledger, { groups: ['2'] })).toString()).toBe(CLINICAL);
    expect((await opened(ledger, { groups: ['clinical', 'identity'] })).toString()).toBe(PATIENTS);
    expect((await refusal(opened(ledger, { groups: ['clinic'] }))).code).toBe('GROUP_UNKNOWN');
  });

  test('is opened in threads as without them', async () => {
    const ledger = await newLedger();
    const text = HEADER + rows(1, 500);
    await seal(ledger, text, { groups: GROUPS, blockSize: 200, threads: 2 });
    for (const threads of [1, 2]) expect((await opened(ledger, { threads })).toString()).toBe(text);
  });

  test('is the same ledger from one thread and from many', async () => {
    const stored = async (threads: number) => {
      const medium = memoryMedium();
      const surroundings = { random: seeded('groups'), clock: steppingClock(), difficulty: 0 };
      const ledger = await createLedger(memoryStore(medium), owner, surroundings);
      await sealDataset(ledger, owner, streamOf(HEADER + rows(1, 300)), {
        name: 'x',
        groups: GROUPS,
        blockSize: 100,
        threads,
      });
      return medium.blocks.map(({ bodies, salts, entries }) =>
        [bodies, salts, entries].map((part) => Buffer.from(part)),
      );
    };
    expect(await stored(3)).toEqual(await stored(1));
  });

  test('gives single rows, ranges of rows, and columns', async () => {
    const ledger = await patients();
    const dataset = await openDataset(ledger, owner);
    expect(Buffer.from((await dataset.record(5)) ?? []).toString()).toBe(row(5));
    expect(await dataset.record(8)).toBeNull();
    expect((await opened(ledger, { rows: { from: 3, to: 5 } })).toString()).toBe(HEADER + rows(3, 5));
    const some = await openDataset(ledger, owner, { rows: { from: 2, to: 2 } });
    const text = await joined(ndjsonBytes(some, { columns: ['dose', 'name'] }));
    expect(JSON.parse(text.toString())).toEqual({ dose: '4', name: 'Ada, 2' });
  });
});

describe('a reader of one group', () => {
  test.each([
    [0, 'identity', IDENTITY],
    [1, 'clinical', CLINICAL],
  ])('opens the columns of group %i, and is told of the other', async (group, name, text) => {
    const ledger = await patients();
    await grant(ledger, group);
    const found = await openedAs(ledger, ann);
    expect(found.text).toBe(text);
    expect(found.report).toMatchObject({ opened: 7, left: [], erased: [], closed: 0, missing: 0, complete: true });
    const access = found.info.groups.map((each) => [each.manifest?.group ?? null, each.access]);
    expect(access[group]).toEqual([name, 'open']);
    expect(access[1 - group]).toEqual([null, 'not granted']);
    const dataset = await openDataset(ledger, ann);
    expect(Buffer.from((await dataset.record(2)) ?? []).toString()).toBe(text.split(/\r\n(?=["\d])/)[2] + '\r\n');
    const other = await refusal(openDataset(ledger, ann, { groups: [String(2 - group)] }));
    expect(other.code).toBe('NOT_GRANTED');
  });

  test('from whom it is revoked does not open what is sealed later', async () => {
    const ledger = await patients();
    await grant(ledger, 0);
    await grant(ledger, 1);
    const keys = await keysOf(ledger, 0);
    await saying(ledger, (granter) => revokeGroups(granter, keys, [ann.publicKey], 'left the trial'));
    await seal(ledger, HEADER + rows(8, 9), { name: 'patients', append: true });
    expect((await opened(ledger)).toString()).toBe(PATIENTS + rows(8, 9));
    const found = await openedAs(ledger, ann);
    // Its grant has ended: what was sealed before is for those who copied it.
    expect(found.info.groups.map(({ access }) => access)).toEqual(['not granted', 'open']);
    expect(found.report).toMatchObject({ opened: 9, closed: 0, missing: 0 });
    expect(found.text.split('\r\n')[9]).toBe('9,"x\n9",81');
  });

  test('who holds only an earlier key of another group has empty fields in later rows', async () => {
    const ledger = await patients();
    const first = await keysOf(ledger, 0);
    await saying(ledger, (granter) => grantGroups(granter, first, bob.publicKey));
    await saying(ledger, (granter) => revokeGroups(granter, first, [bob.publicKey], 'left the trial'));
    await seal(ledger, HEADER + rows(8, 9), { name: 'patients', append: true });
    await grant(ledger, 1);
    await saying(ledger, (granter) => grantGroups(granter, first, ann.publicKey));
    const found = await openedAs(ledger, ann);
    expect(found.text).toBe(PATIENTS + rows(8, 9).replaceAll(/"Ada, \d",S-\d/g, ','));
    expect(found.report).toMatchObject({ opened: 9, closed: 2, left: [], missing: 0 });
    const dataset = await openDataset(ledger, ann);
    expect(Buffer.from((await dataset.record(8)) ?? []).toString()).toBe(row(8).replace('"Ada, 8",S-8', ','));
    const identity = await openedAs(ledger, ann, { groups: ['identity'] });
    expect(identity.report).toMatchObject({ opened: 7, closed: 2, missing: 0 });
  });
});

describe('an erasure', () => {
  test('of one group of some rows leaves the other, with empty fields', async () => {
    const ledger = await patients();
    await erase(ledger, 0, { from: 2, to: 3 });
    expect(await verified(ledger)).toMatchObject({ ok: true, records: 7 });
    const found = await openedAs(ledger);
    const blank = (i: number): string => row(i).replace(`"Ada, ${i}",S-${i}`, ',');
    expect(found.text).toBe(HEADER + row(1) + blank(2) + blank(3) + rows(4, 7));
    expect(found.report).toMatchObject({ opened: 7, left: [], missing: 0, closed: 0 });
    expect(found.report.erased.map(({ row: number, group }) => [number, group])).toEqual([
      [2, 'identity'],
      [3, 'identity'],
    ]);
    const dataset = await openDataset(ledger, owner);
    expect(Buffer.from((await dataset.record(3)) ?? []).toString()).toBe(blank(3));
    const identity = await openedAs(ledger, owner, { groups: ['identity'] });
    expect(identity.report).toMatchObject({ opened: 5, left: [], missing: 0 });
  });

  test('of the group with the last column leaves lines that end', async () => {
    const ledger = await patients();
    await erase(ledger, 1, { from: 7, to: 7 });
    expect((await opened(ledger)).toString()).toBe(HEADER + rows(1, 6) + ',"Ada, 7",S-7,,\r\n');
  });

  test('of all groups of a row leaves the row out', async () => {
    const ledger = await patients();
    for (const group of [0, 1]) await erase(ledger, group, { from: 4, to: 4 });
    const found = await openedAs(ledger);
    expect(found.text).toBe(HEADER + rows(1, 3) + rows(5, 7));
    expect(found.report).toMatchObject({ opened: 6, left: [], missing: 0 });
    expect(found.report.erased).toHaveLength(2);
  });

  test('of a whole group leaves the other as it is', async () => {
    const ledger = await patients();
    await grant(ledger, 1);
    await erase(ledger, 0);
    for (const identity of [owner, ann]) {
      const found = await openedAs(ledger, identity);
      expect(found.text).toBe(CLINICAL);
      expect(found.report).toMatchObject({ opened: 7, left: [], missing: 0, verdict: { ok: true } });
    }
    const found = await openedAs(ledger);
    expect(found.info.groups.map(({ access }) => access)).toEqual(['erased', 'open']);
    const again = await refusal(seal(ledger, HEADER + rows(8, 8), { name: 'patients', append: true }));
    expect(again.code).toBe('GROUP_INVALID');
  });
});

describe('sealing goes on', () => {
  test('with the groups that there are, whether they are named again or not', async () => {
    const ledger = await patients();
    expect(await seal(ledger, PATIENTS, { name: 'patients', groups: GROUPS })).toMatchObject({ already: true });
    expect(await seal(ledger, PATIENTS, { name: 'patients' })).toMatchObject({ already: true });
    const more = temporary.file('more.csv', HEADER + rows(8, 9));
    const appending = { name: 'patients', append: true };
    expect(await sealDataset(ledger, owner, more, appending)).toMatchObject({ sealed: 2, already: false });
    expect(await sealDataset(ledger, owner, more, appending)).toMatchObject({ already: true });
    expect((await opened(ledger)).toString()).toBe(PATIENTS + rows(8, 9));
    const others = [
      { name: 'identity', columns: ['name'] },
      { name: 'clinical', columns: ['*'] },
    ];
    const size = await ledger.size();
    const refused = seal(ledger, HEADER + rows(10, 10), { name: 'patients', append: true, groups: others });
    expect((await refusal(refused)).code).toBe('GROUP_INVALID');
    expect(await ledger.size()).toBe(size);
  });

  test('from where it was interrupted', async () => {
    for (const [how, trapAt] of Object.entries(INTERRUPTIONS)) {
      for (const block of [1, 2, 3, 4]) {
        const medium = memoryMedium();
        await (await createLedger(memoryStore(medium), owner, { difficulty: 0 })).close();
        const { surroundings, options, store } = trapAt(block);
        const failing = await openLedger(store(memoryStore(medium)), surroundings);
        const sealing = { name: 'x', groups: GROUPS, blockSize: 2 };
        await seal(failing, PATIENTS, { ...sealing, ...options }).catch(() => {});
        await failing.close();
        const ledger = await openLedger(memoryStore(medium));
        await seal(ledger, PATIENTS, sealing);
        expect(await verified(ledger), `${how} at block ${block}`).toMatchObject({ ok: true, records: 7 });
        expect((await opened(ledger)).toString()).toBe(PATIENTS);
      }
    }
  });

  test('over rows of which a group has been erased', async () => {
    const ledger = await patients();
    await erase(ledger, 0, { from: 2, to: 2 });
    expect(await seal(ledger, PATIENTS, { name: 'patients' })).toMatchObject({ already: true });
    const other = PATIENTS.replace('S-3', 'S-4');
    expect((await refusal(seal(ledger, other, { name: 'patients' }))).code).toBe('DATASET_EXISTS');
  });
});

describe('groups are refused', () => {
  test('for NDJSON, before anything is written', async () => {
    const ledger = await newLedger();
    const refused = await refusal(seal(ledger, '{"a":1}\n', { groups: [{ name: 'x', columns: ['*'] }] }));
    expect(refused.code).toBe('GROUP_INVALID');
    expect(await ledger.size()).toBe(1);
  });

  test('where a column is not there', async () => {
    const ledger = await newLedger();
    const groups = [
      { name: 'identity', columns: ['nmae'] },
      { name: 'clinical', columns: ['*'] },
    ];
    expect((await refusal(seal(ledger, PATIENTS, { groups }))).code).toBe('COLUMN_UNKNOWN');
    expect(await ledger.size()).toBe(1);
  });
});

describe('one row', () => {
  test('is proven and disclosed group by group', async () => {
    const ledger = await patients();
    const prove = (group?: string) =>
      proveRecord(ledger, { row: 5, identity: owner, disclose: true, ...(group === undefined ? {} : { group }) });
    expect((await refusal(prove())).code).toBe('GROUP_UNKNOWN');
    for (const [group, text] of [
      ['identity', '"Ada, 5",S-5'],
      ['clinical', '5,"x\n5",25\r\n'],
    ] as const) {
      const { record } = await verifyProof((await prove(group)).bytes, { owner: owner.publicKey });
      expect(Buffer.from(record?.content ?? []).toString()).toBe(text);
    }
    const [info] = (await listDatasets(ledger)).datasets;
    const blind = await proveRecord(ledger, { row: 5, dataset: info?.id ?? '', group: '2' });
    expect(blind.record).toMatchObject({ row: 5, keyId: info?.groups[1]?.keyIds[0] });
  });

  test('is corrected in all groups at once', async () => {
    const ledger = await patients();
    await grant(ledger, 1);
    const correction = {
      values: new Map([
        ['dose', '26'],
        ['name', 'Eve'],
      ]),
    };
    await amendRow(ledger, owner, { dataset: 'patients', row: 5, correction, reason: 'misread' });
    const corrected = row(5).replace('"Ada, 5"', '"Eve"').replace(',25\r', ',26\r');
    expect((await opened(ledger)).toString()).toBe(HEADER + rows(1, 4) + corrected + rows(6, 7));
    expect((await openedAs(ledger, ann)).text).toBe(CLINICAL.replace(',25\r', ',26\r'));
    const { versions } = await rowHistory(ledger, ann, 5);
    expect(versions.map(({ content }) => Buffer.from(content ?? []).toString())).toEqual([
      '5,"x\n5",25\r\n',
      '5,"x\n5",26\r\n',
    ]);
    await erase(ledger, 0, { from: 5, to: 5 });
    const found = await openedAs(ledger);
    expect(found.text.split('\r\n')[5]).toBe('5,,,"x\n5",26');
    expect(found.report).toMatchObject({ opened: 7, left: [], missing: 0 });
    expect(await readToEnd(await openDataset(ledger, owner))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const again = amendRow(ledger, owner, { dataset: 'patients', row: 5, correction, reason: 'again' });
    expect((await refusal(again)).code).toBe('ARGUMENT_INVALID');
  });
});
