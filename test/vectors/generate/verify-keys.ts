// Keys in use: several keys for a data set, grants, roles and their members, revocations.

import { hex } from '../../oracle/bytes.js';
import {
  grantRole,
  grantSet,
  newKeys,
  revokeRole,
  revokeSet,
  role,
  rolePair,
  rows,
  say,
  together,
} from '../../oracle/say.js';
import type { WriterContext } from '../../oracle/write.js';
import { dataSet, ledger, note, raw, replaced, twoGroups } from './ledgers.js';
import { OFF_CURVE, OWNER, owner, READER, reader, recovery, stranger, WRITER, writer } from './people.js';
import { accepted, caseOf, OWN_UNENDED, refused, SETS } from './verify-said.js';
import { type Case, problem } from './verify-vector.js';

const ORDER = 'ledger.md#order-of-a-data-set';
const IN_USE = 'ledger.md#keys-in-use';
const DEMANDED = 'ledger.md#grants-that-are-demanded';
const REVOCATION = 'ledger.md#revocation';
const nurses = rolePair('nurses 1').publicKey;
const staff = rolePair('staff 1').publicKey;

export function keyCases(): Case[] {
  return [
    ...datasetKeys(),
    ...roles(),
    ...remaining(),
    ...revocations(),
    ...revokedBehindLost(),
    ...someKeysLost(),
    ownerRevokedBehindLost(),
    ...groups(),
  ];
}

/** A key of the data set as it was before any change. */
function oldKey(context: WriterContext, name: string): string {
  return hex(dataSet(context, name).key.keyId);
}

function datasetKeys(): Case[] {
  const other = 'cd'.repeat(16);
  return [
    accepted(ORDER, 'dataset-keys', 'A data set goes on under another key.', [
      raw(newKeys('own', [owner])),
      raw(rows('own', 3)),
      raw((context) => [{ kind: 'dataset-end', id: dataSet(context, 'own').id, rows: 3 }]),
    ]),
    accepted(
      ORDER,
      'dataset-keys-by-writer',
      'A writer changes the key of its own data set.',
      [raw(together(newKeys('labs', [owner, writer]), rows('labs', 3)), WRITER)],
      { notices: [{ block: 6, code: 'DATASET_INCOMPLETE' }] },
    ),
    accepted(IN_USE, 'grant-of-old-key', 'A key that is out of use may still be granted: it opens earlier rows.', [
      raw((context) => [...grantSet('own', [owner])(context), ...grantSet('own', [reader])(context)]),
      raw((context) => {
        const old = grantSet('own', [stranger])(context);
        return [...newKeys('own', [owner, reader, stranger])(context), ...old];
      }),
    ]),
    refused(ORDER, 'keys-number', 'More keys than the data set has groups.', 'KEYS_WRONG', [
      raw((context) => [{ kind: 'dataset-keys', id: dataSet(context, 'own').id, keys: [other, 'ce'.repeat(16)] }]),
    ]),
    refused(ORDER, 'keys-none-new', 'The key that the data set has already.', 'KEYS_WRONG', [
      raw((context) => [{ kind: 'dataset-keys', id: dataSet(context, 'own').id, keys: [oldKey(context, 'own')] }]),
    ]),
    refused(ORDER, 'keys-of-another-data-set', 'The key of another data set.', 'ID_REPEATED', [
      raw((context) => [{ kind: 'dataset-keys', id: dataSet(context, 'own').id, keys: [oldKey(context, 'labs')] }]),
    ]),
    refused(ORDER, 'keys-of-unknown-data-set', 'Keys for a data set that has not begun.', 'DATASET_UNKNOWN', [
      raw(say({ kind: 'dataset-keys', id: other, keys: [other] })),
    ]),
    refused(ORDER, 'keys-unauthorised', "A writer changes the key of another's data set.", 'STATEMENT_UNAUTHORISED', [
      raw(newKeys('own', [owner, writer]), WRITER),
    ]),
    refused(
      ORDER,
      'key-closed-replaced',
      'A row under a key whose place another has taken.',
      'KEY_CLOSED',
      [
        raw((context) => {
          const old = rows('own', 3)(context);
          return [...newKeys('own', [owner])(context), ...old];
        }),
      ],
      { entry: 2 },
    ),
    refused(DEMANDED, 'grant-missing-new-key', 'A new key that is not granted to the owner.', 'GRANT_MISSING', [
      raw(newKeys('labs', [writer]), WRITER),
    ]),
    refused(DEMANDED, 'grant-missing-expires', 'The grant to the owner expires.', 'GRANT_MISSING', [
      raw(together(newKeys('own', []), grantSet('own', [owner], { expires: '2026-01-01T00:00:00.000Z' }))),
    ]),
  ];
}

