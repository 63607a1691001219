// The same ledger, byte for byte, from one thread and from many.

import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sealDataset } from '../../../src/dataset/seal.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import type { StoredBlock } from '../../../src/store/store.js';
import { owner, streamOf } from '../../helpers/dataset-fixture.js';
import { seeded, steppingClock } from '../../helpers/people.js';

/** What is stored when a table is sealed with one randomness, one clock and these threads. */
async function storedBy(table: string, blockSize: number, threads: number): Promise<readonly StoredBlock[]> {
  const medium = memoryMedium();
  const surroundings = { random: seeded('threads'), clock: steppingClock(), difficulty: 2 };
  const ledger = await createLedger(memoryStore(medium), owner, surroundings);
  await sealDataset(ledger, owner, streamOf(table, [777]), { name: 'x', blockSize, threads });
  await ledger.close();
  return medium.blocks;
}

/** Of each block's parts their hashes, which tell as much and are compared faster. */
const hashesOf = (blocks: readonly StoredBlock[]): string[] =>
  blocks.flatMap((block) => Object.values(block).map((part) => hash('sha256', part)));

const rowsOf = (lengths: readonly number[]): string =>
  `a\n${lengths.map((length, i) => `${i}${'é'.repeat(length)}\n`).join('')}`;

test('seal a table into the same blocks, however many they are', async () => {
  const lengths = fc.array(fc.oneof(fc.nat(40), fc.nat(3000)), { minLength: 1, maxLength: 400 });
  const property = fc.asyncProperty(lengths, fc.integer({ min: 40, max: 200 }), async (list, blockSize) => {
    const table = rowsOf(list);
    expect(hashesOf(await storedBy(table, blockSize, 3))).toEqual(hashesOf(await storedBy(table, blockSize, 1)));
  });
  await fc.assert(property, { numRuns: 8 });
});

test('close a block that has become too large in the same place', async () => {
  const table = rowsOf([1_200_000, 3, 4_000_000, 6_000_000, 8, 900, 1_000_000, 7_000_000, 5]);
  const alone = await storedBy(table, 1000, 1);
  expect(alone.length).toBeGreaterThan(5);
  expect(hashesOf(await storedBy(table, 1000, 4))).toEqual(hashesOf(alone));
});

test('a block of many rows is the same as its rows sealed one by one', async () => {
  const table = rowsOf(Array.from({ length: 60 }, (_, i) => 50 * i));
  const [many, single] = [await storedBy(table, 60, 2), await storedBy(table, 1, 1)];
  const bodies = (blocks: readonly StoredBlock[]): Buffer => Buffer.concat(blocks.map(({ bodies: part }) => part));
  // Data set, rows, end: between the first and the last of them only the blocks' borders differ.
  expect(many).toHaveLength(4);
  expect(single).toHaveLength(63);
  expect(bodies(many.slice(2, 3)).equals(bodies(single.slice(2, 62)))).toBe(true);
});
