// How rows become blocks, and when they are reported as safe.

import { expect, test } from 'vitest';
import { openDataset } from '../../../src/dataset/open.js';
import { type SealProgress, sealDataset } from '../../../src/dataset/seal.js';
import { entryBytes, isReadable } from '../../../src/format/block.js';
import { WRITER_BLOCK_BYTES } from '../../../src/format/limits.js';
import { createLedger, type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import type { Store } from '../../../src/store/store.js';
import {
  newLedger,
  opened,
  owner,
  readToEnd,
  seal,
  streamOf,
  temporaryFolder,
  verified,
} from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();

async function entriesOf(ledger: Ledger): Promise<number[]> {
  const counts: number[] = [];
  for await (const item of ledger.blocks()) counts.push(isReadable(item) ? item.entries.length : 0);
  return counts;
}

test.each([
  // The genesis block; data set, grant and header row; the rows; the end.
  [1, [1, 3, 1, 1, 1, 1, 1, 1, 1, 1]],
  [3, [1, 3, 3, 3, 1, 1]],
  [7, [1, 3, 7, 1]],
  [65_535, [1, 3, 7, 1]],
])('%d records a block', async (blockSize, expected) => {
  const ledger = await newLedger();
  await seal(ledger, 'a\n1\n2\n3\n4\n5\n6\n7\n', { blockSize });
  expect(await entriesOf(ledger)).toEqual(expected);
  expect((await verified(ledger)).ok).toBe(true);
});

test('one record a block is the default', async () => {
  const ledger = await newLedger();
  const { blocks } = await seal(ledger, 'a\n1\n2\n');
  expect(await entriesOf(ledger)).toEqual([1, 3, 1, 1, 1]);
  expect(blocks).toEqual({ from: 2, to: 5 });
});

test('more records than a block can hold', async () => {
  const ledger = await newLedger();
  await seal(ledger, `a\n${'1\n'.repeat(65_536)}`, { blockSize: 65_535 });
  expect(await entriesOf(ledger)).toEqual([1, 3, 65_535, 1, 1]);
  expect(await verified(ledger)).toMatchObject({ ok: true, records: 65_536 });
});

test('a block is closed before it exceeds 16 MiB, whatever its size in records', async () => {
  const mebibyte = 'x'.repeat(1024 * 1024);
  const text = `a\n${`${mebibyte}\n`.repeat(33)}`;
  const ledger = await newLedger();
  await seal(ledger, text, { blockSize: 1000 });
  for await (const item of ledger.blocks()) {
    const bytes = isReadable(item) ? item.entries.reduce((sum, entry) => sum + entryBytes(entry), 0) : Infinity;
    expect(bytes).toBeLessThanOrEqual(WRITER_BLOCK_BYTES);
  }
  expect((await entriesOf(ledger)).slice(2)).toEqual([15, 15, 3, 1]);
  expect((await opened(ledger)).equals(Buffer.from(text))).toBe(true);
});

test('a record over 16 MiB has a block of its own', async () => {
  const long = 'x'.repeat(17 * 1024 * 1024);
  const ledger = await newLedger();
  await seal(ledger, `a\n1\n${long}\n2\n3\n`, { blockSize: 10 });
  expect(await entriesOf(ledger)).toEqual([1, 3, 1, 1, 2, 1]);
  expect((await verified(ledger)).ok).toBe(true);
});

/** A store that notes how many blocks are durable. */
function watched(store: Store): { store: Store; durable: () => number } {
  let durable = 0;
  const append: Store['append'] = async (after, blocks) => {
    await store.append(after, blocks);
    durable = after + blocks.length;
  };
  return { store: { ...store, append }, durable: () => durable };
}

test('progress grows, never runs ahead of what is durable, and ends with all', async () => {
  const medium = memoryMedium();
  await (await createLedger(memoryStore(medium), owner, { difficulty: 0 })).close();
  const { store, durable } = watched(memoryStore(medium));
  const ledger = await openLedger(store);
  // Large enough for several commits.
  const rows = 40;
  const file = temporary.file('large.csv', `a\n${`${'x'.repeat(700_000)}\n`.repeat(rows)}`);
  const seen: SealProgress[] = [];
  const onProgress = (progress: SealProgress): void => {
    // Genesis and header row lie before the rows, one row a block.
    expect(durable()).toBeGreaterThanOrEqual(2 + progress.rows);
    seen.push(progress);
  };
  await sealDataset(ledger, owner, file, { name: 'x', onProgress });
  const reported = seen.map((progress) => progress.rows);
  expect(reported.length).toBeGreaterThan(3);
  expect(reported).toEqual([...reported].sort((a, b) => a - b));
  expect(reported.at(-1)).toBe(rows);
  expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([rows]));
});

test('the progress of a stream knows no total, that of an appending counts its own rows', async () => {
  const ledger = await newLedger();
  const seen: SealProgress[] = [];
  const onProgress = (progress: SealProgress): void => void seen.push(progress);
  await sealDataset(ledger, owner, streamOf('a\n1\n2\n'), { name: 'x', onProgress });
  expect(seen.at(-1)).toEqual({ rows: 2, total: null });
  const file = temporary.file('more.csv', 'a\n3\n4\n5\n');
  await sealDataset(ledger, owner, file, { name: 'x', append: true, onProgress });
  expect(seen.at(-1)).toEqual({ rows: 3, total: 3 });
});

test('looking through a file is reported in bytes', async () => {
  const text = `a\n${`${'some text '.repeat(30)}\n`.repeat(10_000)}`;
  const file = temporary.file('long.csv', text);
  const seen: [number, number][] = [];
  const ledger = await newLedger();
  const onExamined = (bytes: number, total: number): void => void seen.push([bytes, total]);
  await sealDataset(ledger, owner, file, { name: 'x', blockSize: 65_535, onExamined });
  expect(seen.at(-1)).toEqual([text.length, text.length]);
  expect(seen.length).toBeGreaterThan(1);
  const dataset = await openDataset(ledger, owner);
  expect(await readToEnd(dataset)).toHaveLength(10_000);
});
