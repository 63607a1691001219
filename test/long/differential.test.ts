// Random ledgers, honest and forged, judged by the verifier, by the naive implementation and by the reader in Python: what
// the three were written from is one specification, so that they must agree.
//
// Verifier and Python must find the same problems, all of them. The naive implementation stops at the first bad block and
// gives no code; where lines no longer stand where they were made, it is asked for nothing but whether the ledger is good.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Verdict } from '../../src/verify/verdict.js';
import { type RandomLedger, randomLedger } from '../differential/random-ledger.js';
import { textOf, verifyText } from '../helpers/ledgers.js';
import { NOW } from '../helpers/people.js';
import { pythonHas, runPython } from '../helpers/python.js';
import { numbersFrom, SEED } from '../helpers/random-numbers.js';
import { oracleVerify } from '../oracle/verify.js';

/** How many blocks are judged. */
const BLOCKS = Number(process.env.MEDSEAL_TEST_BLOCKS ?? 20_000);
/** Ledgers that Python judges at once. */
const BATCH = 400;

interface Judged {
  readonly name: string;
  readonly made: RandomLedger;
  readonly verdict: Verdict;
}

test.skipIf(!pythonHas('medseal'))(`${BLOCKS} blocks`, { timeout: 36_000_000 }, async () => {
  console.info(`MEDSEAL_TEST_SEED=${SEED} MEDSEAL_TEST_BLOCKS=${BLOCKS}`);
  const folder = mkdtempSync(join(tmpdir(), 'medseal-differential-'));
  const counts = { ledgers: 0, blocks: 0, good: 0, undecided: 0, 'blocks of good ledgers': 0 };
  try {
    for (let number = 0; counts.blocks < BLOCKS; ) {
      const batch: Judged[] = [];
      for (; batch.length < BATCH && counts.blocks < BLOCKS; number++) {
        const name = `ledger ${number}`;
        const made = randomLedger(numbersFrom(name), name);
        const { owner, withoutBodies, lines } = made;
        const pins = { withoutBodies, ...(owner === undefined ? {} : { owner }) };
        const verdict = await verifyText(textOf(lines), pins);
        compareWithNaive(name, made, verdict);
        batch.push({ name, made, verdict });
        counts.ledgers++;
        counts.blocks += lines.length;
        if (verdict.undecided) counts.undecided++;
        if (!verdict.ok) continue;
        counts.good++;
        counts['blocks of good ledgers'] += lines.length;
      }
      compareWithPython(join(folder, 'ledgers'), batch);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.info(counts);
});

function compareWithNaive(name: string, { lines, owner, withoutBodies, moved }: RandomLedger, verdict: Verdict): void {
  const options = { now: NOW, withoutBodies, ...(owner === undefined ? {} : { owner }) };
  const naive = oracleVerify(textOf(lines), options);
  const undecided = !naive.ok && naive.reason.startsWith('undecided');
  const what = `${where(name, lines)}: ${naive.ok ? 'good' : naive.reason}; ${JSON.stringify(verdict.problems.slice(0, 3))}`;
  expect(verdict.ok, what).toBe(naive.ok);
  if (moved) return;
  expect(verdict.undecided, what).toBe(undecided);
  if (naive.ok) return;
  // What is found at the end is said of earlier blocks, and only where nothing else is wrong does the naive one come to it.
  const judged = verdict.problems.filter(({ code }) => !AT_THE_END.has(code));
  if (judged.length > 0) expect(judged[0]?.block, what).toBe(naive.block);
  else expect(new Set(verdict.problems.map(({ block }) => block)), what).toContain(naive.block);
}

const AT_THE_END: ReadonlySet<string> = new Set(['OWNER_MISMATCH', 'SALT_MISSING', 'BODY_MISSING']);

function compareWithPython(file: string, batch: readonly Judged[]): void {
  const orders = batch.map(({ made: { lines, owner, withoutBodies } }) =>
    JSON.stringify({ text: textOf(lines), now: NOW, withoutBodies, owner }),
  );
  writeFileSync(file, `${orders.join('\n')}\n`);
  const answers = runPython('test/differential/judge.py', file).trimEnd().split('\n');
  expect(answers).toHaveLength(batch.length);
  for (const [i, { name, made, verdict }] of batch.entries()) {
    const { ok, undecided } = verdict;
    const problems = verdict.problems.map(({ block, entry, code }) => [block, entry, code]);
    expect(JSON.parse(answers[i] ?? ''), where(name, made.lines)).toEqual({ ok, undecided, problems });
  }
}

/** What makes it come again. */
function where(name: string, lines: readonly string[]): string {
  return `MEDSEAL_TEST_SEED=${SEED}, ${name}, ${lines.length} lines`;
}
