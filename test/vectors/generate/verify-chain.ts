// Sound blocks in the wrong place, at the wrong time, by the wrong hand, or of another ledger than the one asked for.

import type { Header } from '../../oracle/block.js';
import { H, hex } from '../../oracle/bytes.js';
import { genesis, hashOf, ledger, ledgerStatement, note, raw, say } from './ledgers.js';
import { OFF_CURVE, RECOVERY, recovery, STRANGER, stranger, WRITER, writer } from './people.js';
import { labs } from './verify-good.js';
import { type Case, notice, problem } from './verify-vector.js';

const LINES = ledger(
  'chain',
  ['first', 'second', 'third', 'fourth'].map((text) => note(text)),
);
const [ONE, TWO, THREE, FOUR, FIVE] = LINES as [string, string, string, string, string];
/** The same genesis block and another second one. */
const OTHER = ledger('chain', [note('another first'), note('another second')]);
/** The third block of another ledger. */
const FOREIGN = ledger('another chain', [note('first'), note('second')])[2]!;

export function chainCases(): Case[] {
  return [...places(), ...links(), ...times(), ...signers(), ...genesisBlocks(), ...pins()];
}

function places(): Case[] {
  const rule = 'spec/verification.md#the-place-of-a-block';
  const of = (name: string, description: string, lines: string[], code: string, block: number): Case => ({
    name,
    description,
    rule,
    export: lines,
    problems: [problem(block, code)],
    // Each of the notes is a block; what stands out of its place is not counted.
    expect: { statements: new Set(lines).size, blocks: 5 },
  });
  return [
    of('missing-one', 'A block is missing: the next one names its hash.', [ONE, TWO, FOUR, FIVE], 'BLOCK_MISSING', 3),
    {
      ...of('missing-two', 'Two blocks in a row are missing.', [ONE, FOUR, FIVE], 'BLOCK_MISSING', 2),
      notices: [notice(4, 'HISTORY_UNCHECKED')],
    },
    {
      ...of('missing-two-apart', 'Two blocks are missing, not in a row: two problems.', [ONE, THREE, FIVE], '', 0),
      problems: [problem(2, 'BLOCK_MISSING'), problem(4, 'BLOCK_MISSING')],
    },
    {
      ...of('missing-genesis', 'The genesis block is missing.', [TWO, THREE, FOUR, FIVE], 'BLOCK_MISSING', 1),
      expect: { ledger: hex(hashOf(ONE)), blocks: 5, statements: 4 },
    },
    {
      ...of('missing-genesis-nothing-pinned', 'The same without a pin.', [TWO, THREE, FOUR, FIVE], 'BLOCK_MISSING', 1),
      owner: null,
      notices: [notice(2, 'AUTHORITY_UNCHECKED')],
      expect: { ledger: hex(hashOf(ONE)), owner: null, blocks: 5, statements: 0 },
    },
    {
      ...of('missing-beginning', 'Two blocks are missing at the beginning.', [THREE, FOUR, FIVE], 'BLOCK_MISSING', 1),
      notices: [notice(3, 'HISTORY_UNCHECKED')],
      expect: { ledger: null, blocks: 5, statements: 3 },
    },
    {
      ...of('missing-all', 'An export without a line.', [], 'BLOCK_MISSING', 1),
      expect: { owner: null, blocks: 0, statements: 0 },
    },
    of('repeated', 'A block twice, one behind the other.', [ONE, TWO, TWO, THREE, FOUR, FIVE], 'BLOCK_REPEATED', 2),
    of('repeated-later', 'A block a second time, later.', [ONE, TWO, THREE, FOUR, TWO, FIVE], 'BLOCK_REPEATED', 2),
    of('repeated-genesis', 'The genesis block twice.', [ONE, ONE, TWO, THREE, FOUR, FIVE], 'BLOCK_REPEATED', 1),
    {
      ...of(
        'misplaced',
        'Two blocks changed places: the one that stands too early is misplaced.',
        [ONE, TWO, FOUR, THREE, FIVE],
        '',
        0,
      ),
      problems: [problem(4, 'BLOCK_MISPLACED')],
      expect: { statements: 4 },
    },
    {
      ...of('misplaced-genesis', 'The genesis block stands second.', [TWO, ONE, THREE, FOUR, FIVE], '', 0),
      problems: [problem(2, 'BLOCK_MISPLACED')],
      expect: { ledger: hex(hashOf(ONE)), statements: 4 },
    },
    {
      ...of('misplaced-reverse', 'All blocks in reverse order.', [FIVE, FOUR, THREE, TWO, ONE], '', 0),
      problems: [2, 3, 4, 5].map((index) => problem(index, 'BLOCK_MISPLACED')),
      expect: { ledger: hex(hashOf(ONE)), blocks: 1, statements: 1 },
    },
    {
      ...of(
        'misplaced-and-missing',
        'A block stands too early, and of those before it one is missing.',
        [ONE, FOUR, TWO, FIVE],
        '',
        0,
      ),
      problems: [problem(3, 'BLOCK_MISSING'), problem(4, 'BLOCK_MISPLACED')],
      notices: [notice(5, 'HISTORY_UNCHECKED')],
      expect: { blocks: 5, statements: 3 },
    },
  ];
}

