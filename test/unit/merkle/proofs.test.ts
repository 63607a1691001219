import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes.js';
import {
  consistencyPath,
  inclusionPath,
  isConsistent,
  type NodeSource,
  rootFrom,
  rootFromInclusion,
} from '../../../src/merkle/proofs.js';
import { leafHash, MerkleTree, treeHash } from '../../../src/merkle/tree.js';
import { hex } from '../../oracle/bytes.js';
import { consistencyProof, inclusionProof, treeHash as naiveTreeHash } from '../../oracle/merkle.js';

// The tree that Certificate Transparency's own implementations are tested with: its leaves, and proofs in it.
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const INCLUSION: [index: number, size: number, path: string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];
const CONSISTENCY: [first: number, second: number, path: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const leavesOf = (size: number): Uint8Array[] => Array.from({ length: size }, (_, i) => Uint8Array.of(i, i >> 8));

/** The nodes as a store has them: under the leaf that completes them. */
function nodesOf(leaves: readonly Uint8Array[]): NodeSource {
  const tree = new MerkleTree();
  const stored = leaves.map((leaf) => tree.append(leaf));
  return async (level, index) => {
    const node = stored[(index + 1) * 2 ** level - 1]?.[level];
    if (node === undefined) throw new Error(`there is no node ${index} at level ${level}`);
    return node;
  };
}

describe('the reference tree', () => {
  const leaves = LEAVES.map((leaf) => fromHex(leaf)!);
  const nodes = nodesOf(leaves);
  const rootAt = (size: number): Uint8Array => Buffer.from(treeHash(leaves.slice(0, size)));
  const headAt = (size: number) => ({ size, root: rootAt(size) });

  test.each(INCLUSION)('leaf %i of %i', async (index, size, expected) => {
    const path = await inclusionPath(nodes, index, size);
    expect(path.map(toHex)).toEqual(expected);
    expect(rootFromInclusion(leafHash(leaves[index]!), index, size, path)).toEqual(rootAt(size));
  });

  test.each(CONSISTENCY)('%i leaves are the beginning of %i', async (first, second, expected) => {
    const path = await consistencyPath(nodes, first, second);
    expect(path.map(toHex)).toEqual(expected);
    expect(isConsistent(headAt(first), headAt(second), path)).toBe(true);
  });
});

describe('every tree up to 130 leaves', () => {
  const leaves = leavesOf(130);
  const nodes = nodesOf(leaves);
  const hashes = leaves.map(leafHash);
  const roots = Array.from({ length: 131 }, (_, size) => Buffer.from(treeHash(leaves.slice(0, size))));

  test('has the root that its nodes give', async () => {
    for (let size = 1; size <= 130; size++) expect(toHex(await rootFrom(nodes, size))).toBe(toHex(roots[size]!));
  });

  test('has a path for each leaf, which leads to its root from there only', async () => {
    for (let size = 1; size <= 130; size++) {
      for (let index = 0; index < size; index++) {
        const path = await inclusionPath(nodes, index, size);
        expect(rootFromInclusion(hashes[index]!, index, size, path)).toEqual(roots[size]);
        if (size > 1) {
          const elsewhere = rootFromInclusion(hashes[index]!, (index + 1) % size, size, path);
          expect(elsewhere === null || toHex(elsewhere) !== toHex(roots[size]!)).toBe(true);
        }
      }
    }
  });

  test('begins with every smaller one', async () => {
    for (let second = 1; second <= 130; second++) {
      for (let first = 1; first <= second; first++) {
        const path = await consistencyPath(nodes, first, second);
        const heads = [
          { size: first, root: roots[first]! },
          { size: second, root: roots[second]! },
        ] as const;
        expect(isConsistent(...heads, path)).toBe(true);
        if (first < second) expect(isConsistent(heads[1], heads[0], path)).toBe(false);
      }
    }
  });

  test('has the paths that the recursive definition says', async () => {
    for (let size = 1; size <= 40; size++) {
      const list = leaves.slice(0, size);
      expect(toHex(await rootFrom(nodes, size))).toBe(hex(naiveTreeHash(list)));
      for (let at = 0; at < size; at++) {
        expect((await inclusionPath(nodes, at, size)).map(toHex)).toEqual(inclusionProof(at, list).map(hex));
        expect((await consistencyPath(nodes, at + 1, size)).map(toHex)).toEqual(
          consistencyProof(at + 1, list).map(hex),
        );
      }
    }
  });
});

describe('nothing altered is proven', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(299)).filter(([size, index]) => index < size);
  const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    copy[(bit >> 3) % copy.length]! ^= 1 << (bit & 7);
    return copy;
  };
  /** Every way of changing a path: a bit of a hash, a hash less, more, twice, or in another place. */
  const changes = fc.record({
    how: fc.constantFrom('bit', 'remove', 'add', 'double', 'swap', 'empty'),
    at: fc.nat(20),
    bit: fc.nat(255),
  });
  const changed = (path: Uint8Array[], { how, at, bit }: { how: string; at: number; bit: number }): Uint8Array[] => {
    const i = path.length === 0 ? 0 : at % path.length;
    const found = path[i] ?? new Uint8Array(32);
    switch (how) {
      case 'bit':
        return path.with(i, flip(found, bit));
      case 'remove':
        return path.toSpliced(i, 1);
      case 'add':
        return path.toSpliced(i, 0, flip(found, bit));
      case 'double':
        return path.toSpliced(i, 0, found);
      case 'swap':
        return path.toSpliced(i, 2, ...path.slice(i, i + 2).reverse());
      default:
        return [];
    }
  };
  const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
    a.map(toHex).join() === b.map(toHex).join();

  test('of an inclusion', async () => {
    const leaves = leavesOf(300);
    const nodes = nodesOf(leaves);
    const property = fc.asyncProperty(sizes, changes, fc.nat(299), async ([size, index], change, other) => {
      const path = await inclusionPath(nodes, index, size);
      const root = toHex(await rootFrom(nodes, size));
      const leaf = leafHash(leaves[index]!);
      const leadsTo = (...args: Parameters<typeof rootFromInclusion>): string | null => {
        const found = rootFromInclusion(...args);
        return found && toHex(found);
      };
      if (size > 1) {
        const altered = changed(path, change);
        if (!same(altered, path)) expect(leadsTo(leaf, index, size, altered)).not.toBe(root);
      }
      expect(leadsTo(flip(leaf, change.bit), index, size, path)).not.toBe(root);
      if (other !== index) expect(leadsTo(leaf, other, size, path)).not.toBe(root);
      expect(leadsTo(leaf, size, size, path)).toBeNull();
      expect(leadsTo(leaf, -1, size, path)).toBeNull();
    });
    await fc.assert(property, { numRuns: 400 });
  });

  test('of a consistency', async () => {
    const leaves = leavesOf(300);
    const nodes = nodesOf(leaves);
    const property = fc.asyncProperty(sizes, changes, async ([second, at], change) => {
      const first = at + 1;
      const path = await consistencyPath(nodes, first, second);
      const older = { size: first, root: await rootFrom(nodes, first) };
      const newer = { size: second, root: await rootFrom(nodes, second) };
      expect(isConsistent(older, newer, path)).toBe(true);
      if (path.length > 0) {
        const altered = changed(path, change);
        if (!same(altered, path)) expect(isConsistent(older, newer, altered)).toBe(false);
      }
      expect(isConsistent({ ...older, root: flip(older.root, change.bit) }, newer, path)).toBe(false);
      expect(isConsistent(older, { ...newer, root: flip(newer.root, change.bit) }, path)).toBe(false);
      expect(isConsistent({ ...older, size: 0 }, newer, path)).toBe(false);
    });
    await fc.assert(property, { numRuns: 400 });
  });
});

test('places beyond 2^32 are places like any other', () => {
  const size = 2 ** 53 - 1;
  const [leaf, path] = [leafHash(Uint8Array.of(1)), leavesOf(53).map(leafHash)];
  expect(rootFromInclusion(leaf, 0, size, path)).not.toBeNull();
  expect(rootFromInclusion(leaf, 2 ** 40 + 1, size, path)).not.toBeNull();
  expect(rootFromInclusion(leaf, 0, size, path.slice(1))).toBeNull();
  expect(rootFromInclusion(leaf, 0, size, [...path, leaf])).toBeNull();
});