function roles(): Case[] {
  const start = raw(role('nurses', 'nurses 1', [owner, reader]));
  return [
    accepted(IN_USE, 'role', 'A role with a member, and a data set that is granted to it.', [
      start,
      raw(grantSet('own', [nurses])),
      raw(grantRole('nurses 1', [stranger])),
    ]),
    accepted(
      IN_USE,
      'role-rotated',
      'A role goes on under another key pair, which opens the old one.',
      [
        start,
        raw(grantSet('own', [nurses])),
        raw(
          together(
            role('nurses', 'nurses 2', [owner, reader]),
            grantRole('nurses 1', [rolePair('nurses 2').publicKey]),
          ),
        ),
        raw(together(newKeys('own', [owner, rolePair('nurses 2').publicKey]), rows('own', 3))),
      ],
      { notices: [OWN_UNENDED] },
    ),
    accepted(IN_USE, 'role-in-role', 'A role is a member of another.', [
      start,
      raw(role('staff', 'staff 1', [owner, nurses])),
    ]),
    refused('ledger.md#statements', 'role-name', 'A role with a capital letter in its name.', 'STATEMENT_INVALID', [
      raw(say({ kind: 'role', name: 'Nurses', public_key: nurses })),
    ]),
    refused('ledger.md#who-may-say-what', 'role-off-curve', 'A role whose key is no point.', 'PUBLIC_KEY_INVALID', [
      raw(say({ kind: 'role', name: 'nurses', public_key: OFF_CURVE })),
    ]),
    refused(IN_USE, 'role-key-again', 'A role under a key pair that it has had.', 'ID_REPEATED', [
      start,
      raw(role('nurses', 'nurses 1', [owner, reader])),
    ]),
    refused(IN_USE, 'role-key-of-writer', 'A role under the public key of a writer.', 'ID_REPEATED', [
      raw(say({ kind: 'role', name: 'nurses', public_key: writer })),
    ]),
    refused(IN_USE, 'role-key-of-owner', "A role under the owner's public key.", 'ID_REPEATED', [
      raw(say({ kind: 'role', name: 'nurses', public_key: owner })),
    ]),
    refused(IN_USE, 'role-key-of-recovery', 'A role under a recovery key.', 'ID_REPEATED', [
      raw(say({ kind: 'recovery', public_keys: [stranger] })),
      raw(say({ kind: 'role', name: 'a', public_key: stranger })),
    ]),
    refused(IN_USE, 'role-key-of-reader', 'A role under the public key of a reader.', 'ID_REPEATED', [
      raw(grantSet('own', [reader])),
      raw(say({ kind: 'role', name: 'nurses', public_key: reader })),
    ]),
    refused('ledger.md#who-may-say-what', 'writer-is-role', 'A role is named a writer.', 'PUBLIC_KEY_INVALID', [
      start,
      raw(say({ kind: 'writer', public_key: nurses })),
    ]),
    refused('ledger.md#who-may-say-what', 'role-by-writer', 'A writer brings in a role.', 'STATEMENT_UNAUTHORISED', [
      raw(role('nurses', 'nurses 1', [owner, writer]), WRITER),
    ]),
    refused(
      'ledger.md#who-may-say-what',
      'grant-role-by-writer',
      'A writer grants a role key.',
      'STATEMENT_UNAUTHORISED',
      [start, raw(grantRole('nurses 1', [writer]), WRITER)],
    ),
    refused('ledger.md#statements', 'grant-both-keys', 'A grant of a group key and a role key.', 'STATEMENT_INVALID', [
      raw((context) => grantSet('own', [reader])(context).map((grant) => ({ ...grant, role_key: nurses }))),
    ]),
    refused('ledger.md#statements', 'grant-no-key', 'A grant of no key.', 'STATEMENT_INVALID', [
      raw((context) =>
        grantSet('own', [reader])(context).map((grant) => {
          const { key_id: _keyId, ...rest } = grant as { key_id: string };
          return rest;
        }),
      ),
    ]),
    refused(IN_USE, 'key-unknown-role', 'A grant of the key of a role that there is not.', 'KEY_UNKNOWN', [
      raw(grantRole('nurses 1', [reader])),
    ]),
    refused(
      'ledger.md#who-may-say-what',
      'grant-role-off-curve',
      'A role key granted to no point.',
      'PUBLIC_KEY_INVALID',
      [start, raw((context) => grantRole('nurses 1', [reader])(context).map((grant) => ({ ...grant, to: OFF_CURVE })))],
    ),
    refused(IN_USE, 'key-closed-role', 'A grant to a key of a role that is out of use.', 'KEY_CLOSED', [
      start,
      raw(role('nurses', 'nurses 2', [owner, reader])),
      raw(grantSet('own', [nurses])),
    ]),
    refused(DEMANDED, 'grant-missing-role', 'A role whose key is not granted to the owner.', 'GRANT_MISSING', [
      raw(role('nurses', 'nurses 1', [reader])),
    ]),
    refused(
      DEMANDED,
      'grant-missing-role-recovery',
      'A role key not granted to a recovery key.',
      'GRANT_MISSING',
      [raw(role('nurses', 'nurses 1', [owner]))],
      { recovery: [recovery] },
    ),
  ];
}

