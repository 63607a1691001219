// A few kilobytes that unpack to millions of lines which are no blocks: the outcome is fixed early, and so is the work.

import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeExport } from '../../src/format/exchange.js';
import { exportLedger } from '../../src/ledger/export.js';
import { importLedger } from '../../src/ledger/import.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { verifyBlocks } from '../../src/verify/judging.js';
import type { Verdict } from '../../src/verify/verdict.js';
import { temporaryFolder } from '../helpers/dataset-fixture.js';
import { collect, linesOf, richLedger, textOf } from '../helpers/ledgers.js';
import { NOW, owner } from '../helpers/people.js';

const temporary = temporaryFolder();
const MOST = 100_000;
const now = new Date(NOW);
const pinned = { now, owner: owner.publicKey };

/** The genesis block, and lines without end; tells how many have been asked for. */
function endless(first: string, line: string): { bytes: AsyncIterable<Uint8Array>; asked: () => number } {
  const chunk = Buffer.from(line.repeat(1000));
  let asked = 0;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(first);
    for (; asked < 1000 * MOST; asked += 1000) yield chunk;
  }
  return { bytes: bytes(), asked: () => asked };
}

function expectEnded({ ok, undecided, blocks, problems, notices, head }: Verdict): void {
  expect({ ok, undecided, blocks, problems: problems.length, head }).toEqual({
    ok: false,
    undecided: false,
    blocks: 1 + MOST,
    problems: MOST,
    head: null,
  });
  expect(notices).toContainEqual(expect.objectContaining({ code: 'REST_UNREAD', block: 1 + MOST }));
}

test.each(['\n', 'x\n', '{}\n'])('lines %j without end are left alone after the first of them', async (line) => {
  const first = textOf((await linesOf(await richLedger('endless'))).slice(0, 1));
  for (const verify of [
    (bytes: AsyncIterable<Uint8Array>) => verifyBlocks(decodeExport(bytes), pinned),
    (bytes: AsyncIterable<Uint8Array>) => verifyLedger(bytes, { ...pinned, threads: 2 }),
    (bytes: AsyncIterable<Uint8Array>) => importLedger(bytes, temporary.path('endless.medseal'), pinned),
  ]) {
    const { bytes, asked } = endless(first, line);
    expectEnded(await verify(bytes));
    expect(asked()).toBeLessThan(5 * MOST);
  }
});

test('a quick verification does not look for a voucher behind them', async () => {
  const [first = '', second = ''] = (await linesOf(await richLedger('endless'))).map((line) => `${line}\n`);
  const path = temporary.path('quick.ndjson.gz');
  writeFileSync(path, gzipSync(first + '\n'.repeat(3 * MOST) + second));
  expectEnded(await verifyLedger(path, { ...pinned, quick: true }));
});

test('one fewer in a row, and a block behind them is judged', async () => {
  const [first = '', second = ''] = (await linesOf(await richLedger('endless'))).map((line) => `${line}\n`);
  const judged = await verifyBlocks(decodeExport([Buffer.from(first + '\n'.repeat(MOST - 1) + second)]), pinned);
  expect(judged.notices.map(({ code }) => code)).not.toContain('REST_UNREAD');
  expect(judged.blocks).toBe(2);
});

test('what lacks its content may have been erased behind them', async () => {
  const stubs = await collect(exportLedger(await richLedger('endless'), { withoutBodies: true }));
  const verdict = await verifyBlocks(decodeExport([stubs, Buffer.from('\n'.repeat(MOST))]), pinned);
  expect(new Set(verdict.problems.map(({ code }) => code))).toEqual(new Set(['MALFORMED']));
});
