import { availableParallelism } from 'node:os';
import type { Identity } from '../crypto/identity.js';
import { systemRandom } from '../crypto/identity.js';
import { MedsealError } from '../errors.js';
import { type Block, type BlockItem, isReadable } from '../format/block.js';
import { hashOf } from '../format/header.js';
import { MerkleTree } from '../merkle/tree.js';
import { fileIdentity } from '../store/sqlite/file.js';
import { createSqliteStore, openSqliteStore } from '../store/sqlite/sqlite-store.js';
import type { ReadBlock, Store, StoredBlock } from '../store/store.js';
import type { TaggedBlock, TaggedPlace } from '../store/tags.js';
import type { Content, LedgerState, RecordPlace } from '../verify/state.js';
import type { Miner } from '../work/miner.js';
import { sharedMiner } from '../work/threaded-miner.js';
import { completeErasures } from './erasure.js';
import { genesisBlock, type LedgerTerms } from './genesis.js';
import type { KnownHeads } from './known-heads.js';
import { fromStored, toStored } from './stored.js';
import { LedgerWriter } from './writer.js';

/** What a ledger takes from its surroundings; each has the obvious default. */
export interface Surroundings {
  /** The time now. A block is dated by its signer's clock. */
  readonly clock?: () => Date;
  /** n bytes from a cryptographic generator. */
  readonly random?: (length: number) => Uint8Array;
  /** Does the work of new blocks. Default: one that all ledgers of the process share. */
  readonly miner?: Miner;
  /** How many threads that one has. Default: one a core. */
  readonly threads?: number;
}

export interface WriteOptions {
  readonly signal?: AbortSignal;
  /** The owner that the ledger must have (compressed public key, hex), and the id. See `LedgerWriter.begin`. */
  readonly owner?: string;
  readonly ledger?: string;
  /** What the signer remembers of its ledgers; kept up to date as blocks become durable. */
  readonly heads?: KnownHeads;
  /** Extends the ledger even where the signer knows a newer state of it. */
  readonly acceptRollback?: boolean;
  /** What the blocks will hold: readers may sign some, and approvers. By default anything, for the owner and writers. */
  readonly content?: Content;
  /** Called where an erasure had been interrupted, with the records that have been destroyed now, before anything is written. */
  readonly onCompleted?: (records: readonly RecordPlace[]) => void;
}

export interface BlockRange {
  /** First block, counted from 1. */
  readonly from?: number;
  /** Last block. */
  readonly to?: number;
  /** Whether salts and bodies are read too. Default true. */
  readonly bodies?: boolean;
}

/** A ledger that is open. Reading its blocks needs no key and no lock, and changes nothing. */
export class Ledger {
  readonly #store: Store;
  readonly #surroundings: Required<Surroundings>;
  /** Which file it lies in: another can take its name. */
  readonly #identity: string | null;
  #writing = false;

  constructor(store: Store, surroundings: Surroundings = {}) {
    this.#store = store;
    this.#identity = store.file === undefined ? null : fileIdentity(store.file);
    this.#surroundings = withDefaults(surroundings);
  }

  get clock(): () => Date {
    return this.#surroundings.clock;
  }

  get random(): (length: number) => Uint8Array {
    return this.#surroundings.random;
  }

  /** The file that it lies in, null for other stores. */
  get file(): string | null {
    return this.#store.file ?? null;
  }

  /** Number of blocks. */
  size(): Promise<number> {
    return this.#store.size();
  }

  /**
   * The blocks as they are stored, in order, not verified. What cannot be read as a block is an item with an `error`.
   */
  async *blocks(range: BlockRange = {}): AsyncGenerator<BlockItem> {
    for await (const { item } of this.numbered(range)) yield item;
  }

  /** The same with the position at which each is stored. */
  async *numbered(range: BlockRange = {}): AsyncGenerator<{ position: number; item: BlockItem }> {
    for await (const stored of this.stored(range)) yield { position: stored.position, item: fromStored(stored) };
  }

  /** The same as the store keeps them. */
  stored(range: BlockRange = {}): AsyncIterable<ReadBlock> {
    return this.#store.read({ bodies: true, ...range });
  }

  /**
   * The hashes of the subtrees that a block completes in the tree over all blocks' hashes, one behind the other, its own
   * leaf's first. They are what the store says: nothing is proven by them alone. Null where there are none.
   */
  nodes(position: number): Promise<Uint8Array | null> {
    return this.#store.nodes(position);
  }

  /** Where a tag leads, in order. Nothing is proven by it: what is found must be looked at. */
  places(tag: Uint8Array): AsyncIterable<TaggedPlace> {
    return this.#store.places(tag);
  }

