// Who may say what (spec/verification.md), on blocks that are worked and signed as they should be.

import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '../../../src/errors.js';
import {
  anotherLedger,
  BASE,
  type Entries,
  end,
  fresh,
  grant,
  nested,
  oracleText,
  raw,
  reversed,
  row,
  say,
  together,
} from '../../helpers/breaking.js';
import { verifyText } from '../../helpers/ledgers.js';
import { OFF_CURVE, owner, type Person, reader, recovery, stranger, writer } from '../../helpers/people.js';
import type { JsonObject } from '../../oracle/jcs.js';

const BLOCK = 7;
const info = say({ kind: 'info-x' });
const names = (kind: string, { publicKey }: Person): Entries => say({ kind, public_key: publicKey });

test.each<[what: string, by: Person, entries: Entries, code: ProblemCode | null]>([
  ['a stranger says anything', stranger, info, 'SIGNER_UNAUTHORISED'],
  ['a reader says anything', reader, info, 'SIGNER_UNAUTHORISED'],
  ['the owner informs', owner, info, null],
  ['a writer informs', writer, info, null],

  ['the owner names a writer', owner, names('writer', reader), null],
  ['a writer names a writer', writer, names('writer', reader), 'STATEMENT_UNAUTHORISED'],
  ['a stranger names itself', stranger, names('writer', stranger), 'SIGNER_UNAUTHORISED'],
  ['a writer is named again', owner, names('writer', writer), 'WRITER_INVALID'],
  ['the owner is named a writer', owner, names('writer', owner), 'WRITER_INVALID'],
  ['a key off the curve is named', owner, say({ kind: 'writer', public_key: OFF_CURVE }), 'PUBLIC_KEY_INVALID'],
  ['a writer is removed', owner, names('writer-removed', writer), null],
  ['a writer removes itself', writer, names('writer-removed', writer), 'STATEMENT_UNAUTHORISED'],
  ['who is none is removed', owner, names('writer-removed', reader), 'WRITER_INVALID'],
  ['the owner is removed', owner, names('writer-removed', owner), 'WRITER_INVALID'],
  ['one is named and removed', owner, together(names('writer', reader), names('writer-removed', reader)), null],
  ['one is named twice at once', owner, together(names('writer', reader), names('writer', reader)), 'WRITER_INVALID'],

  ["a row of the owner's data set by the owner", owner, row('own', 2), null],
  ["a row of the writer's data set by the writer", writer, row('labs', 2), null],
  ["a row of the writer's data set by the owner", owner, row('labs', 2), null],
  ["a row of the owner's data set by the writer", writer, row('own', 2), 'STATEMENT_UNAUTHORISED'],
  ["the writer's data set ended by the owner", owner, end('labs', 1), null],
  ["the owner's data set ended by the writer", writer, end('own', 1), 'STATEMENT_UNAUTHORISED'],
  ['a grant of an own key', writer, grant('labs'), null],
  ['a grant by the owner', owner, grant('labs'), null],
  ["a grant of another's key", writer, grant('own'), 'STATEMENT_UNAUTHORISED'],
  ['a grant of an unknown key', owner, grant('own', { key_id: '00'.repeat(16) }), 'KEY_UNKNOWN'],
  ['a grant with time and reason', owner, grant('own', { expires: '2030-01-01T00:00:00.000Z', reason: 'study' }), null],

  ['a data set of the owner', owner, fresh([owner]), null],
  ['a data set of a writer', writer, fresh([writer, owner]), null],
  ['a data set not granted to the owner', writer, fresh([writer]), 'GRANT_MISSING'],
  ['a data set not granted to its signer', writer, fresh([owner]), 'GRANT_MISSING'],
  ['a data set granted to others as well', owner, fresh([reader, owner]), null],
  ['a grant before its data set', owner, reversed(fresh([owner])), 'KEY_UNKNOWN'],
  ['a second ledger', owner, anotherLedger, 'GENESIS_INVALID'],
])('%s', async (_, by, entries, code) => {
  const verdict = await verifyText(oracleText([...BASE, raw(entries, by)]));
  if (code === null) expect(verdict).toMatchObject({ ok: true, blocks: BLOCK });
  else expect(verdict).toMatchObject({ ok: false, problems: [{ block: BLOCK, code }] });
  expect(verdict.problems.length).toBeLessThanOrEqual(1);
});

/** A grant that has been changed since it was made. */
function bent(change: JsonObject): Entries {
  return (context) => grant('own')(context).map((statement) => ({ ...(statement as JsonObject), ...change }));
}

