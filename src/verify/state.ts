import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import type { Rules } from '../format/statement.js';
import type { Fault, InspectedEntry, Missing } from './inspect.js';
import { type Authority, authorityOf, type Content } from './state/authority.js';
import { addBit, eachBit, hasBit } from './state/bits.js';
import {
  type DatasetState,
  emptyLedger,
  type KeyState,
  type LedgerData,
  type Ownership,
  ownerOf,
  type RoleState,
} from './state/data.js';
import type { BlockPlace } from './state/draft.js';
import { applyBlock } from './state/judge.js';
import { placeOf, serialAt } from './state/record-index.js';

export type { Authority, Content } from './state/authority.js';
export type * from './state/data.js';
export type { BlockPlace } from './state/draft.js';

/** A record that is not as it was sealed, and where it stands. */
export interface RecordPlace {
  readonly block: number;
  readonly entry: number;
}

/**
 * What a ledger's statements add up to: who may sign, who may read what, which data sets there are and how far they have
 * come, what is erased. A block takes effect whole or not at all.
 */
export class LedgerState {
  readonly #curve: Curve;
  /** All of it, as plain data. */
  readonly data: LedgerData;

  constructor(curve: Curve, data: LedgerData = emptyLedger()) {
    this.#curve = curve;
    this.data = data;
  }

  /** The owner now; null where it is not known. */
  get owner(): PublicKey | null {
    return ownerOf(this.data);
  }

  get owners(): readonly Ownership[] {
    return this.data.owners;
  }

  get difficulty(): number {
    return this.data.difficulty;
  }

  get recovery(): readonly PublicKey[] {
    return this.data.recovery;
  }

  get audit(): boolean {
    return this.data.audit;
  }

  get rules(): Rules {
    return this.data.rules;
  }

  get writers(): ReadonlySet<PublicKey> {
    return this.data.writers;
  }

  get datasets(): ReadonlyMap<string, DatasetState> {
    return this.data.datasets;
  }

  get keys(): ReadonlyMap<string, KeyState> {
    return this.data.keys;
  }

  get roles(): ReadonlyMap<string, RoleState> {
    return this.data.roles;
  }

  get records(): number {
    return this.data.records;
  }

  get statements(): number {
    return this.data.statements;
  }

  /** Takes a key for the owner of the ledger from its beginning, where no other is known. */
  begin(owner: PublicKey): void {
    if (this.owner === null) this.data.owners.push({ publicKey: owner, from: 1, signed: true });
  }

  /** The owner who could sign a block; null where it is not known. */
  ownerAt(block: number): PublicKey | null {
    return this.data.owners.findLast(({ from }) => from <= block)?.publicKey ?? null;
  }

  /** Takes note of who has signed a block that took its place, whatever else is wrong with it: an owner has taken it on. */
  noteSigner(signer: PublicKey): void {
    const owner = this.data.owners.at(-1);
    if (owner?.publicKey === signer) owner.signed = true;
  }

  /** Whether a key owns or has owned the ledger and has signed for it: anybody can hand a ledger over to any key. */
  wasTakenOnBy(key: string): boolean {
    return this.data.owners.some(({ publicKey, signed }) => signed && publicKey === key);
  }

  /**
   * Takes note that a block had no effect, so that its absence is not reported again as a fault of what follows.
   * @param content 'unknown' where nobody knows what it said
   */
  blockWasLost(content: 'known' | 'unknown'): void {
    this.data.blocksLost = true;
    if (content === 'unknown') this.data.authorityUnknown = true;
    for (const dataset of this.data.datasets.values()) {
      dataset.nextRow = null;
      dataset.nextGroup = 0;
    }
  }

  /**
   * Whether a key may sign the next block.
   * @param content what the block holds: readers and approvers may sign some blocks; by default, one of any content
   */
  authorityOf(signer: PublicKey, content: Content = 'anything'): Authority {
    return authorityOf(this.data, signer, content);
  }

  /** Applies a block that is good so far. Where what it says breaks a rule, says which, and nothing is changed. */
  apply(place: BlockPlace, entries: readonly InspectedEntry[]): Fault | null {
    return applyBlock(this.data, this.#curve, place, entries);
  }

  /** Takes note of salts and bodies that are not there in an accepted block: an erasure may yet account for them. */
  lacks(block: number, { salts, bodies }: Missing): void {
    const { recordIndex, saltless, bodiless } = this.data;
    for (const position of salts) addBit(saltless, serialAt(recordIndex, block, position) ?? 0);
    for (const position of bodies) addBit(bodiless, serialAt(recordIndex, block, position) ?? 0);
  }

  /** How many records an erasure covers, whether they have been destroyed yet or not. */
  get erased(): number {
    return this.data.erased.size;
  }

  /** Whether an erasure covers a record. */
  isErased(block: number, position: number): boolean {
    const serial = serialAt(this.data.recordIndex, block, position);
    return serial !== null && hasBit(this.data.erased, serial);
  }

  /** Which of a block's first so many entries an erasure covers. */
  erasedIn(block: number, entries: number): number[] {
    if (this.erased === 0) return [];
    return Array.from({ length: entries }, (_, position) => position).filter((each) => this.isErased(block, each));
  }

  /** Erased records of which something is still there. */
  *pending(): Generator<RecordPlace> {
    const { erased, saltless, bodiless, recordIndex } = this.data;
    for (const serial of eachBit(erased)) {
      if (!hasBit(saltless, serial) || !hasBit(bodiless, serial)) yield placeOf(recordIndex, serial);
    }
  }

  /** Records without salt or body that no erasure accounts for. */
  *unaccounted(): Generator<RecordPlace & { readonly salt: boolean; readonly body: boolean }> {
    const { erased, saltless, bodiless, recordIndex } = this.data;
    const state = (serial: number) => ({ salt: !hasBit(saltless, serial), body: !hasBit(bodiless, serial) });
    for (const serial of eachBit(saltless)) {
      if (!hasBit(erased, serial)) yield { ...placeOf(recordIndex, serial), ...state(serial) };
    }
    for (const serial of eachBit(bodiless)) {
      if (hasBit(erased, serial) || hasBit(saltless, serial)) continue;
      yield { ...placeOf(recordIndex, serial), ...state(serial) };
    }
  }
}