/** Who holds a key when another takes its place. */
function remaining(): Case[] {
  const granted = raw(grantSet('own', [reader]));
  const member = raw(role('nurses', 'nurses 1', [owner, reader]));
  return [
    accepted(DEMANDED, 'holder-remains', 'A new key is granted to who holds the old one.', [
      granted,
      raw(newKeys('own', [owner, reader])),
    ]),
    accepted(DEMANDED, 'holder-expired', 'An expired grant demands no other.', [
      raw(grantSet('own', [reader], { expires: '2025-03-01T12:00:00.000Z' })),
      raw(newKeys('own', [owner])),
    ]),
    accepted(DEMANDED, 'holder-granted-anew', 'Of two grants of a key to the same reader the later one counts.', [
      granted,
      raw(grantSet('own', [reader], { expires: '2025-03-01T12:00:00.000Z' })),
      raw(newKeys('own', [owner])),
    ]),
    refused(DEMANDED, 'grant-missing-holder', 'A new key is kept from who holds the old one.', 'GRANT_MISSING', [
      granted,
      raw(newKeys('own', [owner])),
    ]),
    refused(DEMANDED, 'grant-missing-not-expired', 'A grant holds up to its last millisecond.', 'GRANT_MISSING', [
      raw(grantSet('own', [reader], { expires: '2025-03-01T12:00:09.000Z' })),
      raw(newKeys('own', [owner])),
    ]),
    refused(DEMANDED, 'grant-missing-member', 'A role is rotated and a member forgotten.', 'GRANT_MISSING', [
      member,
      raw(role('nurses', 'nurses 2', [owner])),
    ]),
    refused(
      DEMANDED,
      'grant-missing-held-by-role',
      'A new key is kept from a role that holds the old.',
      'GRANT_MISSING',
      [member, raw(grantSet('own', [nurses])), raw(newKeys('own', [owner]))],
    ),
    refused(DEMANDED, 'grant-missing-held-by-rotated-role', 'The role has another key by now.', 'GRANT_MISSING', [
      member,
      raw(grantSet('own', [nurses])),
      raw(role('nurses', 'nurses 2', [owner, reader])),
      raw(newKeys('own', [owner, reader])),
    ]),
  ];
}

/** Behind a lost block less is asked of a revocation, and it has its effect all the same. */
function revokedBehindLost(): Case[] {
  const lost = raw(say({ kind: 'writer', public_key: OFF_CURVE }));
  const role1 = raw(role('nurses', 'nurses 1', [owner, reader]));
  const closed = (name: string, description: string, lines: string[], block: number): Case =>
    caseOf('verification.md#after-a-lost-block', name, description, lines, {
      problems: [problem(block, 'PUBLIC_KEY_INVALID', 0), problem(block + 2, 'KEY_CLOSED', 0)],
    });
  return [
    closed(
      'lost-revoke',
      'The role has no other key, and what was granted to it is out of use.',
      ledger('lost and revoked', [
        ...SETS,
        role1,
        raw(grantSet('own', [nurses])),
        lost,
        raw(revokeRole('nurses 1', reader)),
        raw(rows('own', 3)),
      ]),
      11,
    ),
    closed(
      'lost-grant-revoked',
      'The grant may have stood in the lost block: the key is out of use.',
      ledger('granted in a lost block', [...SETS, lost, raw(revokeSet('own', reader)), raw(rows('own', 3))]),
      9,
    ),
  ];
}

