// Rules and approvals: m of n, for one statement, in one ledger, until a time, once.

import type { JsonObject } from '../../oracle/jcs.js';
import {
  approved,
  approvedGrant,
  erase,
  grantRole,
  grantSet,
  newKeys,
  revokeSet,
  role,
  rolePair,
  rows,
  say,
  together,
} from '../../oracle/say.js';
import type { Step } from '../../oracle/write.js';
import { genesis, ledger, ledgerStatement, note, raw } from './ledgers.js';
import {
  DOCTOR,
  doctor,
  HEIR,
  heir,
  OFF_CURVE,
  OFFICER,
  OWNER,
  officer,
  owner,
  reader,
  STRANGER,
  WRITER,
  writer,
} from './people.js';
import { accepted, caseOf, refused, SETS } from './verify-said.js';
import { type Case, problem } from './verify-vector.js';

const RULE = 'ledger.md#rules-and-approvals';
const WHO = 'ledger.md#who-may-say-what';
const two = { from: [officer, doctor, owner], threshold: 2 };
const audit: JsonObject = { kind: 'audit', on: true };
const rules = (map: JsonObject): JsonObject => ({ kind: 'rules', rules: map });
const ruled = { rules: { audit: two } };

export function approvalCases(): Case[] {
  return [...approvals(), ...signers(), lost(), ...changes(), ...grants(), ...forms()];
}

function approvals(): Case[] {
  const invalid = (name: string, description: string, steps: Step[], code = 'APPROVAL_INVALID') =>
    refused(RULE, `approval-${name}`, description, code, steps, ruled);
  const one = raw(approved(audit, [OFFICER, DOCTOR]));
  /** The statement with the approvals of another one. */
  const swapped = (change: JsonObject) =>
    raw((context) => approved(audit, [OFFICER, DOCTOR])(context).map((statement) => ({ ...statement, ...change })));
  return [
    accepted(RULE, 'approvals', 'A statement with as many approvals as its rule demands.', [one], ruled),
    accepted(
      RULE,
      'approvals-all',
      'More approvals than the rule demands, the owner among them.',
      [raw(approved(audit, [OWNER, DOCTOR, OFFICER]))],
      ruled,
    ),
    accepted(
      RULE,
      'approvals-until-now',
      'Approvals hold up to their last millisecond.',
      [raw(approved(audit, [OFFICER, DOCTOR], { until: '2025-03-01T12:00:08.000Z' }))],
      ruled,
    ),
    accepted(RULE, 'rules-from-the-next-block', 'A rule does not bind the block that makes it.', [
      raw(say(rules({ audit: two }), audit)),
    ]),
    accepted(RULE, 'no-rule-for-this-kind', 'A rule binds no other kind of statement.', [raw(erase([4, 0]))], {
      ...ruled,
      expect: { erased: 1 },
      notices: [{ block: 4, code: 'ERASE_PENDING' }],
    }),
    invalid(
      'missing-all',
      'A statement without the approvals that its rule demands.',
      [raw(say(audit))],
      'APPROVALS_MISSING',
    ),
    invalid(
      'missing-one',
      'One approval, where two are demanded.',
      [raw(approved(audit, [OFFICER]))],
      'APPROVALS_MISSING',
    ),
    invalid(
      'missing-signer',
      'The signature of the block is no approval.',
      [raw(approved(audit, [OFFICER]), OFFICER)],
      'APPROVALS_MISSING',
    ),
    invalid('repeated', 'The same approval twice.', [raw(approved(audit, [OFFICER, OFFICER]))]),
    invalid('foreign', 'An approval by a key that the rule does not name, beside enough others.', [
      raw(approved(audit, [OFFICER, DOCTOR, STRANGER])),
    ]),
    invalid('of-another-statement', 'What was approved is something else.', [swapped({ on: false })]),
    invalid('of-another-proposal', 'What was approved is another proposal.', [swapped({ proposal: 'ab'.repeat(16) })]),
    invalid('until-moved', 'The time was moved after the approvals.', [swapped({ until: '2027-01-01T00:00:00.000Z' })]),
    invalid('forged', 'An approval in the name of another.', [
      raw((context) =>
        (approved(audit, [OFFICER, DOCTOR])(context) as JsonObject[]).map((statement) => {
          const [first, second] = statement.approvals as JsonObject[];
          return { ...statement, approvals: [first!, { ...first!, by: second!.by! }] };
        }),
      ),
    ]),
    invalid('of-another-ledger', 'Approved for another ledger.', [
      raw(approved(audit, [OFFICER, DOCTOR], { ledger: 'ab'.repeat(32) })),
    ]),
    invalid('too-late', 'Approved until a millisecond before the block.', [
      raw(approved(audit, [OFFICER, DOCTOR], { until: '2025-03-01T12:00:07.999Z' })),
    ]),
    invalid(
      'replayed',
      'The same statement with the same approvals a second time.',
      [
        one,
        raw(approved(audit, [OFFICER, DOCTOR], { proposal: 'ab'.repeat(16) })),
        raw(approved(audit, [OFFICER, DOCTOR], { proposal: 'ab'.repeat(16) })),
      ],
      'ID_REPEATED',
    ),
    refused(RULE, 'approval-needless', 'Approvals of a statement that needs none.', 'APPROVAL_INVALID', [
      raw(approved(audit, [OFFICER, DOCTOR])),
    ]),
  ];
}