function links(): Case[] {
  const odd = (header: Partial<Header>) =>
    ledger('odd link', [note('first'), raw(() => [{ kind: 'info-x' }], undefined, header), note('last')]);
  const wrong = 'ab'.repeat(32);
  return [
    {
      name: 'link-block-replaced',
      description: 'A block was replaced by another that its signer signed: the next block was not signed for it.',
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, OTHER[1]!, THREE, FOUR, FIVE],
      problems: [problem(3, 'LINK_BROKEN')],
    },
    {
      name: 'link-signed-wrong',
      description: 'A signed block with another previous_hash, its history right.',
      rule: 'spec/ledger.md#header',
      export: odd({ previous_hash: wrong }),
      problems: [problem(3, 'LINK_BROKEN')],
    },
    {
      name: 'link-genesis',
      description: 'A genesis block with a previous_hash other than "0".',
      rule: 'spec/ledger.md#genesis-block',
      export: [genesis([ledgerStatement()], undefined, { previous_hash: wrong })],
      problems: [problem(1, 'LINK_BROKEN')],
      expect: { ledger: null, owner: null, head: null },
    },
    {
      name: 'link-newest-behind-another-block',
      description:
        'The newest block was made behind another second block; nothing tells which of the two is the wrong one.',
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, ledger('chain', [note('another first'), note('second')])[2]!],
      problems: [problem(3, 'LINK_BROKEN')],
    },
    {
      name: 'link-newest-of-another-ledger',
      description: "The newest block is of another ledger of the owner's: neither its link nor its history fits.",
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, FOREIGN],
      problems: [problem(3, 'LINK_BROKEN')],
      expect: { head: null },
    },
    {
      name: 'link-inserted-of-another-ledger',
      description: 'Such a block between two others: it is one problem, and the block behind it is good.',
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, FOREIGN, THREE, FOUR],
      problems: [problem(3, 'LINK_BROKEN')],
      expect: { blocks: 4, statements: 4 },
    },
    {
      name: 'link-inserted-of-a-fork',
      description:
        'A block made behind another second block, inserted: its history fits, and the block behind it tells.',
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, OTHER[2]!, THREE, FOUR],
      problems: [problem(3, 'LINK_BROKEN')],
      expect: { blocks: 4, statements: 4 },
    },
    {
      name: 'link-in-place-of-a-fork',
      description: 'Such a block in the place of another: it is one problem.',
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, OTHER[2]!, FOUR, FIVE],
      problems: [problem(3, 'LINK_BROKEN')],
    },
    {
      name: 'link-in-place-of-another-ledger',
      description: 'Such a block in the place of another: it is one problem.',
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, FOREIGN, FOUR, FIVE],
      problems: [problem(3, 'LINK_BROKEN')],
    },
    {
      name: 'link-zero-in-a-later-block',
      description: 'A later block with the previous_hash of a genesis block.',
      rule: 'spec/ledger.md#header',
      export: odd({ previous_hash: '0' }),
      problems: [problem(3, 'LINK_BROKEN')],
    },
    {
      name: 'history-signed-wrong',
      description: 'A signed block with another history_hash: from there on the history cannot be checked.',
      rule: 'spec/ledger.md#history',
      export: odd({ history_hash: wrong }),
      problems: [problem(3, 'HISTORY_MISMATCH')],
      notices: [notice(3, 'HISTORY_UNCHECKED')],
    },
    {
      name: 'history-genesis',
      description: 'A genesis block whose history_hash is not the hash of nothing.',
      rule: 'spec/ledger.md#genesis-block',
      export: [genesis([ledgerStatement()], undefined, { history_hash: hex(H(new Uint8Array(1))) })],
      problems: [problem(1, 'HISTORY_MISMATCH')],
      notices: [notice(1, 'HISTORY_UNCHECKED')],
    },
  ];
}

