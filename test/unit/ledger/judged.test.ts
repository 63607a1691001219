// A file's blocks judged from surveys: each is told as judging one by one tells it, with the place where it is stored.

import { copyFileSync } from 'node:fs';
import Database from 'libsql';
import { beforeAll, expect, test } from 'vitest';
import { loadCurve } from '../../../src/crypto/secp256k1.js';
import { judgeLedger, type OnStoredJudged } from '../../../src/ledger/judged.js';
import { type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { judgeBlocks } from '../../../src/verify/judging.js';
import type { Verdict } from '../../../src/verify/verdict.js';
import { Verifier } from '../../../src/verify/verifier.js';
import { refusal, temporaryFolder } from '../../helpers/dataset-fixture.js';
import { richLedger } from '../../helpers/ledgers.js';
import { NOW, owner } from '../../helpers/people.js';

const temporary = temporaryFolder();
const options = { now: new Date(NOW), owner: owner.publicKey, bodies: false };
let path = '';

beforeAll(async () => {
  path = temporary.path('rich.medseal');
  await (await richLedger('judged', path)).close();
});

interface Judged {
  readonly told: unknown[];
  readonly verdict: Verdict;
}

/** What is told of each block, but for the bytes of its entries. */
function listener(told: unknown[]): OnStoredJudged {
  return (accepted, position) => {
    const { index, previous_hash, timestamp, signer } = accepted?.block.header ?? {};
    const header = { index, previous_hash, timestamp, signer };
    told.push({ position, header, hash: accepted?.hash, entries: accepted?.entries });
  };
}

async function judged(ledger: Ledger, threads: number): Promise<Judged> {
  const verifier = new Verifier(await loadCurve(), options);
  const told: unknown[] = [];
  await judgeLedger(ledger, verifier, await ledger.size(), { threads }, listener(told));
  return { told, verdict: verifier.finish() };
}

async function oneByOne(ledger: Ledger): Promise<Judged> {
  const verifier = new Verifier(await loadCurve(), options);
  const told: unknown[] = [];
  const stored = [];
  for await (const block of ledger.numbered({ bodies: false })) stored.push(block);
  let next = 0;
  const tell = listener(told);
  for await (const { report } of judgeBlocks(
    verifier,
    stored.map(({ item }) => item),
  )) {
    tell(report.accepted, stored[next++]!.position);
  }
  return { told, verdict: verifier.finish() };
}

const changes: [string, string, boolean][] = [
  ['nothing is changed', 'SELECT 1', true],
  ['a block is gone', 'DELETE FROM blocks WHERE position = 8', false],
  ['the first block is gone', 'DELETE FROM blocks WHERE position = 1', false],
  [
    'a signature is another',
    `UPDATE blocks SET head = replace(head, '"proof":', '"proof":1') WHERE position = 6`,
    false,
  ],
  ['blocks stand apart', 'UPDATE blocks SET position = position * 1000 WHERE position > 15', true],
  ['a block is no block', `UPDATE blocks SET head = '{}' WHERE position = 12`, false],
  ['nothing is there', 'DELETE FROM blocks', false],
];

test.each(changes)('%s', async (_, sql, ok) => {
  const file = temporary.path('changed.medseal');
  copyFileSync(path, file);
  const database = new Database(file);
  database.exec(sql);
  database.close();
  const ledger = await openLedger(file);
  const expected = await oneByOne(ledger);
  expect(expected.verdict.ok).toBe(ok);
  for (const threads of [1, 3]) expect(await judged(ledger, threads)).toEqual(expected);
  await ledger.close();
});

test('until it is told to stop', async () => {
  const ledger = await openLedger(path);
  const verifier = new Verifier(await loadCurve(), options);
  const stopped = judgeLedger(ledger, verifier, 21, { signal: AbortSignal.abort() }, () => {});
  expect((await refusal(stopped)).code).toBe('ABORTED');
  await ledger.close();
});