  /**
   * Adds tags to blocks that are there. It takes the ledger's lock, until the ledger is closed.
   * @throws {MedsealError} `LOCKED`, `STORE_FAILED`
   */
  async tag(blocks: readonly TaggedBlock[]): Promise<void> {
    if (this.#writing) throw new MedsealError('LOCKED', 'this ledger is being written to; one writer at a time');
    await this.#store.lock();
    await this.#store.tag(blocks);
  }

  /** One block, or null where there is none or where it cannot be read. */
  async block(index: number): Promise<BlockItem | null> {
    for await (const item of this.blocks({ from: index, to: index })) return item;
    return null;
  }

  /**
   * Begins to write, until the writer is closed: takes the ledger's lock and verifies the chain that the new blocks will vouch for.
   * @param identity signs the blocks: the owner, or a writer
   * @throws {MedsealError} `LOCKED`; `CLOCK_BEHIND`; `LEDGER_INVALID` where the chain does not verify; `SIGNER_UNAUTHORISED`;
   *   `LEDGER_ROLLED_BACK` where the signer knows a newer state of the ledger
   */
  async write(identity: Identity, options: WriteOptions = {}): Promise<LedgerWriter> {
    if (this.#writing)
      throw new MedsealError('LOCKED', 'this ledger is being written to already; one writer at a time');
    this.#writing = true;
    try {
      await this.#store.lock();
      return await this.#begin(identity, options);
    } catch (error) {
      this.#writing = false;
      throw error;
    }
  }

  #begin(identity: Identity, options: WriteOptions): Promise<LedgerWriter> {
    const ended = (): void => {
      this.#writing = false;
    };
    return LedgerWriter.begin(this, this.#store, identity, this.#surroundings, options, ended);
  }

  /**
   * Destroys what erasures cover and a killed process has left in the ledger's file, where that can be written to and nobody
   * else is writing. It takes no key: durable statements say that it is to be done.
   * @param state of all blocks, which have been verified without a problem
   * @param blocks how many they are
   */
  async completeErasures(state: LedgerState, blocks: number): Promise<void> {
    const { file } = this;
    if (file === null || this.#writing || (await this.#store.destroyed()) >= state.erased) return;
    let store: Store | null = null;
    try {
      store = openSqliteStore(file);
      await store.lock();
      // Another file may have taken the name meanwhile; and whoever has added blocks has completed it.
      const isSame = fileIdentity(file) === this.#identity && (await store.size()) === blocks;
      if (isSame) await completeErasures(store, state);
    } catch (error) {
      // It is left to the next one who opens the ledger; nobody is given what it covers.
      if (!(error instanceof MedsealError)) throw error;
    } finally {
      await store?.close();
    }
  }

  /** Closes the store behind the ledger. */
  close(): Promise<void> {
    return this.#store.close();
  }
}

/**
 * Makes a new ledger with its genesis block.
 * @param target path of the file to make, or an empty store
 * @param owner signs the genesis block and owns the ledger
 * @throws {MedsealError} `FILE_EXISTS`, `OUTPUT_INVALID`; `ARGUMENT_INVALID`; `STORE_FAILED`, `LOCKED`; `OUTPUT_FAILED`
 *   where the head cannot be remembered; `ABORTED`
 */
export async function createLedger(
  target: string | Store,
  owner: Identity,
  options: LedgerTerms & Surroundings & Pick<WriteOptions, 'signal' | 'heads'> = {},
): Promise<Ledger> {
  const surroundings = withDefaults(options);
  const genesis = await genesisBlock(owner, options, surroundings, options.signal);
  const store = await storeWith(target, toStored(genesis, new MerkleTree()));
  const hash = hashOf(genesis);
  options.heads?.set(hash, { index: 1, hash, timestamp: genesis.header.timestamp });
  return new Ledger(store, surroundings);
}

async function storeWith(target: string | Store, genesis: StoredBlock): Promise<Store> {
  if (typeof target === 'string') return createSqliteStore(target, [genesis]);
  if ((await target.size()) > 0) throw new MedsealError('FILE_EXISTS', 'the store holds a ledger already');
  await target.lock();
  await target.append(0, [genesis]);
  return target;
}

function withDefaults({
  clock,
  random,
  miner,
  threads = availableParallelism(),
}: Surroundings): Required<Surroundings> {
  return {
    clock: clock ?? (() => new Date()),
    random: random ?? systemRandom,
    miner: miner ?? sharedMiner(threads),
    threads,
  };
}

/**
 * Opens a ledger that is there.
 * @param target path of its file, or a store
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_A_LEDGER`, `STORE_VERSION`, `STORE_FAILED`; `ARGUMENT_INVALID` where
 *   the number of threads is none
 */
export async function openLedger(target: string | Store, surroundings: Surroundings = {}): Promise<Ledger> {
  return new Ledger(typeof target === 'string' ? openSqliteStore(target) : target, surroundings);
}

/** The readable blocks of a range; the rest is the verifier's business. */
export async function* readableBlocks(ledger: Ledger, range: BlockRange = {}): AsyncGenerator<Block> {
  for await (const item of ledger.blocks(range)) if (isReadable(item)) yield item;
}
