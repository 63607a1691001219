import { equalBytes } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { isFailure, MedsealError } from '../errors.js';
import { MAX_ENTRIES } from '../format/limits.js';
import type { Ledger, WriteOptions } from '../ledger/ledger.js';
import type { LedgerWriter } from '../ledger/writer.js';
import { createPool, type Pool } from '../threads/pool.js';
import { type DatasetInfo, listDatasets } from './directory.js';
import type { GroupChoice } from './groups.js';
import { chooseLookup, isChosen, isSameLookup, type LookupChoice, type LookupColumn } from './lookup/columns.js';
import { datasetName, type Manifest } from './manifest.js';
import { expectAllGroups, planFor, planToGoOn } from './seal-plan.js';
import { exists, SealRun, THREAD_ROWS } from './seal-run.js';
import { sealRows } from './sealed-rows.js';
import { examine } from './source/examine.js';
import type { Examined, Source, SourceOptions } from './source/source.js';

/** How far a sealing has come. */
export interface SealProgress {
  /** Rows sealed and durable, with those sealed in an earlier, interrupted run. */
  readonly rows: number;
  /** Rows in all, null for a stream. */
  readonly total: number | null;
}

export interface SealOptions extends SourceOptions, LookupChoice, Omit<WriteOptions, 'signal'> {
  /** The data set's name. */
  readonly name: string;
  /**
   * Column groups, each of which is sealed under a key of its own, so that it can be granted by itself. Default: one, of
   * all columns; of a data set that is there, those that it has.
   */
  readonly groups?: readonly GroupChoice[];
  /** Rows a block, 1 … 65,535; fewer where their records would be more than that. Default 1, as in the notebook. */
  readonly blockSize?: number;
  /** Adds the rows to the data set of this name, which must have the same columns. */
  readonly append?: boolean;
  /** Appends rows even where they are just the newest ones again; otherwise such a run is taken for done. */
  readonly repeat?: boolean;
  /** Threads that seal the records of large blocks. Default: all cores. The ledger is the same for any number. */
  readonly threads?: number;
  readonly onProgress?: (progress: SealProgress) => void;
}

export interface SealResult {
  readonly id: string;
  readonly name: string;
  /** Rows of the data set now, the header row not counted, and each row once, whatever versions it has. */
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
 *   `DATASET_AMBIGUOUS`, `DATASET_INCOMPLETE`, `COLUMN_UNKNOWN`, `COLUMNS_DIFFER`, `GROUP_INVALID`, `DATASET_NAME_INVALID`,
 *   `ARGUMENT_INVALID`; `OWNER_UNKNOWN`,
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
  const pool = createPool(options.threads === undefined ? {} : { threads: options.threads });
  try {
    // Their start takes as long as a small file's looking through.
    if (blockSize >= THREAD_ROWS) pool.prepare(sealRows);
    const examined = typeof source === 'object' && 'batches' in source ? source : await examine(source, options);
    return await sealExamined(ledger, identity, examined, pool, { ...options, name, blockSize });
  } finally {
    await pool.close();
  }
}

async function sealExamined(
  ledger: Ledger,
  identity: Identity,
  examined: Examined,
  pool: Pool,
  options: SealOptions & { readonly blockSize: number },
): Promise<SealResult> {
  const { name } = options;
  let run: SealRun | null = null;
  let writer: LedgerWriter | null = null;
  try {
    writer = await ledger.write(identity, options);
    const existing = (await listDatasets(ledger, identity)).datasets.filter((dataset) => dataset.name === name);
    const target = chooseTarget(existing, examined, writer, name, options.append ?? false);
    const lookup = chooseLookup(examined, options);
    if (target !== null && isChosen(options)) expectSameLookup(target, lookup, name);
    const plan = target === null ? planFor(examined, options.groups) : planToGoOn(target, examined, options.groups);
    run = new SealRun(ledger, writer, examined, plan, pool, options);
    return target === null ? await run.begin(name, lookup) : await run.continue(target, name);
  } catch (error) {
    // Only now it is known what has been written.
    await run?.close();
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
  expectAllGroups(dataset);
  const same =
    dataset.manifest?.media_type === shape.media_type &&
    dataset.manifest.delimiter === shape.delimiter &&
    isSameColumns(dataset.manifest.columns, shape.columns);
  if (!same) {
    if (!append) throw exists(name);
    const what = format === 'ndjson' ? 'kind of content' : 'columns, types of them, or another delimiter,';
    throw new MedsealError('COLUMNS_DIFFER', `the file has other ${what} than the data set "${name}"`);
  }
  // The same names can be written in other bytes (quotes, a byte-order mark, another line end).
  if (!append && (dataset.header === null || !equalBytes(dataset.header, header))) throw exists(name);
  return dataset;
}

/** Columns of the same names, and of the same types where they have any. */
function isSameColumns(one: Manifest['columns'], other: Manifest['columns']): boolean {
  const plain = (columns: Manifest['columns']): string =>
    JSON.stringify(columns.map(({ name, type = null }) => [name, type]));
  return plain(one) === plain(other);
}

/** By which columns rows are found is sealed with the header row, and stays. @throws {MedsealError} `COLUMNS_DIFFER` */
function expectSameLookup({ manifest }: DatasetInfo, lookup: readonly LookupColumn[], name: string): void {
  if (isSameLookup(manifest?.lookup ?? [], lookup)) return;
  const message = `the rows of "${name}" are found by other columns, and that stays; leave --subject and --index away, or choose another --name`;
  throw new MedsealError('COLUMNS_DIFFER', message);
}

/** A stream is judged only as it is sealed: a fault in it comes too late to refuse it whole. */
function broken(error: unknown, name: string): unknown {
  if (!(error instanceof MedsealError) || isFailure(error)) return error;
  if (error.place.line === undefined && error.code !== 'COMPRESSION_INVALID') return error;
  const message = `${error.message}. The rows before it are kept in "${name}", which is incomplete; seal the corrected input under this name to go on`;
  return new MedsealError('STREAM_BROKEN', message, error.place, { cause: error });
}
