// Ledgers against an earlier state of them, signed by the owner: continued, cut off, rewritten.

import { hex } from '../../oracle/bytes.js';
import { noteText, signatureLine, signCheckpoint } from '../../oracle/checkpoint.js';
import { treeHash } from '../../oracle/merkle.js';
import { edit, hashOf, ledger, note } from './ledgers.js';
import { OWNER, STRANGER } from './people.js';
import { type Case, type ExpectedProblem, notice, problem } from './verify-vector.js';

export const LINES: readonly string[] = ledger(
  'checkpoint',
  ['first', 'second', 'third', 'fourth'].map((text) => note(text)),
);
/** The same first three blocks, and others behind them. */
const REWRITTEN = ledger(
  'checkpoint',
  ['first', 'second', 'another third', 'another fourth'].map((text) => note(text)),
);

export function checkpointAt(size: number, lines: readonly string[] = LINES, by: string = OWNER): string {
  return signCheckpoint(lines.slice(0, size).map(hashOf), by);
}

/** A line that every reader passes over: of a witness, or of a key of another type. */
export const WITNESS = '— witness.example/one wAQ7pEZYb8M1pQXpT5oNJmJ1c2FtcGxlIHNpZ25hdHVyZQ==\n';

export function checkpointCases(): Case[] {
  return [...continued(), ...notContinued(), ...unsigned(), ...untold()];
}

const rule = 'spec/verification.md#checkpoint';

function of(
  name: string,
  description: string,
  size: number,
  checkpointNote: string,
  problems: readonly ExpectedProblem[] = [],
  lines: readonly string[] = LINES,
): Case & Required<Pick<Case, 'checkpoint'>> {
  const checkpoint = { note: checkpointNote, size, continued: problems.length === 0 };
  return { name, description, rule, export: lines, checkpoint, problems, expect: { statements: lines.length } };
}

function continued(): Case[] {
  return [
    of('ok-checkpoint-earlier', 'The ledger has grown since the checkpoint.', 3, checkpointAt(3)),
    of('ok-checkpoint-newest', 'The checkpoint is of the newest block.', 5, checkpointAt(5)),
    of('ok-checkpoint-genesis', 'The checkpoint is of the genesis block.', 1, checkpointAt(1)),
    of(
      'ok-checkpoint-witnessed',
      'Signature lines under other names are passed over.',
      3,
      checkpointAt(3).replace('\n\n', `\n\n${WITNESS}`) + WITNESS,
    ),
    {
      ...of('ok-checkpoint-pins', 'A checkpoint pins the ledger: no owner is needed.', 3, checkpointAt(3)),
      owner: null,
    },
  ];
}

function notContinued(): Case[] {
  return [
    of(
      'checkpoint-rolled-back',
      'The ledger ends before the checkpoint: its newest blocks are gone.',
      5,
      checkpointAt(5),
      [problem(3, 'LEDGER_ROLLED_BACK')],
      LINES.slice(0, 3),
    ),
    of(
      'checkpoint-rewritten',
      'The ledger goes on past the checkpoint, with other blocks in it.',
      4,
      checkpointAt(4),
      [problem(4, 'LEDGER_REWRITTEN')],
      REWRITTEN,
    ),
    of(
      'checkpoint-rewritten-newest',
      'The newest block is another than the one that the checkpoint was signed over.',
      5,
      checkpointAt(5),
      [problem(5, 'LEDGER_REWRITTEN')],
      REWRITTEN,
    ),
    of(
      'checkpoint-other-ledger',
      'The checkpoint is of another ledger.',
      3,
      checkpointAt(3, ledger('another', [note('first'), note('second')])),
      [problem(1, 'LEDGER_MISMATCH')],
    ),
  ];
}

function unsigned(): Case[] {
  const found = [problem(3, 'CHECKPOINT_UNSIGNED')];
  const hashes = LINES.slice(0, 3).map(hashOf);
  const id = hex(hashes[0]!);
  const text = noteText(id, 3, treeHash(hashes));
  const own = signatureLine(id, text, OWNER);
  const other = signatureLine(id, noteText(id, 4, treeHash(hashes)), OWNER);
  return [
    of('checkpoint-stranger', 'The checkpoint is signed by another key.', 3, checkpointAt(3, LINES, STRANGER), found),
    of('checkpoint-signature', "The owner's signature is over another note.", 3, `${text}\n${other}`, found),
    of(
      'checkpoint-one-of-two',
      "Of two lines under the owner's key id one is not valid.",
      3,
      `${text}\n${own}${other}`,
      found,
    ),
    of('checkpoint-witnesses-only', 'Nobody but witnesses has signed.', 3, `${text}\n${WITNESS}`, found),
  ];
}

function untold(): Case[] {
  const changed = (at: number): string[] =>
    LINES.with(
      at,
      edit(LINES[at]!, ({ proof }) => ({ proof: proof + 1 })),
    );
  const newest = of(
    'checkpoint-unchecked',
    'The newest block is no longer what its signer signed: too little is left to compare.',
    5,
    checkpointAt(5),
    [],
    changed(4),
  );
  const earlier = of(
    'checkpoint-before-damage',
    'A bad block has its hash told by the block behind it, so that the histories can be compared.',
    5,
    checkpointAt(5),
    [],
    changed(3),
  );
  return [
    {
      ...newest,
      checkpoint: { ...newest.checkpoint, continued: false },
      problems: [problem(5, 'SIGNATURE_INVALID')],
      notices: [notice(5, 'CHECKPOINT_UNCHECKED')],
      expect: { statements: 4 },
    },
    {
      ...earlier,
      problems: [problem(4, 'SIGNATURE_INVALID')],
      expect: { statements: 4 },
    },
  ];
}
