// What a verifier says while blocks come: their reports, what the next block must say, and where it knows no more.

import { beforeAll, describe, expect, test } from 'vitest';
import { type Curve, loadCurve } from '../../../src/crypto/secp256k1.js';
import { MedsealError } from '../../../src/errors.js';
import type { BlockItem } from '../../../src/format/block.js';
import { decodeLine } from '../../../src/format/exchange.js';
import { verifyBlocks } from '../../../src/verify/judging.js';
import type { BlockReport, VerifyOptions } from '../../../src/verify/options.js';
import { Verifier } from '../../../src/verify/verifier.js';
import { linesOf, richLedger, textOf, verifyItems, verifyText } from '../../helpers/ledgers.js';
import { NOW, owner } from '../../helpers/people.js';
import { hashesOf, parse, signedBy } from '../../helpers/tampering.js';
import { hex } from '../../oracle/bytes.js';
import { treeHash } from '../../oracle/merkle.js';

let curve: Curve;
let lines: string[];
let hashes: Uint8Array[];

beforeAll(async () => {
  curve = await loadCurve();
  lines = await linesOf(await richLedger('running'));
  hashes = hashesOf(lines);
});

const read = (line: string): BlockItem => decodeLine(Buffer.from(line));
const block = (number: number): BlockItem => read(lines[number - 1]!);
const rubbish = (): BlockItem => ({ error: new MedsealError('MALFORMED', 'x') });
const newer = (): BlockItem => ({ error: new MedsealError('VERSION_NEWER', 'x') });
const verifier = (options: Partial<VerifyOptions> = {}): Verifier =>
  new Verifier(curve, { now: new Date(NOW), ...options });

describe('what the next block must say', () => {
  test('of a ledger that has none', () => {
    expect(verifier().next).toEqual({ index: 1, previous_hash: '0', history_hash: hex(treeHash([])), time: null });
    expect(verifier().head).toBeNull();
    expect(verifier().ledger).toBeNull();
  });

  test('behind each block', () => {
    const running = verifier();
    for (const [at, line] of lines.entries()) {
      running.push(read(line));
      const hash = hex(Uint8Array.from(hashes[at]!));
      expect(running.next).toEqual({
        index: at + 2,
        previous_hash: hash,
        history_hash: hex(treeHash(hashes.slice(0, at + 1))),
        time: parse(line).timestamp,
      });
      expect(running.head).toBe(hash);
    }
    expect(running.ledger).toBe(hex(Uint8Array.from(hashes[0]!)));
    expect(running.problems).toEqual([]);
  });

  test('comes with the tree over all blocks, which is a copy', () => {
    const running = verifier();
    expect(running.historyTree()).toBeNull();
    for (const number of [1, 2, 3]) running.push(block(number));
    const tree = running.historyTree();
    expect(tree?.size).toBe(3);
    expect(hex(Uint8Array.from(tree?.root() ?? []))).toBe(running.next?.history_hash);
    tree?.append(hashes[3]!);
    expect(running.historyTree()?.size).toBe(3);
  });

  test('behind a bad block nobody knows, behind the one that follows it one does', () => {
    const running = verifier();
    for (const item of [block(1), block(2), rubbish()]) running.push(item);
    expect(running.head).toBeNull();
    expect(running.problems).toMatchObject([{ block: 3, entry: null, code: 'MALFORMED' }]);
    running.push(block(4));
    expect(running.head).toBe(hex(Uint8Array.from(hashes[3]!)));
    expect(running.next).toMatchObject({ index: 5, history_hash: hex(treeHash(hashes.slice(0, 4))) });
  });

  test('is not known past two blocks that are missing', () => {
    const running = verifier();
    for (const number of [1, 2, 5, 6]) running.push(block(number));
    expect(running.next).toBeNull();
    expect(running.historyTree()).toBeNull();
    expect(running.head).toBe(hex(Uint8Array.from(hashes[5]!)));
  });
});

describe('reports', () => {
  const reports = async (items: BlockItem[]): Promise<BlockReport[]> => {
    const all: BlockReport[] = [];
    await verifyBlocks(items, { now: new Date(NOW), owner: owner.publicKey, onBlock: (report) => all.push(report) });
    return all;
  };
  const summary = ({ number, accepted, problems }: BlockReport) =>
    [number, accepted === null ? 'left' : 'taken', ...problems.map(({ code }) => code)].join(' ');

  test('give the number of what takes a place, and the place of what does not', async () => {
    const all = await reports([block(1), rubbish(), rubbish(), block(4), block(7), block(5), block(2), block(6)]);
    expect(all.map(summary)).toEqual([
      '1 taken',
      '2 left MALFORMED',
      '3 left MALFORMED',
      '4 taken',
      '7 left',
      '5 taken',
      '2 left BLOCK_REPEATED',
      '6 taken',
    ]);
  });

  test('hold what was accepted: block, hash and entries', async () => {
    const items = lines.map(read);
    for (const [at, { accepted, badEntries }] of (await reports(items)).entries()) {
      expect(accepted?.block).toBe(items[at]);
      expect(accepted?.hash).toBe(hex(Uint8Array.from(hashes[at]!)));
      expect(accepted?.entries.map(({ kind }) => kind)).toEqual(
        parse(lines[at]!).data.map((entry) => (Object.hasOwn(entry as object, 'kind') ? 'statement' : 'sealed')),
      );
      expect(badEntries.size).toBe(0);
    }
  });

  test('hold no more of an information than its kind', async () => {
    const [, , third] = await reports(lines.map(read));
    expect(third?.accepted?.entries).toEqual([
      { kind: 'statement', statement: { kind: 'info-note' }, signed: true },
      { kind: 'statement', statement: { kind: 'info-note' }, signed: true },
    ]);
  });

  test('of what stands behind a block of a newer format are none', async () => {
    const all = await reports([block(1), block(2), newer(), block(4), rubbish(), newer()]);
    expect(all.map(summary)).toEqual(['1 taken', '2 taken', '3 left VERSION_NEWER']);
  });
});

