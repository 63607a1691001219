// Erasure certificates: what is certified has been looked at first.

import { expect, test } from 'vitest';
import { eraseStatements } from '../../../src/access/erasure.js';
import { approvable, approve } from '../../../src/access/proposal.js';
import { withRule } from '../../../src/access/rules.js';
import { say } from '../../../src/access/say.js';
import { toHex } from '../../../src/bytes.js';
import type { Identity } from '../../../src/crypto/identity.js';
import { parseCheckpoint } from '../../../src/format/checkpoint.js';
import type { RuledStatement } from '../../../src/format/statement.js';
import { certifyErasure } from '../../../src/ledger/certificate.js';
import { makeCheckpoint } from '../../../src/ledger/checkpoint.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { statementEntry } from '../../../src/ledger/writer.js';
import { verifyCertificate } from '../../../src/proof/verify-certificate.js';
import { ann, bob, keysOfTable, ledgerWithTable, saying, stateOf } from '../../helpers/access.js';
import { owner, refusal } from '../../helpers/dataset-fixture.js';

const WHY = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };

async function statementsFor(ledger: Ledger, row: number) {
  const keyIds = await keysOfTable(ledger);
  const state = await stateOf(ledger);
  const [dataset = ''] = state.datasets.keys();
  return eraseStatements(ledger, state, dataset, { keyIds, rows: { from: row, to: row }, ...WHY });
}

async function erased(ledger: Ledger, row: number): Promise<number> {
  const statements = await statementsFor(ledger, row);
  return (await saying(ledger, () => statements)) ?? 0;
}

const verdict = (bytes: Uint8Array, by: Identity = owner) => verifyCertificate(bytes, { owner: by.publicKey });

test('an erasure is certified, and the certificate holds without the ledger', async () => {
  const ledger = await ledgerWithTable();
  const block = await erased(ledger, 2);
  const { bytes, certificate } = await certifyErasure(ledger, owner, block);
  expect(certificate).toMatchObject({
    block,
    signer: owner.publicKey,
    by: owner.publicKey,
    erasures: [{ entry: 0, records: 1, ...WHY, approvedBy: [] }],
    anchor: { kind: 'own-block', size: block - 1 },
  });
  expect(await verdict(bytes)).toMatchObject({ ok: true, problem: null, certificate });
  expect(await verdict(bytes, ann)).toMatchObject({ ok: false, problem: { code: 'OWNER_MISMATCH' } });
});

test('it holds still when the ledger has gone on, and leads to a checkpoint where one is given', async () => {
  const ledger = await ledgerWithTable();
  const block = await erased(ledger, 1);
  await saying(ledger, () => [{ kind: 'audit', on: true }]);
  const { text } = await makeCheckpoint(ledger, owner);
  const checkpoint = parseCheckpoint(Buffer.from(text));
  for (const options of [{}, { checkpoint }]) {
    const { bytes, certificate } = await certifyErasure(ledger, bob, block, options);
    expect(certificate.by).toBe(bob.publicKey);
    expect(await verdict(bytes)).toMatchObject({ ok: true });
  }
});

test('records that are still there are not certified', async () => {
  const ledger = await ledgerWithTable();
  const statements = await statementsFor(ledger, 2);
  const writer = await ledger.write(owner);
  // As a process does that is killed before the destruction.
  const block = await writer.append(statements.map(statementEntry));
  await writer.close();
  expect((await refusal(certifyErasure(ledger, owner, block))).code).toBe('ARGUMENT_INVALID');
  await saying(ledger, () => [{ kind: 'audit', on: true }]);
  expect(await certifyErasure(ledger, owner, block)).toMatchObject({ certificate: { block } });
});

test('a block that erases nothing, and one that is not there', async () => {
  const ledger = await ledgerWithTable();
  expect((await refusal(certifyErasure(ledger, owner, 2))).code).toBe('ARGUMENT_INVALID');
  expect((await refusal(certifyErasure(ledger, owner, 99))).code).toBe('LEDGER_INVALID');
});

test('what approvers have put on the ledger is vouched for by themselves, or by the owner once they go on', async () => {
  const ledger = await ledgerWithTable();
  await saying(ledger, ({ writer: { state } }) => [withRule(state, 'erase', 1, [ann.publicKey])]);
  const statements = await statementsFor(ledger, 2);
  const until = '2999-01-01T00:00:00.000Z' as RuledStatement['until'];
  const block = await say(ledger, ann, { owner: owner.publicKey, content: 'approved' }, async ({ writer, random }) => {
    const id = toHex(writer.ledgerId);
    const proposed = statements.map((each) => ({ ...each, ...approvable(id, until ?? each.until!, random) }));
    return (await approve({ ledger: id, said: proposed }, ann)).said;
  });
  expect((await refusal(certifyErasure(ledger, ann, block ?? 0))).code).toBe('ANCHOR_MISSING');
  const own = await certifyErasure(ledger, ann, block ?? 0, { owner: ann.publicKey });
  expect(await verdict(own.bytes, ann)).toMatchObject({ ok: true });
  await saying(ledger, () => [{ kind: 'audit', on: true }]);
  const { bytes, certificate } = await certifyErasure(ledger, ann, block ?? 0);
  expect(certificate.erasures).toMatchObject([{ approvedBy: [ann.publicKey] }]);
  expect(await verdict(bytes)).toMatchObject({ ok: true });
});