function times(): Case[] {
  const rule = 'spec/ledger.md#time';
  const at = (timestamp: string) =>
    ledger('time', [raw(() => [{ kind: 'info-x' }], undefined, { timestamp }), note('next')]);
  return [
    {
      name: 'time-backwards',
      description: 'A block one millisecond earlier than the one before it.',
      rule,
      export: at('2025-03-01T11:59:59.999Z'),
      problems: [problem(2, 'TIME_BACKWARDS')],
    },
    {
      name: 'time-ahead',
      description:
        'A block five minutes and one millisecond ahead of the clock. Its time does not bind the next block.',
      rule,
      export: at('2025-03-01T13:05:00.001Z'),
      problems: [problem(2, 'TIME_AHEAD')],
    },
    {
      name: 'time-ahead-genesis',
      description: 'The same of a genesis block, by a clock one millisecond too early.',
      rule,
      export: ledger('ahead', []),
      now: '2025-03-01T11:54:59.999Z',
      problems: [problem(1, 'TIME_AHEAD')],
    },
    {
      name: 'time-ahead-all',
      description: 'By a clock that is wrong by a day every block is ahead, and nothing else is wrong with any.',
      rule,
      export: LINES.slice(0, 3),
      now: '2025-02-28T12:00:00.000Z',
      problems: [problem(1, 'TIME_AHEAD'), problem(2, 'TIME_AHEAD'), problem(3, 'TIME_AHEAD')],
    },
    {
      name: 'difficulty-too-low',
      description: 'A block that claims, and does, less work than the ledger demands.',
      rule: 'spec/ledger.md#proof-of-work',
      export: ledger('easy', [raw(() => [{ kind: 'info-x' }], undefined, { difficulty: 3 }), note('next')], {
        difficulty: 4,
      }),
      problems: [problem(2, 'DIFFICULTY_TOO_LOW')],
    },
    {
      name: 'difficulty-genesis',
      description: 'A genesis block that does less work than it demands itself.',
      rule: 'spec/ledger.md#genesis-block',
      export: [genesis([ledgerStatement({ difficulty: 4 })])],
      problems: [problem(1, 'DIFFICULTY_TOO_LOW')],
    },
  ];
}

