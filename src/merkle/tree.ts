import { sha256 } from '#primitives';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

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
    let hash = this.#edge.at(-1);
    if (hash === undefined) return sha256(new Uint8Array(0));
    for (let i = this.#edge.length - 2; i >= 0; i--) {
      const left = this.#edge[i];
      if (left !== undefined) hash = nodeHash(left, hash);
    }
    return hash;
  }

  /** A tree that grows on its own from here. */
  clone(): MerkleTree {
    const copy = new MerkleTree();
    copy.#edge = [...this.#edge];
    copy.#size = this.#size;
    return copy;
  }
}

/** The tree hash over a list of leaves. */
export function treeHash(leaves: Iterable<Uint8Array>): Uint8Array {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}
