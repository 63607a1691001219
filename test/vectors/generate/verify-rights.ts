// Signers with several rights (owner, writer, reader, approver), each pair and triple that one key can have, and what an
// approver's right does not reach.

import type { JsonObject } from '../../oracle/jcs.js';
import { access, approved, type Entries, grantSet, newKeys, role, rows, say, together } from '../../oracle/say.js';
import { ledger, note, raw } from './ledgers.js';
import {
  DOCTOR,
  doctor,
  HEIR,
  heir,
  OFFICER,
  OWNER,
  officer,
  owner,
  READER,
  reader,
  WRITER,
  writer,
} from './people.js';
import { accepted, caseOf, refused, SETS } from './verify-said.js';
import { type Case, type ExpectedNotice, problem } from './verify-vector.js';

const WHO = 'ledger.md#who-may-say-what';
const RULE = 'ledger.md#rules-and-approvals';
const audit: JsonObject = { kind: 'audit', on: true };
const rules = (map: JsonObject): JsonObject => ({ kind: 'rules', rules: map });
const one = (...from: string[]): JsonObject => ({ from, threshold: 1 });
const LABS_UNENDED: ExpectedNotice = { block: 6, code: 'DATASET_INCOMPLETE' };
const OWN_UNENDED: ExpectedNotice = { block: 3, code: 'DATASET_INCOMPLETE' };
/** A data set's key is granted to the writer, who reads it from now on; and to the reader. */
const writerReads = raw(grantSet('own', [writer]));
const readerReads = raw(grantSet('own', [reader]));

export function rightsCases(): Case[] {
  return [
    ...takeovers(),
    ...ofOwner(),
    ...ofWriterAndReader(),
    ...ofWriterAndApprover(),
    ...ofReaderAndApprover(),
    ...ofThree(),
  ];
}

/** The first statement of some entries with approvals, and the others as they are. */
function approvedFirst(entries: Entries, by: string[]): Entries {
  return (context) => {
    const [statement, ...others] = entries(context);
    return [...approved(statement as JsonObject, by)(context), ...others];
  };
}

/** Rules of erasures, none of rules: who approves erasures makes other rules, and hands the ledger over to themselves. */
function takeovers(): Case[] {
  const description =
    'No rule names rules: an approver of something else makes them, with the approvals of the rule that goes.';
  const taken = (name: string, more: string, rule: JsonObject, by: string[], signer: string) =>
    refused(
      RULE,
      `rules-by-${name}`,
      `${description} ${more}`,
      'STATEMENT_UNAUTHORISED',
      [raw(approved(rules({ owner: one(doctor) }), by), signer)],
      { rules: { erase: rule } },
    );
  const lines = ledger(
    'takeover',
    [
      ...SETS,
      raw(approved(rules({ owner: one(doctor) }), [DOCTOR]), DOCTOR),
      raw(approved({ kind: 'owner', public_key: doctor }, [DOCTOR]), DOCTOR),
      note('by the old owner'),
    ],
    { rules: { erase: one(doctor) } },
  );
  return [
    taken('approver-of-another', 'One of one.', one(doctor), [DOCTOR], DOCTOR),
    taken(
      'approvers-of-another',
      'Two of three.',
      { from: [officer, doctor, owner], threshold: 2 },
      [OFFICER, DOCTOR],
      OFFICER,
    ),
    taken('writer-and-approver', 'The approver is a writer.', one(writer), [WRITER], WRITER),
    refused(
      RULE,
      'rules-changed-by-approver-of-another',
      `${description} The rule stays, and names another key.`,
      'STATEMENT_UNAUTHORISED',
      [raw(approved(rules({ erase: one(heir) }), [DOCTOR]), DOCTOR)],
      { rules: { erase: one(doctor) } },
    ),
    refused(
      RULE,
      'rules-kept-by-approver-of-another',
      'No rule names rules, and an approver adds one: nobody need approve that, and the approver may not say it.',
      'SIGNER_UNAUTHORISED',
      [raw(say(rules({ erase: one(doctor), owner: one(doctor) })), DOCTOR)],
      { rules: { erase: one(doctor) }, entry: null },
    ),
    caseOf(RULE, 'rules-takeover', `${description} Then they name themselves owner.`, lines, {
      problems: [problem(9, 'STATEMENT_UNAUTHORISED', 0), problem(10, 'STATEMENT_UNAUTHORISED', 0)],
    }),
    accepted(
      RULE,
      'rules-by-owner-with-approvals',
      'No rule names rules: the owner changes another with its approvals.',
      [raw(approved(rules({ audit: one(officer) }), [DOCTOR])), raw(approved(audit, [OFFICER]), OFFICER)],
      { rules: { erase: one(doctor) } },
    ),
    accepted(
      RULE,
      'rules-by-approver-of-rules',
      'A rule names rules: whom any rule names signs what has been approved.',
      [raw(approved(rules({ owner: one(officer) }), [DOCTOR]), DOCTOR)],
      { rules: { rules: one(doctor) } },
    ),
  ];
}

