// A data set, in order: nothing in it can be left out, doubled or moved, though every block is signed.

import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '../../../src/errors.js';
import {
  again,
  BASE,
  type Entries,
  end,
  fresh,
  oracleText,
  otherSalt,
  raw,
  row,
  sameKey,
  say,
  together,
} from '../../helpers/breaking.js';
import { verifyText } from '../../helpers/ledgers.js';
import { owner } from '../../helpers/people.js';
import { H, hex, u64, utf8 } from '../../oracle/bytes.js';
import { type GroupKey, groupKey, sealRecord, wrapKey } from '../../oracle/seal.js';
import type { WriterContext } from '../../oracle/write.js';

const BLOCK = 7;
const elsewhere: Entries = ({ ledger, random }) => [
  sealRecord(ledger, groupKey(ledger, random(32)), 0, utf8('x'), random),
];

test.each<[what: string, entries: Entries, problem: [entry: number | null, code: ProblemCode] | null]>([
  ['the next row', row('own', 2), null],
  ['the next rows', row('own', 2, 3, 4), null],
  ['rows of two data sets in turn', together(row('own', 2), row('labs', 2), row('own', 3)), null],
  ['a row left out', row('own', 3), [0, 'ROW_UNEXPECTED']],
  ['a row again', row('own', 1), [0, 'ROW_UNEXPECTED']],
  ['the header row again', row('own', 0), [0, 'ROW_UNEXPECTED']],
  ['a row twice at once', row('own', 2, 2), [1, 'ROW_UNEXPECTED']],
  ['two rows swapped', row('own', 3, 2), [0, 'ROW_UNEXPECTED']],
  ['the largest row there is', row('own', Number.MAX_SAFE_INTEGER), [0, 'ROW_UNEXPECTED']],
  ['a record of no data set', elsewhere, [0, 'KEY_UNKNOWN']],
  ['a record with another salt', otherSalt(row('own', 2)), [0, 'SALT_MISMATCH']],
  ['an end', end('own', 1), null],
  ['an end behind a row', together(row('own', 2), end('own', 2)), null],
  ['an end before a row', together(end('own', 1), row('own', 2)), null],
  ['an end twice', together(end('own', 1), end('own', 1)), null],
  ['an end with a row too few', end('own', 0), [0, 'ROWS_WRONG']],
  ['an end with a row too many', end('own', 2), [0, 'ROWS_WRONG']],
  ['an end of nothing', say({ kind: 'dataset-end', id: 'ff'.repeat(16), rows: 1 }), [0, 'DATASET_UNKNOWN']],
  ['a data set with no row yet', fresh([owner]), null],
  ['an id again', again('own'), [0, 'ID_REPEATED']],
  ['a key again', sameKey('own'), [0, 'ID_REPEATED']],
])('%s', async (_, entries, problem) => {
  const verdict = await verifyText(oracleText([...BASE, raw(entries)]));
  expect(verdict.ok).toBe(problem === null);
  if (problem === null) return;
  const [entry, code] = problem;
  expect(verdict.problems).toMatchObject([{ block: BLOCK, entry, code }]);
});

test('a data set ends, grows, and ends again', async () => {
  const text = oracleText([
    { step: 'data-set', name: 'x', csv: 'a\n1\n', blockSize: 1 },
    { step: 'append', name: 'x', rows: '2\n3\n', blockSize: 2 },
  ]);
  expect(await verifyText(text)).toMatchObject({ ok: true, records: 3 });
});

describe('rows of two groups', () => {
  const keys = [0, 1].map((number) => H(u64(number)));
  const cells = ({ ledger, random }: WriterContext, ...places: [group: number, row: number][]) =>
    places.map(([group, number]) => sealRecord(ledger, groupKey(ledger, keys[group]!), number, utf8('x'), random));
  const dataSet: Entries = (context) => {
    const { ledger, random } = context;
    const ids = keys.map((key) => hex(groupKey(ledger, key).keyId));
    const grants = ids.map((id, at) =>
      wrapKey(ledger, keys[at]!, { kind: 'grant', key_id: id, to: owner.publicKey }, random),
    );
    return [{ kind: 'dataset', id: 'cd'.repeat(16), keys: ids }, ...grants, ...cells(context, [0, 0], [1, 0])];
  };

  // A place is group and row, in two digits.
  test.each<[string, places: string, code: ProblemCode | null]>([
    ['row by row', '01 11 02 12', null],
    ['half a row', '01', 'ROW_INCOMPLETE'],
    ['a row and a half', '01 11 02', 'ROW_INCOMPLETE'],
    ['the groups swapped', '11 01', 'ROW_UNEXPECTED'],
    ['group by group', '01 02 11 12', 'ROW_UNEXPECTED'],
    ['one group only', '01 02', 'ROW_UNEXPECTED'],
    ['a group twice', '01 01 11', 'ROW_UNEXPECTED'],
  ])('%s', async (_, places, code) => {
    const list = places.split(' ').map(([group, number]): [number, number] => [Number(group), Number(number)]);
    const text = oracleText([raw(dataSet), raw((context) => cells(context, ...list))]);
    const verdict = await verifyText(text);
    if (code === null) expect(verdict).toMatchObject({ ok: true, records: 2 });
    else expect(verdict.problems).toMatchObject([{ block: 3, code }]);
  });

  test('one group alone is sealed under another key', async () => {
    const another = H(u64(2));
    const changed: Entries = (context) => {
      const { ledger, random } = context;
      const [first, last] = [keys[0]!, another].map((key) => groupKey(ledger, key)) as [GroupKey, GroupKey];
      const ids = [first, last].map(({ keyId }) => hex(keyId));
      const grant = wrapKey(ledger, another, { kind: 'grant', key_id: ids[1]!, to: owner.publicKey }, random);
      const row = [first, last].map((key) => sealRecord(ledger, key, 1, utf8('x'), random));
      return [{ kind: 'dataset-keys', id: 'cd'.repeat(16), keys: ids }, grant, ...row];
    };
    expect(await verifyText(oracleText([raw(dataSet), raw(changed)]))).toMatchObject({ ok: true, records: 1 });
  });

  test('and a row in two blocks', async () => {
    const half = (group: number) => raw((context) => cells(context, [group, 1]));
    const verdict = await verifyText(oracleText([raw(dataSet), half(0), half(1)]));
    expect(verdict.problems[0]).toMatchObject({ block: 3, code: 'ROW_INCOMPLETE' });
  });
});
