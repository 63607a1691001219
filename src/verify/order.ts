import type { PublicKey } from '../crypto/secp256k1.js';
import type { Header } from '../format/header.js';
import type { Content } from './state.js';
import type { Problem } from './verdict.js';

/** Who signed a block, where nothing before it says that this key may sign one with this content. */
export interface Stranger {
  readonly signer: PublicKey;
  readonly content: Content;
}

/** A sound block that stands before its turn: the block behind it has its number or a smaller one. */
export interface EarlyBlock {
  readonly index: number;
  /** The number of the block whose place it stands in. */
  readonly place: number;
  readonly stranger: Stranger | null;
}

interface Gap {
  readonly from: number;
  readonly to: number;
  readonly found: Set<number>;
}

/** What the order of a ledger's blocks comes to: which are missing, and which stand in another place or twice. */
export class Order {
  readonly #gaps: Gap[] = [];
  /** By block hash. */
  readonly #early = new Map<string, EarlyBlock>();
  readonly #repeated = new Set<string>();

  /** Whether some block has stood before its turn: any later one may be its repetition. */
  get hasEarly(): boolean {
    return this.#early.size > 0;
  }

  /** Whether every block so far has stood in its place. */
  get untroubled(): boolean {
    return !this.hasEarly && this.#gaps.length === 0;
  }

  standsEarly(hash: string, block: EarlyBlock): void {
    this.#early.set(hash, block);
  }

  standsInPlace(hash: string): void {
    if (this.#early.has(hash)) this.#repeated.add(hash);
  }

  /** A block whose number has been passed; returns whether it was missed there. */
  standsLate(index: number): boolean {
    const gap = this.#gapAround(index);
    if (gap === undefined || gap.found.has(index)) return false;
    gap.found.add(index);
    return true;
  }

  /** The blocks from this number on are missing before a block, unless they stand elsewhere. */
  gap(from: number, { index, previous_hash }: Header): void {
    const found = new Set<number>();
    const before = this.#early.get(previous_hash);
    if (before?.index === index - 1) {
      found.add(before.index);
      this.#early.delete(previous_hash);
    }
    this.#gaps.push({ from, to: index - 1, found });
  }

  /** Gaps come in ascending order. */
  #gapAround(index: number): Gap | undefined {
    let low = 0;
    let high = this.#gaps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#gaps[middle]?.to ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    const gap = this.#gaps[low];
    return gap !== undefined && gap.from <= index ? gap : undefined;
  }

  /** Whether a gap begins at this number. */
  #isMissing(number: number): boolean {
    return this.#gapAround(number)?.from === number;
  }

  /**
   * What is wrong, once all blocks have come: only now a gap is known to be one.
   * @param next the number that the next block would have
   * @param maySign whether a stranger has turned out to be one who may sign
   */
  *problems(next: number, maySign: (stranger: Stranger) => boolean): Generator<Problem> {
    for (const [hash, block] of this.#early) yield* this.#closeEarly(hash, block, next, maySign);
    for (const gap of this.#gaps) yield* this.#closeGap(gap);
  }

  *#closeEarly(
    hash: string,
    { index, place, stranger }: EarlyBlock,
    next: number,
    maySign: (stranger: Stranger) => boolean,
  ): Generator<Problem> {
    if (this.#repeated.has(hash)) {
      yield problem(index, 'BLOCK_REPEATED', `the block stands in the ledger a second time, before block ${place}`);
    } else if (stranger !== null && !maySign(stranger)) {
      // Where it hides a block, that one is missing: one fault is one problem.
      if (!this.#isMissing(place)) yield { block: place, entry: null, ...UNAUTHORISED };
    } else if (index >= next) {
      yield problem(index, 'BLOCK_MISPLACED', `the block stands before block ${place}: that is too early`);
    } else if (!this.standsLate(index) && !this.#isMissing(place)) {
      yield { block: place, entry: null, ...NOT_MADE_FOR_THIS };
    }
  }

  *#closeGap({ from, to, found }: Gap): Generator<Problem> {
    // A gap can be claimed to be as wide as numbers go, so it is looked at from its ends only.
    let first = from;
    let last = to;
    while (first <= to && found.has(first)) first++;
    while (last > first && found.has(last)) last--;
    const [firstFound] = [...found].sort((a, b) => a - b);
    if (firstFound !== undefined) {
      const message = `${blocks([...found])} not in place: the blocks have been put in another order`;
      yield problem(firstFound, 'BLOCK_MISPLACED', message);
    }
    const count = to - from + 1 - found.size;
    if (count > 0) yield problem(first, 'BLOCK_MISSING', `${span(count, first, last)} missing`);
  }
}

/** A block that stands in the place of another, or was slipped in before it. */
export const NOT_MADE_FOR_THIS = {
  code: 'LINK_BROKEN',
  message: 'the block was not made for this place in this ledger',
} as const;

export const UNAUTHORISED = {
  code: 'SIGNER_UNAUTHORISED',
  message: 'the signer is neither the owner nor a writer of this ledger, or may not sign a block of this content',
} as const;

function problem(block: number, code: Problem['code'], message: string): Problem {
  return { block, entry: null, code, message };
}

function blocks(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  return span(sorted.length, sorted[0] ?? 0, sorted.at(-1) ?? 0);
}

function span(count: number, first: number, last: number): string {
  return count === 1 ? `block ${first} is` : `${count} blocks from ${first} to ${last} are`;
}
