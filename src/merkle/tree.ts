import { sha256, sha256Into } from '#primitives';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Where the two hashes stand in the input of `nodeHash`. */
const LEFT = 1;
const RIGHT = 33;

function emptyInput(): Uint8Array {
  const input = new Uint8Array(65);
  input.set(NODE);
  return input;
}

const folding = emptyInput();

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
 * edge, at most one a level: appending costs two hashes on average, the memory is logarithmic.
 */
export class MerkleTree {
  // One root a set bit of `size`, the largest subtree first.
  #edge: Uint8Array[] = [];
  #size = 0;

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a leaf.
   * @returns the hashes of the complete subtrees that end with it: its own first, then each higher level's. There are two
   *   on average
   */
  append(leafData: Uint8Array): Uint8Array[] {
    let hash = leafHash(leafData);
    const completed = [hash];
    // Every trailing one bit of the old size is a complete subtree that the new leaf's subtree joins.
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      const left = this.#edge.pop();
      if (left !== undefined) hash = nodeHash(left, hash);
      completed.push(hash);
    }
    this.#edge.push(hash);
    this.#size++;
    return completed;
  }

  /** The tree hash, MTH in RFC 6962; of no leaves, SHA-256 of nothing. */
  root(): Uint8Array {
    const smallest = this.#edge.at(-1);
    if (smallest === undefined) return sha256(new Uint8Array(0));
    // A verifier wants the root after each leaf, so that this is where its time goes: node by node in one buffer.
    folding.set(smallest, RIGHT);
    for (let i = this.#edge.length - 2; i > 0; i--) {
      folding.set(this.#edge[i] as Uint8Array, LEFT);
      sha256Into(folding, RIGHT, folding);
    }
    const largest = this.#edge[0];
    if (largest === undefined || largest === smallest) return smallest;
    folding.set(largest, LEFT);
    return sha256(folding);
  }

  /** The roots of the complete subtrees that it is made of, the largest first. */
  get edge(): readonly Uint8Array[] {
    return this.#edge;
  }

  /** The tree of so many leaves that has this edge: as many roots as the number has ones in binary. */
  static withEdge(edge: readonly Uint8Array[], size: number): MerkleTree {
    const tree = new MerkleTree();
    tree.#edge = [...edge];
    tree.#size = size;
    return tree;
  }

  /** A tree that grows on its own from here. */
  clone(): MerkleTree {
    return MerkleTree.withEdge(this.#edge, this.#size);
  }
}

/** The tree hash over a list of leaves, of which there are fewer than 2^31. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256(new Uint8Array(0));
  // Most blocks have one entry.
  if (leaves.length === 1) return leafHash(first);
  // Of each level the input of `nodeHash`: a hash waits on the left until its neighbour comes. Nothing else is kept.
  const inputs: Uint8Array[] = [];
  let size = 0;
  let last = first;
  for (const leaf of leaves) {
    last = leaf;
    sha256Into(inputOf(inputs, 0), size % 2 === 0 ? LEFT : RIGHT, LEAF, leaf);
    let level = 0;
    // Every trailing one bit of the leaf's number is a subtree on the right, which completes a node.
    for (let n = size; n % 2 === 1; n = n >>> 1) {
      const input = inputOf(inputs, level++);
      sha256Into(inputOf(inputs, level), (n >>> 1) % 2 === 0 ? LEFT : RIGHT, input);
    }
    size++;
  }
  let level = 31 - Math.clz32(size & -size);
  // The last node of this level: its two halves still stand below.
  let root = level === 0 ? leafHash(last) : sha256(inputOf(inputs, level - 1));
  while (++level < inputs.length) {
    if ((size >>> level) % 2 === 0) continue;
    inputOf(inputs, level).set(root, RIGHT);
    root = sha256(inputOf(inputs, level));
  }
  return root;
}

function inputOf(inputs: Uint8Array[], level: number): Uint8Array {
  const input = inputs[level] ?? emptyInput();
  inputs[level] = input;
  return input;
}
