import { sha256, sha256Hex, sha256Into } from '#primitives';
import { toHex } from '../bytes.js';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Where the two hashes stand in the input of `nodeHash`, and where it ends. */
const LEFT = 1;
const RIGHT = 33;
const END = 65;

/** RFC 6962 section 2.1: SHA-256(0x00 ‖ leaf data). */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(LEAF, data);
}

/** RFC 6962 section 2.1: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE, left, right);
}

/**
 * An RFC 6962 Merkle tree that grows at its end. It keeps only the roots of the complete subtrees along its right
 * edge, at most one a level: adding a leaf costs two hashes on average, the memory is logarithmic.
 *
 * A verifier wants the root after each leaf, and of each block the hash over its entries, so that much of its time goes
 * here: nodes are hashed where they stand, and nothing is allocated.
 */
export class MerkleTree {
  // Of each level the input of `nodeHash`. Where the size has a one in binary, the root of a complete subtree waits on the
  // left for its neighbour. What stands on the right is used at once, and means nothing afterwards.
  readonly #inputs: Uint8Array[] = [];
  #size = 0;

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Adds a leaf. */
  add(leafData: Uint8Array): void {
    let n = this.#size++;
    sha256Into(this.#input(0), sideOf(n), LEAF, leafData);
    // Every trailing one bit of the old size is a complete subtree that the new leaf's subtree joins.
    for (let level = 0; n % 2 === 1; level++) {
      n = (n - 1) / 2;
      sha256Into(this.#input(level + 1), sideOf(n), this.#input(level));
    }
  }

  /**
   * Adds a leaf.
   * @returns the hashes of the complete subtrees that end with it: its own first, then each higher level's. There are two
   *   on average
   */
  append(leafData: Uint8Array): Uint8Array[] {
    let n = this.#size;
    this.add(leafData);
    const completed: Uint8Array[] = [];
    for (; n % 2 === 1; n = (n - 1) / 2) completed.push(this.#input(completed.length).slice(RIGHT, END));
    completed.push(this.#input(completed.length).slice(LEFT, RIGHT));
    return completed;
  }

  /** The tree hash, MTH in RFC 6962; of no leaves, SHA-256 of nothing. */
  root(): Uint8Array {
    const top = this.#joined(null);
    if (top === null) return sha256(new Uint8Array(0));
    return top.length === END ? sha256(top) : top.slice();
  }

  /** The same in hex. */
  rootHex(): string {
    const top = this.#joined(null);
    return top?.length === END ? sha256Hex(top) : toHex(this.root());
  }

  /** The tree hash (hex) as it would be with one more leaf. */
  rootHexWith(leafData: Uint8Array): string {
    const leaf = leafHash(leafData);
    const top = this.#joined(leaf) ?? leaf;
    return top.length === END ? sha256Hex(top) : toHex(top);
  }

  /**
   * Joins the subtrees along the edge, the smallest first.
   * @param last what stands behind them
   * @returns the input of the root's hash; the root itself where nothing is to be joined; null for no leaves
   */
  #joined(last: Uint8Array | null): Uint8Array | null {
    let right = last;
    for (let level = 0, n = this.#size; n > 0; level++, n = (n - (n % 2)) / 2) {
      if (n % 2 === 0) continue;
      const input = this.#input(level);
      if (right === null) {
        right = input.subarray(LEFT, RIGHT);
        continue;
      }
      if (right.length === END) sha256Into(input, RIGHT, right);
      else input.set(right, RIGHT);
      right = input;
    }
    return right;
  }

  /** The roots of the complete subtrees that it is made of, the largest first. */
  get edge(): readonly Uint8Array[] {
    const edge: Uint8Array[] = [];
    for (const level of levelsOf(this.#size)) edge.unshift(this.#input(level).slice(LEFT, RIGHT));
    return edge;
  }

  /** The tree of so many leaves that has this edge: as many roots as the number has ones in binary. */
  static withEdge(edge: readonly Uint8Array[], size: number): MerkleTree {
    const tree = new MerkleTree();
    for (const [i, level] of levelsOf(size).entries()) {
      const root = edge[edge.length - 1 - i];
      if (root !== undefined) tree.#input(level).set(root, LEFT);
    }
    tree.#size = size;
    return tree;
  }

  /** A tree that grows on its own from here. */
  clone(): MerkleTree {
    return MerkleTree.withEdge(this.edge, this.#size);
  }

  #input(level: number): Uint8Array {
    for (let missing = this.#inputs.length; missing <= level; missing++) {
      const input = new Uint8Array(END);
      input.set(NODE);
      this.#inputs.push(input);
    }
    return this.#inputs[level] as Uint8Array;
  }
}

/** On which side of its parent's input the hash of a subtree stands, by its number from 0 among those of its level. */
function sideOf(number: number): number {
  return number % 2 === 0 ? LEFT : RIGHT;
}

/** The levels of the complete subtrees of so many leaves, the lowest first. */
function levelsOf(size: number): number[] {
  const levels: number[] = [];
  for (let level = 0, n = size; n > 0; level++, n = Math.floor(n / 2)) if (n % 2 === 1) levels.push(level);
  return levels;
}

/** The tree hash over a list of leaves. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  return grown(leaves).root();
}

/** The same in hex. */
export function treeHashHex(leaves: readonly Uint8Array[]): string {
  const [only] = leaves;
  // Most blocks have one entry.
  return leaves.length === 1 && only !== undefined ? sha256Hex(LEAF, only) : grown(leaves).rootHex();
}

function grown(leaves: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree;
}
