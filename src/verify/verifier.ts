import { type Curve, loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import type { ProblemCode } from '../errors.js';
import type { Block, BlockItem } from '../format/block.js';
import { NO_PREVIOUS } from '../format/header.js';
import { latestAccepted, type Timestamp } from '../format/timestamp.js';
import { History } from './history.js';
import { type InspectedEntry, type Inspection, type InspectOptions, inspectBlock } from './inspect.js';
import { LedgerState } from './state.js';
import type { Notice, Problem, Verdict } from './verdict.js';

export interface VerifyOptions extends InspectOptions {
  /** The verifier's clock: a block may be at most 5 minutes ahead of it. */
  readonly now: Date;
  /** The owner that the genesis block must name (compressed public key, hex). */
  readonly owner?: string;
  /** Taken for the owner where the genesis block cannot be read and no owner is pinned: a reader's own key. */
  readonly presumedOwner?: PublicKey;
  /** The id that the ledger must have (hash of its genesis block, hex). */
  readonly ledger?: string;
}

/** What one block turned out to be, as soon as it has been looked at. */
export interface BlockReport {
  /** The block's number. */
  readonly number: number;
  readonly problems: readonly Problem[];
  /** The block where it is part of the chain and everything about it is good, but for the records in `badEntries`. */
  readonly accepted: {
    readonly block: Block;
    readonly entries: readonly InspectedEntry[];
    readonly hash: string;
  } | null;
  /** Positions of records whose body or salt is bad or missing. */
  readonly badEntries: ReadonlySet<number>;
}

type PlainFault = Omit<Problem, 'block'>;
type Sound = Extract<Inspection, { kind: 'sound' }>;

/** So that hostile input cannot fill the memory with complaints; what is beyond is counted. */
const MAX_PROBLEMS = 100_000;

/**
 * Verifies a ledger block by block, with public keys alone. Pure: it is handed blocks and a clock.
 *
 * Every fault is reported once. What cannot be told any more because of a fault (the leaf of an unreadable block, a
 * row that it may have held) is taken from what follows it, or not demanded.
 */
export class Verifier {
  readonly state: LedgerState;
  readonly #curve: Curve;
  readonly #options: VerifyOptions;
  readonly #latest: Timestamp;
  readonly #history = new History();
  readonly #problems: Problem[] = [];
  readonly #notices: Notice[] = [];
  readonly #gaps: { from: number; to: number; found: Set<number> }[] = [];
  #omitted = 0;
  /** The number of the next block. */
  #expected = 1;
  /** Bad items since the last block that took its place: each stands for a block, or was slipped in. */
  #doubtful = 0;
  /** Hash of the newest block that took its place, not yet in the history: the next block has a say in it. */
  #tail = NO_PREVIOUS;
  #time: Timestamp | null = null;
  #ledger: string | null = null;
  #withheld = 0;
  #newer = false;
  #finished = false;

  constructor(curve: Curve, options: VerifyOptions) {
    this.#curve = curve;
    this.#options = options;
    this.#latest = latestAccepted(options.now);
    this.state = new LedgerState(curve);
  }

  /** Hash of the newest block (hex), null where it is not known. */
  get head(): string | null {
    return this.#doubtful > 0 || this.#tail === NO_PREVIOUS ? null : this.#tail;
  }

  /** The ledger's id: the genesis block's hash (hex). */
  get ledger(): string | null {
    return this.#ledger;
  }

  /** What the next block's header must say, for a writer. */
  get next(): { index: number; previous_hash: string; history_hash: string; time: Timestamp | null } | null {
    const history = this.#history.hashWith(this.#tail === NO_PREVIOUS ? null : this.#tail);
    if (history === null) return null;
    return { index: this.#expected, previous_hash: this.#tail, history_hash: history, time: this.#time };
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Judges the next block. Once a block of a newer format has come, nothing more is judged. */
  push(item: BlockItem): BlockReport {
    return this.judge(inspectBlock(item, this.#curve, this.#options));
  }

  /** Judges the next block, already inspected: inspections may run ahead and in parallel, judging is in order. */
  judge(inspection: Inspection): BlockReport {
    const before = this.#problems.length;
    const number = this.#expected + this.#doubtful;
    if (this.#newer) return this.#report(number, before, null);
    if (inspection.kind === 'unsound') {
      this.#doubt(inspection);
      return this.#report(number, before, null);
    }
    return this.#judgeSound(inspection, before);
  }

  #judgeSound(sound: Sound, before: number): BlockReport {
    const { index, signer } = sound.block.header;
    const authority = this.#authorityOf(sound);
    const atMost = this.#expected + this.#doubtful;
    // A stranger's block is slipped in or stands in the place of another; what it says of its place means nothing.
    if (authority === 'no' && index <= atMost) {
      this.#problem(atMost, null, 'SIGNER_UNAUTHORISED', 'the signer is neither the owner nor a writer of this ledger');
      this.#doubtful++;
      this.state.blockWasLost('known');
      return this.#report(atMost, before, null);
    }
    if (index < this.#expected) {
      this.#outOfPlace(index);
      return this.#report(index, before, null);
    }
    if (index > atMost) {
      this.#gaps.push({ from: atMost, to: index - 1, found: new Set() });
      this.#blockWasUnreadable();
    }
    const fault = this.#takePlace(sound) ?? this.#faultOf(sound);
    if (fault !== null) {
      this.#problem(index, fault.entry, fault.code, fault.message);
      this.state.blockWasLost(sound.entries === null ? 'unknown' : 'known');
      return this.#report(index, before, null);
    }
    if (this.state.authorityOf(signer) !== 'yes') {
      this.#notice(index, 'AUTHORITY_UNCHECKED', 'whether its signer may sign was said in a block that cannot be read');
      this.state.blockWasLost('known');
      return this.#report(index, before, null);
    }
    return this.#accept(sound, before);
  }

  #accept(sound: Sound, before: number): BlockReport {
    const { header } = sound.block;
    const entries = sound.entries ?? [];
    const bad = new Set<number>();
    const fault = this.state.apply(header.index, header.signer, entries);
    if (fault !== null) {
      this.#problem(header.index, fault.entry, fault.code, fault.message);
      this.state.blockWasLost('known');
      return this.#report(header.index, before, null);
    }
    this.#time = header.timestamp;
    this.#withheld += sound.withheld;
    for (const { entry, code, message } of sound.bodyFaults) {
      this.#problem(header.index, entry, code, message);
      if (entry !== null) bad.add(entry);
    }
    return this.#report(header.index, before, { block: sound.block, entries, hash: sound.hash }, bad);
  }

  /** The genesis block makes its signer the owner; everybody else must have been named. */
  #authorityOf({ block }: Sound): 'yes' | 'no' | 'unknown' {
    if (this.#expected + this.#doubtful === 1) return 'yes';
    return this.state.authorityOf(block.header.signer);
  }

  /** Puts a sound block behind the ones before it: link and history. */
  #takePlace({ block, hash }: Sound): PlainFault | null {
    const { index, previous_hash, history_hash } = block.header;
    // Blocks between the last good one and this one: bad ones or missing ones.
    const between = index - this.#expected;
    let fault: PlainFault | null = null;
    let leaf = this.#tail;
    if (between === 0 && leaf !== previous_hash) {
      fault = { entry: null, code: 'LINK_BROKEN', message: 'previous_hash is not the hash of the block before it' };
      // The block itself tells which predecessor it was signed for.
      if (this.#history.hashWith(previous_hash) === history_hash) leaf = previous_hash;
    }
    if (this.#expected > 1) this.#history.append(leaf);
    // Of one block in between, this one names the hash. Of several, nobody knows all.
    if (between === 1) this.#history.append(previous_hash);
    if (between > 1) this.#history.lose();
    if (this.#history.known && this.#history.hashWith(null) !== history_hash) {
      const message = 'history_hash is not the tree hash of the blocks before it: one of them has been replaced';
      fault ??= { entry: null, code: 'HISTORY_MISMATCH', message };
      this.#history.lose();
    }
    if (!this.#history.known) {
      this.#notice(index, 'HISTORY_UNCHECKED', 'from here on the tree over all earlier blocks cannot be checked');
    }
    if (this.#expected === 1 && between <= 1) this.#setLedger(between === 0 ? hash : previous_hash);
    this.#expected = index + 1;
    this.#doubtful = 0;
    this.#tail = hash;
    return fault;
  }

  /** Faults of a sound block in its place that do not depend on what it says. */
  #faultOf(sound: Sound): PlainFault | null {
    const { header } = sound.block;
    const fault = (code: ProblemCode, message: string): PlainFault => ({ entry: null, code, message });
    if (this.#time !== null && header.timestamp < this.#time) {
      return fault('TIME_BACKWARDS', 'the block is dated earlier than the one before it');
    }
    if (header.timestamp > this.#latest) {
      return fault('TIME_AHEAD', "the block is dated more than 5 minutes ahead of this machine's clock");
    }
    if (header.difficulty < this.state.difficulty) {
      return fault('DIFFICULTY_TOO_LOW', "the block's difficulty is less than the ledger demands");
    }
    return this.#genesisFault(sound) ?? sound.fault;
  }

  #genesisFault(sound: Sound): PlainFault | null {
    const first = sound.entries?.[0];
    if (sound.block.header.index !== 1 || sound.entries === null) return null;
    if (first?.kind !== 'statement' || first.statement.kind !== 'ledger') return null;
    const { difficulty, owner } = first.statement;
    // The genesis block signs in its own name: authority begins with it.
    this.state.owner = owner as PublicKey;
    if (sound.block.header.difficulty < (difficulty as number)) {
      return { entry: null, code: 'DIFFICULTY_TOO_LOW', message: 'the genesis block does less work than it demands' };
    }
    return null;
  }

  #doubt(inspection: Extract<Inspection, { kind: 'unsound' }>): void {
    const { entry, code, message } = inspection.fault;
    if (inspection.newer) {
      this.#newer = true;
      if (this.#problems.length > 0) return;
    }
    this.#problem(this.#expected + this.#doubtful, entry, code, message);
    this.#doubtful++;
    this.#blockWasUnreadable();
  }

  #blockWasUnreadable(): void {
    this.state.blockWasLost('unknown');
    // Without the genesis block only the caller can say whose ledger this is.
    this.state.owner ??= (this.#options.owner as PublicKey | undefined) ?? this.#options.presumedOwner ?? null;
  }

  /** A block whose number has been passed: it was missed before, or it stands here a second time. */
  #outOfPlace(index: number): void {
    const gap = this.#gaps.find(({ from, to, found }) => index >= from && index <= to && !found.has(index));
    if (gap !== undefined) gap.found.add(index);
    else
      this.#problem(
        index,
        null,
        'BLOCK_REPEATED',
        `the block stands in the ledger a second time, before block ${this.#expected}`,
      );
  }

  #setLedger(id: string): void {
    this.#ledger = id;
    if (this.#options.ledger !== undefined && this.#options.ledger !== id) {
      this.#problem(1, null, 'LEDGER_MISMATCH', 'this is another ledger than the one asked for');
    }
  }

  #problem(block: number, entry: number | null, code: ProblemCode, message: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ block, entry, code, message });
    else this.#omitted++;
  }

  #notice(block: number | null, code: Notice['code'], message: string): void {
    // One of a kind is enough: it says from which block on.
    if (!this.#notices.some((notice) => notice.code === code)) this.#notices.push({ block, code, message });
  }

  #report(
    number: number,
    before: number,
    accepted: BlockReport['accepted'],
    badEntries: ReadonlySet<number> = new Set(),
  ): BlockReport {
    return { number, problems: this.#problems.slice(before), accepted, badEntries };
  }

  /** Ends the verification. Gaps are only now known to be gaps: a missing block may have come later. */
  finish(): Verdict {
    if (!this.#finished) {
      this.#finished = true;
      for (const { from, to, found } of this.#gaps) this.#closeGap(from, to, found);
      this.#checkPins();
      this.#closingNotices();
    }
    const problems = [...this.#problems].sort((a, b) => a.block - b.block);
    const undecided = this.#newer && problems.every(({ code }) => code === 'VERSION_NEWER');
    return {
      ok: problems.length === 0,
      undecided,
      ledger: this.#ledger,
      owner: this.state.owner,
      blocks: this.#expected - 1 + this.#doubtful,
      records: this.state.records,
      statements: this.state.statements,
      erased: 0,
      withheld: this.#withheld,
      head: this.head,
      problems,
      notices: this.#notices,
    };
  }

  #closeGap(from: number, to: number, found: Set<number>): void {
    const missing: number[] = [];
    for (let block = from; block <= to && missing.length + found.size <= MAX_PROBLEMS; block++) {
      if (!found.has(block)) missing.push(block);
    }
    const [firstFound] = [...found].sort((a, b) => a - b);
    if (firstFound !== undefined) {
      this.#problem(
        firstFound,
        null,
        'BLOCK_MISPLACED',
        `${blocks([...found])} not in order: later blocks stand before`,
      );
    }
    const [first] = missing;
    if (first !== undefined) this.#problem(first, null, 'BLOCK_MISSING', `${blocks(missing)} missing`);
  }

  #checkPins(): void {
    if (this.#expected + this.#doubtful === 1 && !this.#newer) {
      this.#problem(1, null, 'BLOCK_MISSING', 'there is no block at all');
      return;
    }
    const { owner } = this.#options;
    if (owner !== undefined && this.state.owner !== null && this.state.owner !== owner) {
      this.#problem(1, null, 'OWNER_MISMATCH', 'the ledger is owned by another key than the one asked for');
    }
  }

  #closingNotices(): void {
    const { owner, ledger } = this.#options;
    if (owner === undefined && ledger === undefined) {
      this.#notice(
        null,
        'NOTHING_PINNED',
        'no public key or ledger id was given: whose ledger this is was not checked',
      );
    }
    this.#notice(
      null,
      'TRUNCATION_POSSIBLE',
      'whether newer blocks have been cut off cannot be told from the ledger alone',
    );
    if (this.#withheld > 0)
      this.#notice(null, 'BODIES_WITHHELD', `${this.#withheld} records are here without their content`);
    if (this.#omitted > 0) this.#notice(null, 'PROBLEMS_OMITTED', `${this.#omitted} further problems are not listed`);
  }
}

function blocks(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [first] = sorted;
  return sorted.length === 1 ? `block ${first} is` : `${sorted.length} blocks from ${first} to ${sorted.at(-1)} are`;
}

/**
 * Verifies a stream of blocks with public keys alone.
 * @returns the verdict; what is wrong with the ledger is in it, and never thrown
 */
export async function verifyBlocks(
  items: AsyncIterable<BlockItem> | Iterable<BlockItem>,
  options: VerifyOptions & { onBlock?: (report: BlockReport, item: BlockItem) => void },
): Promise<Verdict> {
  const verifier = new Verifier(await loadCurve(), options);
  for await (const item of items) {
    const report = verifier.push(item);
    options.onBlock?.(report, item);
  }
  return verifier.finish();
}
