import {
  type ReadingTerms,
  type Reading as RecordedReading,
  recordReading,
  recordRefusal,
} from '../access/accesses.js';
import type { Identity } from '../crypto/identity.js';
import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import type { VerifyOptions } from '../verify/options.js';
import type { Verdict } from '../verify/verdict.js';
import { Verifier } from '../verify/verifier.js';
import type { RowRange } from './block-rows.js';
import { chooseDataset, onlyGroups } from './choose-dataset.js';
import { type DatasetInfo, type Directory, listVerified, type VerifiedDirectory } from './directory.js';
import { LatestVersions } from './latest-versions.js';
import { Reading, type VerifiedDataset } from './reading.js';
import { newestRecord } from './record.js';

export interface OpenOptions extends ReadingTerms {
  /** Name or id of the data set; may be left out where only one is granted. */
  readonly dataset?: string;
  /** Column groups by their names, or their numbers from 1. Default: all that the key opens. */
  readonly groups?: readonly string[];
  /**
   * First and last row wanted, counted from 1. Only the blocks that hold them are read with their records' content: what
   * the others keep of it is not checked.
   */
  readonly rows?: { readonly from: number; readonly to: number };
  /** The owner that the genesis block must name (hex). */
  readonly owner?: string;
  /** Threads that verify blocks, and check and decrypt the records of large ones. Default: all cores. */
  readonly threads?: number;
  /** Called after each block with the number of blocks read and of all. */
  readonly onProgress?: (blocks: number, total: number) => void;
}

/** One row: its number from 1, and the exact bytes of the columns that open; where it has been corrected, those of its newest version. */
export interface OpenedRow {
  readonly row: number;
  readonly content: Uint8Array;
}

/** What opening a data set came to. */
export interface OpenReport {
  readonly verdict: Verdict;
  /** Rows given out. */
  readonly opened: number;
  /** Rows (0: the header) that are sealed but were left out: their block did not verify, or they did not open. */
  readonly left: readonly { readonly row: number | null; readonly block: number }[];
  /** What has been erased of wanted rows: the entries, and the column groups that they were of. */
  readonly erased: readonly {
    readonly row: number;
    readonly block: number;
    readonly entry: number;
    readonly group: string;
  }[];
  /** Wanted rows that are sealed, in some column group, under keys which this key does not hold. */
  readonly closed: number;
  /** Wanted rows that are nowhere in the ledger, so far as it tells. */
  readonly missing: number;
  /** Rows given out, among `opened`, whose newest version is not the one that was sealed first. */
  readonly corrected: number;
  /** Whether the data set is said to be complete. */
  readonly complete: boolean;
}

/** What rows come from, for whoever makes a file or a table of them. */
export interface RowSource {
  readonly info: DatasetInfo;
  rows(): AsyncIterable<readonly OpenedRow[]>;
}

/** A data set that is being opened: iterate `rows` to the end; the report is what the iteration returns. */
export interface OpenedDataset {
  readonly info: DatasetInfo;
  /**
   * All rows, in order; asked for again, they are read and decrypted again.
   * @returns what it came to, with the last row: before that nobody knows
   * @throws {MedsealError} `ABORTED`, `THREAD_FAILED`, `STORE_FAILED`
   */
  rows(): AsyncGenerator<readonly OpenedRow[], OpenReport>;
  /**
   * The content of one row, its newest version where it has been corrected, found without reading the others: a few milliseconds, however large the ledger. It is given
   * out only of a block that was accepted when the data set was opened, and that is still the same; what has been appended
   * since then is not seen.
   * @param row from 1
   * @returns null where the data set has no such row
   * @throws {MedsealError} `CANNOT_OPEN` where the row is in no block that verified, or does not open; `STORE_FAILED`
   */
  record(row: number): Promise<Uint8Array | null>;
  /**
   * What the last iteration of `rows` returned, for those whose loop drops it.
   * @throws {MedsealError} `ARGUMENT_INVALID` where none has come to its end since `rows` was last called
   */
  report(): OpenReport;
}

/**
 * Opens a data set. The whole chain is verified first, in threads, without the records' content; then its blocks are read
 * again with it, and only records of blocks that verified, and are still the same, are decrypted. Each signature is checked
 * once.
 * Of several column groups, those are opened that the key was granted; `info.groups` tells which they are. A row of which a
 * group has been erased, or is closed to this key, has empty fields there.
 *
 * Where the ledger has reading recorded, that is done before anything is opened but names and columns: it takes `purpose`,
 * and a ledger that can be written to.
 * @param identity a key to which the data set was granted
 * @throws {MedsealError} `PURPOSE_REQUIRED` and what else `recordReading` throws; `DATASET_NOT_FOUND`, `DATASET_AMBIGUOUS`,
 *   `GROUP_UNKNOWN`, `NOT_GRANTED`; `LEDGER_INVALID` where it may be among
 *   lost blocks; `OWNER_MISMATCH` where the ledger is not the pinned owner's; `ARGUMENT_INVALID` for a number of threads that
 *   is none; `FILE_CHANGED`, `THREAD_FAILED`, `ABORTED`
 */
