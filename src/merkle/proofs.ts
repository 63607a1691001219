import { equalBytes } from '../bytes.js';
import { nodeHash } from './tree.js';

/**
 * Where a prover has the hashes of complete subtrees from: of the 2^level leaves from number index · 2^level on. At level
 * 0 that is the leaf hash.
 */
export type NodeSource = (level: number, index: number) => Promise<Uint8Array>;

/** Nodes made of leaf hashes each time that they are asked for: for short trees, and where nothing better is at hand. */
export function nodesOverLeaves(leafHashAt: (index: number) => Uint8Array): NodeSource {
  const node = (level: number, index: number): Uint8Array =>
    level === 0 ? leafHashAt(index) : nodeHash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
  return async (level, index) => node(level, index);
}

/** PATH(index, D[size]) of RFC 6962 section 2.1.1: the hashes that lead from a leaf to the root, the lowest first. */
export async function inclusionPath(nodes: NodeSource, index: number, size: number): Promise<Uint8Array[]> {
  const path: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + largestPowerOfTwoBelow(end - start);
    const left = index < middle;
    path.unshift(await (left ? rangeHash(nodes, middle, end) : rangeHash(nodes, start, middle)));
    if (left) end = middle;
    else start = middle;
  }
  return path;
}

/**
 * PROOF(first, D[second]) of RFC 6962 section 2.1.2: what shows that the tree of `first` leaves is the beginning of the
 * tree of `second`.
 */
export async function consistencyPath(nodes: NodeSource, first: number, second: number): Promise<Uint8Array[]> {
  const path: Uint8Array[] = [];
  let [start, end] = [0, second];
  while (first < end) {
    const middle = start + largestPowerOfTwoBelow(end - start);
    const left = first <= middle;
    path.unshift(await (left ? rangeHash(nodes, middle, end) : rangeHash(nodes, start, middle)));
    if (left) end = middle;
    else start = middle;
  }
  // The subtree that the walk ends at; where it is the whole first tree, the verifier has its root already.
  if (start > 0) path.unshift(await rangeHash(nodes, start, end));
  return path;
}

/** The tree hash of the first `size` leaves, at least one. */
export function rootFrom(nodes: NodeSource, size: number): Promise<Uint8Array> {
  return rangeHash(nodes, 0, size);
}

/** MTH(D[start:end]), where the range is one that the recursion of RFC 6962 section 2.1 comes to. */
async function rangeHash(nodes: NodeSource, start: number, end: number): Promise<Uint8Array> {
  const width = end - start;
  const below = largestPowerOfTwoBelow(width);
  if (width === 1) return nodes(0, start);
  if (width === 2 * below) return nodes(Math.log2(width), start / width);
  const left = await nodes(Math.log2(below), start / below);
  return nodeHash(left, await rangeHash(nodes, start + below, end));
}

/** k with k < n ≤ 2k, for n ≥ 2. */
function largestPowerOfTwoBelow(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/**
 * The root to which a path leads from a leaf, RFC 9162 section 2.1.3.2. Sizes up to 2^53 − 1.
 * @param leaf the leaf's hash
 * @returns null where the path is not as long as this place in a tree of this size demands
 */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | null {
  if (index < 0 || index >= size) return null;
  let hash = leaf;
  let [at, last] = [index, size - 1];
  for (const sibling of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? hash : null;
}

/** A state of a tree: number of leaves, and tree hash. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Whether a path shows that the second tree begins with the first, RFC 9162 section 2.1.4.2. Of two trees of one size the
 * path is empty.
 */
export function isConsistent(first: TreeHead, second: TreeHead, path: readonly Uint8Array[]): boolean {
  if (first.size < 1 || first.size > second.size) return false;
  if (first.size === second.size) return path.length === 0 && equalBytes(first.root, second.root);
  const [start, ...rest] = isPowerOfTwo(first.size) ? [first.root, ...path] : path;
  if (start === undefined) return false;
  let [at, last] = [first.size - 1, second.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, half(last)];
    } else {
      newer = nodeHash(newer, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(older, first.root) && equalBytes(newer, second.root);
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isPowerOfTwo(n: number): boolean {
  return n === 2 * largestPowerOfTwoBelow(n) || n === 1;
}
