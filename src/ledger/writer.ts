import { fromHex, toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { type Curve, loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import { MedsealError, type ProblemCode, throwIfAborted } from '../errors.js';
import { type Block, isReadable, makeEntry, readEntries } from '../format/block.js';
import type { Entry } from '../format/entry.js';
import { hashOf, headerHash } from '../format/header.js';
import { encodeStatement, type Statement } from '../format/statement.js';
import { latestAccepted, type Timestamp, timestampOf } from '../format/timestamp.js';
import type { MerkleTree } from '../merkle/tree.js';
import type { Store, StoredBlock } from '../store/store.js';
import { nextTurn } from '../threads/next-turn.js';
import { inspectContent, inspectHead } from '../verify/inspect.js';
import type { LedgerState } from '../verify/state.js';
import { Verifier } from '../verify/verifier.js';
import { type BlockPlace, dataHash, headerOf, signHeader } from './compose.js';
import { completeErasures, destroyErased } from './erasure.js';
import type { KnownHead, KnownHeads } from './known-heads.js';
import type { Ledger, Surroundings, WriteOptions } from './ledger.js';
import { type PackedEntries, packEntries, tagsOf, toStored, unpackEntries } from './stored.js';
import { FEW_BLOCKS, judgeFile } from './surveys.js';

/** Blocks are committed together once they are this old or this large, so that durability costs little. */
const COMMIT_AFTER_MS = 250;
const COMMIT_AFTER_BYTES = 8 * 1024 * 1024;

/**
 * The writer's verifier outlives any one reading of the clock, since sealing can take hours. So the clock is compared
 * apart, with the newest block, of which no other is later.
 */
const END_OF_TIME = new Date('9999-12-31T00:00:00.000Z');

/** Entries packed for the store, with the tree hash over them: made in another thread, where they are many. */
export interface PackedData {
  readonly packed: PackedEntries;
  readonly hash: Uint8Array;
  /** What leads to the entries (`packTags`), stored with them. */
  readonly tags?: Uint8Array;
}

interface BlockData extends PackedData {
  readonly entries: readonly Entry[];
}

/** A block that follows the one before it, not yet stored. */
interface MadeBlock {
  readonly block: Block;
  readonly packed: PackedEntries;
  readonly tags: Uint8Array | undefined;
  readonly hash: string;
}

/** Writes blocks to a ledger, for one signer. Nothing that a verifier would refuse is ever stored. */
export class LedgerWriter {
  readonly identity: Identity;
  readonly ledgerId: Uint8Array;
  readonly #store: Store;
  readonly #surroundings: Required<Surroundings>;
  readonly #curve: Curve;
  readonly #verifier: Verifier;
  /** The tree over the hashes of all blocks, whose nodes are stored as they are completed. */
  readonly #history: MerkleTree;
  #pending: { readonly stored: StoredBlock; readonly head: KnownHead }[] = [];
  #pendingBytes = 0;
  #pendingSince = 0;
  #committed: number;
  /** Settled once the newest block has been made, or once it has been stored. */
  #composing: Promise<unknown> = Promise.resolve();
  #storing: Promise<unknown> = Promise.resolve();
  /** A block has failed: another would not fit behind the one before it. */
  #ended = false;
  #storeFailed = false;
  readonly #heads: KnownHeads | null;
  readonly #onClose: () => void;

  private constructor(
    store: Store,
    identity: Identity,
    surroundings: Required<Surroundings>,
    curve: Curve,
    verifier: Verifier,
    history: MerkleTree,
    ledgerId: Uint8Array,
    committed: number,
    heads: KnownHeads | null,
    onClose: () => void,
  ) {
    this.#store = store;
    this.identity = identity;
    this.#surroundings = surroundings;
    this.#curve = curve;
    this.#verifier = verifier;
    this.#history = history;
    this.ledgerId = ledgerId;
    this.#committed = committed;
    this.#heads = heads;
    this.#onClose = onClose;
  }

  /**
   * Verifies the whole chain: a signature on a new block vouches for all before it.
   *
   * Whose ledger it is must be known too. What is sealed is granted to its owner, so whoever stores the file could put a
   * ledger of their own in its place and be given the key. A signer who is not the owner therefore pins the owner or the
   * ledger, or has written to it before.
   */
  static async begin(
    ledger: Ledger,
    store: Store,
    identity: Identity,
    surroundings: Required<Surroundings>,
    options: WriteOptions,
    onClose: () => void,
  ): Promise<LedgerWriter> {
    const curve = await loadCurve();
    const verifier = new Verifier(curve, { now: END_OF_TIME, bodies: false });
    const blocks = await store.size();
    if (store.file !== undefined && blocks >= FEW_BLOCKS) {
      await judgeFile(verifier, store.file, blocks, { bodies: false, signal: options.signal });
    } else {
      for await (const item of ledger.blocks({ bodies: false })) {
        throwIfAborted(options.signal);
        verifier.push(item);
      }
    }
    const [problem] = verifier.problemsSoFar();
    const id = verifier.ledger === null ? null : fromHex(verifier.ledger, 32);
    expectPast(verifier.next?.time ?? null, surroundings.clock());
    if (problem !== undefined || id === null) {
      const where = problem === undefined ? '' : `: block ${problem.block}, ${problem.code}, ${problem.message}`;
      const message = `the ledger does not verify, so nothing is added to it${where}. "medseal verify" tells all`;
      throw new MedsealError('LEDGER_INVALID', message, problem === undefined ? {} : { block: problem.block });
    }
    if (verifier.state.authorityOf(identity.publicKey, options.content) !== 'yes') {
      const message = 'this key is neither the owner nor a writer of the ledger, so it cannot add this to it';
      throw new MedsealError('SIGNER_UNAUTHORISED', message);
    }
    const size = await store.size();
    const history = verifier.historyTree();
    if (history === null || verifier.next?.index !== size + 1) {
      const message = 'the blocks verify, but somebody has renumbered them in the store; export and import the ledger';
      throw new MedsealError('LEDGER_INVALID', message);
    }
    const heads = options.heads ?? null;
    // What a reader says of their reading gives nothing to anybody, whosever ledger it is.
    if (options.content !== 'accesses') expectKnown(verifier.state.owner, identity, toHex(id), heads, options);
    if (!options.acceptRollback) await expectNewest(ledger, toHex(id), heads);
    // What a run that was killed has left of erased records.
    const completed = await completeErasures(store, verifier.state, options.signal);
    if (completed.length > 0) options.onCompleted?.(completed);
    return new LedgerWriter(store, identity, surroundings, curve, verifier, history, id, size, heads, onClose);
  }

  /** What the ledger says after the newest block, committed or not. */
  get state(): LedgerState {
    return this.#verifier.state;
  }

  /** Number of the newest block that is durable. */
  get committed(): number {
    return this.#committed;
  }

  /** Number of the newest block, durable or not. */
  get newest(): number {
    return this.#committed + this.#pending.length;
  }

  /**
   * Adds a block. It is durable after the next `flush`, or after a later `append` that commits it on the way.
   *
   * Calls may overlap: blocks are made in the order of the calls, and while the work for one is done the one before it is
   * checked and stored. Whoever calls keeps the number of calls under way small: each holds its block.
   * @param content what the block holds: entries, or entries packed and hashed beforehand
   * @returns the block's number
   * @throws {MedsealError} `MALFORMED`, `TOO_LARGE` for entries that no reader would take; `ABORTED`; `STORE_FAILED`,
   *   `LOCKED`; another `ProblemCode` where the block would not verify; then nothing more can be added
   */
  async append(content: readonly Entry[] | PackedData, options: { signal?: AbortSignal } = {}): Promise<number> {
    const data = dataOf(content);
    const made = this.#composing.then(() => this.#compose(data, options.signal));
    this.#composing = made.catch(() => {});
    const kept = this.#storing.then(async () => {
      const block = await made;
      // In a later turn of the event loop, so that the work for the next block has begun by then.
      await nextTurn();
      return this.#keep(block);
    });
    this.#storing = kept.catch(() => {});
    return kept;
  }

  /** Commits to the data, does the work, signs, and has the verifier take the block for the newest. */
  async #compose({ entries, packed, hash, tags }: BlockData, signal: AbortSignal | undefined): Promise<MadeBlock> {
    if (this.#ended) throw new MedsealError('STORE_FAILED', 'an earlier block could not be stored');
    try {
      const header = headerOf(this.#place(), { hash, size: entries.length }, this.identity);
      const signing = signHeader(header, this.identity, this.#surroundings.miner, signal);
      // Where the miner has threads of its own, the entries are looked at meanwhile. What it throws is thrown below.
      signing.catch(() => {});
      const content = inspectContent({ header, entries }, this.#curve, { bodies: false });
      const block = { ...(await signing), entries };
      const sound = { kind: 'sound', block, hash: hashOf(block), ...content } as const;
      const [problem] = this.#verifier.judge(sound).problems;
      if (problem !== undefined) throw wouldNotVerify(header.index, problem.code, problem.message);
      return { block, packed, tags, hash: sound.hash };
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }

  #place(): BlockPlace {
    const { next } = this.#verifier;
    if (next === null) throw new MedsealError('LEDGER_INVALID', 'the ledger has no end to append to');
    const now = timestampOf(this.#surroundings.clock());
    return {
      index: next.index,
      timestamp: next.time !== null && next.time > now ? next.time : now,
      previous_hash: next.previous_hash,
      history_hash: next.history_hash,
      difficulty: this.state.difficulty,
    };
  }

  /** Checks a block's signature and work, as anyone will: a fault of a signer or a miner is found before it is stored. */
  async #keep({ block, packed, tags, hash }: MadeBlock): Promise<number> {
    const { index, timestamp } = block.header;
    const fault = inspectHead(block, headerHash(block.header), this.#curve);
    if (fault !== null) {
      this.#ended = true;
      throw wouldNotVerify(index, fault.code, fault.message);
    }
    if (this.#pending.length === 0) this.#pendingSince = performance.now();
    this.#pending.push({ stored: toStored(block, this.#history, packed, tags), head: { index, hash, timestamp } });
    this.#pendingBytes += packed.entries.length + packed.salts.length + packed.bodies.length;
    const due = performance.now() - this.#pendingSince >= COMMIT_AFTER_MS || this.#pendingBytes >= COMMIT_AFTER_BYTES;
    if (due) await this.#commit();
    return index;
  }

  /**
   * Makes every block so far durable.
   * @throws {MedsealError} `STORE_FAILED`, `LOCKED`; `OUTPUT_FAILED` where the head cannot be remembered
   */
  flush(): Promise<void> {
    const flushed = this.#storing.then(() => this.#commit());
    this.#storing = flushed.catch(() => {});
    return flushed;
  }

  /**
   * Makes every block so far durable, and then destroys the records that erasures among them cover.
   * @returns number of records destroyed
   * @throws {MedsealError} as `flush`. What is left is destroyed when the ledger is next written to
   */
  async destroyErased(signal?: AbortSignal): Promise<number> {
    await this.flush();
    const destroyed = this.#storing.then(async () => (await destroyErased(this.#store, this.state, signal)).length);
    this.#storing = destroyed.catch(() => {});
    return destroyed;
  }

  /** Ends the writing, after what is pending has been made durable. @throws {MedsealError} as `flush` */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.#onClose();
    }
  }

  async #commit(): Promise<void> {
    const newest = this.#pending.at(-1);
    if (newest === undefined || this.#storeFailed) return;
    const blocks = this.#pending.map(({ stored }) => stored);
    try {
      await this.#store.append(this.#committed, blocks);
    } catch (error) {
      this.#storeFailed = true;
      this.#ended = true;
      throw error;
    }
    this.#committed += blocks.length;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#heads?.set(toHex(this.ledgerId), newest.head);
  }
}

function wouldNotVerify(block: number, code: ProblemCode, message: string): MedsealError {
  return new MedsealError(code, `the new block would not verify: ${message}`, { block });
}

/** @throws {MedsealError} `MALFORMED`, `TOO_LARGE` */
function dataOf(content: readonly Entry[] | PackedData): BlockData {
  if ('packed' in content) return { ...content, entries: unpackEntries(content.packed) };
  expectWithinLimits(content);
  return { entries: content, packed: packEntries(content), hash: dataHash(content), tags: tagsOf(content) };
}

/** A block in memory is judged by its rules; the limits are kept by those who read it from a store. */
function expectWithinLimits(entries: readonly Entry[]): void {
  readEntries(entries.length, entries, (entry) => {
    const { bytes, body, salt } = { body: null, salt: null, ...entry };
    return makeEntry(bytes, body, salt);
  });
}

/** @throws {MedsealError} `OWNER_MISMATCH`, `LEDGER_MISMATCH`, `OWNER_UNKNOWN` */
function expectKnown(
  owner: PublicKey | null,
  { publicKey }: Identity,
  id: string,
  heads: KnownHeads | null,
  pins: WriteOptions,
): void {
  if (pins.owner !== undefined && pins.owner !== owner) {
    throw new MedsealError('OWNER_MISMATCH', 'the ledger is owned by another key than the one asked for');
  }
  if (pins.ledger !== undefined && pins.ledger !== id) {
    throw new MedsealError('LEDGER_MISMATCH', 'this is another ledger than the one asked for');
  }
  if (owner === publicKey || pins.owner !== undefined || pins.ledger !== undefined || heads?.get(id)) return;
  throw new MedsealError(
    'OWNER_UNKNOWN',
    'this key has not written to this ledger before and does not own it. What is sealed can be read by its owner, ' +
      `${owner}; if that is whom you mean, say so with --public-key`,
  );
}

/**
 * Refuses an older copy of a ledger than the signer has written to.
 * @throws {MedsealError} `LEDGER_ROLLED_BACK`
 */
export async function expectNewest(ledger: Ledger, id: string, heads: KnownHeads | null): Promise<void> {
  const known = heads?.get(id) ?? null;
  if (known === null) return;
  const block = await ledger.block(known.index);
  if (block !== null && isReadable(block) && hashOf(block) === known.hash) return;
  const size = await ledger.size();
  const upTo = `block ${known.index} of ${known.timestamp}`;
  const message =
    block === null
      ? `this copy of the ledger ends at block ${size}, and this key knows it up to ${upTo}: it is an older copy, perhaps a restored backup`
      : `this copy of the ledger has another block ${known.index} than this key knows, ${upTo}: it is a copy with another history`;
  const consequence =
    'What is added to it makes a second history of the same ledger, which anyone who saw the other can prove. Use the ' +
    'newest copy; if it is lost for good, --accept-rollback goes on from here';
  throw new MedsealError('LEDGER_ROLLED_BACK', `${message}. ${consequence}`, { block: known.index });
}

function expectPast(newest: Timestamp | null, now: Date): void {
  if (newest === null || newest <= latestAccepted(now)) return;
  const message = `the newest block is dated ${newest}, more than 5 minutes ahead of this machine's clock, so nothing is added to the ledger: if the clock has been set back, set it right`;
  throw new MedsealError('CLOCK_BEHIND', message);
}

/** A statement as an entry. */
export function statementEntry(statement: Statement): Entry {
  return { kind: 'statement', bytes: encodeStatement(statement) };
}
