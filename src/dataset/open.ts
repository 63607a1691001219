import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError, throwIfAborted } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Verdict } from '../verify/verdict.js';
import { type BlockReport, judgeBlocks, Verifier } from '../verify/verifier.js';
import { chooseDataset, type DatasetInfo, listVerified } from './directory.js';
import { openRecord } from './records.js';

export interface OpenOptions {
  /** Name or id of the data set; may be left out where only one is granted. */
  readonly dataset?: string;
  /** First and last row wanted, counted from 1. */
  readonly rows?: { readonly from: number; readonly to: number };
  /** The owner that the genesis block must name (hex). */
  readonly owner?: string;
  readonly signal?: AbortSignal;
  /** Called after each block with the number of blocks read and of all. */
  readonly onProgress?: (blocks: number, total: number) => void;
}

/** One row: its number from 1, and its exact bytes. */
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
  /** Wanted rows that are nowhere in the ledger, so far as it tells. */
  readonly missing: number;
  /** Whether the data set is said to be complete. */
  readonly complete: boolean;
}

/** A data set that is being opened: iterate `rows` to the end, then ask for the `report`. */
export interface OpenedDataset {
  readonly info: DatasetInfo;
  rows(): AsyncGenerator<readonly OpenedRow[]>;
  /** Only after `rows` has ended. */
  report(): OpenReport;
}

/**
 * Opens a data set. The ledger is verified as it is read, and only records of blocks that verified are decrypted.
 * @param identity a key to which the data set was granted
 * @throws {MedsealError} `DATASET_NOT_FOUND`, `DATASET_AMBIGUOUS`, `NOT_GRANTED`; `LEDGER_INVALID` where it may be
 *   among lost blocks; `OWNER_MISMATCH` where the ledger is
 *   not the pinned owner's; while reading, `ABORTED`
 */
export async function openDataset(
  ledger: Ledger,
  identity: Identity,
  options: OpenOptions = {},
): Promise<OpenedDataset> {
  const curve = await loadCurve();
  const judge = {
    now: ledger.clock(),
    presumedOwner: identity.publicKey,
    ...(options.owner === undefined ? {} : { owner: options.owner }),
  };
  // What is opened, and with which key, is told by verified blocks only: otherwise whoever stores the ledger could.
  const directory = await listVerified(ledger, new Verifier(curve, { ...judge, bodies: false }), identity);
  if (options.owner !== undefined && directory.owner !== null && directory.owner !== options.owner) {
    throw new MedsealError(
      'OWNER_MISMATCH',
      'the ledger is owned by another key than the one asked for; nothing was opened',
    );
  }
  const info = chooseDataset(directory, options.dataset);
  const reading = new Reading(ledger, info, options, new Verifier(curve, judge));
  return { info, rows: () => reading.rows(), report: () => reading.report() };
}

class Reading {
  readonly #ledger: Ledger;
  readonly #info: DatasetInfo;
  readonly #options: OpenOptions;
  readonly #verifier: Verifier;
  readonly #wantedKey: string;
  readonly #left: { row: number | null; block: number }[] = [];
  #opened = 0;

  constructor(ledger: Ledger, info: DatasetInfo, options: OpenOptions, verifier: Verifier) {
    this.#ledger = ledger;
    this.#info = info;
    this.#options = options;
    this.#verifier = verifier;
    this.#wantedKey = info.key === null ? '' : toHex(info.key.keyId);
  }

  async *rows(): AsyncGenerator<readonly OpenedRow[]> {
    const total = await this.#ledger.size();
    let read = 0;
    for await (const { report } of judgeBlocks(this.#verifier, this.#ledger.blocks({ to: total }))) {
      throwIfAborted(this.#options.signal);
      const rows = report.accepted === null ? this.#leaveOut(report) : this.#open(report);
      if (rows.length > 0) yield rows;
      this.#options.onProgress?.(++read, total);
    }
  }

  #open({ accepted, badEntries, number }: BlockReport): OpenedRow[] {
    const rows: OpenedRow[] = [];
    for (const [position, entry] of accepted?.block.entries.entries() ?? []) {
      const inspected = accepted?.entries[position];
      if (entry.kind !== 'sealed' || inspected?.kind !== 'sealed' || inspected.keyId !== this.#wantedKey) continue;
      const { row } = inspected;
      // Row 0 has been opened for the manifest, or it has not.
      if (row === 0 && this.#info.manifest === null) this.#left.push({ row, block: number });
      if (!this.#isWanted(row)) continue;
      const content = badEntries.has(position) || this.#info.key === null ? null : openRecord(this.#info.key, entry);
      if (content === null) this.#left.push({ row, block: number });
      else rows.push({ row, content });
    }
    this.#opened += rows.length;
    return rows;
  }

  /** Which rows a bad block held is told by nothing that can be trusted. */
  #leaveOut({ number, problems }: BlockReport): OpenedRow[] {
    if (problems.length > 0 && number >= this.#info.block) this.#left.push({ row: null, block: number });
    return [];
  }

  #isWanted(row: number): boolean {
    const { rows } = this.#options;
    return row > 0 && (rows === undefined || (row >= rows.from && row <= rows.to));
  }

  report(): OpenReport {
    const verdict = this.#verifier.finish();
    const dataset = this.#verifier.state.datasets.get(this.#info.id);
    const end = dataset?.ends.at(-1) ?? null;
    const newest = Math.max(end ?? 0, this.#info.rows);
    const { rows } = this.#options;
    const wanted = rows === undefined ? newest : Math.max(0, Math.min(rows.to, newest) - Math.max(rows.from, 1) + 1);
    const leftRows = this.#left.filter(({ row }) => row !== null && row > 0).length;
    return {
      verdict,
      opened: this.#opened,
      left: this.#left,
      missing: Math.max(0, wanted - this.#opened - leftRows),
      complete: end !== null && end === newest,
    };
  }
}
