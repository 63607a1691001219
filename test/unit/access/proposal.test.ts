import { describe, expect, test } from 'vitest';
import { grantGroups } from '../../../src/access/group-keys.js';
import type { Proposal } from '../../../src/access/proposal.js';
import {
  approvable,
  approve,
  approversOf,
  decodeProposal,
  defaultUntil,
  encodeProposal,
  propose,
  withCounted,
} from '../../../src/access/proposal.js';
import { withoutRule, withRule } from '../../../src/access/rules.js';
import { granterOf, say } from '../../../src/access/say.js';
import { fromUtf8, toHex, utf8 } from '../../../src/bytes.js';
import type { Identity } from '../../../src/crypto/identity.js';
import type { Statement } from '../../../src/format/statement.js';
import { type Timestamp, timestampOf } from '../../../src/format/timestamp.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { verifiedState } from '../../../src/ledger/verified-state.js';
import { ann, bob, eve, keysOfTable, ledgerWithTable, saying, stateOf } from '../../helpers/access.js';
import { owner, refusal } from '../../helpers/dataset-fixture.js';

const HANDED_OVER: Statement = { kind: 'owner', public_key: eve.publicKey };

/** A ledger whose owner changes only with two of three approvals. */
async function ruledLedger(): Promise<Ledger> {
  const ledger = await ledgerWithTable();
  const from = [ann.publicKey, bob.publicKey, owner.publicKey];
  await saying(ledger, ({ writer: { state } }) => [withRule(state, 'owner', 2, from)]);
  return ledger;
}

async function proposed(ledger: Ledger, statement: Statement = HANDED_OVER, until?: Timestamp): Promise<Proposal> {
  let proposal: Proposal | null = null;
  await saying(ledger, (granter) => {
    proposal = propose(granter, [statement], until);
    return [];
  });
  return proposal as unknown as Proposal;
}

async function approved(proposal: Proposal, ...by: Identity[]): Promise<Proposal> {
  let all = proposal;
  for (const identity of by) all = await approve(await decodeProposal(encodeProposal(all)), identity);
  return all;
}

const submit = (ledger: Ledger, { said, ledger: id }: Proposal, as: Identity = ann) =>
  say(ledger, as, { content: 'approved', ledger: id }, () => said);

describe('a proposal', () => {
  test('with enough approvals is put on the ledger by an approver, once', async () => {
    const ledger = await ruledLedger();
    const proposal = await approved(await proposed(ledger), ann, bob);
    expect(approversOf(proposal)).toEqual([ann.publicKey, bob.publicKey]);
    await submit(ledger, proposal);
    expect((await stateOf(ledger)).owner).toBe(eve.publicKey);
    expect((await refusal(submit(ledger, proposal))).code).toBe('ID_REPEATED');
  });

  test('with too few is refused, before anything is written', async () => {
    const ledger = await ruledLedger();
    const size = await ledger.size();
    const proposal = await approved(await proposed(ledger), ann);
    expect((await refusal(submit(ledger, proposal))).code).toBe('APPROVALS_MISSING');
    expect(await ledger.size()).toBe(size);
  });

  test('with an approval of somebody whom no rule names is refused', async () => {
    const ledger = await ruledLedger();
    const proposal = await approved(await proposed(ledger), ann, bob, eve);
    expect((await refusal(submit(ledger, proposal))).code).toBe('APPROVAL_INVALID');
  });

  test('is approved once by each', async () => {
    const proposal = await approved(await proposed(await ruledLedger()), ann);
    expect((await refusal(approve(proposal, ann))).code).toBe('ARGUMENT_INVALID');
  });

  test('for another ledger is refused', async () => {
    const proposal = await approved(await proposed(await ruledLedger()), ann, bob);
    const other = await ruledLedger();
    expect((await refusal(submit(other, proposal))).code).toBe('LEDGER_MISMATCH');
    const forced = say(other, owner, {}, () => proposal.said);
    expect((await refusal(forced)).code).toBe('APPROVAL_INVALID');
  });

  test('that is too old is refused', async () => {
    const ledger = await ruledLedger();
    const past = timestampOf(new Date(Date.now() - 1000));
    const proposal = await approved(await proposed(ledger, HANDED_OVER, past), ann, bob);
    expect((await refusal(submit(ledger, proposal))).code).toBe('APPROVAL_INVALID');
  });

  test('is not made of what needs no approvals', async () => {
    const ledger = await ruledLedger();
    const attempt = proposed(ledger, { kind: 'writer', public_key: eve.publicKey });
    expect((await refusal(attempt)).code).toBe('ARGUMENT_INVALID');
  });

  test('of a grant is none where no rule asks for it, whoever proposes it', async () => {
    const ledger = await ruledLedger();
    const [key = ''] = await keysOfTable(ledger);
    const granter = granterOf(ledger, { ...(await verifiedState(ledger)), identity: owner });
    const proposed = () => approvable(toHex(granter.writer.ledgerId), defaultUntil(granter.now), granter.random);
    const grants = await grantGroups(granter, [key], bob.publicKey, { proposed });
    for (const identity of [owner, ann, eve]) {
      const as = { ...granter, writer: { ...granter.writer, identity } };
      expect((await refusal(() => propose(as, grants))).code).toBe('ARGUMENT_INVALID');
    }
    await saying(ledger, ({ writer: { state } }) => [withRule(state, 'grant', 1, [ann.publicKey])]);
    const ruled = granterOf(ledger, { ...(await verifiedState(ledger)), identity: eve });
    expect(propose(ruled, grants).said).toEqual(grants);
  });

  test('is counted without the approvals of keys that no rule names', async () => {
    const ledger = await ruledLedger();
    const state = await stateOf(ledger);
    const proposal = await proposed(ledger);
    expect(withCounted(proposal, state)).toMatchObject({ foreign: [], isEnough: false });
    const one = withCounted(await approved(proposal, ann, eve), state);
    expect(one).toMatchObject({ foreign: [eve.publicKey], isEnough: false });
    const all = await approved(proposal, eve, ann, bob);
    const enough = withCounted(all, state);
    expect(enough).toMatchObject({ foreign: [eve.publicKey], isEnough: true });
    expect(approversOf({ ...all, said: enough.said })).toEqual([ann.publicKey, bob.publicKey]);
    await submit(ledger, { ...all, said: enough.said });
    expect((await stateOf(ledger)).owner).toBe(eve.publicKey);
    // What no rule asks approvals for has none that count.
    await saying(await ledgerWithTable(), ({ writer }) => {
      expect(withCounted(all, writer.state).isEnough).toBe(false);
      return [];
    });
  });

  test('what needs approvals is not said without', async () => {
    const ledger = await ruledLedger();
    expect((await refusal(saying(ledger, () => [HANDED_OVER]))).code).toBe('APPROVALS_MISSING');
  });

  test('how approvals come about is told with whatever needs them, grants too', async () => {
    const ledger = await ledgerWithTable();
    await saying(ledger, ({ writer: { state } }) => [withRule(state, 'grant', 1, [ann.publicKey])]);
    const granting = saying(ledger, (granter) => {
      const { datasets } = granter.writer.state;
      return grantGroups(
        granter,
        [...datasets.values()].flatMap(({ keys }) => keys),
        bob.publicKey,
      );
    });
    const { code, message } = await refusal(granting);
    expect([code, message.includes('medseal propose')]).toEqual(['APPROVALS_MISSING', true]);
    const ruled = await ruledLedger();
    const tooFew = await refusal(submit(ruled, await approved(await proposed(ruled), ann)));
    expect(tooFew.message).toContain('medseal approve');
  });
});