function ofOwner(): Case[] {
  return [
    refused(WHO, 'rights-owner-and-writer', 'The owner is named a writer.', 'WRITER_INVALID', [
      raw(say({ kind: 'writer', public_key: owner })),
    ]),
    accepted(
      WHO,
      'rights-owner-and-reader',
      'The owner states an access of its own beside a record.',
      [raw(together(access('own', OWNER), rows('own', 3)))],
      { notices: [OWN_UNENDED] },
    ),
    accepted(
      WHO,
      'rights-owner-and-approver',
      'The owner is the approver: what it approves stands beside what it says.',
      [raw(together(approved(audit, [OWNER]), rows('own', 3), grantSet('labs', [reader])))],
      { rules: { audit: one(owner) }, notices: [OWN_UNENDED] },
    ),
    refused(
      WHO,
      'rights-owner-and-approver-not-approved',
      'The owner is the approver, and its signature of the block is no approval.',
      'APPROVALS_MISSING',
      [raw(say(audit))],
      { rules: { audit: one(owner) } },
    ),
    accepted(
      WHO,
      'rights-owner-reader-and-approver',
      'The owner reads, approves and seals in one block.',
      [raw(together(access('own', OWNER), approved(audit, [OWNER]), rows('own', 3)))],
      { rules: { audit: one(owner) }, notices: [OWN_UNENDED] },
    ),
  ];
}

function ofWriterAndReader(): Case[] {
  return [
    accepted(
      WHO,
      'rights-writer-and-reader',
      'A writer states accesses in one block, and writes in another.',
      [writerReads, raw(access('own', WRITER), WRITER), raw(rows('labs', 3), WRITER)],
      { notices: [LABS_UNENDED] },
    ),
    refused(
      WHO,
      'rights-writer-and-reader-in-one-block',
      'A writer states an access beside a record.',
      'STATEMENT_UNAUTHORISED',
      [writerReads, raw(together(rows('labs', 3), access('own', WRITER)), WRITER)],
      { entry: 1 },
    ),
  ];
}