/** Two column groups, one of which gets another key in a block that is lost: who dated it was ahead of their time. */
function someKeysLost(): Case[] {
  type Places = [group: number, row: number][];
  const of = (name: string, description: string, group: number, blocks: Places[]): Case => {
    const { begin, cells, newKey } = twoGroups();
    const changed = raw(newKey(group), OWNER, { timestamp: '2025-03-01T13:05:00.001Z' });
    const rows = blocks.map((places) => raw(cells(...places)));
    const lines = ledger(name, [raw(begin), raw(cells([0, 1], [1, 1])), changed, ...rows]);
    return caseOf('verification.md#after-a-lost-block', name, description, lines, {
      problems: [problem(4, 'TIME_AHEAD')],
      // Rows are counted by their records of group 0, where its key is known.
      expect: { records: group === 0 ? 1 : 3 },
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
    });
  };
  const [second, third]: [Places, Places] = [
    [
      [0, 2],
      [1, 2],
    ],
    [
      [0, 3],
      [1, 3],
    ],
  ];
  return [
    of('lost-key-of-the-last-group', 'Rows go on under a key that nobody knows in their second group.', 1, [
      second,
      third,
    ]),
    of('lost-key-of-the-first-group', 'Rows go on under a key that nobody knows in their first group.', 0, [
      second,
      third,
    ]),
    of('lost-key-last-group-in-one-block', 'The first of these with both rows in a block.', 1, [[...second, ...third]]),
    of('lost-key-first-group-in-one-block', 'The second of these with both rows in a block.', 0, [
      [...second, ...third],
    ]),
  ];
}

/** Nobody knows what the lost block said: it may have named another owner. */
function ownerRevokedBehindLost(): Case {
  const lines = ledger('owner revoked', [...SETS, note('lost'), raw(revokeSet('own', owner))]);
  return caseOf(
    'verification.md#after-a-lost-block',
    'lost-owner-revoked',
    'A block cannot be read, and a key is revoked from who owned the ledger before it.',
    lines.with(8, replaced(lines[8]!, '"index":9', '"index": 9')),
    { problems: [problem(9, 'MALFORMED')] },
  );
}