function signers(): Case[] {
  const rulesOf = { rules: { owner: two, erase: two } };
  return [
    accepted(
      WHO,
      'approver-signs',
      'An approver signs what has been approved.',
      [raw(approved(audit, [OFFICER, DOCTOR]), DOCTOR)],
      ruled,
    ),
    accepted(
      WHO,
      'writer-approves',
      'A writer who is an approver says both in one block.',
      [raw(together(approved(audit, [OFFICER, WRITER]), say({ kind: 'info-x' })), WRITER)],
      { rules: { audit: { from: [officer, writer], threshold: 2 } } },
    ),
    accepted(
      'ledger.md#succession',
      'owner-lost',
      'The owner key is lost; the approvers hand the ledger over.',
      [raw(approved({ kind: 'owner', public_key: heir }, [OFFICER, DOCTOR]), OFFICER), note('by the new owner', HEIR)],
      { ...rulesOf, expect: { owner: heir } },
    ),
    refused(
      WHO,
      'approver-says-more',
      'An approver says what nobody has approved.',
      'SIGNER_UNAUTHORISED',
      [raw(together(approved(audit, [OFFICER, DOCTOR]), say({ kind: 'info-x' })), DOCTOR)],
      { ...ruled, entry: null },
    ),
    refused(
      WHO,
      'approver-seals',
      'An approver adds a record.',
      'SIGNER_UNAUTHORISED',
      [raw(together(approved(audit, [OFFICER, DOCTOR]), rows('own', 3)), DOCTOR)],
      { ...ruled, entry: null },
    ),
    refused(
      WHO,
      'approver-other-kind',
      'Approvers approve what no rule names.',
      'STATEMENT_UNAUTHORISED',
      [raw(approved({ kind: 'writer', public_key: reader }, [OFFICER, DOCTOR]), DOCTOR)],
      ruled,
    ),
    refused(
      WHO,
      'approved-by-writer',
      'A writer who is no approver says what has been approved.',
      'STATEMENT_UNAUTHORISED',
      [raw(approved(audit, [OFFICER, DOCTOR]), WRITER)],
      ruled,
    ),
    refused(
      WHO,
      'writer-approves-nothing',
      'A writer who is an approver says what only approvals allow, without any.',
      'STATEMENT_UNAUTHORISED',
      [raw(say(audit), WRITER)],
      { rules: { audit: { from: [officer, writer], threshold: 2 } } },
    ),
    refused(
      WHO,
      'approver-data-hash-wrong',
      'Nobody knows what an approver has signed: it may have been what approvers sign.',
      'DATA_MISMATCH',
      [raw(approved(audit, [OFFICER, DOCTOR]), DOCTOR, { data_hash: 'ab'.repeat(32) })],
      { ...ruled, entry: null },
    ),
    refused(
      WHO,
      'approver-of-old-rules',
      'Who is an approver no more signs nothing.',
      'SIGNER_UNAUTHORISED',
      [raw(approved(rules({}), [OFFICER, DOCTOR])), raw(approved(audit, [OFFICER, DOCTOR]), DOCTOR)],
      { ...ruled, entry: null },
    ),
    refused(
      WHO,
      'approver-in-own-block',
      'A rule names no approver for its own block.',
      'SIGNER_UNAUTHORISED',
      [raw(together(approved(rules({ audit: two }), [DOCTOR])), DOCTOR)],
      { entry: null },
    ),
  ];
}

/** A block that is lost for its second statement would have made the doctor the one approver. */
function lost(): Case {
  const lines = ledger('lost rules', [
    ...SETS,
    raw(say(rules({ audit: { from: [doctor], threshold: 1 } }), { kind: 'writer-removed', public_key: reader })),
    raw(approved(audit, [DOCTOR])),
  ]);
  return caseOf(
    'verification.md#after-a-lost-block',
    'lost-rules',
    'A rule may have been lost: whom approvals are by is not demanded.',
    lines,
    { problems: [problem(lines.length - 1, 'WRITER_INVALID', 1)] },
  );
}

