import { fromHex, toHex } from '../bytes.js';
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

  /** Adds a block's hash (hex). */
  append(blockHash: string): void {
    const leaf = fromHex(blockHash, 32);
    if (leaf === null) this.lose();
    else this.#tree?.append(leaf);
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
    const tree = blockHash === null ? this.#tree : this.treeWith(blockHash);
    return tree && toHex(tree.root());
  }

  /** A tree of one's own over the blocks so far and, behind them, one more; null where it is not known. */
  treeWith(blockHash: string): MerkleTree | null {
    const leaf = fromHex(blockHash, 32);
    if (leaf === null || this.#tree === null) return null;
    const tree = this.#tree.clone();
    tree.append(leaf);
    return tree;
  }

  /** Puts a tree that has grown from this one in its place. */
  adopt(tree: MerkleTree): void {
    this.#tree = tree;
    this.#watch();
  }

  #watch(): void {
    if (this.#tree !== null && this.#tree.size === this.#watched) this.#rootThen = toHex(this.#tree.root());
  }

  lose(): void {
    this.#tree = null;
  }
}
