import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes.js';
import { leafHash, MerkleTree, nodeHash, treeHash, treeHashHex } from '../../../src/merkle/tree.js';
import { hex } from '../../oracle/bytes.js';
import { treeHash as naiveTreeHash } from '../../oracle/merkle.js';

// The leaves and roots that Certificate Transparency's own implementations are tested with.
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the reference tree', () => {
  const leaves = LEAVES.map((leaf) => fromHex(leaf)!);

  test.each(ROOTS.map((root, size): [number, string] => [size, root]))('of %i leaves', (size, root) => {
    expect(toHex(treeHash(leaves.slice(0, size)))).toBe(root);
  });

  test('as it grows', () => {
    const tree = new MerkleTree();
    for (const [size, leaf] of leaves.entries()) {
      expect([tree.size, toHex(tree.root())]).toEqual([size, ROOTS[size]]);
      tree.append(leaf);
    }
    expect(toHex(tree.root())).toBe(ROOTS[8]);
  });
});

test('is what the recursive definition says', () => {
  const leaves = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 });
  fc.assert(
    fc.property(leaves, (list) => {
      expect(toHex(treeHash(list))).toBe(hex(naiveTreeHash(list)));
    }),
  );
});

test('as hex, and with one leaf more that it does not keep', () => {
  const leaves = Array.from({ length: 20 }, (_, at) => Uint8Array.of(at));
  const tree = new MerkleTree();
  for (const [at, leaf] of leaves.entries()) {
    expect(tree.rootHex()).toBe(hex(naiveTreeHash(leaves.slice(0, at))));
    expect(treeHashHex(leaves.slice(0, at))).toBe(tree.rootHex());
    expect(tree.rootHexWith(leaf)).toBe(hex(naiveTreeHash(leaves.slice(0, at + 1))));
    expect(tree.size).toBe(at);
    expect(toHex(tree.root())).toBe(tree.rootHex());
    tree.append(leaf);
  }
});

test('a root is a copy', () => {
  const leaves = Array.from({ length: 4 }, (_, at) => Uint8Array.of(at));
  for (const count of [1, 2, 3, 4]) {
    const tree = new MerkleTree();
    for (const leaf of leaves.slice(0, count)) tree.append(leaf);
    tree.root().fill(0);
    expect(tree.rootHex()).toBe(hex(naiveTreeHash(leaves.slice(0, count))));
  }
});

test('tells the subtrees that a leaf completes', () => {
  const leaves = Array.from({ length: 40 }, (_, at) => Uint8Array.of(at));
  const tree = new MerkleTree();
  for (const [at, leaf] of leaves.entries()) {
    const completed = tree.append(leaf);
    // One a level, as often as the new size can be halved.
    const widths = [1, 2, 4, 8, 16, 32].filter((width) => (at + 1) % width === 0);
    expect(completed.map(toHex)).toEqual(
      widths.map((width) => hex(naiveTreeHash(leaves.slice(at + 1 - width, at + 1)))),
    );
  }
});

test('of a clone grows on its own', () => {
  const leaf = (number: number): Uint8Array => Uint8Array.of(number);
  const tree = new MerkleTree();
  for (let size = 0; size < 20; size++) {
    const before = toHex(tree.root());
    const clone = tree.clone();
    clone.append(leaf(99));
    expect([clone.size, toHex(tree.root())]).toEqual([size + 1, before]);
    const leaves = [...Array.from({ length: size }, (_, at) => leaf(at)), leaf(99)];
    expect(toHex(clone.root())).toBe(hex(naiveTreeHash(leaves)));
    tree.append(leaf(size));
  }
});

test('tells leaves from nodes', () => {
  const [left, right] = [Uint8Array.of(1), Uint8Array.of(2)];
  const children = Uint8Array.from([...leafHash(left), ...leafHash(right)]);
  expect(toHex(treeHash([left, right]))).toBe(toHex(nodeHash(leafHash(left), leafHash(right))));
  expect(toHex(treeHash([children]))).not.toBe(toHex(treeHash([left, right])));
});