function changes(): Case[] {
  const single = { from: [doctor], threshold: 1 };
  const both = { rules: { audit: two, rules: single } };
  const change = (name: string, description: string, map: JsonObject, by: string[], code: string, options = ruled) =>
    refused(
      RULE,
      `rules-${name}`,
      description,
      code,
      [raw(by.length === 0 ? say(rules(map)) : approved(rules(map), by))],
      options,
    );
  return [
    accepted(
      RULE,
      'rules-added',
      'A rule comes without approvals, where no rule is removed or changed.',
      [raw(say(rules({ audit: two, erase: single })))],
      ruled,
    ),
    accepted(
      RULE,
      'rules-removed',
      'A rule is removed with the approvals that it demands.',
      [raw(approved(rules({}), [OFFICER, DOCTOR])), raw(say(audit))],
      ruled,
    ),
    accepted(
      RULE,
      'rules-of-rules',
      'A rule for rules, with the approvals that both demand.',
      [raw(approved(rules({ audit: single, rules: single }), [OFFICER, DOCTOR])), raw(approved(audit, [DOCTOR]))],
      both,
    ),
    change('removed', 'A rule is removed without approvals.', {}, [], 'APPROVALS_MISSING'),
    change(
      'changed',
      'A threshold is lowered without approvals.',
      { audit: { ...two, threshold: 1 } },
      [],
      'APPROVALS_MISSING',
    ),
    change(
      'reordered',
      'The keys of a rule in another order: that is a change.',
      { audit: { ...two, from: [doctor, officer, owner] } },
      [],
      'APPROVALS_MISSING',
    ),
    change('removed-by-too-few', 'A rule is removed with too few approvals.', {}, [OFFICER], 'APPROVALS_MISSING'),
    change(
      'of-rules',
      'A rule is added without what the rule for rules demands.',
      { audit: two, rules: single, erase: two },
      [],
      'APPROVALS_MISSING',
      both,
    ),
    change(
      'by-one-of-two',
      'The rule for rules is met, and that of the changed one is not.',
      { rules: single },
      [DOCTOR],
      'APPROVALS_MISSING',
      both,
    ),
    refused(
      RULE,
      'rules-twice',
      'Two changes in a block: the second needs what the rules before the block demand.',
      'APPROVALS_MISSING',
      [raw(together(approved(rules({}), [OFFICER, DOCTOR]), say(rules({}))))],
      { ...ruled, entry: 1 },
    ),
    refused(WHO, 'rules-by-writer', 'A writer makes rules.', 'STATEMENT_UNAUTHORISED', [raw(say(rules({})), WRITER)]),
    refused(WHO, 'rules-off-curve', 'A rule with a key that is no point.', 'PUBLIC_KEY_INVALID', [
      raw(say(rules({ audit: { from: [OFF_CURVE], threshold: 1 } }))),
    ]),
    caseOf(
      WHO,
      'rules-off-curve-genesis',
      'The same in the first block.',
      [genesis([ledgerStatement({ rules: { audit: { from: [OFF_CURVE], threshold: 1 } } })])],
      { problems: [problem(1, 'PUBLIC_KEY_INVALID', 0)] },
    ),
  ];
}

