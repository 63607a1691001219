// Between the statement that erases records and their destruction, nobody gets them any more.

import { beforeAll, describe, expect, test } from 'vitest';
import { eraseStatements } from '../../../src/access/erasure.js';
import { grantGroups } from '../../../src/access/group-keys.js';
import type { Identity } from '../../../src/crypto/identity.js';
import { rowHistory } from '../../../src/dataset/history.js';
import { findRows } from '../../../src/dataset/lookup/find.js';
import { openDataset } from '../../../src/dataset/open.js';
import { originalBytes } from '../../../src/dataset/output.js';
import { proveRecord } from '../../../src/dataset/prove.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { statementEntry } from '../../../src/ledger/writer.js';
import { ann, bob, keysOfTable, saying, stateOf } from '../../helpers/access.js';
import { joined, newLedger, opened, owner, readToEnd, refusal, seal } from '../../helpers/dataset-fixture.js';

const ROWS = Array.from({ length: 12 }, (_, i) => `P-${i + 1},drug ${i % 2},note ${i + 1}`);
const TABLE = ['patient,drug,note', ...ROWS, ''].join('\n');
const GROUPS = [
  { name: 'identity', columns: ['patient'] },
  { name: 'treatment', columns: ['drug', 'note'] },
];

/** As a process leaves it that is killed behind the statement. */
async function eraseHalf(
  ledger: Ledger,
  rows: { from: number; to: number },
  groups: readonly number[],
  as: Identity = owner,
): Promise<void> {
  const writer = await ledger.write(as, { owner: as.publicKey });
  const { state } = writer;
  const [dataset = ''] = state.datasets.keys();
  const keyIds = [...state.keys].flatMap(([id, key]) =>
    key.kind === 'group' && groups.includes(key.group) ? [id] : [],
  );
  const request = { keyIds, rows, reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };
  await writer.append((await eraseStatements(ledger, state, dataset, request)).map(statementEntry));
  await writer.close();
  const { notices } = await verifyLedger(ledger);
  expect(notices.map(({ code }) => code)).toContain('ERASE_PENDING');
}

async function found(ledger: Ledger, scan: boolean, as: Identity = owner): Promise<string> {
  const finding = await findRows(ledger, as, { where: [{ column: 'drug', value: 'drug 0' }], scan });
  const text = String(await joined(originalBytes(finding)));
  expect(finding.report()).toMatchObject({ blocks: 0, unopened: 0 });
  return text.replace(/^[^\n]*\n/, '');
}

describe.each([1, 5])('with %d rows a block', (blockSize) => {
  let ledger: Ledger;
  beforeAll(async () => {
    ledger = await newLedger();
    await seal(ledger, TABLE, { blockSize, subject: 'patient', index: ['drug'] });
    await eraseHalf(ledger, { from: 3, to: 4 }, [0]);
  });

  test('whole and in part, it opens without them and says so', async () => {
    expect(String(await opened(ledger))).toBe(TABLE.replace(/P-[34],.*\n/g, ''));
    for (const rows of [undefined, { from: 3, to: 5 }]) {
      const dataset = await openDataset(ledger, owner, rows === undefined ? {} : { rows });
      expect(await readToEnd(dataset)).not.toContain(3);
      const { erased, left, missing } = dataset.report();
      expect(erased.map(({ row }) => row)).toEqual([3, 4]);
      expect([left, missing]).toEqual([[], 0]);
    }
  });

  test('none is given out by itself', async () => {
    const dataset = await openDataset(ledger, owner);
    expect((await refusal(dataset.record(3))).code).toBe('CANNOT_OPEN');
    expect(String(await dataset.record(5))).toBe(`${ROWS[4]}\n`);
    const { versions } = await rowHistory(ledger, owner, 4);
    expect(versions).toMatchObject([{ state: 'erased', content: null }]);
  });

  test.each([false, true])('none is found (reading all rows: %s)', async (scan) => {
    const left = ROWS.filter((row, i) => row.includes('drug 0') && i !== 2);
    expect(await found(ledger, scan)).toBe(`${left.join('\n')}\n`);
  });

  test('none is disclosed, and where it was is proven as before', async () => {
    const error = await refusal(proveRecord(ledger, { identity: owner, row: 3, disclose: true }));
    expect([error.code, error.message]).toEqual(['CANNOT_OPEN', expect.stringMatching(/erased by block \d+/)]);
    await proveRecord(ledger, { identity: owner, row: 3 });
    await proveRecord(ledger, { identity: owner, row: 5, disclose: true });
  });
});

test('of a column group, the others are given out', async () => {
  const ledger = await newLedger();
  await seal(ledger, TABLE, { groups: GROUPS, subject: 'patient', index: ['drug'] });
  await eraseHalf(ledger, { from: 3, to: 3 }, [0]);
  expect(String(await opened(ledger))).toBe(TABLE.replace('P-3,', ','));
  expect(await found(ledger, false)).toContain('\n,drug 0,note 3\n');
  expect(await found(ledger, true)).toContain('\n,drug 0,note 3\n');
});

test('what is erased behind all that the first owner has signed, no reader finds any more', async () => {
  const ledger = await newLedger();
  await seal(ledger, TABLE, { subject: 'patient', index: ['drug'] });
  await saying(ledger, async (granter) => grantGroups(granter, await keysOfTable(ledger), bob.publicKey));
  await saying(ledger, () => [{ kind: 'owner', public_key: ann.publicKey }]);
  expect(await found(ledger, false, bob)).toContain('note 3\n');
  await eraseHalf(ledger, { from: 3, to: 3 }, [0], ann);
  for (const scan of [false, true]) expect(await found(ledger, scan, bob)).not.toContain('note 3\n');
  expect(await found(ledger, false, bob)).toContain('note 5\n');
});

test('of an indexed table as a whole, its header is not found either', async () => {
  const ledger = await newLedger();
  await seal(ledger, TABLE, { subject: 'patient', index: ['drug'] });
  await eraseHalf(ledger, { from: 0, to: ROWS.length }, [0]);
  for (const scan of [false, true]) expect((await refusal(found(ledger, scan))).code).toBe('CANNOT_OPEN');
});

test('of a header row, its columns stay closed', async () => {
  const ledger = await newLedger();
  await seal(ledger, TABLE, { groups: GROUPS });
  await eraseHalf(ledger, { from: 0, to: 0 }, [0]);
  const { info } = await openDataset(ledger, owner);
  expect(info.groups.map(({ access }) => access)).toEqual(['erased', 'open']);
  expect(String(await opened(ledger))).toMatch(/^drug,note\n/);
  expect((await stateOf(ledger)).erased).toBe(1);
});
