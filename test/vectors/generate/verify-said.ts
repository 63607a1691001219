// What the cases of statements have in common: a ledger to say them in.

import type { LedgerOptions, Step } from '../../oracle/write.js';
import { ledger, note } from './ledgers.js';
import { WRITER, writer } from './people.js';
import { type Case, type ExpectedNotice, problem } from './verify-vector.js';

/**
 * A writer (block 2), a data set of the owner's (3 to 5) and one of the writer's (6 to 8): each begins in one block, has two
 * rows in the next, and ends in the third.
 */
export const SETS: Step[] = [
  { step: 'add-writer', publicKey: writer },
  { step: 'data-set', name: 'own', csv: 'a\n1\n2\n', blockSize: 2 },
  { step: 'data-set', name: 'labs', csv: 'a\n1\n2\n', blockSize: 2, by: WRITER },
];

/** A data set of the owner's has rows that no end covers. */
export const OWN_UNENDED: ExpectedNotice = { block: 3, code: 'DATASET_INCOMPLETE' };

interface More extends Partial<LedgerOptions> {
  readonly entry?: number | null;
  readonly expect?: Case['expect'];
  readonly notices?: readonly ExpectedNotice[];
  /** The pinned owner. */
  readonly pin?: string;
}

/** The steps behind `SETS`; the last of them is refused, and the block behind it is good. */
export function refused(rule: string, name: string, description: string, code: string, steps: Step[], more: More = {}) {
  const { entry = 0, expect, notices, pin, ...options } = more;
  const lines = ledger(name, [...SETS, ...steps, note('next')], options);
  return caseOf(rule, name, description, lines, {
    problems: [problem(lines.length - 1, code, entry)],
    ...(expect === undefined ? {} : { expect }),
    ...(notices === undefined ? {} : { notices }),
    ...(pin === undefined ? {} : { owner: pin }),
  });
}

/** The steps behind `SETS` are all good. */
export function accepted(rule: string, name: string, description: string, steps: Step[], more: More = {}): Case {
  const { expect, notices, pin, entry: _entry, ...options } = more;
  return caseOf(rule, `ok-${name}`, description, ledger(name, [...SETS, ...steps], options), {
    ...(expect === undefined ? {} : { expect }),
    ...(notices === undefined ? {} : { notices }),
    ...(pin === undefined ? {} : { owner: pin }),
  });
}

export function caseOf(rule: string, name: string, description: string, lines: string[], more: Partial<Case>): Case {
  return { name, description, rule: `spec/${rule}`, export: lines, ...more };
}