function signers(): Case[] {
  const rule = 'spec/ledger.md#who-may-say-what';
  const appended = ledger('chain', [note('first'), note('by a stranger', STRANGER)]);
  const later = ledger('chain', [note('first'), note('second'), note('by a stranger', STRANGER)])[3]!;
  const self = { kind: 'writer', public_key: stranger };
  return [
    {
      name: 'signer-stranger-appended',
      description: 'A block by a key that is neither owner nor writer, at the end.',
      rule,
      export: appended,
      problems: [problem(3, 'SIGNER_UNAUTHORISED')],
      expect: { head: null },
    },
    {
      name: 'signer-stranger-inserted',
      description: "A stranger's block between two others. It is one problem: the block behind it is good.",
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, appended[2]!, THREE, FOUR, FIVE],
      problems: [problem(3, 'SIGNER_UNAUTHORISED')],
      expect: { blocks: 5, statements: 5 },
    },
    {
      name: 'signer-stranger-in-place',
      description: "A stranger's block in the place of another. It is one problem.",
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, appended[2]!, FOUR, FIVE],
      problems: [problem(3, 'SIGNER_UNAUTHORISED')],
    },
    {
      name: 'signer-stranger-early',
      description: "A stranger's block of a later number, inserted.",
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, later, TWO, THREE, FOUR, FIVE],
      problems: [problem(2, 'SIGNER_UNAUTHORISED')],
      expect: { blocks: 5, statements: 5 },
    },
    {
      name: 'signer-stranger-early-in-place',
      description: "A stranger's block of a later number in the place of another.",
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, later, THREE, FOUR, FIVE],
      problems: [problem(2, 'SIGNER_UNAUTHORISED')],
    },
    {
      name: 'signer-stranger-genesis-later',
      description: "A stranger's genesis block, inserted.",
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [ONE, TWO, genesis([ledgerStatement({ owner: stranger })], STRANGER), THREE, FOUR, FIVE],
      problems: [problem(3, 'SIGNER_UNAUTHORISED')],
      expect: { blocks: 5, statements: 5 },
    },
    {
      name: 'signer-stranger-behind-a-lost-block',
      description: 'A block is lost, and everybody can read that it named nobody a writer.',
      rule: 'spec/verification.md#after-a-lost-block',
      export: ledger('lost and read', [say({ kind: 'writer', public_key: OFF_CURVE }), note('strange', STRANGER)]),
      problems: [problem(2, 'PUBLIC_KEY_INVALID', 0), problem(3, 'SIGNER_UNAUTHORISED')],
      expect: { head: null },
    },
    {
      name: 'signer-stranger-in-place-of-genesis',
      description: 'The same in the place of the genesis block, which is missing: that is the problem.',
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [appended[2]!, TWO, THREE, FOUR, FIVE],
      problems: [problem(1, 'BLOCK_MISSING')],
      expect: { ledger: hex(hashOf(ONE)), blocks: 5, statements: 4 },
    },
    {
      name: 'signer-names-itself',
      description: 'Authority is judged by the state before the block: a stranger cannot name itself.',
      rule,
      export: ledger('itself', [raw(() => [self], STRANGER)]),
      problems: [problem(2, 'SIGNER_UNAUTHORISED')],
      expect: { head: null },
    },
    {
      name: 'signer-removed-writer',
      description: 'A writer signs after its removal.',
      rule,
      export: ledger('removed', [
        { step: 'add-writer', publicKey: writer },
        { step: 'remove-writer', publicKey: writer },
        note('too late', WRITER),
      ]),
      problems: [problem(4, 'SIGNER_UNAUTHORISED')],
      expect: { head: null },
    },
    {
      name: 'signer-recovery-key',
      description: 'A recovery key reads; it may not sign.',
      rule,
      export: ledger('recovery signs', [note('by a recovery key', RECOVERY)], { recovery: [recovery] }),
      problems: [problem(2, 'SIGNER_UNAUTHORISED')],
      expect: { head: null },
    },
  ];
}