function revocations(): Case[] {
  const granted = raw(grantSet('own', [reader]));
  const member = raw(together(role('nurses', 'nurses 1', [owner, reader, stranger]), grantSet('own', [nurses])));
  const leaves = together(revokeRole('nurses 1', reader), role('nurses', 'nurses 2', [owner, stranger]));
  return [
    accepted(
      REVOCATION,
      'revoke',
      'Who is revoked is not granted the next key.',
      [granted, raw(together(revokeSet('own', reader), newKeys('own', [owner]), rows('own', 3)))],
      { notices: [OWN_UNENDED] },
    ),
    accepted(
      REVOCATION,
      'revoke-roles-in-a-circle',
      'Two roles are members of each other: who is revoked from one has lost both, and both go on under other keys.',
      [
        raw(together(role('nurses', 'nurses 1', [owner, reader]), role('staff', 'staff 1', [owner]))),
        raw(together(grantRole('nurses 1', [staff]), grantRole('staff 1', [nurses]))),
        raw(
          together(
            revokeRole('nurses 1', reader),
            say(
              { kind: 'role', name: 'nurses', public_key: rolePair('nurses 2').publicKey },
              { kind: 'role', name: 'staff', public_key: rolePair('staff 2').publicKey },
            ),
            grantRole('nurses 2', [owner, rolePair('staff 2').publicKey]),
            grantRole('staff 2', [owner, rolePair('nurses 2').publicKey]),
          ),
        ),
      ],
    ),
    accepted(REVOCATION, 'revoke-and-no-more-rows', 'A data set that takes no more rows needs no other key.', [
      granted,
      raw(revokeSet('own', reader)),
    ]),
    accepted(
      REVOCATION,
      'revoke-key-later',
      'Another key comes when rows come.',
      [granted, raw(revokeSet('own', reader)), raw(together(newKeys('own', [owner]), rows('own', 3)))],
      { notices: [OWN_UNENDED] },
    ),
    accepted(
      REVOCATION,
      'revoke-in-block-of-rows',
      'The key is out of use from the next block on.',
      [granted, raw(together(revokeSet('own', reader), rows('own', 3)))],
      { notices: [OWN_UNENDED] },
    ),
    accepted(REVOCATION, 'revoke-and-grant-again', 'Who was revoked can be granted to again.', [
      granted,
      raw(revokeSet('own', reader)),
      raw(newKeys('own', [owner, reader])),
    ]),
    accepted(
      REVOCATION,
      'member-leaves',
      'A member leaves a role: it goes on under another key, its data set too.',
      [member, raw(leaves), raw(together(newKeys('own', [owner, rolePair('nurses 2').publicKey]), rows('own', 3)))],
      { notices: [OWN_UNENDED] },
    ),
    refused(REVOCATION, 'key-closed-revoked', 'A row under a key that was revoked.', 'KEY_CLOSED', [
      granted,
      raw(revokeSet('own', reader)),
      raw(rows('own', 3)),
    ]),
    refused(REVOCATION, 'key-closed-member-left', 'A row under a key that a former member holds.', 'KEY_CLOSED', [
      member,
      raw(leaves),
      raw(rows('own', 3)),
    ]),
    refused(REVOCATION, 'key-closed-member-of-member-left', 'The same through a role in a role.', 'KEY_CLOSED', [
      raw(role('nurses', 'nurses 1', [owner, reader])),
      raw(together(role('staff', 'staff 1', [owner, nurses]), grantSet('own', [rolePair('staff 1').publicKey]))),
      raw(
        together(
          revokeRole('nurses 1', reader),
          role('nurses', 'nurses 2', [owner]),
          role('staff', 'staff 2', [owner, rolePair('nurses 2').publicKey]),
        ),
      ),
      raw(rows('own', 3)),
    ]),
    refused(REVOCATION, 'rotation-missing', 'A member leaves and the role keeps its key.', 'ROTATION_MISSING', [
      member,
      raw(revokeRole('nurses 1', reader)),
    ]),
    refused(REVOCATION, 'rotation-missing-role-in-role', 'A role in the role keeps its key.', 'ROTATION_MISSING', [
      raw(role('nurses', 'nurses 1', [owner, reader])),
      raw(role('staff', 'staff 1', [owner, nurses])),
      raw(together(revokeRole('nurses 1', reader), role('nurses', 'nurses 2', [owner]))),
    ]),
    refused(REVOCATION, 'revoke-not-granted', 'Revoked from who does not hold the key.', 'REVOKE_INVALID', [
      raw(revokeSet('own', reader)),
    ]),
    refused(REVOCATION, 'revoke-twice', 'Revoked a second time.', 'REVOKE_INVALID', [
      granted,
      raw(revokeSet('own', reader)),
      raw(revokeSet('own', reader)),
    ]),
    refused(REVOCATION, 'revoke-from-owner', 'Revoked from the owner.', 'REVOKE_INVALID', [
      raw(revokeSet('own', owner)),
    ]),
    refused(
      REVOCATION,
      'revoke-from-recovery',
      'Revoked from a recovery key.',
      'REVOKE_INVALID',
      [raw(revokeSet('own', recovery))],
      { recovery: [recovery] },
    ),
    refused(REVOCATION, 'revoke-unknown-key', 'A key that there is not is revoked.', 'KEY_UNKNOWN', [
      raw(revokeRole('nurses 1', reader)),
    ]),
    refused('ledger.md#who-may-say-what', 'revoke-by-writer', 'A writer revokes.', 'STATEMENT_UNAUTHORISED', [
      raw(revokeSet('labs', owner), WRITER),
    ]),
    refused('ledger.md#statements', 'revoke-without-reason', 'Revoked for no reason.', 'STATEMENT_INVALID', [
      granted,
      raw((context) => revokeSet('own', reader)(context).map((revoke) => ({ ...revoke, reason: '' }))),
    ]),
    refused(
      'ledger.md#who-may-say-what',
      'reader-signs-info',
      'A reader says more than accesses.',
      'SIGNER_UNAUTHORISED',
      [granted, note('by a reader', READER)],
      { entry: null },
    ),
  ];
}

/** Two column groups. */
function groups(): Case[] {
  const { begin, cells } = twoGroups();
  const id = 'cd'.repeat(16);
  const midRow = ledger('mid-row', [
    raw(begin),
    raw((context) => [
      ...cells([0, 1])(context),
      { kind: 'dataset-keys', id, keys: ['00'.repeat(16), '01'.repeat(16)] },
    ]),
    note('next'),
  ]);
  return [
    caseOf(ORDER, 'row-keys-within', 'Keys change between two groups of a row.', midRow, {
      problems: [problem(3, 'ROW_INCOMPLETE', 1)],
      expect: { records: 0 },
    }),
  ];
}
