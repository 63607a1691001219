// Erasure and amendments.

import { amend, erase, rows, say, together } from '../../oracle/say.js';
import type { Step } from '../../oracle/write.js';
import { ledger, note, raw, stubbed, withheld } from './ledgers.js';
import { WRITER } from './people.js';
import { accepted, caseOf, OWN_UNENDED, refused, SETS } from './verify-said.js';
import { type Case, problem } from './verify-vector.js';

const ERASURE = 'ledger.md#erasure';
const AMENDMENTS = 'ledger.md#amendments';

export function erasureCases(): Case[] {
  return [...erasures(), ...forms(), ...amendments(), amendedBehindLost()];
}

/** Rows 1 and 2 of the data sets are entries 0 and 1 of blocks 4 and 7; rows 0 are entry 2 of block 3 and 3 of block 6. */
const some: Step[] = [...SETS, raw(erase([4, 0], [7, 1])), note('next')];

/** Block 9 is lost: its row is not the next one. Block 10 erases. */
function lost(name: string, description: string, place: [block: number, position: number], bad: number[]): Case {
  const lines = ledger(name, [...SETS, raw(rows('own', 7)), raw(erase(place))]);
  return caseOf('verification.md#after-a-lost-block', name, description, lines, {
    problems: [problem(9, 'ROW_UNEXPECTED', 0), ...bad.map((block) => problem(block, 'ERASE_INVALID', 0))],
  });
}

function erasures(): Case[] {
  const lines = ledger('erased', some);
  const all = lines.map((line) => withheld(line));
  const of = (name: string, description: string, exported: string[], more: Partial<Case>) =>
    caseOf(ERASURE, name, description, exported, { ...more, expect: { erased: 2, ...more.expect } });
  return [
    of('ok-erased', 'Two records are erased, and gone.', stubbed(lines, [4, 0], [7, 1]), {}),
    of('ok-erase-pending', 'One of them is still here: a notice, at its block.', stubbed(lines, [4, 0]), {
      notices: [{ block: 7, code: 'ERASE_PENDING' }],
    }),
    of('ok-erased-and-withheld', 'Of an export without bodies the erased ones are told apart.', all, {
      withoutBodies: true,
      expect: { withheld: 4 },
    }),
    accepted(
      ERASURE,
      'erased-header',
      'The header row is erased, and a record twice.',
      [raw(erase([3, 2], [4, 0])), raw(erase([4, 0]))],
      { expect: { erased: 2 }, notices: [{ block: 3, code: 'ERASE_PENDING' }] },
    ),
    lost('lost-row-erased', 'A row that has been lost is erased all the same.', [9, 0], []),
    lost('lost-row-erase-refused', 'Also behind a lost block nothing of the same block is erased.', [10, 0], [10]),
    of(
      'erased-another',
      'A record is gone that no statement covers, beside those that one does.',
      stubbed(lines, [4, 0], [4, 1], [7, 1]),
      {
        problems: [problem(4, 'SALT_MISSING', 1)],
      },
    ),
    of(
      'erased-several',
      'Two records are gone that no statement covers.',
      stubbed(lines, [3, 2], [4, 0], [7, 0], [7, 1]),
      {
        problems: [problem(3, 'SALT_MISSING', 2), problem(7, 'SALT_MISSING', 0)],
      },
    ),
    {
      ...of(
        'erase-refused',
        'A statement that is refused covers nothing.',
        stubbed(
          ledger('erase refused', [
            ...SETS,
            raw(together(erase([4, 0]), say({ kind: 'writer', public_key: 'ab'.repeat(33) }))),
            note('next'),
          ]),
          [4, 0],
        ),
        { problems: [problem(4, 'SALT_MISSING', 0), problem(9, 'PUBLIC_KEY_INVALID', 1)] },
      ),
      expect: { erased: 0 },
    },
    refused('ledger.md#who-may-say-what', 'erase-by-writer', 'A writer erases.', 'STATEMENT_UNAUTHORISED', [
      raw(erase([7, 0]), WRITER),
    ]),
    refused(ERASURE, 'erase-statement', 'A statement is to be erased.', 'ERASE_INVALID', [raw(erase([2, 0]))]),
    refused(ERASURE, 'erase-beyond-block', 'A position that the block does not have.', 'ERASE_INVALID', [
      raw(erase([4, 2])),
    ]),
    refused(
      ERASURE,
      'erase-own-block',
      'A record of the same block.',
      'ERASE_INVALID',
      [raw(together(rows('own', 3), erase([9, 0])))],
      { entry: 1 },
    ),
    refused(ERASURE, 'erase-later-block', 'A record that is still to come.', 'ERASE_INVALID', [raw(erase([40, 0]))]),
    refused(ERASURE, 'erase-one-of-two', 'Of two places one is none: neither is covered.', 'ERASE_INVALID', [
      raw(erase([4, 0], [4, 9])),
    ]),
  ];
}

