// Proofs whose parts fit each other, but not the places that they are said to be of: whoever chooses the roots as well as
// the path must not get further than with a wrong path.

import { expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.js';
import {
  consistencyPath,
  inclusionPath,
  isConsistent,
  nodesOverLeaves,
  rootFrom,
  type TreeHead,
} from '../../../src/merkle/proofs.js';
import { leafHash, MerkleTree, nodeHash, treeHash } from '../../../src/merkle/tree.js';

const leaves = Array.from({ length: 21 }, (_, at) => Uint8Array.of(at));
const nodes = nodesOverLeaves((at) => leafHash(leaves[at]!));
const headAt = (size: number): TreeHead => ({ size, root: treeHash(leaves.slice(0, size)) });
const any = leafHash(Uint8Array.of(99));

test('nothing is consistent with a tree of no leaves', () => {
  expect(isConsistent({ size: 0, root: any }, { size: 1, root: any }, [any])).toBe(false);
});

test('a tree is not the beginning of a smaller one, even of one root', () => {
  expect(isConsistent({ size: 2, root: any }, { size: 1, root: any }, [])).toBe(false);
});

test('of two trees of one size the path is empty', () => {
  expect(isConsistent(headAt(7), headAt(7), [])).toBe(true);
  expect(isConsistent(headAt(7), headAt(7), [any])).toBe(false);
});

test('a path that ends below the root', () => {
  expect(isConsistent({ size: 3, root: any }, { size: 4, root: any }, [any])).toBe(false);
});

test('a path that goes on above the root', async () => {
  const path = await consistencyPath(nodes, 3, 4);
  const above = ({ size, root }: TreeHead): TreeHead => ({ size, root: nodeHash(any, root) });
  expect(isConsistent(headAt(3), headAt(4), path)).toBe(true);
  expect(isConsistent(above(headAt(3)), above(headAt(4)), [...path, any])).toBe(false);
});

test('nodes over leaves are those of the tree', async () => {
  for (const [level, index] of [
    [0, 5],
    [1, 3],
    [2, 4],
    [3, 1],
  ] as const) {
    const width = 2 ** level;
    expect(toHex(await nodes(level, index))).toBe(toHex(treeHash(leaves.slice(index * width, (index + 1) * width))));
  }
  expect(await inclusionPath(nodes, 20, 21)).toEqual([await nodes(4, 0), await nodes(2, 4)].reverse());
});

test('a complete subtree is one node, not all that is below it', async () => {
  const asked: string[] = [];
  const root = await rootFrom(async (level, index) => {
    asked.push(`${level}:${index}`);
    return nodes(level, index);
  }, 20);
  expect(toHex(root)).toBe(toHex(headAt(20).root));
  expect(asked).toEqual(['4:0', '2:4']);
});

test('a tree goes on from its edge', () => {
  const tree = new MerkleTree();
  for (const [at, leaf] of leaves.entries()) {
    const again = MerkleTree.withEdge(tree.edge, tree.size);
    again.append(leaf);
    expect([again.size, toHex(again.root())]).toEqual([at + 1, toHex(headAt(at + 1).root)]);
    tree.append(leaf);
    expect(tree.edge.length).toBe((at + 1).toString(2).replaceAll('0', '').length);
  }
});
