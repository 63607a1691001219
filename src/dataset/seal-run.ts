import { grantKey, newGroupKey } from '../access/grants.js';
import { renewKeys } from '../access/group-keys.js';
import { granterOf } from '../access/say.js';
import { toHex } from '../bytes.js';
import { type GroupKey, SALT_LENGTH } from '../crypto/sealing.js';
import { MedsealError, throwIfAborted } from '../errors.js';
import type { Entry } from '../format/entry.js';
import { WRITER_BLOCK_BYTES } from '../format/limits.js';
import type { Ledger } from '../ledger/ledger.js';
import { type LedgerWriter, type PackedData, statementEntry } from '../ledger/writer.js';
import type { Pool } from '../threads/pool.js';
import { rowsWithoutVersions } from './amendments.js';
import type { DatasetInfo } from './directory.js';
import type { LookupColumn } from './lookup/columns.js';
import { markIndexed } from './lookup/tags.js';
import { encodeManifest } from './manifest.js';
import { sealRecord } from './records.js';
import { type RowBlock, rowBlocks } from './row-blocks.js';
import { RowStream } from './row-stream.js';
import type { SealProgress, SealResult } from './seal.js';
import { type RowZero, rowZeros, type SealPlan } from './seal-plan.js';
import type { SealedBefore } from './sealed-before.js';
import { type GroupSealer, rowsToSeal, sealerOf, sealRows } from './sealed-rows.js';
import type { Examined } from './source/source.js';

const NOTHING = new Uint8Array(0);

/** Sealing fewer rows, with fewer bytes, takes less time than their way to another thread and back. */
export const THREAD_ROWS = 50;
const THREAD_BYTES = 256 * 1024;

/** A block whose making is waited for before the next one is handed to the writer. */
const LARGE_BLOCK_BYTES = WRITER_BLOCK_BYTES / 4;

/** Contents that are being sealed or wait for it take no more than this, or one block. */
const MOST_BYTES_AHEAD = WRITER_BLOCK_BYTES + WRITER_BLOCK_BYTES / 4;

/** Entries that say, to those who hold the keys, that the rows under them are tagged as they are sealed. */
function marked(entries: readonly Entry[], sealers: readonly GroupSealer[]): readonly Entry[] {
  return sealers.reduce<readonly Entry[]>(
    (all, { key, tagger }) => (tagger === null ? all : markIndexed(all, key)),
    entries,
  );
}

/** Rows on their way to the writer. */
interface Sealing {
  readonly sealed: Promise<PackedData>;
  readonly lastRow: number;
  readonly bytes: number;
}

/** What a run seals into one data set. */
export interface RunPlan {
  readonly name: string;
  /** Sealed one behind the other, each with an end of its own. */
  readonly sources: readonly Examined[];
  readonly plan: SealPlan;
  readonly lookup: readonly LookupColumn[];
  /** The data set that they go on with, and what it has of them already; null for a new one. */
  readonly before: { readonly dataset: DatasetInfo; readonly sealed: SealedBefore } | null;
}

export interface RunOptions {
  readonly blockSize: number;
  readonly signal?: AbortSignal;
  /** @param source its place among the run's sources */
  readonly onProgress?: (progress: SealProgress, source: number) => void;
}

/** The data set that is written, once it is there or has been begun. */
interface Writing {
  readonly id: string;
  readonly sealers: readonly GroupSealer[];
}

/**
 * The sealing of one data set. While the work for a block is done, the ones behind it are read and sealed: a few of them,
 * however large the sources are.
 */
export class SealRun {
  readonly #ledger: Ledger;
  readonly #writer: LedgerWriter;
  readonly #run: RunPlan;
  readonly #pool: Pool;
  readonly #options: RunOptions;
  #writing: Writing | null = null;
  /** Which source is being sealed, and the first block that it is in. */
  #source = 0;
  #firstBlock: number;
  /** The newest row of the data set. */
  #row: number;
  /** The row before this source's first. */
  #base = 0;
  #sealed = 0;
  /** The block that is being made; the one behind it may be handed to the writer, but no third. */
  #appending: Promise<void> = Promise.resolve();
  /** The newest row of each block that is not durable yet. */
  readonly #undurable: { block: number; row: number }[] = [];
  #stream: RowStream | null;

