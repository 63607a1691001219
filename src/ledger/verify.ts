import { createReadStream } from 'node:fs';
import { openPlain } from '../compression/decompress.js';
import { type Curve, loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import { MedsealError, throwIfAborted, withFile } from '../errors.js';
import { type BlockItem, isReadable } from '../format/block.js';
import { type Checkpoint, isSignedBy } from '../format/checkpoint.js';
import { decodeExport } from '../format/exchange.js';
import { isSqliteFile } from '../store/sqlite/file.js';
import { soundnessOf } from '../store/sqlite/soundness.js';
import { judgeBlocks, judgeSurveys } from '../verify/judging.js';
import type { BlockReport, VerifyOptions } from '../verify/options.js';
import type { SavedState } from '../verify/saved.js';
import type { Survey } from '../verify/survey.js';
import type { Verdict } from '../verify/verdict.js';
import { Verifier } from '../verify/verifier.js';
import { Ledger, openLedger } from './ledger.js';
import { type LeftOut, poolFor, type SurveySource, surveysOfExport, surveysOfFile } from './surveys.js';

export interface VerifyLedgerOptions extends Partial<Omit<VerifyOptions, 'bodies' | 'signatures'>> {
  readonly signal?: AbortSignal;
  /** How many threads inspect blocks. Default: as many as there are cores. */
  readonly threads?: number;
  /**
   * Leaves out the signatures of blocks that the pinned owner vouches for, with a later block or with the checkpoint
   * (spec/verification.md, "Quick verification"). Where that cannot be, everything is verified. Whether it was is in the
   * verdict.
   */
  readonly quick?: boolean;
  /** Called with the state from which a later verification can go on (`since`), where nothing is wrong. */
  readonly onState?: (state: SavedState) => void;
  /** Called now and then with the number of blocks that have been judged. */
  readonly onProgress?: (blocks: number) => void;
  /**
   * Called with each block as soon as it has been judged. The calling thread then does all by itself, and in full: neither
   * `quick` nor `since` has an effect.
   */
  readonly onBlock?: (report: BlockReport, item: BlockItem) => void;
}

/**
 * Verifies a ledger or an export, with public keys alone.
 * @param source path of a ledger or of an export, an open ledger, or the bytes of an export
 * @returns the verdict; what is wrong with the ledger is in it, not thrown
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_A_LEDGER`, `STORE_VERSION`, `STORE_FAILED`, `ABORTED`; `ARGUMENT_INVALID`
 *   for a number of threads that is none; `THREAD_FAILED`, `FILE_CHANGED`
 */
export async function verifyLedger(
  source: string | Ledger | AsyncIterable<Uint8Array>,
  options: VerifyLedgerOptions = {},
): Promise<Verdict> {
  const opened = typeof source === 'string' && isSqliteFile(source) ? await openLedger(source) : null;
  const ledger = opened ?? (source instanceof Ledger ? source : null);
  try {
    if (ledger === null) {
      const open = (): AsyncIterable<Uint8Array> => exportChunks(source as Exclude<typeof source, Ledger>);
      if (options.onBlock !== undefined) return await verifyOneByOne(decodeExport(open()), options);
      return await verifyInThreads(surveysOfExport(open, typeof source === 'string'), null, options);
    }
    const size = await ledger.size();
    const { file } = ledger;
    if (file === null) return await verifyOneByOne(ledger, options);
    const one = options.onBlock !== undefined;
    const verifying = one ? verifyOneByOne(ledger, options) : verifyInThreads(surveysOfFile(file, size), size, options);
    const verdict = await verifying;
    // From a saved state on what the file keeps of earlier blocks is not looked at again.
    return options.since === undefined || one ? withTags(verdict, file) : verdict;
  } finally {
    await opened?.close();
  }
}

async function verifyInThreads(
  source: SurveySource,
  blocks: number | null,
  { signal, threads, quick = false, onProgress, onState, ...options }: VerifyLedgerOptions,
): Promise<Verdict> {
  const { since, owner, checkpoint } = options;
  const after = since?.blocks ?? 0;
  const pool = poolFor(blocks === null ? null : blocks - after, threads);
  const curve = await loadCurve();
  const begin = (): Verifier => new Verifier(curve, { now: new Date(), ...options, bodies: true });
  const survey = (verifier: Verifier, signaturesFrom: number): AsyncIterable<Survey> => {
    const leftOut: LeftOut = {};
    const surveys = source.surveys(pool, { signal, signaturesFrom, after }, leftOut);
    return since === undefined ? surveys : whereContinued(surveys, verifier, since, leftOut);
  };
  const progress = (judged: number): void => onProgress?.(after + judged);
  try {
    const anchor = quick && owner !== undefined ? await anchorOf(source, owner as PublicKey, checkpoint, curve) : null;
    let verifier = begin();
    const vouched =
      anchor !== null &&
      anchor.upTo > after &&
      (await judgedUpTo(anchor, after, verifier, survey(verifier, anchor.signaturesFrom), progress));
    if (!vouched) {
      verifier = begin();
      for await (const judged of judgeSurveys(verifier, survey(verifier, after + 1))) progress(judged);
    }
    const verdict = withNumbers(verifier.finish(), source.misnumbered());
    const state = verdict.ok ? verifier.save() : null;
    if (state !== null) onState?.(state);
    return verdict;
  } finally {
    await pool.close();
  }
}

/** What the owner vouches with for the signatures before it: a block of its own, or a checkpoint. */
interface Anchor {
  /** It vouches once so many blocks have been judged. */
  readonly upTo: number;
  /** The first block whose signature is checked. */
  readonly signaturesFrom: number;
  /** The tree hash (hex) over so many blocks, where the anchor names it apart from them. */
  readonly root: string | null;
}

/** The newest that there is; null for none, and where the source cannot be read a second time if it does not vouch. */
async function anchorOf(
  source: SurveySource,
  owner: PublicKey,
  checkpoint: Checkpoint | undefined,
  curve: Curve,
): Promise<Anchor | null> {
  if (!source.again) return null;
  const block = await source.newestBy(owner);
  if (checkpoint !== undefined && checkpoint.size > (block ?? 0) && isSignedBy(checkpoint, owner, curve)) {
    return { upTo: checkpoint.size, signaturesFrom: checkpoint.size + 1, root: checkpoint.root };
  }
  return block === null ? null : { upTo: block, signaturesFrom: block, root: null };
}

/**
 * Judges blocks of which those before the anchor come without their signatures checked.
 * @returns whether the anchor vouches for them: false where anything was wrong up to it, and the judging has been given up
 */
async function judgedUpTo(
  { upTo, signaturesFrom, root }: Anchor,
  after: number,
  verifier: Verifier,
  surveys: AsyncIterable<Survey>,
  progress: (judged: number) => void,
): Promise<boolean> {
  let vouched = false;
  for await (const judged of judgeSurveys(verifier, surveys)) {
    if (!vouched && (after + judged > upTo || !verifier.untroubled)) return false;
    if (after + judged === upTo) {
      if (root !== null && verifier.next?.history_hash !== root) return false;
      verifier.vouchedForBy(signaturesFrom);
      vouched = true;
    }
    progress(judged);
  }
  return vouched;
}

/** What is new in a ledger that has grown from a saved state; of any other the verifier is told what is wrong with it. */
async function* whereContinued(
  surveys: AsyncIterable<Survey>,
  verifier: Verifier,
  since: SavedState,
  leftOut: LeftOut,
): AsyncGenerator<Survey> {
  let first = true;
  for await (const survey of surveys) {
    if (first && !continues(verifier, since, leftOut)) return;
    first = false;
    yield survey;
  }
  if (first) continues(verifier, since, leftOut);
}

function continues(verifier: Verifier, { ledger, blocks, head }: SavedState, { first, last }: LeftOut): boolean {
  if (typeof first === 'string' && first !== ledger) {
    verifier.refuse(1, 'LEDGER_MISMATCH', 'this is another ledger than the one whose state was saved');
  } else if (last === undefined) {
    const message = `the ledger had ${blocks} blocks when its state was saved, and has fewer now: newer blocks have been cut off, or this is an older copy`;
    verifier.refuse(blocks, 'LEDGER_ROLLED_BACK', message);
  } else if (last !== head) {
    const message =
      'the block is another than when the state was saved: the ledger has been rewritten, or it is a copy with another history';
    verifier.refuse(blocks, 'LEDGER_REWRITTEN', message);
  } else return true;
  return false;
}

async function verifyOneByOne(
  source: Ledger | AsyncIterable<BlockItem>,
  {
    signal,
    threads: _threads,
    quick: _quick,
    since: _since,
    onState,
    onProgress,
    onBlock,
    ...options
  }: VerifyLedgerOptions,
): Promise<Verdict> {
  const misnumbered: number[] = [];
  const items = source instanceof Ledger ? stored(source, misnumbered) : source;
  const verifier = new Verifier(await loadCurve(), { now: new Date(), ...options, bodies: true });
  let judged = 0;
  for await (const { item, report } of judgeBlocks(verifier, untilAborted(items, signal))) {
    onBlock?.(report, item);
    onProgress?.(++judged);
  }
  const verdict = withNumbers(verifier.finish(), misnumbered[0] ?? null);
  const state = verdict.ok ? verifier.save() : null;
  if (state !== null) onState?.(state);
  return verdict;
}

async function* stored(ledger: Ledger, misnumbered: number[]): AsyncGenerator<BlockItem> {
  for await (const { position, item } of ledger.numbered()) {
    if (misnumbered.length === 0 && isReadable(item) && item.header.index !== position) {
      misnumbered.push(item.header.index);
    }
    yield item;
  }
}

/**
 * Blocks that verify in their order, but are kept under other numbers, are not found by number. Where something else is
 * wrong, that says enough.
 */
function withNumbers(verdict: Verdict, block: number | null): Verdict {
  if (block === null || !verdict.ok) return verdict;
  const message = 'the block is kept under another number than its own: somebody has renumbered the rows of the store';
  return { ...verdict, ok: false, problems: [{ block, entry: null, code: 'BLOCK_MISPLACED', message }] };
}

const TAG_FAULTS = {
  damaged:
    'what "find" looks up in is damaged in this file, so that rows can be missed: --scan reads all of them. "medseal export", "import" and "index" make a file that has it anew',
  beyond:
    'what "find" looks up in leads to blocks behind the newest one: blocks have been cut off, or the file is damaged',
} as const;

/** What leads to rows is no part of the ledger, so that damage to it is none of its problems. */
function withTags(verdict: Verdict, file: string): Verdict {
  const fault = verdict.ok ? soundnessOf(file) : null;
  if (fault === null) return verdict;
  return {
    ...verdict,
    notices: [...verdict.notices, { block: null, code: 'INDEX_DAMAGED', message: TAG_FAULTS[fault] }],
  };
}

/** The bytes of an export, a file or a stream. @throws {MedsealError} `NOT_A_LEDGER`, and as `plainChunks` */
export function exportChunks(source: string | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return expectExport(plainChunks(source), typeof source === 'string' ? source : null);
}

/**
 * The bytes of a file or a stream, without their compression. A file is opened when the first of them are asked for, so
 * that no failure goes unheard.
 * @throws {MedsealError} `COMPRESSION_INVALID`, `COMPRESSION_UNAVAILABLE`
 */
async function* plainChunks(source: string | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const isFile = typeof source === 'string';
  const chunks = isFile ? createReadStream(source, { highWaterMark: 1 << 20 }) : source;
  try {
    const plain = await openPlain(chunks, isFile ? source : null);
    try {
      yield* plain.chunks;
    } finally {
      await plain.close();
    }
  } catch (error) {
    if (!isFile || !(error instanceof MedsealError)) throw error;
    throw withFile(error, source);
  }
}

/** An export begins with a block. Anything else is another file, not a ledger with faults. */
async function* expectExport(chunks: AsyncIterable<Uint8Array>, file: string | null): AsyncGenerator<Uint8Array> {
  const notOne = (what: string): MedsealError =>
    new MedsealError('NOT_A_LEDGER', `${file ?? 'the input'} is ${what}`, file === null ? {} : { file });
  let first = true;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (first && chunk[0] !== 0x7b && !Buffer.from(chunk).includes('"data":[')) {
      throw notOne('no Medseal ledger and no export of one');
    }
    first = false;
    yield chunk;
  }
  if (first) throw notOne('empty: no Medseal ledger and no export of one');
}

async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const item of items) {
    throwIfAborted(signal);
    yield item;
  }
}
