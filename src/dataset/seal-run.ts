import { grantKey, newGroupKey } from '../access/grants.js';
import { renewKeys } from '../access/group-keys.js';
import { granterOf } from '../access/say.js';
import { equalBytes, toHex } from '../bytes.js';
import { type GroupKey, SALT_LENGTH } from '../crypto/sealing.js';
import { MedsealError, throwIfAborted } from '../errors.js';
import type { Entry } from '../format/entry.js';
import { WRITER_BLOCK_BYTES } from '../format/limits.js';
import type { Ledger } from '../ledger/ledger.js';
import { type LedgerWriter, type PackedData, statementEntry } from '../ledger/writer.js';
import type { Pool } from '../threads/pool.js';
import { originalOf, rowsWithoutVersions } from './amendments.js';
import type { DatasetInfo } from './directory.js';
import type { LookupColumn } from './lookup/columns.js';
import { markIndexed } from './lookup/tags.js';
import { encodeManifest } from './manifest.js';
import { sealRecord } from './records.js';
import { type RowBlock, rowBlocks } from './row-blocks.js';
import { RowStream } from './row-stream.js';
import { readRows } from './rows.js';
import type { SealOptions, SealResult } from './seal.js';
import { type RowZero, rowZeros, type SealPlan, splitterOf } from './seal-plan.js';
import { type GroupSealer, rowsToSeal, sealerOf, sealRows } from './sealed-rows.js';
import type { Examined } from './source/source.js';

/** The ledger holds other content under this name. */
export function exists(name: string): MedsealError {
  const message = `the ledger holds a data set "${name}" with other content; choose another --name, or add to it with --append`;
  return new MedsealError('DATASET_EXISTS', message);
}

/** Whether the parts of a record are those that were sealed; of one that was erased nobody can tell any more. */
function isSame(parts: readonly Uint8Array[], sealed: readonly (Uint8Array | null)[]): boolean {
  return sealed.every((part, group) => part === null || equalBytes(parts[group] ?? NOTHING, part));
}

const NOTHING = new Uint8Array(0);

function interrupted(name: string): MedsealError {
  const message = `the data set "${name}" has rows of another file, whose appending was interrupted; append that file first`;
  return new MedsealError('DATASET_INCOMPLETE', message);
}

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

/**
 * One run of sealing. While the work for a block is done, the ones behind it are read and sealed: a few of them, however
 * large the source is.
 */
export class SealRun {
  readonly #ledger: Ledger;
  readonly #writer: LedgerWriter;
  readonly #examined: Examined;
  readonly #plan: SealPlan;
  readonly #pool: Pool;
  readonly #options: SealOptions & { readonly blockSize: number };
  readonly #firstBlock: number;
  /** The newest row of the data set. */
  #row = 0;
  /** The row before this source's first: 0, but when appending. */
  #base = 0;
  #sealed = 0;
  #resumed = 0;
  /** The block that is being made; the one behind it may be handed to the writer, but no third. */
  #appending: Promise<void> = Promise.resolve();
  /** The newest row of each block that is not durable yet. */
  readonly #undurable: { block: number; row: number }[] = [];
  readonly #streams: RowStream[] = [];

  constructor(
    ledger: Ledger,
    writer: LedgerWriter,
    examined: Examined,
    plan: SealPlan,
    pool: Pool,
    options: SealOptions & { readonly blockSize: number },
  ) {
    this.#ledger = ledger;
    this.#writer = writer;
    this.#examined = examined;
    this.#plan = plan;
    this.#pool = pool;
    this.#options = options;
    this.#firstBlock = writer.newest + 1;
  }

  get hasWritten(): boolean {
    return this.#writer.newest >= this.#firstBlock;
  }