  constructor(ledger: Ledger, writer: LedgerWriter, run: RunPlan, pool: Pool, options: RunOptions) {
    this.#ledger = ledger;
    this.#writer = writer;
    this.#run = run;
    this.#pool = pool;
    this.#options = options;
    this.#firstBlock = writer.newest + 1;
    this.#row = run.before?.sealed.row ?? 0;
    this.#stream = run.before?.sealed.stream ?? null;
  }

  /** Whether anything of the source has been written that is being sealed. */
  get hasWritten(): boolean {
    return this.#writer.newest >= this.#firstBlock;
  }

  /** Seals a source behind those before it, or says that it is there already. */
  async seal(place: number): Promise<SealResult> {
    const { before, name } = this.#run;
    this.#source = place;
    this.#firstBlock = this.#writer.newest + 1;
    this.#sealed = 0;
    if (before !== null && place < before.sealed.whole) {
      const { dataset, sealed } = before;
      const rows = rowsWithoutVersions(sealed.row, dataset.amendments);
      return { id: dataset.id, name, rows, sealed: 0, resumed: 0, already: true, blocks: null };
    }
    const isFirst = this.#writing === null;
    this.#base = before !== null && isFirst ? before.sealed.base : this.#row;
    this.#writing ??= before === null ? await this.#begin() : await this.#goOn(before.dataset);
    this.#stream ??= new RowStream((this.#run.sources[place] as Examined).batches());
    await this.#sealRest(this.#writing, this.#stream);
    await this.#closeStream();
    return this.#result(this.#writing.id, isFirst ? (before?.sealed.resumed ?? 0) : 0);
  }

