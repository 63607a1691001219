import { grantKey, newGroupKey } from '../access/grants.js';
import { renewKeys } from '../access/group-keys.js';
import { granterOf } from '../access/say.js';
import { equalBytes, toHex } from '../bytes.js';
import { type GroupKey, SALT_LENGTH } from '../crypto/sealing.js';
import { MedsealError, throwIfAborted } from '../errors.js';
import type { Entry } from '../format/entry.js';
import { MAX_CONTENT_BYTES, WRITER_BLOCK_BYTES } from '../format/limits.js';
import type { Ledger } from '../ledger/ledger.js';
import { type LedgerWriter, type PackedData, statementEntry } from '../ledger/writer.js';
import type { Pool } from '../threads/pool.js';
import { originalOf, rowsWithoutVersions } from './amendments.js';
import type { ScannedRecord } from './csv/scanner.js';
import type { DatasetInfo } from './directory.js';
import type { LookupColumn } from './lookup/columns.js';
import { markIndexed, type Tagger, taggerFor } from './lookup/tags.js';
import { encodeManifest, type Manifest, ONLY_GROUP } from './manifest.js';
import { sealRecord } from './records.js';
import { type RowBlock, rowBlocks } from './row-blocks.js';
import { RowStream } from './row-stream.js';
import { readRows } from './rows.js';
import type { SealOptions, SealResult } from './seal.js';
import { rowsToSeal, sealRows } from './sealed-rows.js';
import type { Examined } from './source.js';

/** The ledger holds other content under this name. */
export function exists(name: string): MedsealError {
  const message = `the ledger holds a data set "${name}" with other content; choose another --name, or add to it with --append`;
  return new MedsealError('DATASET_EXISTS', message);
}

/** Whether a record is the one that was sealed; of one that was erased nobody can tell any more. */
function isSame(record: ScannedRecord | null, sealed: Uint8Array | null): boolean {
  return record !== null && (sealed === null || equalBytes(record.bytes, sealed));
}

function interrupted(name: string): MedsealError {
  const message = `the data set "${name}" has rows of another file, whose appending was interrupted; append that file first`;
  return new MedsealError('DATASET_INCOMPLETE', message);
}

function headerTooLarge(): MedsealError {
  const message = `line 1: the header line, with the names of its columns, is larger than a record may be`;
  return new MedsealError('RECORD_TOO_LARGE', message, { line: 1 });
}

/** Sealing fewer rows, with fewer bytes, takes less time than their way to another thread and back. */
const THREAD_ROWS = 50;
const THREAD_BYTES = 256 * 1024;

/** A block whose making is waited for before the next one is handed to the writer. */
const LARGE_BLOCK_BYTES = WRITER_BLOCK_BYTES / 4;

/** Contents that are being sealed or wait for it take no more than this, or one block. */
const MOST_BYTES_AHEAD = WRITER_BLOCK_BYTES + WRITER_BLOCK_BYTES / 4;

