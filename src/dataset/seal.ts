import { grantKey, newGroupKey } from '../access/grants.js';
import { equalBytes, toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import type { GroupKey } from '../crypto/sealing.js';
import { isFailure, MedsealError, throwIfAborted } from '../errors.js';
import { entryBytes } from '../format/block.js';
import type { Entry } from '../format/entry.js';
import { MAX_CONTENT_BYTES, MAX_ENTRIES, WRITER_BLOCK_BYTES } from '../format/limits.js';
import type { Ledger, WriteOptions } from '../ledger/ledger.js';
import { type LedgerWriter, statementEntry } from '../ledger/writer.js';
import type { ScannedRecord } from './csv/scanner.js';
import { type DatasetInfo, listDatasets } from './directory.js';
import { datasetName, encodeManifest, type Manifest, ONLY_GROUP } from './manifest.js';
import { sealRecord } from './records.js';
import { readRows } from './rows.js';
import { type Examined, examine, type Source, type SourceOptions } from './source.js';

/** How far a sealing has come. */
export interface SealProgress {
  /** Rows sealed and durable, with those sealed in an earlier, interrupted run. */
  readonly rows: number;
  /** Rows in all, null for a stream. */
  readonly total: number | null;
}

export interface SealOptions extends SourceOptions, Omit<WriteOptions, 'signal'> {
  /** The data set's name. */
  readonly name: string;
  /** Records a block, 1 … 65,535. Default 1, as in the notebook. */
  readonly blockSize?: number;
  /** Adds the rows to the data set of this name, which must have the same columns. */
  readonly append?: boolean;
  /** Appends rows even where they are just the newest ones again; otherwise such a run is taken for done. */
  readonly repeat?: boolean;
  readonly onProgress?: (progress: SealProgress) => void;
}

export interface SealResult {
  readonly id: string;
  readonly name: string;
  /** Rows of the data set now, the header row not counted. */
  readonly rows: number;
  /** Rows sealed by this call. */
  readonly sealed: number;
  /** Rows that an interrupted run had sealed before, compared with the source and found equal. */
  readonly resumed: number;
  /** True where the source was sealed whole before, and nothing was done. */
  readonly already: boolean;
  /** First and last block written; null where none was. */
  readonly blocks: { readonly from: number; readonly to: number } | null;
}

/**
 * Seals a table as a data set, row by row. A run that was interrupted is continued: what is sealed already is compared
 * with the source first. Rows are durable as `onProgress` reports them, and all when it returns.
 * @param source the path of a file, a stream, or what `examine` found of either
 * @param identity the owner of the ledger or a writer
 * @throws {MedsealError} what `examine` throws, before anything is written; `DATASET_EXISTS`, `DATASET_NOT_FOUND`,
 *   `DATASET_AMBIGUOUS`, `DATASET_INCOMPLETE`, `COLUMNS_DIFFER`, `DATASET_NAME_INVALID`, `ARGUMENT_INVALID`; `OWNER_UNKNOWN`,
 *   `OWNER_MISMATCH`, `LEDGER_MISMATCH`; `LOCKED`, `LEDGER_INVALID`, `LEDGER_ROLLED_BACK`,
 *   `SIGNER_UNAUTHORISED`;
 *   `FILE_CHANGED`, `STREAM_BROKEN`, `STORE_FAILED`, `CANNOT_OPEN`, `ABORTED`, after which the data set is incomplete
 */
export async function sealDataset(
  ledger: Ledger,
  identity: Identity,
  source: Source | Examined,
  options: SealOptions,
): Promise<SealResult> {
  const name = datasetName(options.name);
  const blockSize = options.blockSize ?? 1;
  if (!Number.isInteger(blockSize) || blockSize < 1 || blockSize > MAX_ENTRIES) {
    throw new MedsealError('ARGUMENT_INVALID', `the block size must be a whole number from 1 to ${MAX_ENTRIES}`);
  }
  const examined = typeof source === 'object' && 'batches' in source ? source : await examine(source, options);
  let run: SealRun | null = null;
  let writer: LedgerWriter | null = null;
  try {
    writer = await ledger.write(identity, options);
    const existing = (await listDatasets(ledger, identity)).datasets.filter((dataset) => dataset.name === name);
    const target = chooseTarget(existing, examined, writer, name, options.append ?? false);
    run = new SealRun(ledger, writer, examined, { ...options, blockSize });
    return target?.key == null ? await run.begin(name) : await run.continue(target, target.key, name);
  } catch (error) {
    throw examined.rows === null && run?.hasWritten ? broken(error, name) : error;
  } finally {
    await run?.close();
    // What was sealed before a failure is good and is kept, as an incomplete data set.
    await writer?.close().catch(() => {});
    await examined.close();
  }
}

/** The data set that this source continues, or null where it begins one. */
function chooseTarget(
  existing: readonly DatasetInfo[],
  { shape, format, header }: Examined,
  writer: LedgerWriter,
  name: string,
  append: boolean,
): DatasetInfo | null {
  const [dataset, ...others] = existing;
  if (dataset === undefined) {
    if (!append) return null;
    throw new MedsealError('DATASET_NOT_FOUND', `there is no data set "${name}" to append to that this key opens`);
  }
  if (others.length > 0) {
    throw new MedsealError('DATASET_AMBIGUOUS', `several data sets are named "${name}"`);
  }
  const state = writer.state.datasets.get(dataset.id);
  const { publicKey } = writer.identity;
  if (state === undefined || (state.signer !== publicKey && writer.state.owner !== publicKey)) {
    throw new MedsealError(
      'DATASET_EXISTS',
      `the data set "${name}" was begun by another writer; choose another --name`,
    );
  }
  const columns = dataset.manifest?.columns.map((column) => column.name);
  const same =
    dataset.manifest?.media_type === shape.media_type &&
    dataset.manifest.delimiter === shape.delimiter &&
    JSON.stringify(columns) === JSON.stringify(shape.columns.map((column) => column.name));
  if (!same) {
    if (!append) throw exists(name);
    const what = format === 'csv' ? 'columns, or another delimiter,' : 'kind of content';
    throw new MedsealError('COLUMNS_DIFFER', `the file has other ${what} than the data set "${name}"`);
  }
  // The same names can be written in other bytes (quotes, a byte-order mark, another line end).
  if (!append && (dataset.header === null || !equalBytes(dataset.header, header))) throw exists(name);
  return dataset;
}

function exists(name: string): MedsealError {
  const message = `the ledger holds a data set "${name}" with other content; choose another --name, or add to it with --append`;
  return new MedsealError('DATASET_EXISTS', message);
}

/** A stream is judged only as it is sealed: a fault in it comes too late to refuse it whole. */
function broken(error: unknown, name: string): unknown {
  if (!(error instanceof MedsealError) || isFailure(error) || error.place.line === undefined) return error;
  const message = `${error.message}. The rows before it are kept in "${name}", which is incomplete; seal the corrected input under this name to go on`;
  return new MedsealError('STREAM_BROKEN', message, error.place, { cause: error });
}

function interrupted(name: string): MedsealError {
  const message = `the data set "${name}" has rows of another file, whose appending was interrupted; append that file first`;
  return new MedsealError('DATASET_INCOMPLETE', message);
}

function headerTooLarge(): MedsealError {
  const message = `line 1: the header line, with the names of its columns, is larger than a record may be`;
  return new MedsealError('RECORD_TOO_LARGE', message, { line: 1 });
}

/** One run of sealing: collects records into blocks and hands them to the writer. */
class SealRun {
  readonly #ledger: Ledger;
  readonly #writer: LedgerWriter;
  readonly #examined: Examined;
  readonly #options: SealOptions & { readonly blockSize: number };
  readonly #firstBlock: number;
  #entries: Entry[] = [];
  #entriesBytes = 0;
  /** The newest row of the data set. */
  #row = 0;
  /** The row before this source's first: 0, but when appending. */
  #base = 0;
  #sealed = 0;
  #resumed = 0;
  /** The newest row of each block that is not durable yet. */
  readonly #undurable: { block: number; row: number }[] = [];
  readonly #streams: RowStream[] = [];

  constructor(
    ledger: Ledger,
    writer: LedgerWriter,
    examined: Examined,
    options: SealOptions & { readonly blockSize: number },
  ) {
    this.#ledger = ledger;
    this.#writer = writer;
    this.#examined = examined;
    this.#options = options;
    this.#firstBlock = writer.newest + 1;
  }

  get hasWritten(): boolean {
    return this.#writer.newest >= this.#firstBlock;
  }

  /** A new data set: its statement, its grants and its header row in one block, then the rows. */
  async begin(name: string): Promise<SealResult> {
    const { ledgerId, identity, state } = this.#writer;
    const { random } = this.#ledger;
    const group = newGroupKey(ledgerId, random);
    const id = toHex(random(16));
    const manifest: Manifest = { version: 1, name, group: ONLY_GROUP, ...this.#examined.shape };
    const headerRow = encodeManifest(manifest, this.#examined.header);
    if (headerRow.length > MAX_CONTENT_BYTES) throw headerTooLarge();
    this.#entries.push(statementEntry({ kind: 'dataset', id, keys: [toHex(group.keyId)] }));
    for (const reader of new Set([state.owner ?? identity.publicKey, identity.publicKey, ...state.recovery])) {
      this.#entries.push(statementEntry(await grantKey(group, reader, random)));
    }
    this.#entries.push(sealRecord(group, 0, headerRow, random));
    await this.#closeBlock();
    return this.#sealRest(group, this.#source(), id, name);
  }

  /** A data set that is there: compares the rows that it has with the source, then seals the rest. */
  async continue(dataset: DatasetInfo, key: GroupKey, name: string): Promise<SealResult> {
    const state = this.#writer.state.datasets.get(dataset.id);
    const { block } = dataset;
    const newest = (state?.nextRow ?? 1) - 1;
    const ends = state?.ends ?? [];
    const lastEnd = ends.at(-1);
    if (this.#options.append) {
      if (lastEnd === undefined) {
        const message = `the data set "${name}" is incomplete; finish sealing its first file before appending another`;
        throw new MedsealError('DATASET_INCOMPLETE', message);
      }
      if (
        !this.#options.repeat &&
        lastEnd === newest &&
        (await this.#isLastFile(dataset, key, ends.at(-2) ?? 0, newest))
      ) {
        return this.#already(dataset.id, name, newest);
      }
      this.#base = lastEnd;
    }
    this.#row = this.#base;
    const source = this.#source();
    for await (const there of readRows(this.#ledger, key, { block, from: this.#base + 1, to: newest })) {
      const record = await source.next();
      const append = this.#options.append ?? false;
      if (record === null && !append && ends.includes(this.#row)) return this.#already(dataset.id, name, newest);
      if (record === null || !equalBytes(record.bytes, there.content)) throw append ? interrupted(name) : exists(name);
      this.#row = there.row;
      this.#resumed++;
    }
    if (!this.#options.append && lastEnd !== undefined) {
      if ((await source.next()) !== null || !ends.includes(this.#row)) throw exists(name);
      return this.#already(dataset.id, name, newest);
    }
    return this.#sealRest(key, source, dataset.id, name);
  }

  /** Whether the source is just what was sealed last, so that appending it a second time is left alone. */
  async #isLastFile({ block }: DatasetInfo, key: GroupKey, before: number, newest: number): Promise<boolean> {
    if (this.#examined.rows !== newest - before) return false;
    const source = this.#source();
    for await (const { content } of readRows(this.#ledger, key, { block, from: before + 1, to: newest })) {
      const record = await source.next();
      if (record === null || !equalBytes(record.bytes, content)) return false;
    }
    return true;
  }

  async #sealRest(group: GroupKey, source: RowStream, id: string, name: string): Promise<SealResult> {
    const { random } = this.#ledger;
    for (let record = await source.next(); record !== null; record = await source.next()) {
      throwIfAborted(this.#options.signal);
      const entry = sealRecord(group, this.#row + 1, record.bytes, random);
      if (this.#entriesBytes + entryBytes(entry) > WRITER_BLOCK_BYTES) await this.#closeBlock();
      this.#row++;
      this.#sealed++;
      this.#entries.push(entry);
      this.#entriesBytes += entryBytes(entry);
      if (this.#entries.length >= this.#options.blockSize) await this.#closeBlock();
    }
    await this.#closeBlock();
    this.#entries.push(statementEntry({ kind: 'dataset-end', id, rows: this.#row }));
    await this.#closeBlock();
    await this.#writer.flush();
    this.#reportProgress();
    return this.#result(id, name);
  }

  async #closeBlock(): Promise<void> {
    if (this.#entries.length === 0) return;
    const entries = this.#entries;
    this.#entries = [];
    this.#entriesBytes = 0;
    await this.#writer.append(entries, this.#options);
    this.#undurable.push({ block: this.#writer.newest, row: this.#row });
    this.#reportProgress();
  }

  #reportProgress(): void {
    let row: number | null = null;
    while (this.#undurable[0] !== undefined && this.#undurable[0].block <= this.#writer.committed) {
      row = this.#undurable.shift()?.row ?? null;
    }
    if (row !== null) this.#options.onProgress?.({ rows: row - this.#base, total: this.#examined.rows });
  }

  #source(): RowStream {
    const stream = new RowStream(this.#examined.batches());
    this.#streams.push(stream);
    return stream;
  }

  /** Lets go of the source, however far it has been read. */
  async close(): Promise<void> {
    for (const stream of this.#streams) await stream.close();
  }

  #already(id: string, name: string, rows: number): SealResult {
    return { id, name, rows, sealed: 0, resumed: 0, already: true, blocks: null };
  }

  #result(id: string, name: string): SealResult {
    const blocks = { from: this.#firstBlock, to: this.#writer.newest };
    return { id, name, rows: this.#row, sealed: this.#sealed, resumed: this.#resumed, already: false, blocks };
  }
}

/** The records of a source one by one. A record's bytes are valid until the next is asked for. */
class RowStream {
  readonly #batches: AsyncIterator<readonly ScannedRecord[]>;
  #batch: readonly ScannedRecord[] = [];
  #at = 0;

  constructor(batches: AsyncIterable<readonly ScannedRecord[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  async next(): Promise<ScannedRecord | null> {
    for (;;) {
      const record = this.#batch[this.#at++];
      if (record !== undefined) return record;
      const { value, done } = await this.#batches.next();
      if (done) return null;
      this.#batch = value;
      this.#at = 0;
    }
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
