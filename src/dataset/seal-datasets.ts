import type { Identity } from '../crypto/identity.js';
import { isFailure, MedsealError, throwIfAborted, withFile } from '../errors.js';
import { MAX_ENTRIES } from '../format/limits.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerWriter } from '../ledger/writer.js';
import { createPool, type Pool } from '../threads/pool.js';
import { type DatasetInfo, listDatasets } from './directory.js';
import { chooseLookup, isChosen } from './lookup/columns.js';
import { datasetName } from './manifest.js';
import type { SealOptions, SealProgress, SealResult } from './seal.js';
import { planFor, planToGoOn } from './seal-plan.js';
import { type RunPlan, SealRun, THREAD_ROWS } from './seal-run.js';
import { chooseTarget, expectSameLookup, expectSameTable } from './seal-target.js';
import { compareWithSealed } from './sealed-before.js';
import { sealRows } from './sealed-rows.js';
import { examine } from './source/examine.js';
import type { Examined, Source } from './source/source.js';

/** One source, and the name of the data set that it is sealed into. */
export interface SealJob {
  readonly source: Source | Examined;
  readonly name: string;
}

export interface SealDatasetsOptions extends Omit<SealOptions, 'name' | 'onProgress'> {
  /** @param source its place among those given */
  readonly onProgress?: (progress: SealProgress, source: number) => void;
  /** Called when a source is sealed whole and durable. */
  readonly onSealed?: (result: SealResult, source: number) => void;
}

/**
 * Seals several sources. Those of one name become one data set, in their order, each behind the one before it. All are
 * looked through, and compared with what is sealed already, before anything is written; the ledger is verified once. A run
 * that was interrupted is continued: what it has sealed is not sealed twice.
 * @param identity the owner of the ledger or a writer
 * @returns one result a source
 * @throws {MedsealError} as `sealDataset`; what is sealed by then is kept
 */
export async function sealDatasets(
  ledger: Ledger,
  identity: Identity,
  jobs: readonly SealJob[],
  options: SealDatasetsOptions = {},
): Promise<SealResult[]> {
  const names = jobs.map(({ name }) => datasetName(name));
  const blockSize = blockSizeOf(options);
  const sources: Examined[] = [];
  const runs: SealRun[] = [];
  let pool: Pool | null = null;
  let writer: LedgerWriter | null = null;
  try {
    pool = createPool(options.threads === undefined ? {} : { threads: options.threads });
    // Their start takes as long as a small file's looking through.
    if (blockSize >= THREAD_ROWS) pool.prepare(sealRows);
    for (const { source } of jobs) sources.push(await examined(source, options));
    writer = await ledger.write(identity, options);
    const { datasets } = await listDatasets(ledger, identity);
    const order: { readonly run: SealRun; readonly place: number; readonly source: number }[] = [];
    for (const name of new Set(names)) {
      const places = [...names.keys()].filter((i) => names[i] === name);
      const own = places.map((i) => sources[i] as Examined);
      const plan = await planRun({ ledger, writer, datasets, options, isOnly: jobs.length === 1 }, name, own);
      const onProgress = (progress: SealProgress, place: number): void =>
        options.onProgress?.(progress, places[place] ?? 0);
      const { signal } = options;
      const run = new SealRun(ledger, writer, plan, pool, { blockSize, onProgress, ...(signal && { signal }) });
      runs.push(run);
      order.push(...places.map((source, place) => ({ run, place, source })));
    }
    const results: SealResult[] = [];
    for (const { run, place, source } of order) {
      throwIfAborted(options.signal);
      const result = await sealed(run, place, sources[source] as Examined, names[source] ?? '');
      results[source] = result;
      options.onSealed?.(result, source);
    }
    return results;
  } finally {
    for (const run of runs) await run.close();
    // What was sealed before a failure is good and is kept, as an incomplete data set.
    await writer?.close().catch(() => {});
    await pool?.close();
    for (const source of sources) await source.close();
  }
}

/** @throws {MedsealError} `ARGUMENT_INVALID` */
function blockSizeOf({ blockSize = 1 }: SealDatasetsOptions): number {
  if (Number.isInteger(blockSize) && blockSize >= 1 && blockSize <= MAX_ENTRIES) return blockSize;
  throw new MedsealError('ARGUMENT_INVALID', `the block size must be a whole number from 1 to ${MAX_ENTRIES}`);
}

async function examined(source: Source | Examined, options: SealDatasetsOptions): Promise<Examined> {
  return typeof source === 'object' && 'batches' in source ? source : examine(source, options);
}

interface Planning {
  readonly ledger: Ledger;
  readonly writer: LedgerWriter;
  readonly datasets: readonly DatasetInfo[];
  readonly options: SealDatasetsOptions;
  /** Whether one source is all there is: which one is at fault goes without saying then. */
  readonly isOnly: boolean;
}

/** What is to be written of the sources of one data set, so far as it is not there. */
async function planRun(planning: Planning, name: string, sources: readonly Examined[]): Promise<RunPlan> {
  const { ledger, writer, datasets, options, isOnly } = planning;
  const [first, ...others] = sources as [Examined, ...Examined[]];
  const existing = datasets.filter((dataset) => dataset.name === name);
  const append = options.append ?? false;
  const { dataset, lookup, plan } = await namingFile(first, isOnly, () => {
    const target = chooseTarget(existing, first, writer, name, append);
    const columns = chooseLookup(first, options);
    if (target !== null && isChosen(options)) expectSameLookup(target, columns, name);
    const { groups } = options;
    const fit = target === null ? planFor(first, groups) : planToGoOn(target, first, groups);
    return { dataset: target, lookup: columns, plan: fit };
  });
  for (const other of others) {
    await namingFile(other, isOnly, () => {
      expectSameTable(first.shape, other, name);
      chooseLookup(other, options);
    });
  }
  const run = { name, sources, plan, lookup };
  if (dataset === null) return { ...run, before: null };
  // Of several that are one data set, it is its name that tells more.
  const sealed = await namingFile(first, isOnly || others.length > 0, () =>
    compareWithSealed({ ledger, state: writer.state, dataset, plan, name }, sources, options),
  );
  return { ...run, before: { dataset, sealed } };
}

/**
 * Names the file of one of several sources in what is wrong with it.
 * @param isOnly whether it goes without saying which one is at fault
 */
export async function namingFile<T>({ file }: Examined, isOnly: boolean, judge: () => T | Promise<T>): Promise<T> {
  try {
    return await judge();
  } catch (error) {
    if (isOnly || file === undefined || !(error instanceof MedsealError) || error.place.file !== undefined) throw error;
    throw withFile(error, file);
  }
}

async function sealed(run: SealRun, place: number, { rows }: Examined, name: string): Promise<SealResult> {
  try {
    return await run.seal(place);
  } catch (error) {
    // Only now it is known what has been written.
    await run.close();
    throw rows === null && run.hasWritten ? broken(error, name) : error;
  }
}

/** A stream is judged only as it is sealed: a fault in it comes too late to refuse it whole. */
function broken(error: unknown, name: string): unknown {
  if (!(error instanceof MedsealError) || isFailure(error)) return error;
  if (error.place.line === undefined && error.code !== 'COMPRESSION_INVALID') return error;
  const message = `${error.message}. The rows before it are kept in "${name}", which is incomplete; seal the corrected input under this name to go on`;
  return new MedsealError('STREAM_BROKEN', message, error.place, { cause: error });
}
