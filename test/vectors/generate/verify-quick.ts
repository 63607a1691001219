// Quick verification: what the owner's newest block vouches for, and what it does not.

import { finishBlock, linkHeader } from '../../oracle/block.js';
import { fromHex, hex, utf8 } from '../../oracle/bytes.js';
import { signCheckpoint } from '../../oracle/checkpoint.js';
import type { JsonObject } from '../../oracle/jcs.js';
import { jcs } from '../../oracle/jcs.js';
import { edit, hashOf, ledger, note, parse, replaced, say } from './ledgers.js';
import { OWNER, owner, WRITER, writer } from './people.js';
import { type Case, notice, problem } from './verify-vector.js';

const TEXT: JsonObject = { kind: 'info-note', text: 'behind' };

/** A ledger with a writer, whose block is the last. */
const LINES = ledger('quick', [
  say({ kind: 'writer', public_key: writer }),
  note('first'),
  note('by a writer', WRITER),
]);

/** The signature of the last block is another one, as if the signer had never signed. */
function unsigned(lines: readonly string[]): string[] {
  const last = lines.at(-1)!;
  const { signature } = parse(last);
  const other = hex(fromHex(signature, 64).reverse());
  return [...lines.slice(0, -1), edit(last, () => ({ signature: other }))];
}

/** One more block behind these, whatever they are. */
function behind(lines: readonly string[], by: string): string[] {
  const { timestamp } = parse(lines.at(-1)!);
  const signer = by === OWNER ? owner : writer;
  const header = { ...linkHeader(lines.map(hashOf), [utf8(jcs(TEXT))]), timestamp, difficulty: 0, signer };
  return [...lines, finishBlock(header, [TEXT], fromHex(by, 32)).line.slice(0, -1)];
}

export function quickCases(): Case[] {
  const rule = 'spec/verification.md#quick-verification';
  const vouched = behind(unsigned(LINES), OWNER);
  const good = behind(LINES, OWNER);
  const notices = [notice(5, 'SIGNATURES_UNCHECKED')];
  return [
    {
      name: 'ok-quick',
      description: 'The newest block is the owner’s: nothing before it needs its signature checked.',
      rule,
      quick: true,
      export: good,
      notices,
      expect: { anchor: 5 },
    },
    {
      name: 'ok-quick-behind-the-anchor',
      description: 'A writer’s blocks behind the owner’s newest one are verified in full.',
      rule,
      quick: true,
      export: behind(behind(good, WRITER), WRITER),
      notices,
      expect: { anchor: 5 },
    },
    {
      name: 'ok-quick-vouched',
      description: 'The owner has built on a block that its signer never signed, and vouches for it.',
      rule,
      quick: true,
      export: vouched,
      notices,
      expect: { anchor: 5 },
    },
    {
      name: 'quick-not',
      description: 'The same in full: the signature is found.',
      rule,
      export: vouched,
      problems: [problem(4, 'SIGNATURE_INVALID')],
    },
    {
      name: 'quick-signature-behind-the-anchor',
      description: 'Behind the anchor a signature is checked.',
      rule,
      quick: true,
      export: behind(unsigned(LINES), WRITER),
      problems: [problem(4, 'SIGNATURE_INVALID')],
      notices: [notice(3, 'SIGNATURES_UNCHECKED')],
      expect: { anchor: 3 },
    },
    {
      name: 'quick-changed-before-the-anchor',
      description: 'Whatever is changed before the anchor is not what it vouches for: everything is verified in full.',
      rule,
      quick: true,
      export: good.with(2, replaced(good[2]!, 'first', 'other')),
      problems: [problem(3, 'DATA_MISMATCH')],
    },
    {
      name: 'quick-signature-changed-before-the-anchor',
      description: 'A signature that is changed afterwards is not the one that the anchor vouches for.',
      rule,
      quick: true,
      export: [...unsigned(LINES), good.at(-1)!],
      problems: [problem(4, 'SIGNATURE_INVALID')],
    },
    {
      name: 'quick-anchor-not-signed',
      description: 'A block that only names the owner as its signer vouches for nothing.',
      rule,
      quick: true,
      export: unsigned(behind(unsigned(LINES), OWNER)),
      problems: [problem(4, 'SIGNATURE_INVALID'), problem(5, 'SIGNATURE_INVALID')],
    },
    ...byCheckpoint(),
    {
      name: 'ok-quick-nothing-pinned',
      description: 'Where no owner is pinned nobody vouches: everything is verified in full.',
      rule,
      quick: true,
      owner: null,
      export: good,
    },
  ];
}

/** The owner's checkpoint is newer than its newest block. */
function byCheckpoint(): Case[] {
  const rule = 'spec/verification.md#quick-verification';
  const over = (lines: readonly string[], by = OWNER) => signCheckpoint(lines.map(hashOf), by);
  const built = unsigned(LINES);
  const found = [problem(4, 'SIGNATURE_INVALID')];
  const anchored = { notices: [notice(5, 'SIGNATURES_UNCHECKED')], expect: { anchor: 5 } };
  return [
    {
      name: 'ok-quick-checkpoint',
      description:
        'A checkpoint over a block that its signer never signed: the owner vouches for it, not for the next.',
      rule,
      quick: true,
      export: behind(built, WRITER),
      checkpoint: { note: over(built), size: 4, continued: true },
      ...anchored,
    },
    {
      name: 'ok-quick-checkpoint-newest',
      description: 'A checkpoint over all blocks vouches for the signatures of all.',
      rule,
      quick: true,
      export: LINES,
      checkpoint: { note: over(LINES), size: 4, continued: true },
      ...anchored,
    },
    {
      name: 'quick-checkpoint-behind',
      description: 'Behind the checkpoint a signature is checked.',
      rule,
      quick: true,
      export: unsigned(behind(LINES, WRITER)),
      checkpoint: { note: over(LINES), size: 4, continued: true },
      problems: [problem(5, 'SIGNATURE_INVALID')],
      ...anchored,
    },
    {
      name: 'quick-checkpoint-rewritten',
      description: 'A checkpoint over other blocks vouches for nothing: everything is verified in full.',
      rule,
      quick: true,
      export: behind(built, WRITER),
      checkpoint: { note: over([...LINES.slice(0, 3), behind(LINES, WRITER).at(-1)!]), size: 4, continued: false },
      problems: [...found, problem(4, 'LEDGER_REWRITTEN')],
    },
    {
      name: 'quick-checkpoint-stranger',
      description: 'A checkpoint that another signed is no anchor: the owner’s newest block is.',
      rule,
      quick: true,
      export: behind(built, WRITER),
      checkpoint: { note: over(built, WRITER), size: 4, continued: false },
      problems: [...found, problem(4, 'CHECKPOINT_UNSIGNED')],
      notices: [notice(3, 'SIGNATURES_UNCHECKED')],
      expect: { anchor: 3 },
    },
  ];
}