function grants(): Case[] {
  const options = { rules: { grant: two } };
  const [first, second] = [1, 2].map((number) => rolePair(`nurses ${number}`).publicKey) as [string, string];
  const nurses = [raw(role('nurses', 'nurses 1', [owner])), raw(approvedGrant('own', first, [OFFICER, DOCTOR]))];
  const rotated = role('nurses', 'nurses 2', [owner]);
  return [
    accepted(
      RULE,
      'grant-approved',
      'A grant that has been approved opens as any other.',
      [raw(approvedGrant('own', reader, [OFFICER, DOCTOR]))],
      options,
    ),
    accepted(
      RULE,
      'grants-demanded',
      'What a new data set or key demands to be granted needs no approvals.',
      [raw(approvedGrant('own', reader, [OFFICER, DOCTOR])), raw(newKeys('own', [owner, reader]))],
      options,
    ),
    accepted(
      RULE,
      'grants-of-a-role',
      "A role's new key is granted the old one, and what that one held, without approvals.",
      [...nurses, raw(together(rotated, grantRole('nurses 1', [second]), grantSet('own', [second])))],
      options,
    ),
    refused(
      RULE,
      'grant-not-held-by-the-role',
      "A role's new key is granted what the old one did not hold.",
      'APPROVALS_MISSING',
      [...nurses, raw(together(rotated, grantSet('labs', [second])))],
      { ...options, entry: 2 },
    ),
    refused(
      RULE,
      'grant-not-approved',
      'A grant to another reader without approvals.',
      'APPROVALS_MISSING',
      [raw(newKeys('own', [owner, reader]))],
      { ...options, entry: 2 },
    ),
    refused(
      RULE,
      'grant-not-approved-alone',
      'The same in a block of its own.',
      'APPROVALS_MISSING',
      [raw(grantSet('own', [reader]))],
      options,
    ),
    accepted(
      WHO,
      'approver-grants',
      'An approver signs a grant that has been approved.',
      [raw(approvedGrant('own', reader, [OFFICER, DOCTOR]), DOCTOR)],
      options,
    ),
    accepted(
      WHO,
      'approver-grants-what-is-demanded',
      'An approver signs a new key that has been approved, and the grants that it demands, which nobody approves.',
      [
        raw((context) => {
          const [statement, ...demanded] = newKeys('own', [owner])(context) as JsonObject[];
          return [...approved(statement!, [OFFICER, DOCTOR])(context), ...demanded];
        }, DOCTOR),
      ],
      { rules: { 'dataset-keys': two } },
    ),
    refused(
      WHO,
      'grant-by-approver',
      'An approver grants what nobody has approved.',
      'STATEMENT_UNAUTHORISED',
      [raw(together(approved(audit, [OFFICER, DOCTOR]), grantSet('own', [doctor])), DOCTOR)],
      { ...ruled, entry: 1 },
    ),
    accepted(
      RULE,
      'revoke-approved',
      'A revocation that has been approved, with the key that follows.',
      [
        raw(approvedGrant('own', reader, [OFFICER, DOCTOR])),
        raw((context) => [
          ...approved(revokeSet('own', reader)(context)[0] as JsonObject, [OFFICER, DOCTOR])(context),
          ...newKeys('own', [owner])(context),
        ]),
      ],
      { rules: { grant: two, revoke: two } },
    ),
  ];
}

function forms(): Case[] {
  const invalid = (name: string, description: string, statement: JsonObject) =>
    refused(RULE, `statement-${name}`, description, 'STATEMENT_INVALID', [raw(say(statement))]);
  const rule = (change: JsonObject) => rules({ audit: { ...two, ...change } });
  const many = Array.from({ length: 65 }, (_, n) => `02${n.toString(16).padStart(64, '0')}`);
  const carried = { proposal: 'ab'.repeat(16), ledger: 'ab'.repeat(32), until: '2026-01-01T00:00:00.000Z' };
  return [
    invalid('rule-threshold-zero', 'A rule that demands nothing.', rule({ threshold: 0 })),
    invalid('rule-threshold-beyond', 'A rule that nobody can meet.', rule({ threshold: 4 })),
    invalid('rule-key-twice', 'A rule with a key twice.', rule({ from: [officer, officer], threshold: 1 })),
    invalid('rule-65-keys', 'A rule with 65 keys.', rule({ from: many })),
    invalid('rule-of-unknown-kind', 'A rule for a kind that there is not.', rules({ notice: two })),
    invalid('rule-of-access', 'A rule for accesses, which cannot have one.', rules({ access: two })),
    invalid('rule-of-info', 'A rule for an info kind, which cannot have one.', rules({ 'info-note': two })),
    invalid('approvals-alone', 'Approvals without the members that belong to them.', {
      ...audit,
      approvals: [{ by: officer, signature: 'ab'.repeat(64) }],
    }),
    invalid('approvals-none', 'An empty list of approvals.', { ...audit, ...carried, approvals: [] }),
    invalid('approvals-by-role-name', 'An approval with a member of its own.', {
      ...audit,
      ...carried,
      approvals: [{ by: officer, name: 'x', signature: 'ab'.repeat(64) }],
    }),
    caseOf(
      RULE,
      'statement-rules-in-genesis',
      'Rules that are none in the first block.',
      [genesis([ledgerStatement({ rules: { audit: { from: [owner] } } })])],
      { problems: [problem(1, 'STATEMENT_INVALID', 0)], expect: { owner: undefined } },
    ),
    caseOf(
      RULE,
      'ok-approvals-in-info',
      'A member of that name in an info statement means nothing.',
      ledger('info', [raw(say({ kind: 'info-x', approvals: [1], proposal: true }))]),
      {},
    ),
  ];
}
