import { fromHex } from '../bytes.js';
import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import { MedsealError, type ProblemCode } from '../errors.js';
import type { BlockItem } from '../format/block.js';
import { NO_PREVIOUS } from '../format/header.js';
import { MAX_UNSOUND } from '../format/limits.js';
import { latestAccepted, type Timestamp } from '../format/timestamp.js';
import { MerkleTree } from '../merkle/tree.js';
import { closeFindings, OTHER_OWNER, type WholeLedger } from './closing.js';
import { Findings } from './findings.js';
import { History } from './history.js';
import { type Fault, type Inspection, inspectBlock, type Sound } from './inspect.js';
import { type BlockReport, expectPins, type OnJudged, type VerifyOptions } from './options.js';
import { NOT_MADE_FOR_THIS, Order, type Stranger, UNAUTHORISED } from './order.js';
import { SAVED_VERSION, type SavedState } from './saved.js';
import { contentOf } from './state/authority.js';
import { type Authority, LedgerState } from './state.js';
import { restoreLedgerState, saveLedgerState } from './state-json.js';
import { blocksOf, inspectionOf, type PlainBlock, type Survey } from './survey.js';
import type { Problem, Verdict } from './verdict.js';

const OTHER_LEDGER = { code: 'LEDGER_MISMATCH', message: 'this is another ledger than the one asked for' } as const;

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
  readonly #history: History;
  readonly #found = new Findings();
  readonly #order = new Order();
  /** The number of the next block. */
  #expected = 1;
  /** Bad items since the last block that took its place: each stands for a block, or was slipped in. */
  #doubtful = 0;
  /** The first problem that concerns them. */
  #firstDoubt = 0;
  /** Hash of the newest block that took its place, not yet in the history: the next block has a say in it. */
  #tail = NO_PREVIOUS;
  #time: Timestamp | null = null;
  #ledger: string | null = null;
  #withheld = 0;
  #newer = false;
  /** Items in a row, up to now, that are no block that can be trusted. */
  #unsound = 0;
  #anchor: number | null = null;
  #finished = false;

  /**
   * @throws {MedsealError} `ARGUMENT_INVALID` where what is pinned is no public key, or no id; `STATE_INVALID` where the saved
   *   state is none
   */
  constructor(curve: Curve, options: VerifyOptions) {
    this.#curve = curve;
    expectPins(options, curve);
    const { checkpoint } = options;
    this.#options = checkpoint === undefined ? options : { ledger: checkpoint.ledger, ...options };
    this.#history = new History(checkpoint?.size);
    this.#latest = latestAccepted(options.now);
    const { since } = options;
    this.state = since === undefined ? new LedgerState(curve) : restoreLedgerState(curve, since.state);
    if (since !== undefined) this.#goOnFrom(since);
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

  /** A copy of the tree over the hashes of all blocks, the newest included; null where it is not known. */
  historyTree(): MerkleTree | null {
    return this.#tail === NO_PREVIOUS ? null : this.#history.treeWith(this.#tail);
  }

  /** Whether nothing that follows is judged any more: a block of a newer format has come, or too much that is no block. */
  get ended(): boolean {
    return this.#newer || this.#unsound >= MAX_UNSOUND;
  }

  /** Whether every block so far has been accepted in its place, and the history is known. */
  get untroubled(): boolean {
    const { known } = this.#history;
    return this.#found.problems.length === 0 && this.#doubtful === 0 && !this.#newer && known && this.#order.untroubled;
  }

  /** All that a later verification needs to go on from here; null where anything is wrong, or nothing is there. */
  save(): SavedState | null {
    const edge = this.#history.edge;
    const { head } = this;
    if (!this.untroubled || head === null || edge === null || this.#ledger === null || this.#time === null) return null;
    return {
      version: SAVED_VERSION,
      ledger: this.#ledger,
      blocks: this.#expected - 1,
      head,
      time: this.#time,
      edge,
      anchor: this.#anchor,
      state: saveLedgerState(this.state),
    };
  }

  #goOnFrom({ ledger, blocks, head, time, edge, anchor }: SavedState): void {
    this.#expected = blocks + 1;
    this.#tail = head;
    this.#time = time;
    this.#anchor = anchor;
    this.#history.adopt(
      MerkleTree.withEdge(
        edge.map((hash) => fromHex(hash, 32) ?? new Uint8Array(0)),
        blocks - 1,
      ),
    );
    this.#setLedger(ledger);
  }

  /** Takes note of something that is wrong with the ledger as a whole. */
  refuse(block: number, code: ProblemCode, message: string): void {
    this.#found.problem(block, null, code, message);
  }

  /** Takes note that signatures before this block, the newest so far or the one behind it, were not checked. */
  vouchedForBy(anchor: number): void {
    this.#anchor = anchor;
  }

  get problems(): readonly Problem[] {
    return this.#found.problems;
  }

  /** Judges the next block; nothing more once the verification has `ended`. */
  push(item: BlockItem): BlockReport {
    return this.judge(this.inspect(item));
  }

  inspect(item: BlockItem): Inspection {
    return inspectBlock(item, this.#curve, this.#options);
  }

  /**
   * Judges the next block, already inspected: inspections may run ahead and in parallel, judging is in order.
   * @param next the block behind it, where there is one: it tells a block that stands too early, or was slipped in,
   *   from one before which others are missing
   */
  judge(inspection: Inspection, next: Inspection | null = null): BlockReport {
    this.#expectRunning();
    const before = this.#found.problems.length;
    const number = this.#expected + this.#doubtful;
    if (this.ended) return this.#report(number, before, null);
    if (inspection.kind === 'unsound') {
      this.#unsound++;
      const { fault, newer } = inspection;
      this.#newer = newer;
      if (!newer || before === 0) this.#doubt(fault);
      if (this.#unsound === MAX_UNSOUND) {
        const message = `nothing behind it was looked at: it is the ${MAX_UNSOUND}th in a row that is no sound block`;
        this.#found.notice(number, 'REST_UNREAD', message);
      }
      return this.#report(number, before, null);
    }
    this.#unsound = 0;
    return this.#judgeSound(inspection, next?.kind === 'sound' ? next : null, before);
  }

  /**
   * Judges the blocks of a survey.
   * @param next the survey behind it, where there is one: the last block is judged with a look at its first
   * @param onJudged called with each block, as `BlockReport` tells of it, but without the bytes of its entries
   * @returns how many there were
   */
  judgeSurvey(survey: Survey, next: Survey | null, onJudged?: OnJudged): number {
    this.#expectRunning();
    const blocks = blocksOf(survey);
    let judged = 0;
    // Whether the surveyor's tree is known to be the one here, for as long as both grow by the same blocks.
    let sameHistory = false;
    for (let { value, done } = blocks.next(); !done && value !== undefined && !this.ended; ) {
      const following = blocks.next();
      const plain: PlainBlock | null = value.kind === 'plain' && this.#accept(value, sameHistory) ? value : null;
      sameHistory = plain?.fitsHistory ?? false;
      if (plain === null) {
        const behind = following.done ? firstOf(next) : following.value;
        const report = this.judge(toInspection(value), behind === null ? null : toInspection(behind));
        onJudged?.(report.accepted);
      } else if (onJudged !== undefined) {
        const { block, hash } = inspectionOf(plain);
        onJudged({ block, hash, entries: plain.entries });
      }
      ({ value, done } = following);
      judged++;
    }
    // Both trees have grown by the same blocks, all but the last one; the surveyor's has been made already.
    if (sameHistory && survey.edge !== null) this.#history.adoptEdge(survey.edge);
    return judged;
  }

  /**
   * Accepts a plain block where `judge` would accept it and have nothing to say; otherwise does nothing. Each line here
   * is what `judge` comes to for a block of the expected number that is linked to the one before it.
   * @param sameHistory whether the tree that `fitsHistory` speaks of is the one here
   */
  #accept(block: PlainBlock, sameHistory: boolean): boolean {
    const { index, hash, previous_hash, history_hash, timestamp, difficulty, signer, entries } = block;
    if (index === 1 || index !== this.#expected || previous_hash !== this.#tail) return false;
    if (this.#doubtful > 0 || this.ended || this.#order.hasEarly) return false;
    if ((this.#time !== null && timestamp < this.#time) || timestamp > this.#latest) return false;
    if (difficulty < this.state.difficulty || this.state.authorityOf(signer) !== 'yes') return false;
    const checked = (sameHistory && block.fitsHistory) || !this.#history.known;
    if (!checked && this.#history.hashWith(previous_hash) !== history_hash) return false;
    if (this.state.apply({ index, timestamp, signer, ledger: this.#ledger }, entries) !== null) return false;
    this.#history.append(previous_hash);
    this.#expected = index + 1;
    this.#tail = hash;
    this.#time = timestamp;
    return true;
  }

  #judgeSound(sound: Sound, next: Sound | null, before: number): BlockReport {
    const { index, signer } = sound.block.header;
    const place = this.#expected + this.#doubtful;
    if (this.#standsEarly(sound, next)) {
      const stranger = this.#authorityOf(sound) === 'no' ? { signer, content: contentOf(sound.entries) } : null;
      this.#order.standsEarly(sound.hash, { index, place, stranger });
      // Before there is an owner everybody is a stranger, which says nothing.
      if (stranger !== null && this.state.owner !== null) this.#countDoubt();
      return this.#report(index, before, null);
    }
    const misfit = this.#misfit(sound, next);
    if (misfit !== null) {
      this.#doubt(misfit);
      return this.#report(place, before, null);
    }
    if (index < this.#expected) {
      this.#outOfPlace(index);
      return this.#report(index, before, null);
    }
    if (index > place) this.#order.gap(place, sound.block.header);
    const fault = this.#takePlace(sound) ?? this.#faultOf(sound);
    this.state.noteSigner(signer);
    if (fault !== null) {
      this.#found.problem(index, fault.entry, fault.code, fault.message);
      if (sound.entries === null) this.#blockWasUnreadable();
      else this.state.blockWasLost('known');
      return this.#report(index, before, null);
    }
    if (this.#authorityOf(sound) !== 'yes') {
      this.#found.notice(
        index,
        'AUTHORITY_UNCHECKED',
        'whether its signer may sign was said in a block that cannot be read',
      );
      this.state.blockWasLost('known');
      return this.#report(index, before, null);
    }
    return this.#takeEffect(sound, before);
  }

  #takeEffect(sound: Sound, before: number): BlockReport {
    const { header } = sound.block;
    const { index, timestamp, signer } = header;
    const entries = sound.entries ?? [];
    const bad = new Set<number>();
    const fault = this.state.apply({ index, timestamp, signer, ledger: this.#ledger }, entries);
    if (fault !== null) {
      this.#found.problem(header.index, fault.entry, fault.code, fault.message);
      this.state.blockWasLost('known');
      return this.#report(header.index, before, null);
    }
    this.#time = header.timestamp;
    this.state.lacks(index, sound.missing);
    for (const position of sound.missing.salts) bad.add(position);
    for (const position of sound.missing.bodies) bad.add(position);
    for (const { entry, code, message } of sound.bodyFaults) {
      this.#found.problem(header.index, entry, code, message);
      if (entry !== null) bad.add(entry);
    }
    return this.#report(header.index, before, { block: sound.block, entries, hash: sound.hash }, bad);
  }

  #authorityOf({ block, entries }: Sound): Authority {
    const { signer } = block.header;
    // Nearly every block is its owner's or a writer's, whatever is in it.
    const authority = this.state.authorityOf(signer);
    return authority === 'yes' ? authority : this.state.authorityOf(signer, contentOf(entries));
  }

  #standsEarly({ block }: Sound, next: Sound | null): boolean {
    const { index } = block.header;
    if (next === null || index <= this.#expected + this.#doubtful) return false;
    return next.block.header.index >= this.#expected && next.block.header.index <= index;
  }

  /**
   * Why a sound block is not the one whose place it stands in. It is slipped in, or replaces that block, and what it
   * says of itself means nothing.
   */
  #misfit(sound: Sound, next: Sound | null): Fault | null {
    const { index, previous_hash, history_hash } = sound.block.header;
    if (index === 1 && this.#expected === 1) return this.#genesisMisfit(sound, next);
    // What lies between the last good block and this one may have named its signer.
    if (index <= this.#expected && this.#authorityOf(sound) === 'no') {
      return { entry: null, ...UNAUTHORISED };
    }
    if (index !== this.#expected || previous_hash === this.#tail) return null;
    // Where the chain goes on from it, or its history fits, it is the block before it that has been replaced.
    const follower = next?.block.header;
    const history = this.#history.hashWith(previous_hash);
    let belongs = history === null || history === history_hash;
    if (follower?.index === index) belongs = false;
    if (follower?.index === index + 1) belongs = follower.previous_hash === sound.hash;
    return belongs ? null : { entry: null, ...NOT_MADE_FOR_THIS };
  }

  #genesisMisfit({ block, hash, entries, fault }: Sound, next: Sound | null): Fault | null {
    const { header } = block;
    const follower = next !== null && next.block.header.index <= 2 ? next.block.header.previous_hash : hash;
    if (header.previous_hash !== NO_PREVIOUS) {
      return { entry: null, code: 'LINK_BROKEN', message: 'the genesis block names a block before it' };
    }
    if (entries === null) return follower === hash ? null : fault;
    const [first] = entries;
    if (first?.kind !== 'statement' || first.statement.kind !== 'ledger') {
      const message = 'the genesis block does not begin with a "ledger" statement';
      return { entry: 0, code: 'GENESIS_INVALID', message };
    }
    const owner = first.statement.owner as PublicKey;
    if (owner !== header.signer) {
      const message = 'the genesis block is not signed by the owner that it names';
      return { entry: 0, code: 'SIGNER_UNAUTHORISED', message };
    }
    if (follower !== hash) {
      // The rest of the ledger does not belong to it: this, and not the rest, is another ledger's.
      const pinned = this.#options;
      if (pinned.owner !== undefined && pinned.owner !== owner) return { entry: null, ...OTHER_OWNER };
      if (pinned.ledger !== undefined && pinned.ledger !== hash) return { entry: null, ...OTHER_LEDGER };
    }
    // The genesis block signs in its own name: authority begins with it, whatever else is wrong with it.
    this.state.begin(owner);
    return null;
  }

  /** Puts a sound block behind the ones before it: link and history. */
  #takePlace({ block, hash }: Sound): Fault | null {
    const { index, previous_hash, history_hash } = block.header;
    // Blocks between the last good one and this one: bad ones or missing ones.
    const between = index - this.#expected;
    let fault: Fault | null = null;
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
      this.#found.notice(index, 'HISTORY_UNCHECKED', 'from here on the tree over all earlier blocks cannot be checked');
    }
    if (between > 0) this.#blockWasUnreadable();
    if (this.#expected === 1 && between <= 1) this.#setLedger(between === 0 ? hash : previous_hash);
    this.#settleDoubts(index);
    this.#order.standsInPlace(hash);
    this.#expected = index + 1;
    this.#tail = hash;
    return fault;
  }

  /** Of more bad items than there are blocks to stand for, the last ones were slipped in before this block. */
  #settleDoubts(index: number): void {
    const last = Math.max(this.#expected, index - 1);
    if (this.#doubtful > 0) this.#found.boundBlocks(this.#firstDoubt, last);
    this.#doubtful = 0;
  }

  /** Faults of a sound block in its place that do not depend on what it says. */
  #faultOf({ block, entries, fault: ofEntries }: Sound): Fault | null {
    const { header } = block;
    const fault = (code: ProblemCode, message: string): Fault => ({ entry: null, code, message });
    if (this.#time !== null && header.timestamp < this.#time) {
      return fault('TIME_BACKWARDS', 'the block is dated earlier than the one before it');
    }
    if (header.timestamp > this.#latest) {
      return fault('TIME_AHEAD', "the block is dated more than 5 minutes ahead of this machine's clock");
    }
    if (header.difficulty < this.state.difficulty) {
      return fault('DIFFICULTY_TOO_LOW', "the block's difficulty is less than the ledger demands");
    }
    const first = header.index === 1 ? entries?.[0] : undefined;
    if (first?.kind === 'statement' && first.statement.kind === 'ledger') {
      if (header.difficulty < (first.statement.difficulty as number)) {
        return fault('DIFFICULTY_TOO_LOW', 'the genesis block does less work than it demands');
      }
    }
    return ofEntries;
  }

  #doubt({ entry, code, message }: Fault): void {
    const place = this.#expected + this.#doubtful;
    this.#countDoubt();
    this.#found.problem(place, entry, code, message);
  }

  #countDoubt(): void {
    if (this.#doubtful === 0) this.#firstDoubt = this.#found.problems.length;
    this.#doubtful++;
  }

  #blockWasUnreadable(): void {
    this.state.blockWasLost('unknown');
    // Without the genesis block only the caller can say whose ledger this is.
    const presumed = (this.#options.owner as PublicKey | undefined) ?? this.#options.presumedOwner;
    if (presumed !== undefined) this.state.begin(presumed);
  }

  /** A block whose number has been passed: it was missed before, or it stands here a second time. */
  #outOfPlace(index: number): void {
    if (this.#order.standsLate(index)) return;
    const message = `a block of this number stands in the ledger a second time, before block ${this.#expected}`;
    this.#found.problem(index, null, 'BLOCK_REPEATED', message);
  }

  #setLedger(id: string): void {
    this.#ledger = id;
    if (this.#options.ledger !== undefined && this.#options.ledger !== id) {
      this.#found.problem(1, null, OTHER_LEDGER.code, OTHER_LEDGER.message);
    }
  }

  #report(
    number: number,
    before: number,
    accepted: BlockReport['accepted'],
    badEntries: ReadonlySet<number> = new Set(),
  ): BlockReport {
    return { number, problems: this.#found.problems.slice(before), accepted, badEntries };
  }

  /**
   * What is wrong so far. Only where that is nothing, judging may go on: for a writer, whose own blocks follow. Of pins and of
   * what is missing it says nothing.
   */
  problemsSoFar(): readonly Problem[] {
    return this.untroubled && this.#ledger !== null ? [] : this.finish().problems;
  }

  /** What was judged after the verdict would not be in it. */
  #expectRunning(): void {
    if (!this.#finished) return;
    throw new MedsealError(
      'ARGUMENT_INVALID',
      'the verification has been finished: nothing is judged behind its verdict',
    );
  }

  /** Ends the verification: nothing can be judged any more. Gaps are only now known to be gaps: a missing block may have come later. */
  finish(): Verdict {
    if (!this.#finished) {
      this.#finished = true;
      const maySign = ({ signer, content }: Stranger): boolean => this.state.authorityOf(signer, content) === 'yes';
      for (const { block, entry, code, message } of this.#order.problems(this.#expected, maySign)) {
        this.#found.problem(block, entry, code, message);
      }
      this.#withheld = closeFindings(this.#found, this.#whole(), { curve: this.#curve, options: this.#options });
    }
    const problems = this.#found.sorted();
    const undecided = this.#newer && problems.every(({ code }) => code === 'VERSION_NEWER');
    return {
      ok: problems.length === 0,
      undecided,
      ledger: this.#ledger,
      owner: this.state.owner,
      blocks: this.#whole().blocks,
      records: this.state.records,
      statements: this.state.statements,
      erased: this.state.erased,
      withheld: this.#withheld,
      head: this.head,
      problems,
      notices: this.#found.notices,
      ...(this.#anchor === null ? {} : { anchor: this.#anchor }),
      ...(this.#options.since === undefined ? {} : { since: this.#options.since.blocks }),
    };
  }

  #whole(): WholeLedger {
    const taken = this.#expected - 1;
    return {
      state: this.state,
      ledger: this.#ledger,
      blocks: taken + this.#doubtful,
      taken,
      open: this.ended,
      anchor: this.#anchor,
      checkpointRoot: (size) => (size === taken ? this.#history.hashWith(this.#tail) : this.#history.rootThen),
    };
  }
}

function firstOf(survey: Survey | null): PlainBlock | Inspection | null {
  if (survey === null) return null;
  for (const block of blocksOf(survey)) return block;
  return null;
}

function toInspection(block: PlainBlock | Inspection): Inspection {
  return block.kind === 'plain' ? inspectionOf(block) : block;
}