  /** A new data set: its statement, its grants and its header row in one block, then the rows. */
  async #begin(): Promise<Writing> {
    const { ledgerId, identity, state } = this.#writer;
    const { plan, name, sources, lookup } = this.#run;
    const { random } = this.#ledger;
    const headers = rowZeros(plan, name, sources[0] as Examined, lookup);
    const keys = headers.map(() => newGroupKey(ledgerId, random));
    const id = toHex(random(16));
    const entries: Entry[] = [statementEntry({ kind: 'dataset', id, keys: keys.map(({ keyId }) => toHex(keyId)) })];
    const readers = new Set([state.owner ?? identity.publicKey, identity.publicKey, ...state.recovery]);
    for (const key of keys) {
      for (const reader of readers) entries.push(statementEntry(await grantKey(key, reader, random)));
    }
    for (const [group, key] of keys.entries()) {
      const { manifest, header } = headers[group] as RowZero;
      entries.push(sealRecord(key, 0, encodeManifest(manifest, header), random(SALT_LENGTH)));
    }
    const sealers = headers.map(({ manifest }, group) => sealerOf(keys[group] as GroupKey, manifest));
    await this.#append(marked(entries, sealers), 0);
    return { id, sealers };
  }

  /** The groups' keys for the rows to come: others, in a block before them, where those that were used are out of use. */
  async #goOn({ id, groups }: DatasetInfo): Promise<Writing> {
    const state = this.#writer.state.datasets.get(id);
    if (state === undefined) throw new MedsealError('DATASET_NOT_FOUND', 'the ledger holds no such data set');
    const { keys, statements } = await renewKeys(granterOf(this.#ledger, this.#writer), state);
    const sealers = keys.map((key, group) => sealerOf(key, groups[group]?.manifest ?? null));
    if (statements.length > 0) {
      const fresh = sealers.filter(
        (_, group) => groups[group]?.keys.has(toHex(keys[group]?.keyId ?? NOTHING)) !== true,
      );
      await this.#append(marked(statements.map(statementEntry), fresh), this.#row);
    }
    return { id, sealers };
  }

  async #sealRest({ id, sealers }: Writing, source: RowStream): Promise<void> {
    const ahead: Sealing[] = [];
    let bytesAhead = 0;
    const writeFirst = async (): Promise<void> => {
      const { sealed, lastRow, bytes } = ahead.shift() as Sealing;
      await this.#append(await sealed, lastRow);
      // Two of the largest blocks at a time would take more memory than they save time.
      if (bytes > LARGE_BLOCK_BYTES) await this.#appending;
      bytesAhead -= bytes;
    };
    try {
      const { blockSize } = this.#options;
      for await (const rows of rowBlocks(source.rest(), { first: this.#row + 1, blockSize, groups: sealers.length })) {
        throwIfAborted(this.#options.signal);
        const bytes = rows.contents.length;
        const full = () => ahead.length > this.#pool.threads || bytesAhead + bytes > MOST_BYTES_AHEAD;
        while (ahead.length > 0 && full()) await writeFirst();
        bytesAhead += bytes;
        ahead.push(this.#seal(rows, sealers));
      }
      while (ahead.length > 0) await writeFirst();
    } catch (error) {
      // Of a source that breaks off, what came before is kept.
      while (ahead.length > 0) await writeFirst().catch(() => {});
      throw error;
    }
    await this.#append([statementEntry({ kind: 'dataset-end', id, rows: this.#row })], this.#row);
    await this.#appending;
    await this.#writer.flush();
    this.#reportProgress();
  }

  #seal(rows: RowBlock, sealers: readonly GroupSealer[]): Sealing {
    const order = rowsToSeal(rows, sealers, this.#run.plan.split, this.#ledger.random);
    const bytes = rows.contents.length;
    this.#row += rows.ends.length;
    this.#sealed += rows.ends.length;
    const sealed =
      rows.ends.length < THREAD_ROWS && bytes < THREAD_BYTES
        ? Promise.resolve(sealRows.run(order))
        : this.#pool.run(sealRows, order, {
            signal: this.#options.signal,
            handOver: (input) => [input.rows.contents.buffer as ArrayBuffer],
          });
    // What goes wrong is thrown where it is awaited.
    sealed.catch(() => {});
    return { sealed, lastRow: this.#row, bytes };
  }

  /** Hands a block to the writer, once the one before it is made. */
  async #append(content: readonly Entry[] | PackedData, lastRow: number): Promise<void> {
    const before = this.#appending;
    this.#appending = this.#writer.append(content, this.#options).then((block) => {
      this.#undurable.push({ block, row: lastRow });
      this.#reportProgress();
    });
    this.#appending.catch(() => {});
    await before;
  }

  #reportProgress(): void {
    let row: number | null = null;
    while (this.#undurable[0] !== undefined && this.#undurable[0].block <= this.#writer.committed) {
      row = this.#undurable.shift()?.row ?? null;
    }
    if (row === null) return;
    const total = this.#run.sources[this.#source]?.rows ?? null;
    this.#options.onProgress?.({ rows: row - this.#base, total }, this.#source);
  }

  /** Ends with the block that is being made, and lets go of the source, however far it has been read. */
  async close(): Promise<void> {
    await this.#appending.catch(() => {});
    await this.#closeStream();
  }

  async #closeStream(): Promise<void> {
    await this.#stream?.close();
    this.#stream = null;
  }

  #result(id: string, resumed: number): SealResult {
    const blocks = { from: this.#firstBlock, to: this.#writer.newest };
    const corrections = this.#writer.state.data.amendments.get(id)?.originals.size ?? 0;
    const rows = this.#row - corrections;
    return { id, name: this.#run.name, rows, sealed: this.#sealed, resumed, already: false, blocks };
  }
}
