// Who owns the ledger, and who recovers it.

import { signCheckpoint } from '../../oracle/checkpoint.js';
import type { JsonObject } from '../../oracle/jcs.js';
import { grantSet, newKeys, role, rolePair, rows, say, together } from '../../oracle/say.js';
import type { Step } from '../../oracle/write.js';
import { hashOf, ledger, note, raw } from './ledgers.js';
import { HEIR, heir, OFF_CURVE, OWNER, owner, reader, recovery, WRITER, writer } from './people.js';
import { accepted, caseOf, OWN_UNENDED, refused, SETS } from './verify-said.js';
import { type Case, problem } from './verify-vector.js';

const RULE = 'ledger.md#succession';
const handOver = raw(say({ kind: 'owner', public_key: heir }));
const ended: JsonObject = { owner: heir };

export function successionCases(): Case[] {
  return [...owners(), ...pins(), ...checkpoints(), ...recoveries(), ...rolesOfSuccessors()];
}

function owners(): Case[] {
  const nurses = rolePair('nurses 1').publicKey;
  return [
    accepted(
      RULE,
      'owner',
      'The ledger is handed over; the new owner goes on with a data set under a new key.',
      [handOver, raw(together(newKeys('own', [heir]), rows('own', 3)), HEIR)],
      { expect: ended, notices: [OWN_UNENDED] },
    ),
    accepted(
      RULE,
      'owner-and-more',
      'What else the block says, the old owner says.',
      [raw(say({ kind: 'owner', public_key: heir }, { kind: 'writer', public_key: reader }, { kind: 'info-x' }))],
      { expect: ended },
    ),
    accepted(
      RULE,
      'owner-twice',
      'Of two in a block the last one counts.',
      [
        raw(say({ kind: 'owner', public_key: reader }, { kind: 'owner', public_key: heir })),
        note('by the new owner', HEIR),
      ],
      { expect: ended },
    ),
    accepted(RULE, 'owner-was-writer', 'A writer becomes owner, and is a writer no more when the next one comes.', [
      raw(say({ kind: 'owner', public_key: writer })),
      raw(say({ kind: 'owner', public_key: owner }, { kind: 'writer', public_key: reader }), WRITER),
      raw(say({ kind: 'writer', public_key: writer })),
    ]),
    accepted(RULE, 'owner-again', 'The ledger comes back.', [
      handOver,
      raw(say({ kind: 'owner', public_key: owner }), HEIR),
      raw(newKeys('own', [owner])),
    ]),
    withHeir('owner-gone', 'The old owner signs a block more.', 'SIGNER_UNAUTHORISED', [note('mine')], null),
    refused(
      RULE,
      'owner-too-early',
      'The new owner signs in the block that names it.',
      'SIGNER_UNAUTHORISED',
      [raw(say({ kind: 'owner', public_key: heir }), HEIR)],
      { entry: null },
    ),
    refused('ledger.md#who-may-say-what', 'owner-by-writer', 'A writer takes the ledger.', 'STATEMENT_UNAUTHORISED', [
      raw(say({ kind: 'owner', public_key: writer }), WRITER),
    ]),
    refused('ledger.md#who-may-say-what', 'owner-off-curve', 'A new owner that is no point.', 'PUBLIC_KEY_INVALID', [
      raw(say({ kind: 'owner', public_key: OFF_CURVE })),
    ]),
    refused('ledger.md#who-may-say-what', 'owner-is-role', 'A role as owner.', 'PUBLIC_KEY_INVALID', [
      raw(role('nurses', 'nurses 1', [owner])),
      raw(say({ kind: 'owner', public_key: nurses })),
    ]),
    withHeir('key-closed-old-owner', 'A row under a key that the old owner holds.', 'KEY_CLOSED', [
      raw(rows('labs', 3), WRITER),
    ]),
    withHeir('grant-missing-new-owner', 'A new key that is granted to the old owner.', 'GRANT_MISSING', [
      raw(newKeys('labs', [owner, writer]), WRITER),
    ]),
    withHeir('key-closed-role-of-old-owner', 'A grant to a role whose key the old owner holds.', 'KEY_CLOSED', [
      raw(grantSet('own', [nurses]), HEIR),
    ]),
    accepted(
      RULE,
      'holder-left',
      'A new key is not granted to the old owner, nor to a role under an old key.',
      [
        raw(together(role('nurses', 'nurses 1', [owner]), grantSet('labs', [nurses, reader]))),
        handOver,
        raw(together(newKeys('labs', [heir, writer, reader]), rows('labs', 3)), WRITER),
      ],
      { expect: ended, notices: [{ block: 6, code: 'DATASET_INCOMPLETE' }] },
    ),
  ];
}

/** The last step is refused after the ledger has been handed over; the next block is the writer's. */
function withHeir(name: string, description: string, code: string, steps: Step[], entry: number | null = 0): Case {
  const nurses = raw(role('nurses', 'nurses 1', [owner]));
  const made = accepted(RULE, name, description, [nurses, handOver, ...steps, note('next', WRITER)], { expect: ended });
  const block = (made.export as string[]).length - 1;
  return { ...made, name, problems: [problem(block, code, entry)] };
}

