import type { Identity } from '../crypto/identity.js';
import type { Ledger, WriteOptions } from '../ledger/ledger.js';
import type { GroupChoice } from './groups.js';
import type { LookupChoice } from './lookup/columns.js';
import { sealDatasets } from './seal-datasets.js';
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
  const { name, onProgress, ...others } = options;
  const [result] = await sealDatasets(ledger, identity, [{ source, name }], {
    ...others,
    ...(onProgress === undefined ? {} : { onProgress: (progress) => onProgress(progress) }),
  });
  return result as SealResult;
}
