// What can only be told when the last block has come.

import type { Curve } from '../crypto/secp256k1.js';
import type { Checkpoint } from '../format/checkpoint.js';
import { checkAgainst } from './checkpoint.js';
import type { Findings } from './findings.js';
import type { VerifyOptions } from './options.js';
import type { LedgerState } from './state.js';

export const OTHER_OWNER = {
  code: 'OWNER_MISMATCH',
  message: 'the ledger is owned by another key than the one asked for',
} as const;

/** A ledger as it turned out to be. */
export interface WholeLedger {
  readonly state: LedgerState;
  /** Null where it is not known. */
  readonly ledger: string | null;
  readonly blocks: number;
  /** How many of them have taken their place. */
  readonly taken: number;
  /** Whether more may follow that was not judged. */
  readonly open: boolean;
  /** Signatures before this block were not checked; null where all were. */
  readonly anchor: number | null;
  /** The tree hash (hex) over as many blocks as the checkpoint says, null where it is not known. */
  readonly checkpointRoot: (size: number) => string | null;
}

/**
 * Takes note of all that is left to say of a whole ledger.
 * @returns how many records are here without their content, where that is allowed
 */
export function closeFindings(
  findings: Findings,
  whole: WholeLedger,
  { curve, options }: { curve: Curve; options: VerifyOptions },
): number {
  const withheld = checkBodies(findings, whole, options);
  checkPins(findings, whole, options);
  const { checkpoint } = options;
  const grownFrom = checkpoint === undefined ? null : checkCheckpoint(findings, whole, { curve, options, checkpoint });
  noticeIncomplete(findings, whole.state);
  noticeTrust(findings, whole, options);
  noticeTruncation(findings, grownFrom);
  if (withheld > 0) findings.notice(null, 'BODIES_WITHHELD', `${withheld} records are here without their content`);
  noticePending(findings, whole.state, options);
  const { omitted } = findings;
  if (omitted > 0) findings.notice(null, 'PROBLEMS_OMITTED', `${omitted} further problems are not listed`);
  return withheld;
}

/**
 * What is missing has been erased, or is withheld where that is allowed, or it has been lost. What was not judged may have
 * erased it.
 */
function checkBodies(findings: Findings, { state, open }: WholeLedger, options: VerifyOptions): number {
  let withheld = 0;
  for (const { block, entry, salt, body } of state.unaccounted()) {
    if (!salt && !body && options.withoutBodies) withheld++;
    else if (open) continue;
    else if (!salt) findings.problem(block, entry, 'SALT_MISSING', "the record's salt is not there");
    else findings.problem(block, entry, 'BODY_MISSING', "the record's encrypted content is not there");
  }
  return withheld;
}

function checkPins(findings: Findings, { state, blocks, open }: WholeLedger, { owner }: VerifyOptions): void {
  // What was not judged may have handed the ledger over.
  if (open) return;
  if (blocks === 0) {
    findings.problem(1, null, 'BLOCK_MISSING', 'there is no block at all');
  } else if (owner !== undefined && state.owner !== null && !state.wasTakenOnBy(owner)) {
    findings.problem(1, null, OTHER_OWNER.code, OTHER_OWNER.message);
  }
}

/** @returns the size of the checkpoint where the ledger continues it, otherwise null */
function checkCheckpoint(
  findings: Findings,
  { state, ledger, blocks, taken, open, checkpointRoot }: WholeLedger,
  { curve, options, checkpoint }: { curve: Curve; options: VerifyOptions; checkpoint: Checkpoint },
): number | null {
  const { size } = checkpoint;
  const finding = checkAgainst(checkpoint, curve, {
    ledger,
    owner: open && size > taken ? null : state.ownerAt(size + 1),
    blocks,
    open,
    root: checkpointRoot(size),
  });
  if (finding === null) return size;
  if (finding.code === 'CHECKPOINT_UNCHECKED') findings.notice(size, finding.code, finding.message);
  // Another ledger than the pinned one has been told already.
  else if (finding.code !== 'LEDGER_MISMATCH' || checkpoint.ledger !== options.ledger) {
    findings.problem(finding.block, null, finding.code, finding.message);
  }
  return null;
}

function noticeIncomplete(findings: Findings, { datasets }: LedgerState): void {
  for (const { block, ends, nextRow } of datasets.values()) {
    if (nextRow === null || ends.at(-1) === nextRow - 1) continue;
    const message = 'the data set that begins here has rows that no end covers: more may follow';
    findings.notice(block, 'DATASET_INCOMPLETE', message);
  }
}

/** What was taken on trust. */
function noticeTrust(findings: Findings, { anchor }: WholeLedger, { owner, ledger, since }: VerifyOptions): void {
  if (owner === undefined && ledger === undefined) {
    const message = 'no public key or ledger id was given: whose ledger this is was not checked';
    findings.notice(null, 'NOTHING_PINNED', message);
  }
  if (since !== undefined) {
    const message =
      'the blocks up to this one were verified earlier, by the saved state; what is kept of them was not looked at again';
    findings.notice(since.blocks, 'TAKEN_FROM_STATE', message);
  }
  if (anchor !== null) {
    const message =
      'signatures of the blocks before this one were not checked: the owner vouches for them with its signature';
    findings.notice(anchor, 'SIGNATURES_UNCHECKED', message);
  }
}

function noticeTruncation(findings: Findings, grownFrom: number | null): void {
  const message =
    grownFrom === null
      ? 'whether newer blocks have been cut off cannot be told from the ledger alone'
      : 'no block up to this one has been cut off, by the checkpoint; whether newer ones have cannot be told';
  findings.notice(grownFrom, 'TRUNCATION_POSSIBLE', message);
}

function noticePending(findings: Findings, state: LedgerState, { bodies, since }: VerifyOptions): void {
  if (bodies === false) return;
  const looked = since?.blocks ?? 0;
  let first: number | null = null;
  let count = 0;
  for (const { block } of state.pending()) {
    // What has become of records in blocks that were not looked at again is not known.
    if (block <= looked) continue;
    first ??= block;
    count++;
  }
  if (count > 0) {
    findings.notice(first, 'ERASE_PENDING', `${count} erased records have not been destroyed in this copy`);
  }
}
