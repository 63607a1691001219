// What a block's head says: time, difficulty, link, history, and the genesis block.

import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '../../../src/errors.js';
import { anotherLedger, type Entries, oracleText, raw, say } from '../../helpers/breaking.js';
import { named, textOf, verifyText } from '../../helpers/ledgers.js';
import { OFF_CURVE, owner, recovery, START, seeded, stranger } from '../../helpers/people.js';
import { blockBehind } from '../../helpers/tampering.js';
import type { Header } from '../../oracle/block.js';
import { b64, H, hex, utf8 } from '../../oracle/bytes.js';
import { type JsonObject, jcs } from '../../oracle/jcs.js';
import { treeHash } from '../../oracle/merkle.js';
import { entryBytes, groupKey, sealRecord } from '../../oracle/seal.js';

const info = say({ kind: 'info-x' });

describe('a second block', () => {
  test.each<[Partial<Header>, ProblemCode | null]>([
    [{}, null],
    [{ timestamp: START }, null],
    [{ timestamp: '2025-03-01T11:59:59.999Z' }, 'TIME_BACKWARDS'],
    [{ timestamp: '2025-03-01T13:05:00.000Z' }, null],
    [{ timestamp: '2025-03-01T13:05:00.001Z' }, 'TIME_AHEAD'],
    [{ timestamp: '9999-12-31T23:59:59.999Z' }, 'TIME_AHEAD'],
    [{ timestamp: '2025-03-01T24:00:00.000Z' }, 'MALFORMED'],
    [{ timestamp: '2025-02-29T12:00:00.000Z' }, 'MALFORMED'],
    [{ timestamp: '2025-03-01T12:00:01Z' }, 'MALFORMED'],
    [{ timestamp: '2025-03-01T12:00:01.000+00:00' }, 'MALFORMED'],
    [{ difficulty: 3 }, null],
    [{ difficulty: 5 }, null],
    [{ difficulty: 2 }, 'DIFFICULTY_TOO_LOW'],
    [{ previous_hash: '0' }, 'LINK_BROKEN'],
    [{ previous_hash: '00'.repeat(32) }, 'LINK_BROKEN'],
    [{ history_hash: '00'.repeat(32) }, 'HISTORY_MISMATCH'],
    [{ history_hash: hex(H()) }, 'HISTORY_MISMATCH'],
    [{ data_hash: hex(H()) }, 'DATA_MISMATCH'],
    [{ data_size: 2 }, 'DATA_MISMATCH'],
    [{ data_size: 0 }, 'MALFORMED'],
    [{ data_size: 65_536 }, 'TOO_LARGE'],
    [{ version: 0 }, 'MALFORMED'],
    [{ version: 2 }, 'VERSION_NEWER'],
    [{ index: 0 }, 'MALFORMED'],
    [{ signer: OFF_CURVE }, 'SIGNATURE_INVALID'],
    [{ signer: stranger.publicKey }, 'SIGNATURE_INVALID'],
    [{ signer: owner.publicKey.toUpperCase() }, 'MALFORMED'],
  ])('with %j', async (header, code) => {
    const verdict = await verifyText(oracleText([raw(info, owner, header)], { difficulty: 3 }));
    if (code === null) expect(verdict).toMatchObject({ ok: true, blocks: 2 });
    else expect(verdict.problems).toMatchObject([{ block: 2, entry: null, code }]);
  });

  test('is followed by a third that fits, whatever was wrong with its own head', async () => {
    const other = '00'.repeat(32);
    const changes = [{ timestamp: '2025-03-01T11:00:00.000Z' }, { previous_hash: other }, { history_hash: other }];
    for (const header of changes) {
      const verdict = await verifyText(oracleText([raw(info, owner, header), raw(info)]));
      expect(named(verdict)).toEqual([2]);
    }
  });

  test('takes the time of the last good block, not of a bad one', async () => {
    const late = raw(info, owner, { timestamp: '2025-03-01T14:00:00.000Z' });
    expect(named(await verifyText(oracleText([late, raw(info)])))).toEqual([2]);
  });
});