function pins(): Case[] {
  const rule = 'verification.md#input';
  return [
    accepted(
      rule,
      'owner-pinned-new',
      'The new owner has signed: a caller may pin it.',
      [handOver, note('mine', HEIR)],
      {
        expect: ended,
        pin: heir,
      },
    ),
    accepted(rule, 'owner-pinned-old', 'A caller may pin the old owner.', [handOver, note('mine', HEIR)], {
      expect: ended,
    }),
    {
      ...accepted(rule, 'x', 'The ledger was handed over to the pinned owner, who has not taken it on.', [handOver], {
        expect: ended,
        pin: heir,
      }),
      name: 'owner-not-taken-on',
      problems: [{ block: 1, entry: null, code: 'OWNER_MISMATCH' }],
      // What the block says is not undone by that.
      expect: { ...ended, records: 4, statements: 10 },
    },
    {
      ...accepted(rule, 'y', 'Nor does a writer take it on for the new owner.', [handOver, note('next', WRITER)], {
        expect: ended,
        pin: heir,
      }),
      name: 'owner-not-taken-on-by-a-writer',
      problems: [{ block: 1, entry: null, code: 'OWNER_MISMATCH' }],
      expect: { ...ended, records: 4, statements: 11 },
    },
    caseOf(
      rule,
      'owner-taken-on-by-a-bad-block',
      'With a block that breaks a rule the new owner has taken it on all the same.',
      ledger('bad block', [...SETS, handOver, raw(rows('own', 3), HEIR)]),
      { owner: heir, problems: [problem(10, 'KEY_CLOSED', 0)], expect: ended },
    ),
  ];
}

/** Checkpoints of the ledger when it had nine blocks, of which the last hands it over. */
function checkpoints(): Case[] {
  const rule = 'proofs.md#checkpoint';
  const lines = ledger('handed over', [...SETS, handOver, note('mine', HEIR)]);
  const of = (name: string, description: string, by: string, problems: Case['problems'] = []): Case =>
    caseOf(rule, name, description, lines, {
      checkpoint: {
        note: signCheckpoint(lines.slice(0, 9).map(hashOf), by),
        size: 9,
        continued: problems.length === 0,
      },
      problems,
      // What is wrong with a checkpoint leaves the blocks as they are.
      expect: { ...ended, records: 4, statements: 11 },
    });
  return [
    of('ok-checkpoint-of-new-owner', 'Who owns the ledger behind its last block signs a checkpoint of it.', HEIR),
    of('checkpoint-of-old-owner', 'Who has handed the ledger over signs none any more.', OWNER, [
      problem(9, 'CHECKPOINT_UNSIGNED'),
    ]),
  ];
}

function recoveries(): Case[] {
  const named = raw(say({ kind: 'recovery', public_keys: [recovery] }));
  return [
    accepted(RULE, 'recovery', 'A recovery key is named later: every new key is granted to it.', [
      named,
      raw(newKeys('own', [owner, recovery])),
    ]),
    accepted(
      RULE,
      'recovery-dropped',
      'A recovery key is dropped: it gets no more keys.',
      [raw(say({ kind: 'recovery', public_keys: [] })), raw(together(newKeys('own', [owner]), rows('own', 3)))],
      { recovery: [recovery], notices: [OWN_UNENDED] },
    ),
    refused(RULE, 'grant-missing-later-recovery', 'A new key is kept from the recovery key.', 'GRANT_MISSING', [
      named,
      raw(newKeys('own', [owner])),
    ]),
    refused(RULE, 'key-closed-recovery', 'A row under a key that the new recovery key does not hold.', 'KEY_CLOSED', [
      named,
      raw(rows('own', 3)),
    ]),
    refused('ledger.md#who-may-say-what', 'recovery-by-writer', 'A writer names itself.', 'STATEMENT_UNAUTHORISED', [
      raw(say({ kind: 'recovery', public_keys: [writer] }), WRITER),
    ]),
    refused(
      'ledger.md#who-may-say-what',
      'recovery-off-curve',
      'A recovery key that is no point.',
      'PUBLIC_KEY_INVALID',
      [raw(say({ kind: 'recovery', public_keys: [OFF_CURVE] }))],
    ),
  ];
}

/** A role's key pair that the ledger is handed over to in the block that brings it in. */
function rolesOfSuccessors(): Case[] {
  const nurses = rolePair('nurses 1').publicKey;
  const KEYS = 'ledger.md#keys-in-use';
  const taken = (name: string, description: string, before: JsonObject) =>
    refused(KEYS, name, description, 'ID_REPEATED', [raw(together(say(before), role('nurses', 'nurses 1', [owner])))], {
      entry: 1,
    });
  return [
    taken('role-key-of-next-owner', 'A role with the key pair of who owns the ledger from the next block on.', {
      kind: 'owner',
      public_key: nurses,
    }),
    taken('role-key-of-next-recovery', 'A role with the key pair of a recovery key to come.', {
      kind: 'recovery',
      public_keys: [heir, nurses],
    }),
    accepted(
      KEYS,
      'role-key-of-nobody-in-the-end',
      'The block names another owner in the end: the key pair is that of the role alone.',
      [
        raw(
          together(
            say({ kind: 'owner', public_key: nurses }),
            role('nurses', 'nurses 1', [owner]),
            say({ kind: 'owner', public_key: heir }),
          ),
        ),
      ],
      { expect: { owner: heir } },
    ),
  ];
}