test.each<[what: string, statement: Entries, code: ProblemCode | null]>([
  ['an unknown kind', say({ kind: 'notice' }), 'STATEMENT_UNKNOWN'],
  ['a kind named like a method', say({ kind: 'toString' }), 'STATEMENT_UNKNOWN'],
  ['a kind named like a prototype', say({ kind: '__proto__' }), 'STATEMENT_UNKNOWN'],
  ['an info kind without a name', say({ kind: 'info-' }), 'STATEMENT_UNKNOWN'],
  ['an info kind in capitals', say({ kind: 'info-X' }), 'STATEMENT_UNKNOWN'],
  ['an info kind of every character', say({ kind: 'info-a-z0-9' }), null],
  ['a member too many', say({ kind: 'writer', public_key: reader.publicKey, x: 1 }), 'STATEMENT_INVALID'],
  ['a member too few', say({ kind: 'writer' }), 'STATEMENT_INVALID'],
  ['a member of another type', say({ kind: 'writer', public_key: 1 }), 'STATEMENT_INVALID'],
  ['a kind of another type', say({ kind: 1 }), 'STATEMENT_INVALID'],
  ['hex in capitals', say({ kind: 'dataset', id: 'AB'.repeat(16), keys: ['00'.repeat(16)] }), 'STATEMENT_INVALID'],
  ['no keys', say({ kind: 'dataset', id: 'ab'.repeat(16), keys: [] }), 'STATEMENT_INVALID'],
  [
    'the same key twice',
    say({ kind: 'dataset', id: 'ab'.repeat(16), keys: Array(2).fill('00'.repeat(16)) }),
    'STATEMENT_INVALID',
  ],
  ['an encapsulated key that is no text', bent({ enc: 1 }), 'STATEMENT_INVALID'],
  ['an encapsulated key cut short', bent({ enc: 'AA' }), 'STATEMENT_INVALID'],
  ['a wrapped key in padded base64', bent({ wrapped: 'AA==' }), 'STATEMENT_INVALID'],
  ['a wrapped key too long', bent({ wrapped: 'A'.repeat(66) }), 'STATEMENT_INVALID'],
  ['a reason of 200 characters', grant('own', { reason: '\u{1f600}'.repeat(200) }), null],
  ['a reason of 201 characters', grant('own', { reason: 'x'.repeat(201) }), 'STATEMENT_INVALID'],
  ['no real time', grant('own', { expires: '2025-02-29T00:00:00.000Z' }), 'STATEMENT_INVALID'],
  ['a control character', say({ kind: 'info-x', a: [{ b: 'c\u0007' }] }), 'STATEMENT_INVALID'],
  ['a control character of C1', say({ kind: 'info-x', a: '\u0085' }), 'STATEMENT_INVALID'],
  ["a sealed record's member", say({ kind: 'info-x', salt: '' }), 'STATEMENT_INVALID'],
  ['8 levels', say({ kind: 'info-x', a: nested(7) }), null],
  ['9 levels', say({ kind: 'info-x', a: nested(8) }), 'TOO_LARGE'],
  ['members of any well-formed kind', say({ kind: 'info-x', a: null, b: [true, 0, ''], ['__proto__']: {} }), null],
  ['1 MiB and more', say({ kind: 'info-x', a: 'x'.repeat(1024 * 1024) }), 'TOO_LARGE'],
])('a statement with %s', async (_, statement, code) => {
  const verdict = await verifyText(oracleText([...BASE, raw(statement)]));
  expect(verdict.ok).toBe(code === null);
  if (code !== null) expect(verdict.problems).toMatchObject([{ block: BLOCK, code }]);
});

describe('what has been said has effect from the next block on', () => {
  test('a new writer signs its first block', async () => {
    const text = oracleText([...BASE, raw(names('writer', reader)), raw(info, reader)]);
    expect(await verifyText(text)).toMatchObject({ ok: true, blocks: 8, statements: 9 });
  });

  test('a removed writer signs no more, not even in its own data set', async () => {
    const text = oracleText([...BASE, raw(names('writer-removed', writer)), raw(row('labs', 2), writer)]);
    const verdict = await verifyText(text);
    expect(verdict.problems).toMatchObject([{ block: 8, entry: null, code: 'SIGNER_UNAUTHORISED' }]);
  });

  test('nothing of a bad block has effect', async () => {
    const bad = together(names('writer', reader), names('writer', owner));
    const verdict = await verifyText(oracleText([...BASE, raw(bad), raw(info, reader)]));
    expect(verdict.problems).toMatchObject([
      { block: 7, entry: 1, code: 'WRITER_INVALID' },
      { block: 8, entry: null, code: 'SIGNER_UNAUTHORISED' },
    ]);
  });
});

test('a data set is granted to every recovery key', async () => {
  const recovers = { recovery: [recovery.publicKey, reader.publicKey] };
  const to = (...readers: Person[]): Promise<unknown> => verifyText(oracleText([raw(fresh(readers))], recovers));
  expect(await to(owner, recovery, reader)).toMatchObject({ ok: true });
  expect(await to(owner, recovery)).toMatchObject({ problems: [{ block: 2, entry: 0, code: 'GRANT_MISSING' }] });
  expect(await to(recovery, reader)).toMatchObject({ problems: [{ block: 2, entry: 0, code: 'GRANT_MISSING' }] });
});
