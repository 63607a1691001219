import { equalBytes } from '../bytes.js';
import { MedsealError } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerState } from '../verify/state.js';
import { originalOf } from './amendments.js';
import type { DatasetInfo } from './directory.js';
import { RowStream } from './row-stream.js';
import { readRows } from './rows.js';
import { type SealPlan, splitterOf } from './seal-plan.js';
import type { Examined } from './source/source.js';

/** The ledger holds other content under this name. */
export function exists(name: string): MedsealError {
  const message = `the ledger holds a data set "${name}" with other content; choose another --name, or add to it with --append`;
  return new MedsealError('DATASET_EXISTS', message);
}

function interrupted(name: string): MedsealError {
  const message = `the data set "${name}" has rows of another file, whose appending was interrupted; append that file first`;
  return new MedsealError('DATASET_INCOMPLETE', message);
}

/** How much of some sources a data set has already, compared with them and found equal. */
export interface SealedBefore {
  /** How many sources are there whole, from the first one on. */
  readonly whole: number;
  /** The row before the first of the source behind them. */
  readonly base: number;
  /** The data set's newest row. */
  readonly row: number;
  /** Rows of that source that are there, and what it has behind them; null where nothing has been read of it. */
  readonly resumed: number;
  readonly stream: RowStream | null;
}

/** A data set, and how it is gone on with. */
interface Continued {
  readonly ledger: Ledger;
  readonly state: LedgerState;
  readonly dataset: DatasetInfo;
  readonly plan: SealPlan;
  readonly name: string;
}

/**
 * Compares sources that are to be one data set, one behind the other, with what it has.
 * @param options.append they come behind the files that it has; where they are just its newest ones, they are there already
 * @param options.repeat not even then
 * @throws {MedsealError} `DATASET_EXISTS` where it has other rows; `DATASET_INCOMPLETE`; `CANNOT_OPEN`; what the sources throw
 */
export async function compareWithSealed(
  continued: Continued,
  sources: readonly Examined[],
  options: { readonly append?: boolean; readonly repeat?: boolean },
): Promise<SealedBefore> {
  if (!options.append) return compare(continued, sources, 0);
  const files = filesOf(continued);
  if (files.length === 0) {
    const message = `the data set "${continued.name}" is incomplete; finish sealing its first file before appending another`;
    throw new MedsealError('DATASET_INCOMPLETE', message);
  }
  const { newest, ends } = extentOf(continued);
  // Rows behind the newest end are the beginning of a source, so that not all of them are there whole.
  const wholeAtMost = newest === ends.at(-1) ? sources.length : sources.length - 1;
  const most = options.repeat ? 0 : Math.min(wholeAtMost, files.length);
  for (let known = most; known > 0; known--) {
    const found = await compareNewest(continued, sources, known);
    if (found !== null) return found;
  }
  return compare(continued, sources, files.length);
}

/** Its newest row, and those with which files and corrections end. */
function extentOf({ state, dataset }: Continued): { newest: number; ends: readonly number[] } {
  const { nextRow, ends } = state.datasets.get(dataset.id) ?? {};
  return { newest: (nextRow ?? 1) - 1, ends: ends ?? [] };
}

/** The rows with which the files end that the data set is made of. A correction is no row of any file. */
function filesOf(continued: Continued): number[] {
  return extentOf(continued).ends.filter((end) => originalOf(continued.dataset.amendments, end) === null);
}

/** The same, where the first sources are the newest files that the data set has; null where they are not. */
async function compareNewest(
  continued: Continued,
  sources: readonly Examined[],
  known: number,
): Promise<SealedBefore | null> {
  const files = filesOf(continued);
  const place = files.length - known;
  const { amendments } = continued.dataset;
  const fits = sources.slice(0, known).every(({ rows }, i) => {
    const [before, end] = [files[place + i - 1] ?? 0, files[place + i] ?? 0];
    const corrections = [...amendments.originals.keys()].filter((row) => row > before && row <= end);
    return rows === end - before - corrections.length;
  });
  if (!fits) return null;
  try {
    return await compare(continued, sources, place);
  } catch (error) {
    const isOther = error instanceof MedsealError && /^DATASET_(EXISTS|INCOMPLETE)$/.test(error.code);
    if (isOther) return null;
    throw error;
  }
}