function ofWriterAndApprover(): Case[] {
  const byWriter = { rules: { role: one(writer) } };
  const nurses = (members: string[]) => approvedFirst(role('nurses', 'nurses 1', members), [WRITER]);
  const keyOfAnother = { rules: { 'dataset-keys': one(writer) } };
  return [
    accepted(
      WHO,
      'rights-writer-and-approver',
      'A writer names a role that the same key approves, with the grants that it demands, beside what writers say.',
      [
        raw(
          together(nurses([owner, writer]), rows('labs', 3), grantSet('labs', [reader]), say({ kind: 'info-x' })),
          WRITER,
        ),
      ],
      { ...byWriter, notices: [LABS_UNENDED] },
    ),
    accepted(
      WHO,
      'rights-writer-and-approver-first-as-writer',
      'The same in another order: what writers say comes first.',
      [raw(together(grantSet('labs', [reader]), rows('labs', 3), nurses([owner, writer])), WRITER)],
      { ...byWriter, notices: [LABS_UNENDED] },
    ),
    refused(
      WHO,
      'rights-writer-and-approver-signer-left-out',
      'A writer signs as an approver: the new key is demanded for the writer too.',
      'GRANT_MISSING',
      [raw(nurses([owner]), WRITER)],
      byWriter,
    ),
    refused(
      WHO,
      'rights-writer-and-approver-grants-more',
      'The role is granted to somebody to whom nothing demands it.',
      'STATEMENT_UNAUTHORISED',
      [raw(nurses([owner, writer, reader]), WRITER)],
      { ...byWriter, entry: 3 },
    ),
    refused(
      WHO,
      'rights-writer-and-approver-grants-of-another',
      "A writer who is an approver grants the key of another's data set.",
      'STATEMENT_UNAUTHORISED',
      [raw(grantSet('own', [reader]), WRITER)],
      byWriter,
    ),
    refused(
      WHO,
      'rights-writer-and-approver-seals-for-another',
      "A writer seals into another's data set, behind its key, which the same key has changed as an approver.",
      'STATEMENT_UNAUTHORISED',
      [raw(together(approvedFirst(newKeys('own', [owner, writer]), [WRITER]), rows('own', 3)), WRITER)],
      { ...keyOfAnother, entry: 3 },
    ),
    accepted(
      WHO,
      'rights-writer-and-approver-keys-of-another',
      "A writer changes the key of another's data set as an approver, and grants what that demands.",
      [raw(approvedFirst(newKeys('own', [owner, writer]), [WRITER]), WRITER)],
      keyOfAnother,
    ),
    refused(
      WHO,
      'rights-writer-and-approver-of-grants',
      'A rule names grants: a writer who is an approver grants the key of their own data set without approvals.',
      'APPROVALS_MISSING',
      [raw(grantSet('labs', [reader]), WRITER)],
      { rules: { grant: one(writer) } },
    ),
    refused(
      WHO,
      'rights-removed-writer-and-approver',
      'Who is a writer no more, and an approver, grants the key of the data set that they began.',
      'STATEMENT_UNAUTHORISED',
      [raw(say({ kind: 'writer-removed', public_key: writer })), raw(grantSet('labs', [reader]), WRITER)],
      { rules: { audit: one(writer) } },
    ),
  ];
}

function ofReaderAndApprover(): Case[] {
  const byReader = { rules: { audit: one(reader) } };
  return [
    accepted(
      WHO,
      'rights-reader-and-approver',
      'A reader who is an approver states accesses in one block, and what is approved in another.',
      [readerReads, raw(access('own', READER), READER), raw(approved(audit, [READER]), READER)],
      byReader,
    ),
    refused(
      WHO,
      'rights-reader-and-approver-in-one-block',
      'The same in one block.',
      'SIGNER_UNAUTHORISED',
      [readerReads, raw(together(access('own', READER), approved(audit, [READER])), READER)],
      { ...byReader, entry: null },
    ),
  ];
}

function ofThree(): Case[] {
  const byWriter = { rules: { audit: one(writer) } };
  return [
    accepted(
      WHO,
      'rights-writer-reader-and-approver',
      'A writer who reads and approves: accesses in one block, the rest together in another.',
      [
        writerReads,
        raw(access('own', WRITER), WRITER),
        raw(together(rows('labs', 3), approved(audit, [WRITER])), WRITER),
      ],
      { ...byWriter, notices: [LABS_UNENDED] },
    ),
    refused(
      WHO,
      'rights-writer-reader-and-approver-in-one-block',
      'All three in one block.',
      'STATEMENT_UNAUTHORISED',
      [writerReads, raw(together(rows('labs', 3), approved(audit, [WRITER]), access('own', WRITER)), WRITER)],
      { ...byWriter, entry: 2 },
    ),
    accepted(
      'ledger.md#succession',
      'rights-old-owner-reader-and-approver',
      'Who was owner is a reader and an approver, and signs as either.',
      [
        raw(say({ kind: 'owner', public_key: heir })),
        raw(newKeys('own', [heir, owner]), HEIR),
        raw(access('own', OWNER), OWNER),
        raw(approved(audit, [OWNER]), OWNER),
      ],
      { rules: { audit: one(owner) }, expect: { owner: heir } },
    ),
  ];
}
