// Accesses, and the statements that nothing hangs on.

import type { JsonObject } from '../../oracle/jcs.js';
import { access, grantSet, newKeys, revokeSet, role, rolePair, say, together } from '../../oracle/say.js';
import type { Step } from '../../oracle/write.js';
import { raw } from './ledgers.js';
import { OFF_CURVE, owner, READER, reader, STRANGER, WRITER } from './people.js';
import { accepted, refused } from './verify-said.js';
import type { Case } from './verify-vector.js';

const RULE = 'ledger.md#accesses';
const WHO = 'ledger.md#who-may-say-what';
const granted = raw(grantSet('own', [reader]));

export function trailCases(): Case[] {
  return [...accesses(), ...signers(), ...forms(), ...others()];
}

function changed(change: JsonObject): Step {
  return raw((context) => access('own', READER)(context).map((statement) => ({ ...statement, ...change })));
}

function accesses(): Case[] {
  const invalid = (name: string, description: string, step: Step, code = 'ACCESS_INVALID', steps: Step[] = []) =>
    refused(RULE, `access-${name}`, description, code, [...steps, step]);
  const same = { id: 'ab'.repeat(16) };
  return [
    accepted(RULE, 'access', 'A reader says what it has read.', [
      granted,
      raw(
        together(
          access('own', READER),
          access('own', READER, {
            rows: [
              [1, 2],
              [4, 9],
            ],
            outcome: 'refused',
          }),
        ),
        READER,
      ),
    ]),
    accepted(RULE, 'access-by-owner', 'The owner puts what others have said on the ledger, refused strangers too.', [
      raw(together(access('own', STRANGER, { outcome: 'refused', rows: [] }), say({ kind: 'info-x' }))),
    ]),
    accepted(RULE, 'access-five-minutes-ahead', 'A clock may be five minutes ahead of the block.', [
      raw(access('own', READER, { at: '2025-03-01T12:05:08.000Z' })),
    ]),
    refused(
      WHO,
      'access-data-hash-wrong',
      'Nobody knows what a reader has signed: it may have been accesses.',
      'DATA_MISMATCH',
      [granted, raw(access('own', READER), READER, { data_hash: 'ab'.repeat(32) })],
      { entry: null },
    ),
    invalid(
      'dated-ahead',
      'A millisecond more is too much.',
      raw(access('own', READER, { at: '2025-03-01T12:05:08.001Z' })),
    ),
    invalid('changed', 'It was changed after the reader signed it.', changed({ purpose: 'HRESCH' })),
    invalid('in-another-name', 'It was signed by another than it names.', changed({ by: owner })),
    invalid('of-another-ledger', 'It is for another ledger.', raw(access('own', READER, { ledger: 'ab'.repeat(32) }))),
    invalid(
      'by-role',
      'A role says it, not one of its members.',
      raw(access('own', rolePair('nurses 1').privateKey)),
      'ACCESS_INVALID',
      [raw(role('nurses', 'nurses 1', [owner]))],
    ),
    invalid('repeated', 'It stands here a second time.', raw(access('own', READER, same)), 'ID_REPEATED', [
      raw(access('own', READER, same)),
    ]),
    invalid(
      'unknown-data-set',
      'Of a data set that has not begun.',
      raw(access('own', READER, { dataset: 'ab'.repeat(16) })),
      'DATASET_UNKNOWN',
    ),
    invalid('off-curve', 'By what is no point of the curve.', changed({ by: OFF_CURVE }), 'PUBLIC_KEY_INVALID'),
  ];
}

function signers(): Case[] {
  const stranger = { entry: null };
  return [
    accepted(WHO, 'access-by-writer', 'A writer says what it has read in its own data set.', [
      raw(access('labs', WRITER), WRITER),
    ]),
    accepted(WHO, 'access-by-member', 'A member of a role signs in its own name.', [
      raw(role('nurses', 'nurses 1', [owner, reader])),
      raw(access('own', READER), READER),
    ]),
    refused(WHO, 'access-of-another', 'A reader puts on the ledger what another has said.', 'STATEMENT_UNAUTHORISED', [
      granted,
      raw(access('own', STRANGER), READER),
    ]),
    refused(
      WHO,
      'access-mixed',
      'A reader says something else beside it.',
      'SIGNER_UNAUTHORISED',
      [granted, raw(together(access('own', READER), say({ kind: 'info-x' })), READER)],
      stranger,
    ),
    refused(WHO, 'access-mixed-by-writer', 'A writer says something else beside it.', 'STATEMENT_UNAUTHORISED', [
      raw(together(access('labs', WRITER), say({ kind: 'info-x' })), WRITER),
    ]),
    refused(
      WHO,
      'access-by-stranger',
      'Somebody who holds no key.',
      'SIGNER_UNAUTHORISED',
      [raw(access('own', STRANGER), STRANGER)],
      stranger,
    ),
    refused(
      WHO,
      'access-by-revoked',
      'A reader whose only key was revoked.',
      'SIGNER_UNAUTHORISED',
      [granted, raw(together(revokeSet('own', reader), newKeys('own', [owner]))), raw(access('own', READER), READER)],
      stranger,
    ),
    refused(
      WHO,
      'access-by-role-key',
      "A block signed with a role's key.",
      'SIGNER_UNAUTHORISED',
      [
        raw(together(role('nurses', 'nurses 1', [owner]), grantSet('own', [rolePair('nurses 1').publicKey]))),
        raw(access('own', READER), rolePair('nurses 1').privateKey),
      ],
      stranger,
    ),
  ];
}

function forms(): Case[] {
  const invalid = (name: string, description: string, change: JsonObject) =>
    refused('ledger.md#statements', `access-${name}`, description, 'STATEMENT_INVALID', [
      raw(access('own', READER, change)),
    ]);
  return [
    invalid('purpose', 'A purpose that is no code.', { purpose: 'treatment' }),
    invalid('outcome', 'An outcome that there is not.', { outcome: 'perhaps' }),
    invalid('rows-backwards', 'Rows that end before they begin.', { rows: [[2, 1]] }),
    invalid('rows-overlapping', 'Runs of rows that overlap.', {
      rows: [
        [1, 3],
        [3, 4],
      ],
    }),
    invalid('approvals', 'Approvals, which an access has not.', { proposal: 'ab'.repeat(16) }),
  ];
}

function others(): Case[] {
  const key = 'ab'.repeat(32);
  return [
    accepted('ledger.md#statements', 'audit-and-log-key', 'Reading is recorded from here on; a key for a log.', [
      raw(say({ kind: 'audit', on: true }, { kind: 'log-key', public_key: key })),
    ]),
    refused(WHO, 'audit-by-writer', 'A writer switches the audit.', 'STATEMENT_UNAUTHORISED', [
      raw(say({ kind: 'audit', on: false }), WRITER),
    ]),
    refused(WHO, 'log-key-by-writer', 'A writer names the key of a log.', 'STATEMENT_UNAUTHORISED', [
      raw(say({ kind: 'log-key', public_key: key }), WRITER),
    ]),
    refused('ledger.md#statements', 'log-key-long', 'A key of 33 bytes.', 'STATEMENT_INVALID', [
      raw(say({ kind: 'log-key', public_key: owner })),
    ]),
    refused('ledger.md#statements', 'audit-not-boolean', 'An audit that is neither on nor off.', 'STATEMENT_INVALID', [
      raw(say({ kind: 'audit', on: 1 })),
    ]),
  ];
}
