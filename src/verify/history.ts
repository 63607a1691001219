import { fromHex, toHex } from '../bytes.js';
import type { Header } from '../format/header.js';
import { MerkleTree } from '../merkle/tree.js';

/**
 * The Merkle tree over all blocks so far, as `history_hash` commits to it. Past a gap of more than one block its
 * leaves are not known any more, and it can only say so.
 */
export class History {
  #tree: MerkleTree | null = new MerkleTree();
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
    return this.#tree?.size === index - 1 && this.#tree.rootHex() === history_hash;
  }

  /** Adds a block's hash (hex). */
  append(blockHash: string): void {
    const leaf = fromHex(blockHash, 32);
    if (leaf === null) this.lose();
    else this.#tree?.add(leaf);
    this.#watch();
  }

  /** The roots of the complete subtrees (hex), the largest first; null where the history is not known. */
  get edge(): string[] | null {
    return this.#tree?.edge.map(toHex) ?? null;
  }

  /** The tree hash (hex) over the watched number of blocks; null where they have not come, or were not known. */
  get rootThen(): string | null {
    return this.#rootThen;
  }

  /** The history hash over the blocks so far and, behind them, one more; null where it is not known. */
  hashWith(blockHash: string | null): string | null {
    if (blockHash === null || this.#tree === null) return this.#tree?.rootHex() ?? null;
    const leaf = fromHex(blockHash, 32);
    return leaf && this.#tree.rootHexWith(leaf);
  }

  /** A tree of one's own over the blocks so far and, behind them, one more; null where it is not known. */
  treeWith(blockHash: string): MerkleTree | null {
    const leaf = fromHex(blockHash, 32);
    if (leaf === null || this.#tree === null) return null;
    const tree = this.#tree.clone();
    tree.add(leaf);
    return tree;
  }

  /** Puts a tree that has grown from this one in its place. */
  adopt(tree: MerkleTree): void {
    this.#tree = tree;
    this.#watch();
  }

  #watch(): void {
    if (this.#tree !== null && this.#tree.size === this.#watched) this.#rootThen = this.#tree.rootHex();
  }

  lose(): void {
    this.#tree = null;
  }
}