/** @param place how many files the data set has before the first source */
async function compare(continued: Continued, sources: readonly Examined[], place: number): Promise<SealedBefore> {
  const comparison = new Comparison(continued, sources, place, filesOf(continued));
  try {
    return await comparison.run();
  } catch (error) {
    await comparison.close();
    throw error;
  }
}

/** One way through the rows of a data set, beside those of the sources. */
class Comparison {
  readonly #continued: Continued;
  readonly #sources: readonly Examined[];
  readonly #files: readonly number[];
  readonly #partsOf: (record: Uint8Array) => readonly Uint8Array[];
  /** How many files of the data set have been compared, or were left out. */
  #place: number;
  #whole = 0;
  #base: number;
  #row: number;
  #resumed = 0;
  #stream: RowStream | null = null;

  constructor(continued: Continued, sources: readonly Examined[], place: number, files: readonly number[]) {
    this.#continued = continued;
    this.#sources = sources;
    this.#place = place;
    this.#files = files;
    this.#partsOf = splitterOf(continued.plan.split);
    this.#base = files[place - 1] ?? 0;
    this.#row = this.#base;
  }

  async run(): Promise<SealedBefore> {
    const { ledger, dataset, state } = this.#continued;
    const { newest, ends } = extentOf(this.#continued);
    const isErased = (block: number, entry: number): boolean => state.isErased(block, entry);
    const range = { from: this.#base + 1, to: newest };
    for await (const { row, parts } of readRows(ledger, dataset, range, isErased)) {
      if (originalOf(dataset.amendments, row) !== null) continue;
      let record = await this.#next();
      while (record === null) {
        if (await this.#endsHere()) return this.#result(newest);
        record = await this.#next();
      }
      if (!isSame(this.#partsOf(record.bytes), parts)) throw this.#other();
      this.#row = row;
      this.#resumed++;
    }
    while (this.#place < this.#files.length) {
      if ((await this.#next()) !== null) throw this.#other();
      if (await this.#endsHere()) return this.#result(newest);
    }
    // What is added comes behind corrections too.
    this.#base = ends.at(-1) ?? 0;
    return this.#result(newest);
  }

  #next(): ReturnType<RowStream['next']> {
    this.#stream ??= new RowStream((this.#sources[this.#whole] as Examined).batches());
    return this.#stream.next();
  }

  /** The source has ended: so must a file of the data set. Whether it was the last source. */
  async #endsHere(): Promise<boolean> {
    const found = this.#files.indexOf(this.#row, this.#place);
    if (found === -1) throw this.#other();
    this.#place = found + 1;
    this.#base = this.#row;
    this.#resumed = 0;
    this.#whole++;
    await this.close();
    return this.#whole === this.#sources.length;
  }

  #other(): MedsealError {
    const { name } = this.#continued;
    return this.#place > 0 && this.#place === this.#files.length ? interrupted(name) : exists(name);
  }

  #result(row: number): SealedBefore {
    return { whole: this.#whole, base: this.#base, row, resumed: this.#resumed, stream: this.#stream };
  }

  async close(): Promise<void> {
    await this.#stream?.close();
    this.#stream = null;
  }
}

/** Whether the parts of a record are those that were sealed; of one that was erased nobody can tell any more. */
function isSame(parts: readonly Uint8Array[], sealed: readonly (Uint8Array | null)[]): boolean {
  return sealed.every((part, group) => part === null || equalBytes(parts[group] ?? NOTHING, part));
}

const NOTHING = new Uint8Array(0);