/** Under which key rows are sealed, and by which values they are found. */
interface Sealer {
  readonly group: GroupKey;
  readonly tagger: Tagger | null;
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
    pool: Pool,
    options: SealOptions & { readonly blockSize: number },
  ) {
    this.#ledger = ledger;
    this.#writer = writer;
    this.#examined = examined;
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
    const group = newGroupKey(ledgerId, random);
    const id = toHex(random(16));
    const found = lookup.length === 0 ? {} : { lookup };
    const manifest: Manifest = { version: 1, name, group: ONLY_GROUP, ...this.#examined.shape, ...found };
    const headerRow = encodeManifest(manifest, this.#examined.header);
    if (headerRow.length > MAX_CONTENT_BYTES) throw headerTooLarge();
    const entries: Entry[] = [statementEntry({ kind: 'dataset', id, keys: [toHex(group.keyId)] })];
    for (const reader of new Set([state.owner ?? identity.publicKey, identity.publicKey, ...state.recovery])) {
      entries.push(statementEntry(await grantKey(group, reader, random)));
    }
    entries.push(sealRecord(group, 0, headerRow, random(SALT_LENGTH)));
    const tagger = taggerFor(manifest, group);
    await this.#append(tagger === null ? entries : markIndexed(entries, group), 0);
    return this.#sealRest({ group, tagger }, this.#source(), id, name);
  }

  /** A data set that is there: compares the rows that it has with the source, then seals the rest. */
  async continue(dataset: DatasetInfo, name: string): Promise<SealResult> {
    const state = this.#writer.state.datasets.get(dataset.id);
    const { block, keys, amendments } = dataset;
    const keyIds = new Set(dataset.keyIds);
    const isErased = this.#isErased;
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
    for await (const there of readRows(this.#ledger, keys, {
      block,
      from: this.#base + 1,
      to: newest,
      keyIds,
      isErased,
    })) {
      // A correction is no row of any file.
      if (originalOf(amendments, there.row) !== null) continue;
      const record = await source.next();
      const append = this.#options.append ?? false;
      if (record === null && !append && ends.includes(this.#row)) return this.#already(dataset, name, newest);
      if (!isSame(record, there.content)) throw append ? interrupted(name) : exists(name);
      this.#row = there.row;
      this.#resumed++;
    }
    if (!this.#options.append && lastEnd !== undefined) {
      if ((await source.next()) !== null || !ends.includes(this.#row)) throw exists(name);
      return this.#already(dataset, name, newest);
    }
    return this.#sealRest(await this.#keyInUse(dataset), source, dataset.id, name);
  }

  readonly #isErased = (block: number, entry: number): boolean => this.#writer.state.isErased(block, entry);

  /** The key for the rows to come: another one, in a block before them, where the one that was used is out of use. */
  async #keyInUse({ id, manifest }: DatasetInfo): Promise<Sealer> {
    const state = this.#writer.state.datasets.get(id);
    if (state === undefined) throw new MedsealError('DATASET_NOT_FOUND', 'the ledger holds no such data set');
    const { keys, statements } = await renewKeys(granterOf(this.#ledger, this.#writer), state);
    const group = keys[0] as GroupKey;
    const tagger = manifest === null ? null : taggerFor(manifest, group);
    if (statements.length > 0) {
      const entries = statements.map(statementEntry);
      await this.#append(tagger === null ? entries : markIndexed(entries, group), this.#row);
    }
    return { group, tagger };
  }

  /** Whether the source is just what was sealed last, so that appending it a second time is left alone. */
  async #isLastFile(
    { block, keys, amendments, ...dataset }: DatasetInfo,
    before: number,
    newest: number,
  ): Promise<boolean> {
    const corrections = [...amendments.originals.keys()].filter((row) => row > before && row <= newest);
    if (this.#examined.rows !== newest - before - corrections.length) return false;
    const keyIds = new Set(dataset.keyIds);
    const range = { block, from: before + 1, to: newest, keyIds, isErased: this.#isErased };
    const source = this.#source();
    for await (const { row, content } of readRows(this.#ledger, keys, range)) {
      if (originalOf(amendments, row) !== null) continue;
      const record = await source.next();
      if (!isSame(record, content)) return false;
    }
    return true;
  }

  async #sealRest(sealer: Sealer, source: RowStream, id: string, name: string): Promise<SealResult> {
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
      for await (const rows of rowBlocks(source.rest(), this.#row + 1, this.#options.blockSize)) {
        throwIfAborted(this.#options.signal);
        const bytes = rows.contents.length;
        const full = () => ahead.length > this.#pool.threads || bytesAhead + bytes > MOST_BYTES_AHEAD;
        while (ahead.length > 0 && full()) await writeFirst();
        bytesAhead += bytes;
        ahead.push(this.#seal(rows, sealer));
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

  #seal(rows: RowBlock, { group, tagger }: Sealer): Sealing {
    const order = rowsToSeal(rows, group, tagger, this.#ledger.random);
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