function genesisBlocks(): Case[] {
  const rule = 'spec/ledger.md#genesis-block';
  const of = (name: string, description: string, line: string, code: string, entry: number, more = {}): Case => ({
    name,
    description,
    rule,
    export: [line],
    problems: [problem(1, code, entry)],
    ...more,
  });
  // Such a block is no genesis block, so there is no ledger that it begins.
  const none = { expect: { ledger: null, owner: null, head: null } };
  const dataset = { kind: 'dataset', id: 'ab'.repeat(16), keys: ['cd'.repeat(16)] };
  const terms = ledgerStatement();
  const info = { kind: 'info-x' };
  return [
    of(
      'genesis-signed-by-another',
      'The owner that it names did not sign it.',
      genesis([ledgerStatement()], STRANGER),
      'SIGNER_UNAUTHORISED',
      0,
      none,
    ),
    of('genesis-without-ledger', 'No statement "ledger".', genesis([info]), 'GENESIS_INVALID', 0, none),
    of(
      'genesis-ledger-second',
      'The statement "ledger" is not the first entry.',
      genesis([info, ledgerStatement()]),
      'GENESIS_INVALID',
      0,
      none,
    ),
    of('genesis-two-ledgers', 'Two statements "ledger".', genesis([terms, terms]), 'GENESIS_INVALID', 1),
    of('genesis-data-set', 'A data set begins in it.', genesis([terms, dataset]), 'GENESIS_INVALID', 1),
    of(
      'genesis-owner-off-curve',
      'An owner that is no point of the curve cannot have signed it.',
      genesis([ledgerStatement({ owner: OFF_CURVE })]),
      'SIGNER_UNAUTHORISED',
      0,
      { owner: null, ...none },
    ),
    of(
      'genesis-recovery-off-curve',
      'A recovery key that is no point of the curve.',
      genesis([ledgerStatement({ recovery: [OFF_CURVE] })]),
      'PUBLIC_KEY_INVALID',
      0,
    ),
    {
      name: 'genesis-ledger-in-a-later-block',
      description: 'Only the genesis block may say "ledger".',
      rule,
      export: ledger('second genesis', [say(ledgerStatement()), note('next')]),
      problems: [problem(2, 'GENESIS_INVALID', 0)],
    },
    {
      name: 'genesis-ledger-by-writer',
      description: 'A writer says "ledger": that is no question of who may say it.',
      rule,
      export: ledger('second genesis', [{ step: 'add-writer', publicKey: writer }, say(terms, WRITER), note('next')]),
      problems: [problem(3, 'GENESIS_INVALID', 0)],
    },
  ];
}

function pins(): Case[] {
  const rule = 'spec/verification.md#input';
  return [
    {
      name: 'pin-owner',
      description: 'The ledger is sound and another owner was asked for.',
      rule,
      export: ledger('empty', [labs]),
      owner: writer,
      problems: [problem(1, 'OWNER_MISMATCH')],
      expect: { records: 3, statements: 4 },
    },
    {
      name: 'pin-ledger',
      description: 'The ledger is sound and another one was asked for.',
      rule,
      export: ledger('empty', [labs]),
      owner: null,
      ledger: 'ab'.repeat(32),
      problems: [problem(1, 'LEDGER_MISMATCH')],
      expect: { records: 3, statements: 4 },
    },
    {
      name: 'pin-ledger-genesis-missing',
      description: 'The genesis block is missing; the next block still tells which ledger this is.',
      rule,
      export: [TWO, THREE],
      ledger: 'ab'.repeat(32),
      problems: [problem(1, 'LEDGER_MISMATCH'), problem(1, 'BLOCK_MISSING')],
      expect: { ledger: hex(hashOf(ONE)), blocks: 3, statements: 2 },
    },
    {
      name: 'pin-owner-genesis-of-another',
      description: "In the place of the genesis block stands one of another owner's ledger: that is the problem.",
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [genesis([ledgerStatement({ owner: stranger })], STRANGER), TWO, THREE, FOUR, FIVE],
      problems: [problem(1, 'OWNER_MISMATCH')],
      expect: { ledger: hex(hashOf(ONE)), statements: 4 },
    },
    {
      name: 'pin-ledger-genesis-of-another',
      description: "Before the genesis block stands one of another of the owner's ledgers: that is the problem.",
      rule: 'spec/verification.md#the-place-of-a-block',
      export: [genesis([ledgerStatement()]), ONE, TWO, THREE, FOUR, FIVE],
      ledger: hex(hashOf(ONE)),
      problems: [problem(1, 'LEDGER_MISMATCH')],
      expect: { ledger: hex(hashOf(ONE)), blocks: 5, statements: 5 },
    },
  ];
}
