import { hexDecode } from '#primitives';
import { fromHex, toHex } from '../bytes.js';
import type { Header } from '../format/header.js';
import { MerkleTree } from '../merkle/tree.js';

/** Of a block's hash. */
const HASH_DIGITS = 64;

/**
 * The Merkle tree over all blocks so far, as `history_hash` commits to it. Past a gap of more than one block its
 * leaves are not known any more, and it can only say so.
 */
export class History {
  #tree: MerkleTree | null = new MerkleTree();
  /** Block hashes that are to be added to the tree before anybody looks at it. */
  #waiting: string[] = [];
  readonly #watched: number | null;
  #rootThen: string | null = null;

  /** @param watched a number of blocks, for which the tree hash is kept when they have come: see `rootThen` */
  constructor(watched: number | null = null) {
    this.#watched = watched;
  }

  get known(): boolean {
    return this.#tree !== null;
  }

  /** Whether the tree is known, and is the one that the header of the next block names. */
  fits({ index, history_hash }: Pick<Header, 'index' | 'history_hash'>): boolean {
    const { tree } = this;
    return tree?.size === index - 1 && tree.rootHex() === history_hash;
  }

  /** Adds a block's hash (hex). */
  append(blockHash: string): void {
    if (blockHash.length !== HASH_DIGITS) this.lose();
    if (this.#tree === null) return;
    this.#waiting.push(blockHash);
    if (this.#tree.size + this.#waiting.length === this.#watched) this.#rootThen = this.tree?.rootHex() ?? null;
  }

  /** The tree with all blocks in it; null where it is not known. It is not to be changed. */
  get tree(): MerkleTree | null {
    for (const hash of this.#waiting) this.#tree?.add(hexDecode(hash));
    this.#waiting = [];
    return this.#tree;
  }

  /** The roots of the complete subtrees (hex), the largest first; null where the history is not known. */
  get edge(): string[] | null {
    return this.tree?.edge.map(toHex) ?? null;
  }

  /** The tree hash (hex) over the watched number of blocks; null where they have not come, or were not known. */
  get rootThen(): string | null {
    return this.#rootThen;
  }

  /** The history hash over the blocks so far and, behind them, one more; null where it is not known. */
  hashWith(blockHash: string | null): string | null {
    const { tree } = this;
    if (blockHash === null || tree === null) return tree?.rootHex() ?? null;
    const leaf = fromHex(blockHash, 32);
    return leaf && tree.rootHexWith(leaf);
  }

  /** A tree of one's own over the blocks so far and, behind them, one more; null where it is not known. */
  treeWith(blockHash: string): MerkleTree | null {
    const leaf = fromHex(blockHash, 32);
    if (leaf === null || this.tree === null) return null;
    const tree = this.tree.clone();
    tree.add(leaf);
    return tree;
  }

  /** Takes the edge of another tree over the same blocks for its own, and is spared the growing. */
  adoptEdge(edge: readonly Uint8Array[]): void {
    if (this.#tree !== null) this.adopt(MerkleTree.withEdge(edge, this.#tree.size + this.#waiting.length));
  }

  /** Puts a tree that has grown from this one in its place. */
  adopt(tree: MerkleTree): void {
    this.#tree = tree;
    this.#waiting = [];
    if (tree.size === this.#watched) this.#rootThen = tree.rootHex();
  }

  lose(): void {
    this.#tree = null;
    this.#waiting = [];
  }
}
