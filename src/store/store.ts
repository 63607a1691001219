import type { TaggedBlock, TaggedPlace } from './tags.js';

/**
 * One block as a store keeps it: five byte strings, of whose meaning the store knows nothing. What may have to be
 * destroyed one day (salts and bodies) lies apart from what never changes.
 */
export interface StoredBlock {
  readonly head: Uint8Array;
  /** What lets a reader prove something of the block without reading all others. Small, and found by itself. */
  readonly nodes: Uint8Array;
  readonly entries: Uint8Array;
  readonly salts: Uint8Array;
  readonly bodies: Uint8Array;
  /** What leads to its entries, as `packTags` packs it; by tags alone it is read again. */
  readonly tags?: Uint8Array;
}

/** What is to stand in the place of a block's salts and bodies, byte for byte: it is as long as they are. */
export interface Replacement {
  readonly position: number;
  readonly salts: Uint8Array;
  readonly bodies: Uint8Array;
  /** The entries to which no tag is to lead any more. */
  readonly untagged?: readonly number[];
}

/** A block read back. A part that the store holds in no readable form is null: the reader judges it, not the store. */
export interface ReadBlock {
  /** Counts from 1. A missing position is simply not there. */
  readonly position: number;
  readonly head: Uint8Array | null;
  /** Null also where the reader did not ask for it, as salts and bodies are. */
  readonly nodes: Uint8Array | null;
  readonly entries: Uint8Array | null;
  readonly salts: Uint8Array | null;
  readonly bodies: Uint8Array | null;
  /** The store holds far more here than any block has, and gives none of it out. */
  readonly oversized?: true;
}

export interface ReadOptions {
  /** First position, 1 where it is not given. */
  readonly from?: number;
  /** Last position, the newest where it is not given. */
  readonly to?: number;
  /** Whether salts and bodies are read too. */
  readonly bodies?: boolean;
  /** Whether the nodes are read too. */
  readonly nodes?: boolean;
}

/**
 * Where a ledger lies: an append-only sequence of blocks at positions 1, 2, 3 … Every store passes the one suite in
 * `test/store/contract.ts`.
 */
export interface Store {
  /** The file in which other threads find the same blocks; missing where only this store has them. */
  readonly file?: string;

  /** The newest position, 0 for none. */
  size(): Promise<number>;

  /**
   * The blocks in order of position, a consistent prefix of the ledger even while another process appends.
   * At most a few tens of megabytes are held at a time.
   */
  read(options?: ReadOptions): AsyncIterable<ReadBlock>;

  /**
   * The nodes of one block, at a cost that depends neither on its size nor on the number of blocks. Null where there
   * is no such block, or where it holds far more in their place than any block has.
   */
  nodes(position: number): Promise<Uint8Array | null>;

  /**
   * Becomes the store's only writer, until `close`. The lock dies with its process.
   * @throws {MedsealError} `LOCKED` where another process or handle is writing; `STORE_FAILED` where it cannot write
   */
  lock(): Promise<void>;

  /**
   * Appends blocks behind position `after`, all or none. When it returns they are durable: neither the end of the
   * process nor a loss of power takes them away.
   * @throws {MedsealError} `LOCKED` where this store is not the writer; `STORE_FAILED` where `after` is not the newest
   *   position or the medium fails. After a failure `size` tells whether the blocks are there.
   */
  append(after: number, blocks: readonly StoredBlock[]): Promise<void>;

  /**
   * Puts other salts and bodies in the place of those of some blocks, and takes tags away, all or none, for good: when it
   * returns, what was there before is in none of the store's files any more. What it costs does not depend on what is kept.
   * @param destroyed what `destroyed` is to say from then on
   * @throws {MedsealError} `LOCKED` where this store is not the writer; `STORE_FAILED` where there is no such block, where
   *   what it has is of another length, or the medium fails
   */
  replace(blocks: readonly Replacement[], destroyed: number): Promise<void>;

  /** How many entries have been destroyed, as whoever did it has said; 0 where nobody has. */
  destroyed(): Promise<number>;

  /**
   * Where a tag leads, in no order, at a cost that does not depend on the number of blocks. A place can come twice where
   * another process adds tags meanwhile.
   */
  places(tag: Uint8Array): AsyncIterable<TaggedPlace>;

  /** All tags, to be copied. A block can come several times. */
  tags(): AsyncIterable<TaggedBlock>;

  /**
   * Adds tags to blocks that are there, all or none, durably. What is there already stays as it is.
   * @throws {MedsealError} `LOCKED` where this store is not the writer; `STORE_FAILED` where the medium fails
   */
  tag(blocks: readonly TaggedBlock[]): Promise<void>;

  /** Releases the lock and every resource. Calling it again does nothing. */
  close(): Promise<void>;
}