describe('a file that was changed', () => {
  const changes: [string, (text: string) => string][] = [
    ['in what is approved', (text) => text.replace(eve.publicKey, ann.publicKey)],
    ['in who approved', (text) => text.replace(`"by":"${ann.publicKey}"`, `"by":"${bob.publicKey}"`)],
    [
      'in its ledger',
      (text) => text.replace(/"ledger":"[0-9a-f]{64}","medseal"/, `"ledger":"${'00'.repeat(32)}","medseal"`),
    ],
    ['in its version', (text) => text.replace('"version":1', '"version":2')],
    ['by a member', (text) => text.replace('"version":1', '"version":1,"x":1')],
    ['in its spelling', (text) => text.replace('{', '{ ')],
    ['by being cut off', (text) => text.slice(0, -10)],
    ['into nothing', () => ''],
    ['into another file', () => '{"kty":"EC"}\n'],
  ];

  test.each(changes)('%s is no proposal', async (_, change) => {
    const proposal = await approved(await proposed(await ruledLedger()), ann);
    const text = fromUtf8(encodeProposal(proposal)) ?? '';
    expect(change(text)).not.toBe(text);
    expect((await refusal(decodeProposal(utf8(change(text))))).code).toBe('PROPOSAL_INVALID');
    expect(await decodeProposal(utf8(text))).toEqual(proposal);
  });
});

describe('rules', () => {
  test('are added, changed and taken away one by one', async () => {
    const ledger = await ruledLedger();
    await saying(ledger, ({ writer: { state } }) => [withRule(state, 'erase', 1, [ann.publicKey])]);
    expect(Object.keys((await stateOf(ledger)).rules).sort()).toEqual(['erase', 'owner']);
    // Whoever takes a rule away needs what it demands.
    const attempt = saying(ledger, ({ writer: { state } }) => [withoutRule(state, 'erase')]);
    expect((await refusal(attempt)).code).toBe('APPROVALS_MISSING');
  });

  test.each([
    ['a kind that no rule can name', 'access', 1, [ann.publicKey]],
    ['a kind that is none', 'sing', 1, [ann.publicKey]],
    ['more approvals than approvers', 'erase', 2, [ann.publicKey]],
    ['no approvals', 'erase', 0, [ann.publicKey]],
    ['an approver twice', 'erase', 1, [ann.publicKey, ann.publicKey]],
  ])('with %s are refused', async (_, kind, threshold, from) => {
    const ledger = await ledgerWithTable();
    const attempt = saying(ledger, ({ writer: { state } }) => [withRule(state, kind, threshold, from)]);
    expect((await refusal(attempt)).code).toBe('ARGUMENT_INVALID');
  });
});
