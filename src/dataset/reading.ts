import { toHex } from '../bytes.js';
import type { Curve } from '../crypto/secp256k1.js';
import { MedsealError, type ProblemCode, throwIfAborted } from '../errors.js';
import { type Block, type BlockItem, isReadable } from '../format/block.js';
import { keyIdOf } from '../format/entry.js';
import { hashOf } from '../format/header.js';
import type { Ledger } from '../ledger/ledger.js';
import { fromStored, type PackedEntries } from '../ledger/stored.js';
import type { ReadBlock } from '../store/store.js';
import { createPool, type Pool } from '../threads/pool.js';
import { type Inspection, inspectBlock, unreadable } from '../verify/inspect.js';
import type { BlockReport } from '../verify/options.js';
import type { LedgerState } from '../verify/state.js';
import type { Verifier } from '../verify/verifier.js';
import type { AcceptedBlocks } from './accepted.js';
import { isOnlyVersion, versionsWithin } from './amendments.js';
import { type RowPlace, type RowRange, rowsIn } from './block-rows.js';
import type { DatasetInfo } from './directory.js';
import { groupLabel } from './group-info.js';
import type { OpenedRow, OpenOptions, OpenReport } from './open.js';
import { type OpenedRows, openRows, rowsToOpen } from './opened-rows.js';

/** A data set of a ledger whose chain has been verified. */
export interface VerifiedDataset {
  readonly ledger: Ledger;
  readonly info: DatasetInfo;
  /** How many blocks were verified. */
  readonly blocks: number;
  readonly accepted: AcceptedBlocks;
  /** What the verified ledger says. */
  readonly state: LedgerState;
}

/** Opening fewer records, with fewer bytes, takes less time than their way to another thread and back. */
const THREAD_RECORDS = 50;
const THREAD_BYTES = 256 * 1024;

/** What is larger than this is not copied to a thread: copies of the largest blocks would take too much memory. */
const LARGEST_FOR_THREADS = 8 * 1024 * 1024;

/** Blocks that are being opened or wait for their turn take no more than this, or are one. */
const MOST_BYTES_AHEAD = 20 * 1024 * 1024;

/** A block on its way to be judged. */
interface Underway {
  readonly inspection: Inspection;
  readonly opened: Promise<OpenedRows> | null;
  readonly bytes: number;
}

interface Inspected {
  readonly inspection: Inspection;
  readonly opened: OpenedRows | null;
}

/** One reading of a data set: blocks are inspected and opened ahead, in threads where they are large, and judged in order. */
export class Reading {
  readonly #dataset: VerifiedDataset;
  readonly #options: OpenOptions;
  readonly #verifier: Verifier;
  readonly #curve: Curve;
  /** Records that did not open, and blocks of which nothing is known. */
  readonly #left: { row: number | null; block: number; entry: number; group: string }[] = [];
  #opened = 0;
  /** Rows of which a part is under a key that this key does not hold. */
  #closed = 0;
  /** Wanted rows in blocks that verified. */
  #seen = 0;

  /** @param verifier a fresh one */
  constructor(dataset: VerifiedDataset, options: OpenOptions, verifier: Verifier, curve: Curve) {
    this.#dataset = dataset;
    this.#options = options;
    this.#verifier = verifier;
    this.#curve = curve;
  }

  async *rows(): AsyncGenerator<readonly OpenedRow[]> {
    const { threads, onProgress } = this.#options;
    const { blocks } = this.#dataset;
    const pool = createPool(threads === undefined ? {} : { threads });
    let read = 0;
    try {
      for await (const { report, opened } of this.#judged(pool)) {
        throwIfAborted(this.#options.signal);
        const rows = report.accepted === null ? this.#leaveOut(report) : this.#give(report, opened);
        if (rows.length > 0) yield rows;
        onProgress?.(++read, blocks);
      }
    } finally {
      await pool.close();
    }
  }

  async *#judged(pool: Pool): AsyncGenerator<{ report: BlockReport; opened: OpenedRows | null }> {
    let waiting: Inspected | null = null;
    for await (const block of this.#inOrder(pool)) {
      if (waiting !== null) yield this.#judge(waiting, block.inspection);
      waiting = block;
    }
    if (waiting !== null) yield this.#judge(waiting, null);
  }