describe('a block of a newer format', () => {
  test('is one problem, and what stands behind it none', async () => {
    const verdict = await verifyItems([block(1), block(2), newer(), rubbish(), block(9)]);
    expect(verdict).toMatchObject({ undecided: true, ok: false, blocks: 3, head: null });
    expect(verdict.problems).toMatchObject([{ block: 3, code: 'VERSION_NEWER' }]);
  });

  test('is not the problem where there was another', async () => {
    const verdict = await verifyItems([block(1), rubbish(), newer()]);
    expect(verdict).toMatchObject({ undecided: false, ok: false });
    expect(verdict.problems).toMatchObject([{ block: 2, code: 'MALFORMED' }]);
  });

  test('is all there is', async () => {
    const verdict = await verifyItems([newer()]);
    expect(verdict).toMatchObject({ undecided: true, ledger: null, owner: null, blocks: 1 });
    expect(verdict.problems).toMatchObject([{ block: 1, code: 'VERSION_NEWER' }]);
  });
});

describe('bad items', () => {
  test('as many as blocks are missing stand for them', async () => {
    const verdict = await verifyItems([block(1), block(2), rubbish(), rubbish(), block(5)]);
    expect(verdict.problems.map(({ block: number }) => number)).toEqual([3, 4]);
    expect(verdict.blocks).toBe(5);
  });

  test('that are more were slipped in before the block that follows', async () => {
    const one = [block(1), block(2), rubbish(), rubbish(), rubbish(), block(4), block(5)];
    expect((await verifyItems(one)).problems.map(({ block: number }) => number)).toEqual([3, 3, 3]);
    const none = [block(1), block(2), rubbish(), rubbish(), block(3), rubbish(), block(4)];
    expect((await verifyItems(none)).problems.map(({ block: number }) => number)).toEqual([3, 3, 4]);
  });

  test('that stand for a block leave it missed by nobody', async () => {
    const verdict = await verifyItems([block(1), rubbish(), block(3), block(2), block(4)]);
    expect(verdict.problems.map(({ block: number, code }) => `${number} ${code}`)).toEqual([
      '2 MALFORMED',
      '2 BLOCK_REPEATED',
    ]);
  });

  test('that are fewer leave a gap behind them', async () => {
    const verdict = await verifyItems([block(1), block(2), rubbish(), block(6), block(7)]);
    expect(verdict.problems.map(({ block: number, code }) => `${number} ${code}`)).toEqual([
      '3 MALFORMED',
      '4 BLOCK_MISSING',
    ]);
  });

  test('at the end are counted, and the head is not known', async () => {
    const verdict = await verifyItems([block(1), block(2), rubbish(), rubbish()]);
    expect(verdict).toMatchObject({ blocks: 4, head: null });
    expect(verdict.problems.map(({ block: number }) => number)).toEqual([3, 4]);
  });
});

describe('notices', () => {
  const notices = async (text: string, options: Partial<VerifyOptions> = {}) =>
    (await verifyText(text, { owner: owner.publicKey, ...options })).notices.map(({ block: number, code }) =>
      [number, code].join(' '),
    );

  test('come once each, with the block from which on they hold', async () => {
    // Blocks 3 and 4, and 7 and 8, are gone: of the history nothing can be said from block 5 on.
    expect(await notices(textOf(lines.toSpliced(6, 2).toSpliced(2, 2)))).toContain('5 HISTORY_UNCHECKED');
    expect(await notices(textOf(lines.toSpliced(4, 1)))).toEqual([' TRUNCATION_POSSIBLE']);
  });

  test('tell a data set that has not ended', async () => {
    const first = lines.findIndex((line) => line.includes('"kind":"dataset"'));
    expect(await notices(textOf(lines.slice(0, first + 2)))).toEqual([
      `${first + 1} DATASET_INCOMPLETE`,
      ' TRUNCATION_POSSIBLE',
    ]);
  });

  test('of nothing pinned come where nothing is', async () => {
    expect(await notices(textOf(lines))).not.toContain(' NOTHING_PINNED');
    const ledger = hex(Uint8Array.from(hashes[0]!));
    const pinned = await verifyText(textOf(lines), { ledger });
    expect(pinned.notices.map(({ code }) => code)).not.toContain('NOTHING_PINNED');
    const unpinned = await verifyText(textOf(lines));
    expect(unpinned.notices.map(({ code }) => code)).toContain('NOTHING_PINNED');
  });
});

test('a block signed anew for another history is named, and so is the one that was made for the first', async () => {
  const other = signedBy(lines[5]!, owner, { history_hash: '00'.repeat(32) });
  const verdict = await verifyText(textOf(lines.with(5, other)), { owner: owner.publicKey });
  expect(verdict.problems).toMatchObject([
    { block: 6, entry: null, code: 'HISTORY_MISMATCH' },
    { block: 7, entry: null, code: 'LINK_BROKEN' },
  ]);
  expect(verdict.notices.map(({ code }) => code)).toContain('HISTORY_UNCHECKED');
});