  /** A new data set: its statement, its grants and its header row in one block, then the rows. */
  async begin(name: string, lookup: readonly LookupColumn[]): Promise<SealResult> {
    const { ledgerId, identity, state } = this.#writer;
    const { random } = this.#ledger;
    const headers = rowZeros(this.#plan, name, this.#examined, lookup);
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
    return this.#sealRest(sealers, this.#source(), id, name);
  }

  /** A data set that is there: compares the rows that it has with the source, then seals the rest. */
  async continue(dataset: DatasetInfo, name: string): Promise<SealResult> {
    const state = this.#writer.state.datasets.get(dataset.id);
    const { amendments } = dataset;
    const newest = (state?.nextRow ?? 1) - 1;
    const ends = state?.ends ?? [];
    const lastEnd = ends.at(-1);
    if (this.#options.append) {
      if (lastEnd === undefined) {
        const message = `the data set "${name}" is incomplete; finish sealing its first file before appending another`;
        throw new MedsealError('DATASET_INCOMPLETE', message);
      }
      const files = ends.filter((end) => originalOf(amendments, end) === null);
      if (!this.#options.repeat && lastEnd === newest && (await this.#isLastFile(dataset, files.at(-2) ?? 0, newest))) {
        return this.#already(dataset, name, newest);
      }
      this.#base = lastEnd;
    }
    this.#row = this.#base;
    const source = this.#source();
    const parts = splitterOf(this.#plan.split);
    const range = { from: this.#base + 1, to: newest };
    for await (const there of readRows(this.#ledger, dataset, range, this.#isErased)) {
      // A correction is no row of any file.
      if (originalOf(amendments, there.row) !== null) continue;
      const record = await source.next();
      const append = this.#options.append ?? false;
      if (record === null && !append && ends.includes(this.#row)) return this.#already(dataset, name, newest);
      if (record === null || !isSame(parts(record.bytes), there.parts)) throw append ? interrupted(name) : exists(name);
      this.#row = there.row;
      this.#resumed++;
    }
    if (!this.#options.append && lastEnd !== undefined) {
      if ((await source.next()) !== null || !ends.includes(this.#row)) throw exists(name);
      return this.#already(dataset, name, newest);
    }
    return this.#sealRest(await this.#keysInUse(dataset), source, dataset.id, name);
  }

  readonly #isErased = (block: number, entry: number): boolean => this.#writer.state.isErased(block, entry);

  /** The groups' keys for the rows to come: others, in a block before them, where those that were used are out of use. */
  async #keysInUse({ id, groups }: DatasetInfo): Promise<readonly GroupSealer[]> {
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
    return sealers;
  }

  /** Whether the source is just what was sealed last, so that appending it a second time is left alone. */
  async #isLastFile(dataset: DatasetInfo, before: number, newest: number): Promise<boolean> {
    const { amendments } = dataset;
    const corrections = [...amendments.originals.keys()].filter((row) => row > before && row <= newest);
    if (this.#examined.rows !== newest - before - corrections.length) return false;
    const range = { from: before + 1, to: newest };
    const source = this.#source();
    const parts = splitterOf(this.#plan.split);
    for await (const { row, parts: sealed } of readRows(this.#ledger, dataset, range, this.#isErased)) {
      if (originalOf(amendments, row) !== null) continue;
      const record = await source.next();
      if (record === null || !isSame(parts(record.bytes), sealed)) return false;
    }
    return true;
  }

  async #sealRest(sealers: readonly GroupSealer[], source: RowStream, id: string, name: string): Promise<SealResult> {
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
    return this.#result(id, name);
  }

  #seal(rows: RowBlock, sealers: readonly GroupSealer[]): Sealing {
    const order = rowsToSeal(rows, sealers, this.#plan.split, this.#ledger.random);
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
    this.#options.onProgress?.({ rows: row - this.#base, total: this.#examined.rows });
  }

  #source(): RowStream {
    const stream = new RowStream(this.#examined.batches());
    this.#streams.push(stream);
    return stream;
  }

  /** Ends with the block that is being made, and lets go of the source, however far it has been read. */
  async close(): Promise<void> {
    await this.#appending.catch(() => {});
    for (const stream of this.#streams) await stream.close();
  }

  #already({ id, amendments }: DatasetInfo, name: string, newest: number): SealResult {
    const rows = rowsWithoutVersions(newest, amendments);
    return { id, name, rows, sealed: 0, resumed: 0, already: true, blocks: null };
  }

  #result(id: string, name: string): SealResult {
    const blocks = { from: this.#firstBlock, to: this.#writer.newest };
    const corrections = this.#writer.state.data.amendments.get(id)?.originals.size ?? 0;
    return {
      id,
      name,
      rows: this.#row - corrections,
      sealed: this.#sealed,
      resumed: this.#resumed,
      already: false,
      blocks,
    };
  }
}