  #judge(
    { inspection, opened }: Inspected,
    next: Inspection | null,
  ): { report: BlockReport; opened: OpenedRows | null } {
    return { report: this.#verifier.judge(inspection, next), opened };
  }

  /** The blocks in order, a few of them inspected and opened ahead. */
  async *#inOrder(pool: Pool): AsyncGenerator<Inspected> {
    const ahead: Underway[] = [];
    let bytesAhead = 0;
    const first = async (): Promise<Inspected> => {
      const block = ahead.shift() as Underway;
      bytesAhead -= block.bytes;
      return completed(block);
    };
    for await (const block of this.#blocks(pool)) {
      const full = (): boolean => ahead.length > pool.threads || bytesAhead + block.bytes > MOST_BYTES_AHEAD;
      while (ahead.length > 0 && full()) yield await first();
      bytesAhead += block.bytes;
      ahead.push(block);
    }
    while (ahead.length > 0) yield await first();
  }

  async *#blocks(pool: Pool): AsyncGenerator<Underway> {
    const { ledger, blocks } = this.#dataset;
    const everything = this.#options.rows === undefined;
    let place = 0;
    for await (const stored of ledger.stored({ to: blocks, bodies: everything })) {
      const item = fromStored(withoutBodies(stored));
      yield everything || !this.#holdsWanted(item)
        ? this.#inspect(place, stored, item, pool)
        : this.#inspectWhole(place, stored.position, pool);
      place++;
    }
  }

  /** A block of which only the chain's part has been read so far: the wanted rows need the rest. */
  async #inspectWhole(place: number, position: number, pool: Pool): Promise<Underway> {
    for await (const stored of this.#dataset.ledger.stored({ from: position, to: position })) {
      return this.#inspect(place, stored, fromStored(withoutBodies(stored)), pool);
    }
    throw new Error('a store has lost a block while it was read');
  }

  #inspect(place: number, stored: ReadBlock, item: BlockItem, pool: Pool): Underway {
    const { entries, salts, bodies } = stored;
    const whole = entries !== null && salts !== null && bodies !== null;
    const known = isReadable(item) && this.#dataset.accepted.has(place, hashOf(item));
    if (!known) {
      // It was not accepted before, or is another now: whatever it turns out to be, nothing of it is opened.
      const inspection = inspectBlock(whole ? fromStored(stored) : item, this.#curve, { bodies: whole });
      return { inspection, opened: null, bytes: 0 };
    }
    const inspection = inspectBlock(item, vouchedFor(this.#curve), { bodies: false });
    if (!whole || inspection.kind === 'unsound' || inspection.entries === null) {
      return { inspection, opened: null, bytes: 0 };
    }
    const opened = this.#open({ entries, salts, bodies }, item, pool);
    // What goes wrong is thrown in its turn.
    opened.catch(() => {});
    return { inspection, opened, bytes: entries.length + salts.length + bodies.length };
  }

  async #open(packed: PackedEntries, { header, entries }: Block, pool: Pool): Promise<OpenedRows> {
    const records = entries.length;
    const erased = this.#dataset.state.erasedIn(header.index, records);
    const order = rowsToOpen(packed, this.#dataset.info, { ...this.#range(), erased });
    const bytes = packed.bodies.length;
    if ((records < THREAD_RECORDS && bytes < THREAD_BYTES) || bytes > LARGEST_FOR_THREADS) return openRows.run(order);
    return pool.run(openRows, order, { signal: this.#options.signal });
  }

  #range(): RowRange {
    const { from, to } = this.#options.rows ?? { from: 1, to: Number.MAX_SAFE_INTEGER };
    return { from: Math.max(from, 1), to };
  }

  #holdsWanted(item: BlockItem): boolean {
    return isReadable(item) && this.#rowsIn(item, this.#dataset.info.keys, this.#range()).length > 0;
  }

  /** Rows of a block, without those that have other versions or are one: they come apart (`LatestVersions`). */
  #rowsIn(block: Pick<Block, 'entries'>, keys: { has(keyId: string): boolean }, range: RowRange): RowPlace[] {
    return rowsIn(block, keys, range).filter(this.#isOnlyVersion);
  }

  readonly #isOnlyVersion = ({ row }: { readonly row: number }): boolean =>
    isOnlyVersion(this.#dataset.info.amendments, row);

  #give(report: BlockReport, opened: OpenedRows | null): OpenedRow[] {
    const { number, accepted } = report;
    if (accepted === null) return [];
    const { info, state } = this.#dataset;
    const held = (range: RowRange): RowPlace[] => this.#rowsIn(accepted.block, info.keys, range);
    // Row 0 has been opened for the manifest, or it has not.
    const header = info.manifest === null ? held({ from: 0, to: 0 }) : [];
    const unopened = opened?.unopened.filter(this.#isOnlyVersion) ?? held(this.#range());
    for (const place of [...header, ...unopened]) {
      const group = this.#groupOf(accepted.block, place.entry);
      this.#left.push({ ...place, block: number, group });
    }
    // A row is given out without what has been erased of it, but not without what should open.
    const without = new Set(unopened.filter(({ entry }) => !state.isErased(number, entry)).map(({ row }) => row));
    const whole = (opened?.rows ?? [])
      .map((row, i) => ({
        row,
        content: opened?.contents.subarray(opened.ends[i - 1] ?? 0, opened.ends[i]) ?? new Uint8Array(0),
      }))
      .filter(this.#isOnlyVersion);
    this.#count(accepted.block, [...whole, ...unopened]);
    const rows = without.size === 0 ? whole : whole.filter(({ row }) => !without.has(row));
    this.#opened += rows.length;
    return rows;
  }

  #groupOf({ entries }: Pick<Block, 'entries'>, place: number): string {
    const entry = entries[place];
    const keyId = entry?.kind === 'sealed' ? toHex(keyIdOf(entry.bytes)) : '';
    const group = this.#dataset.info.open.find(({ keyIds }) => keyIds.includes(keyId));
    return group === undefined ? '' : groupLabel(group);
  }

  /** @param held the rows of which a part is under a key that is held, some of them more than once */
  #count(block: Pick<Block, 'entries'>, held: readonly { readonly row: number }[]): void {
    const { keys, keyIds } = this.#dataset.info;
    const rows = new Set(held.map(({ row }) => row));
    if (keys.size < keyIds.length) {
      const others = new Set(keyIds.filter((id) => !keys.has(id)));
      const closed = new Set(this.#rowsIn(block, others, this.#range()).map(({ row }) => row));
      this.#closed += closed.size;
      for (const row of closed) rows.add(row);
    }
    this.#seen += rows.size;
  }

  /** Which rows a bad block held is told by nothing that can be trusted. */
  #leaveOut({ number, problems }: BlockReport): OpenedRow[] {
    if (problems.length > 0 && number >= this.#dataset.info.block)
      this.#left.push({ row: null, block: number, entry: 0, group: '' });
    return [];
  }

  report(): Omit<OpenReport, 'corrected'> {
    const { info } = this.#dataset;
    const verdict = this.#verifier.finish();
    const { state } = this.#verifier;
    const end = state.datasets.get(info.id)?.ends.at(-1) ?? null;
    const newest = Math.max(end ?? 0, info.rows);
    const { from, to } = this.#range();
    const isErased = ({ block, entry }: { block: number; entry: number }): boolean => state.isErased(block, entry);
    const erased = this.#left.flatMap(({ row, ...place }) =>
      row !== null && isErased(place) ? [{ row, ...place }] : [],
    );
    const last = Math.min(to, newest);
    const accounted = versionsWithin(info.amendments, { from, to: last }) + this.#seen;
    return {
      verdict,
      opened: this.#opened,
      left: rowsOf(this.#left.filter((each) => each.row === null || !isErased(each))),
      erased,
      closed: this.#closed,
      missing: Math.max(0, last - from + 1 - accounted),
      complete: end !== null && end === newest,
    };
  }
}

/** Each row once, whatever number of its parts was left out. */
function rowsOf(places: readonly { row: number | null; block: number }[]): { row: number | null; block: number }[] {
  return places
    .filter(({ row }, i) => row === null || row !== places[i - 1]?.row)
    .map(({ row, block }) => ({ row, block }));
}

function withoutBodies(stored: ReadBlock): ReadBlock {
  return { ...stored, salts: null, bodies: null };
}

/** For blocks that a verification has accepted already: what was signed in them is known to be so. */
function vouchedFor(curve: Curve): Curve {
  return { ...curve, verify: () => true };
}

/** An inspection, completed by what a thread has found of salts and bodies. */
async function completed({ inspection, opened }: Underway): Promise<Inspected> {
  try {
    const rows = await opened;
    if (rows === null || inspection.kind === 'unsound') return { inspection, opened: null };
    return { inspection: { ...inspection, bodyFaults: rows.faults, missing: rows.missing }, opened: rows };
  } catch (error) {
    // Salts or bodies that cannot be told apart make the block one that cannot be read.
    if (!(error instanceof MedsealError) || !UNREADABLE.has(error.code)) throw error;
    return { inspection: unreadable(error), opened: null };
  }
}

const UNREADABLE: ReadonlySet<string> = new Set<ProblemCode>(['MALFORMED', 'TOO_LARGE']);