describe('a genesis block', () => {
  const terms: JsonObject = {
    kind: 'ledger',
    owner: owner.publicKey,
    difficulty: 0,
    nonce: '00'.repeat(16),
    rules: {},
    recovery: [],
    audit: false,
  };
  const said = (change: JsonObject): JsonObject => ({ ...terms, ...change });

  test.each<[what: string, data: JsonObject[], header: Partial<Header>, code: ProblemCode | null]>([
    ['of the terms alone', [terms], {}, null],
    ['with audit and recovery', [said({ audit: true, recovery: [recovery.publicKey] })], {}, null],
    ['with something behind them', [terms, { kind: 'info-x' }], {}, null],
    ['that does more work than it demands', [said({ difficulty: 3 })], { difficulty: 4 }, null],
    ['that does less work than it demands', [said({ difficulty: 5 })], {}, 'DIFFICULTY_TOO_LOW'],
    ['without the terms', [{ kind: 'info-x' }], {}, 'GENESIS_INVALID'],
    ['with the terms in second place', [{ kind: 'info-x' }, terms], {}, 'GENESIS_INVALID'],
    ['with the terms twice', [terms, terms], {}, 'GENESIS_INVALID'],
    [
      'with a data set',
      [terms, { kind: 'dataset', id: '00'.repeat(16), keys: ['00'.repeat(16)] }],
      {},
      'GENESIS_INVALID',
    ],
    ['that names another owner', [said({ owner: stranger.publicKey })], {}, 'SIGNER_UNAUTHORISED'],
    ['that names the owner a writer', [terms, { kind: 'writer', public_key: owner.publicKey }], {}, 'WRITER_INVALID'],
    ['with a recovery key off the curve', [said({ recovery: [OFF_CURVE] })], {}, 'PUBLIC_KEY_INVALID'],
    [
      'with a recovery key twice',
      [said({ recovery: [recovery.publicKey, recovery.publicKey] })],
      {},
      'STATEMENT_INVALID',
    ],
    ['with a difficulty beyond 48', [said({ difficulty: 49 })], {}, 'STATEMENT_INVALID'],
    ['with rules', [said({ rules: { erase: {} } })], {}, 'STATEMENT_INVALID'],
    ['without a nonce', [said({ nonce: '' })], {}, 'STATEMENT_INVALID'],
    ['that names a block before it', [terms], { previous_hash: '00'.repeat(32) }, 'LINK_BROKEN'],
    ['with a history', [terms], { history_hash: '00'.repeat(32) }, 'HISTORY_MISMATCH'],
    ['ahead of time', [terms], { timestamp: '2025-03-01T13:05:00.001Z' }, 'TIME_AHEAD'],
  ])('%s', async (_, data, header, code) => {
    const timestamp = START;
    const genesis = blockBehind([], data, owner, { timestamp, ...header });
    const second = blockBehind([genesis], [{ kind: 'info-x' }], owner, { timestamp });
    const verdict = await verifyText(textOf([genesis, second]));
    if (code === null) expect(verdict).toMatchObject({ ok: true, blocks: 2 });
    else expect(verdict.problems[0]).toMatchObject({ block: 1, code });
    // One fault is one problem: the block behind it is good, but for a time that has gone back.
    if (code !== 'TIME_AHEAD') expect(verdict.problems.length).toBeLessThanOrEqual(1);
  });

  test('with a record', async () => {
    const ledger = H();
    const record = sealRecord(ledger, groupKey(ledger, H()), 0, utf8('x'), seeded('genesis'));
    const entries = [utf8(jcs(terms)), entryBytes(record)];
    const sealed = { sealed: b64(record.head), body: b64(record.body), salt: b64(record.salt) };
    const header = { timestamp: START, data_hash: hex(treeHash(entries)), data_size: 2 };
    const genesis = blockBehind([], [terms, sealed], owner, header);
    expect((await verifyText(textOf([genesis]))).problems).toMatchObject([
      { block: 1, entry: 1, code: 'GENESIS_INVALID' },
    ]);
  });

  test('stands nowhere else', async () => {
    const second: Entries = anotherLedger;
    const verdict = await verifyText(oracleText([raw(second)]));
    expect(verdict.problems).toMatchObject([{ block: 2, entry: 0, code: 'GENESIS_INVALID' }]);
  });
});
