// A ledger on which everything has been said that a trail keeps.

import { eraseStatements } from '../../src/access/erasure.js';
import { grantGroups, renewKeys, revokeGroups } from '../../src/access/group-keys.js';
import { approvable } from '../../src/access/proposal.js';
import { createRole } from '../../src/access/roles.js';
import { withRule } from '../../src/access/rules.js';
import { toHex } from '../../src/bytes.js';
import {
  type AccessStatement,
  accessDigest,
  approvalDigest,
  type RecoveryStatement,
} from '../../src/format/statement.js';
import { timestampOf } from '../../src/format/timestamp.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { verifiedState } from '../../src/ledger/verified-state.js';
import { ann, bob, eve, keysOfTable, ledgerWithTable, saying } from './access.js';

const WHY = { reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };

export async function ledgerWithTrail(): Promise<Ledger> {
  const ledger = await ledgerWithTable();
  const keys = await keysOfTable(ledger);
  const { ledgerId, state } = await verifiedState(ledger);
  const id = toHex(ledgerId);
  const [dataset = ''] = state.datasets.keys();
  await saying(ledger, (granter) => grantGroups(granter, keys, ann.publicKey, { reason: 'trial 7' }));
  await saying(ledger, (granter) => createRole(granter, 'researcher', [bob.publicKey]));
  for (const outcome of ['permitted', 'refused'] as const)
    await saying(ledger, () => access(ledger, id, dataset, outcome));
  await saying(ledger, (granter) => revokeGroups(granter, keys, [ann.publicKey], 'left'));
  await saying(ledger, async (granter) => {
    const [found] = granter.writer.state.datasets.values();
    return (await renewKeys(granter, found as never)).statements;
  });
  await saying(ledger, () => [{ kind: 'amend', id: dataset, row: 1, by: 2, reason: 'typing error' }]);
  await saying(ledger, () => [{ kind: 'writer', public_key: ann.publicKey }]);
  await saying(ledger, () => [{ kind: 'writer-removed', public_key: ann.publicKey }]);
  await saying(ledger, () => [{ kind: 'audit', on: true }]);
  await saying(ledger, () => [{ kind: 'audit', on: false }]);
  await saying(ledger, () => [{ kind: 'log-key', public_key: '11'.repeat(32) }]);
  await saying(ledger, ({ writer }) =>
    eraseStatements(ledger, writer.state, dataset, { keyIds: keys, rows: { from: 1, to: 1 }, ...WHY }),
  );
  await saying(ledger, ({ writer }) => [withRule(writer.state, 'recovery', 1, [ann.publicKey])]);
  await saying(ledger, (granter) => approvedRecovery(id, granter.random));
  await saying(ledger, () => [{ kind: 'owner', public_key: eve.publicKey }]);
  return ledger;
}

async function access(
  ledger: Ledger,
  id: string,
  dataset: string,
  outcome: AccessStatement['outcome'],
): Promise<AccessStatement[]> {
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

async function approvedRecovery(id: string, random: (length: number) => Uint8Array): Promise<RecoveryStatement[]> {
  const until = timestampOf(new Date(Date.now() + 60_000));
  const statement: RecoveryStatement = {
    kind: 'recovery',
    public_keys: [bob.publicKey],
    ...approvable(id, until, random),
  };
  const signature = toHex(await ann.sign(approvalDigest(statement)));
  return [{ ...statement, approvals: [{ by: ann.publicKey, signature }] }];
}