export async function openDataset(
  ledger: Ledger,
  identity: Identity,
  options: OpenOptions = {},
): Promise<OpenedDataset> {
  const dataset = await verifiedDataset(ledger, identity, options);
  const reading = readingOf(dataset.info, wantedOf(dataset.info, options));
  await recordReading(ledger, identity, dataset.state, [reading], options);
  return openVerified(dataset, identity, options);
}

/** Opens a data set of a verified ledger, whose reading has been recorded where it has to be. */
export async function openVerified(
  dataset: VerifiedDataset,
  identity: Identity,
  options: OpenOptions,
): Promise<OpenedDataset> {
  const curve = await loadCurve();
  const once = (): { reading: Reading; latest: LatestVersions } => ({
    reading: new Reading(dataset, options, new Verifier(curve, judging(dataset.ledger, identity, options)), curve),
    latest: new LatestVersions(dataset, options.rows),
  });
  let last: OpenReport | null = null;
  return {
    info: dataset.info,
    rows: () => {
      last = null;
      return (async function* rows() {
        const { reading, latest } = once();
        yield* latest.among(reading.rows());
        last = latest.complete(reading.report());
        return last;
      })();
    },
    record: async (row) => {
      if (dataset.state.audit) expectRecorded(row, wantedOf(dataset.info, options));
      return newestRecord(dataset, row);
    },
    report: () => last ?? tooEarly(),
  };
}

/** Of a part of the rows a report would call good what is not, and accuse what is. */
export function tooEarly(): never {
  const message = 'there is no report before the last row: iterate "rows" to its end, which returns it';
  throw new MedsealError('ARGUMENT_INVALID', message);
}

function wantedOf({ rows }: DatasetInfo, { rows: wanted }: OpenOptions): RowRange {
  return { from: Math.max(wanted?.from ?? 1, 1), to: Math.min(wanted?.to ?? rows, rows) };
}

/** What opening a range of rows reads. */
export function readingOf({ id }: DatasetInfo, { from, to }: RowRange): RecordedReading {
  return { dataset: id, rows: from > to ? [] : [[from, to]] };
}

/** @throws {MedsealError} `PURPOSE_REQUIRED` */
function expectRecorded(row: number, { from, to }: RowRange): void {
  if (row >= from && row <= to) return;
  const message = `reading row ${row} has not been recorded; open the data set again with the rows that are wanted`;
  throw new MedsealError('PURPOSE_REQUIRED', message, { row });
}

/** @throws {MedsealError} as `openDataset` */
export async function verifiedLedger(
  ledger: Ledger,
  identity: Identity,
  options: Pick<OpenOptions, 'owner' | 'threads' | keyof ReadingTerms>,
): Promise<VerifiedDirectory> {
  const judge = { ...judging(ledger, identity, options), bodies: false };
  const verifier = new Verifier(await loadCurve(), judge);
  // What is opened, and with which key, is told by verified blocks only: otherwise whoever stores the ledger could.
  const directory = await listVerified(ledger, verifier, identity, options);
  if (!directory.damaged) await ledger.completeErasures(directory.state, directory.blocks);
  const { owner } = options;
  if (owner !== undefined && directory.owner !== null && !verifier.state.wasTakenOnBy(owner)) {
    throw new MedsealError(
      'OWNER_MISMATCH',
      'the ledger is owned by another key than the one asked for; nothing was opened',
    );
  }
  return directory;
}

/**
 * A data set of a ledger whose chain has been verified, without the records' content.
 * @throws {MedsealError} as `openDataset`
 */
export async function verifiedDataset(
  ledger: Ledger,
  identity: Identity,
  options: Pick<OpenOptions, 'dataset' | 'groups' | 'owner' | 'threads' | keyof ReadingTerms>,
): Promise<VerifiedDataset> {
  const directory = await verifiedLedger(ledger, identity, options);
  const { blocks, accepted, state } = directory;
  const info = await chosen(directory, options, (dataset) => recordRefusal(ledger, identity, state, dataset, options));
  return { ledger, info, blocks, accepted, state };
}

/** @param refused what is done where the data set is not granted */
export async function chosen(
  directory: Directory,
  { dataset: wanted, groups }: Pick<OpenOptions, 'dataset' | 'groups'>,
  refused: (wanted: string | undefined) => Promise<void>,
): Promise<DatasetInfo> {
  try {
    return onlyGroups(chooseDataset(directory, wanted), groups);
  } catch (error) {
    if (error instanceof MedsealError && error.code === 'NOT_GRANTED') await refused(wanted);
    throw error;
  }
}

function judging(ledger: Ledger, { publicKey }: Identity, { owner }: Pick<OpenOptions, 'owner'>): VerifyOptions {
  return { now: ledger.clock(), presumedOwner: publicKey, ...(owner === undefined ? {} : { owner }) };
}