function forms(): Case[] {
  const invalid = (name: string, description: string, entries: [number, number][], change = {}) =>
    refused('ledger.md#statements', `erase-${name}`, description, 'STATEMENT_INVALID', [
      raw((context) => erase(...entries)(context).map((statement) => ({ ...statement, ...change }))),
    ]);
  return [
    invalid('nothing', 'Nothing is to be erased.', []),
    invalid('twice', 'A place twice.', [
      [4, 0],
      [4, 0],
    ]),
    invalid('not-ascending', 'Places in descending order.', [
      [7, 0],
      [4, 0],
    ]),
    invalid('no-basis', 'Without a basis.', [[4, 0]], { basis: '' }),
    invalid('reason-long', 'A reason of 201 characters.', [[4, 0]], { reason: 'x'.repeat(201) }),
    invalid('not-pairs', 'A place of three numbers.', [[4, 0]], { entries: [[4, 0, 0]] }),
  ];
}

/** Block 9 is lost, and with it how many rows there are. */
function amendedBehindLost(): Case {
  const lines = ledger('lost version', [...SETS, raw(rows('own', 7)), raw(amend('own', 1, 3))]);
  return caseOf('verification.md#after-a-lost-block', 'lost-version', 'Row 3 may have been there.', lines, {
    problems: [problem(9, 'ROW_UNEXPECTED', 0)],
  });
}

function amendments(): Case[] {
  const invalid = (name: string, description: string, steps: Step[]) =>
    refused(AMENDMENTS, `amend-${name}`, description, 'AMEND_INVALID', steps);
  const corrected = raw(together(rows('own', 3), amend('own', 1, 3)));
  const unended = { notices: [OWN_UNENDED] };
  return [
    accepted(AMENDMENTS, 'amended', 'A row is corrected by a later one.', [corrected], unended),
    accepted(
      AMENDMENTS,
      'amended-again',
      'A row is corrected twice.',
      [corrected, raw(together(rows('own', 4), amend('own', 1, 4)))],
      unended,
    ),
    accepted(
      AMENDMENTS,
      'amended-by-writer',
      'A writer corrects a row of its own data set.',
      [raw(together(rows('labs', 3), amend('labs', 2, 3)), WRITER)],
      { notices: [{ block: 6, code: 'DATASET_INCOMPLETE' }] },
    ),
    accepted(AMENDMENTS, 'amended-by-row-of-file', 'A row of the file itself is the later version.', [
      raw(amend('own', 1, 2)),
    ]),
    invalid('earlier', 'By an earlier row.', [raw(amend('own', 2, 1))]),
    invalid('itself', 'By itself.', [raw(amend('own', 1, 1))]),
    invalid('not-there', 'By a row that has not been sealed.', [raw(amend('own', 1, 3))]),
    invalid('version', 'A version is amended in place of the row.', [
      corrected,
      raw(rows('own', 4)),
      raw(amend('own', 3, 4)),
    ]),
    invalid('by-taken', 'By a row that is the version of another.', [corrected, raw(amend('own', 2, 3))]),
    invalid('by-amended', 'By a row that is amended itself.', [
      raw(together(rows('own', 3), amend('own', 2, 3))),
      raw(amend('own', 1, 2)),
    ]),
    refused('ledger.md#statements', 'amend-header', 'The header row is amended.', 'STATEMENT_INVALID', [
      raw(amend('own', 0, 1)),
    ]),
    refused(
      'ledger.md#who-may-say-what',
      'amend-unauthorised',
      "A writer corrects another's row.",
      'STATEMENT_UNAUTHORISED',
      [raw(amend('own', 1, 2), WRITER)],
    ),
    refused(AMENDMENTS, 'amend-unknown', 'A row of a data set that has not begun.', 'DATASET_UNKNOWN', [
      raw(say({ kind: 'amend', id: 'ab'.repeat(16), row: 1, by: 2, reason: 'x' })),
    ]),
  ];
}
