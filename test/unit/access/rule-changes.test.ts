// What becomes of rules when others are said, and how a person is told of it.

import { describe, expect, test } from 'vitest';
import { ruleChanges, saidWithoutRule } from '../../../src/access/rule-changes.js';
import { ruleChangesText } from '../../../src/cli/rules-text.js';
import type { PublicKey } from '../../../src/crypto/secp256k1.js';
import type { Rule, Rules } from '../../../src/format/statement.js';
import { owner, reader, recovery, writer } from '../../helpers/people.js';

const [dpo, cmo, ann, eve] = [owner, writer, recovery, reader].map(({ publicKey }) => publicKey as PublicKey) as [
  PublicKey,
  PublicKey,
  PublicKey,
  PublicKey,
];
const rule = (threshold: number, ...from: PublicKey[]): Rule => ({ threshold, from });
const NAMES = new Map<string, string>([
  [dpo, 'dpo'],
  [cmo, 'cmo'],
]);

test('a rule is added, changed, taken away, or as it was', () => {
  const before: Rules = { erase: rule(2, dpo, cmo), grant: rule(1, ann), revoke: rule(1, dpo) };
  const after: Rules = { erase: rule(1, dpo, eve), revoke: rule(1, dpo), owner: rule(1, eve) };
  expect(ruleChanges(before, after)).toEqual([
    { kind: 'erase', effect: 'changed', before: before.erase, after: after.erase, lose: [cmo], gain: [eve] },
    { kind: 'grant', effect: 'removed', before: before.grant, after: null, lose: [ann], gain: [] },
    { kind: 'revoke', effect: 'kept', before: before.revoke, after: after.revoke, lose: [], gain: [] },
    { kind: 'owner', effect: 'added', before: null, after: after.owner, lose: [], gain: [eve] },
  ]);
});

test.each<[what: string, before: Rule, after: Rule]>([
  ['threshold', rule(1, dpo, cmo), rule(2, dpo, cmo)],
  ['order', rule(1, dpo, cmo), rule(1, cmo, dpo)],
  ['approver', rule(1, dpo, cmo), rule(1, dpo, eve)],
])('another %s is a change, for which the rule’s own approvals are needed', (_, before, after) => {
  expect(ruleChanges({ erase: before }, { erase: after })).toMatchObject([{ effect: 'changed' }]);
});

test('what no rule is for is the owner’s, and some of it a writer’s', () => {
  expect(['erase', 'owner', 'rules', 'dataset', 'amend', 'grant'].map(saidWithoutRule)).toEqual([
    'owner',
    'owner',
    'owner',
    'writers',
    'writers of theirs',
    'writers of theirs',
  ]);
});

describe('a person is told', () => {
  const told = (before: Rules, after: Rules): string => ruleChangesText(ruleChanges(before, after), NAMES).join('\n');

  test('who loses a say, by name and key, and who gets one', () => {
    const text = told({ erase: rule(2, dpo, cmo) }, { erase: rule(1, dpo, eve) });
    expect(text).toContain(`cmo (${cmo.slice(0, 12)}…) no longer has a say in "erase"`);
    expect(text).toContain(`${eve} gets a say in it`);
    expect(text).toContain('fewer approvals: 1, not 2');
    expect(text).toContain('any one of these can put "erase" on the ledger, without the owner');
  });

  test('that a rule is gone, and who says alone from then on what it was for', () => {
    const text = told({ erase: rule(1, dpo), dataset: rule(2, dpo, cmo), rules: rule(1, dpo) }, {});
    expect(text).toContain('"erase": the rule is taken away; it needed 1 of 1');
    expect(text).toContain('from then on the owner alone puts "erase" on the ledger');
    expect(text).toContain('the owner and every writer put "dataset" on the ledger alone');
    expect(text).toContain('from then on the owner alone adds rules');
  });

  test('that with a new rule the ledger can be taken from its owner', () => {
    const text = told(
      { erase: rule(1, dpo) },
      { erase: rule(1, dpo), owner: rule(1, eve), rules: rule(2, dpo, cmo, ann) },
    );
    expect(text).toContain(`"owner": a new rule; it needs 1 of 1: ${eve}`);
    expect(text).toContain('the owner can no longer put "owner" on the ledger without 1 of these approvals');
    expect(text).toContain(
      'this one key can make anybody the owner of the ledger, and so themselves, without the owner',
    );
    expect(text).toContain('the owner can no longer add rules without 2 of these approvals');
    expect(text).toContain('any 2 of these can make any rule');
    expect(text).toContain('as before: "erase"');
  });

  test('that more are needed, or that nothing but the order is another', () => {
    expect(told({ erase: rule(1, dpo, cmo) }, { erase: rule(2, dpo, cmo) })).toContain('more approvals: 2, not 1');
    const ordered = told({ erase: rule(1, dpo, cmo) }, { erase: rule(1, cmo, dpo) });
    expect(ordered).toContain('the same people, in another order');
    expect(ordered).not.toContain('without the owner');
  });

  test('nothing that could be taken for something else: names are printed as they can be', () => {
    const names = new Map([[cmo as string, 'x\u001b[2J']]);
    const [line = ''] = ruleChangesText(ruleChanges({ erase: rule(1, cmo) }, {}), names);
    expect(line).not.toContain('\u001b');
  });
});
