// What only a store can show: it keeps entries, bodies and salts apart, so that each can be lost by itself. A store
// vector is an export, and what to put in the place of bodies and salts once it has been taken in.

import { ledger } from './ledgers.js';
import { NOW, owner } from './people.js';
import { labs } from './verify-good.js';
import { type ExpectedProblem, problem, type Vector } from './verify-vector.js';

interface Damage {
  readonly block: number;
  readonly entry: number;
  /** In base64; null for none; the one that is there where it is left out. */
  readonly body?: string | null;
  readonly salt?: string | null;
}

export function storeVectors(): Vector[] {
  const wrong = Buffer.alloc(80, 1).toString('base64');
  return [
    of('body-missing', 'A body is gone.', [{ block: 3, entry: 1, body: null }], [problem(3, 'BODY_MISSING', 1)]),
    of('body-changed', 'A body is another.', [{ block: 3, entry: 1, body: wrong }], [problem(3, 'BODY_MISMATCH', 1)]),
    of('body-empty', 'A body has no bytes.', [{ block: 3, entry: 1, body: '' }], [problem(3, 'BODY_MISMATCH', 1)]),
    of('salt-missing', 'A salt is gone.', [{ block: 3, entry: 0, salt: null }], [problem(3, 'SALT_MISSING', 0)]),
    of('salt-changed', 'A salt is another.', [{ block: 3, entry: 0, salt: wrong }], [problem(3, 'SALT_MISMATCH', 0)]),
    of(
      'both-missing',
      'Salt and body of a record are gone: it is one problem.',
      [{ block: 3, entry: 2, body: null, salt: null }],
      [problem(3, 'SALT_MISSING', 2)],
    ),
    of(
      'both-changed',
      'Salt and body of a record are others: the salt is looked at first.',
      [{ block: 3, entry: 2, body: wrong, salt: wrong }],
      [problem(3, 'SALT_MISMATCH', 2)],
    ),
    of(
      'several',
      'Every record with a fault is a problem.',
      [
        { block: 2, entry: 2, body: null },
        { block: 3, entry: 0, body: wrong },
        { block: 3, entry: 2, salt: null },
      ],
      [problem(2, 'BODY_MISSING', 2), problem(3, 'BODY_MISMATCH', 0), problem(3, 'SALT_MISSING', 2)],
    ),
    of(
      'half-withheld',
      'A record without its body and with its salt is not a withheld one, even where bodies may be withheld.',
      [{ block: 3, entry: 1, body: null }],
      [problem(3, 'BODY_MISSING', 1)],
      true,
    ),
  ];
}

function of(
  name: string,
  description: string,
  damage: readonly Damage[],
  problems: readonly ExpectedProblem[],
  withoutBodies = false,
): Vector {
  return {
    path: `store/${name}`,
    content: {
      description,
      rule: 'spec/verification.md#one-block-by-itself',
      now: NOW,
      owner,
      ...(withoutBodies ? { withoutBodies } : {}),
      export: ledger('store', [{ ...labs, blockSize: 3 }]),
      damage,
      expect: { ok: false, problems },
    },
  };
}
