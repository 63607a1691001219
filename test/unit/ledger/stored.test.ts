// Blocks as a store keeps them, and what a damaged store can give back.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Block, isReadable } from '../../../src/format/block.js';
import { hashOf } from '../../../src/format/header.js';
import { fromStored, toStored as toStoredIn } from '../../../src/ledger/stored.js';
import { leafHash, MerkleTree, nodeHash } from '../../../src/merkle/tree.js';
import type { StoredBlock } from '../../../src/store/store.js';
import { newLedger, seal } from '../../helpers/dataset-fixture.js';

const ledger = await newLedger();
await seal(ledger, 'a\n1\n2\n3\n', { blockSize: 3 });

/** As the first block of a ledger. */
const toStored = (block: Block): StoredBlock => toStoredIn(block, new MerkleTree());

async function blockAt(index: number): Promise<Block> {
  const item = await ledger.block(index);
  if (item === null || !isReadable(item)) throw new Error('unreadable');
  return item;
}

const read = (stored: Partial<Record<keyof StoredBlock, Uint8Array | null>>, whole: StoredBlock) =>
  fromStored({ position: 1, ...whole, ...stored });

const errorOf = (item: ReturnType<typeof fromStored>): string | null => (isReadable(item) ? null : item.error.code);

describe('a stored block', () => {
  test('gives the block back', async () => {
    for (const index of [1, 2, 3, 4]) {
      const block = await blockAt(index);
      expect(toStored(read({}, toStored(block)) as Block)).toEqual(toStored(block));
    }
  });

  test('keeps the hashes of the subtrees that it completes, the leaf first', async () => {
    const history = new MerkleTree();
    const blocks = await Promise.all([1, 2, 3, 4].map(blockAt));
    const [one, two, three, four] = blocks.map((block) => leafHash(Buffer.from(hashOf(block), 'hex')));
    const [left, right] = [nodeHash(one!, two!), nodeHash(three!, four!)];
    expect(blocks.map((block) => Buffer.from(toStoredIn(block, history).nodes).toString('hex'))).toEqual(
      [[one!], [two!, left], [three!], [four!, right, nodeHash(left, right)]].map((nodes) =>
        Buffer.concat(nodes).toString('hex'),
      ),
    );
  });

  test('is read the same whatever its nodes are', async () => {
    const stored = toStored(await blockAt(3));
    for (const nodes of [null, new Uint8Array(0), Buffer.alloc(31), Buffer.alloc(5000, 7)]) {
      expect(read({ nodes }, stored)).toEqual(read({}, stored));
    }
  });

  test('without salts and bodies has records without them', async () => {
    const block = await blockAt(3);
    const item = read({ salts: null, bodies: null }, toStored(block)) as Block;
    expect(item.entries.map((entry) => entry.kind === 'sealed' && [entry.body, entry.salt])).toEqual(
      block.entries.map(() => [null, null]),
    );
  });

  test('that lacks a part, or has one cut off or too long, is unreadable', async () => {
    const stored = toStored(await blockAt(3));
    for (const part of ['head', 'entries', 'salts', 'bodies'] as const) {
      const bytes = stored[part];
      if (part === 'head' || part === 'entries') expect(errorOf(read({ [part]: null }, stored))).toBe('MALFORMED');
      for (const other of [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.of(0)])]) {
        expect(errorOf(read({ [part]: other }, stored))).toBe('MALFORMED');
      }
      expect(errorOf(read({ [part]: new Uint8Array(0) }, stored))).toBe('MALFORMED');
    }
  });

  test('of any bytes is a block or unreadable, and never anything else', async () => {
    const stored = toStored(await blockAt(3));
    const part = fc.constantFrom<'head' | 'entries' | 'salts' | 'bodies'>('head', 'entries', 'salts', 'bodies');
    const property = fc.property(part, fc.nat(), fc.nat(255), (name, at, byte) => {
      const bytes = Uint8Array.from(stored[name]);
      bytes[at % bytes.length] = byte;
      const code = errorOf(read({ [name]: bytes }, stored));
      expect([null, 'MALFORMED', 'TOO_LARGE', 'VERSION_NEWER']).toContain(code);
    });
    fc.assert(property, { numRuns: 500 });
    const junk = fc.property(part, fc.uint8Array({ maxLength: 64 }), (name, bytes) => {
      expect(errorOf(read({ [name]: bytes }, stored))).not.toBeNull();
    });
    fc.assert(junk, { numRuns: 200 });
  });
});
