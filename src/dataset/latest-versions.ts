import { amendedWithin, newestOf } from './amendments.js';
import type { RowRange } from './block-rows.js';
import type { OpenedRow, OpenReport } from './open.js';
import type { VerifiedDataset } from './reading.js';
import { readRecord } from './record.js';

/**
 * The newest versions of corrected rows, put in their places among the rows that come as they were sealed. Each is looked
 * up when its turn comes, wherever in the ledger it lies: nothing is held, however many corrections there are.
 */
export class LatestVersions {
  readonly #dataset: VerifiedDataset;
  readonly #range: RowRange;
  #opened = 0;
  #closed = 0;
  #missing = 0;
  readonly #left: { row: number; block: number }[] = [];
  readonly #erased: { row: number; block: number; entry: number; group: string }[] = [];

  constructor(dataset: VerifiedDataset, range: RowRange = { from: 1, to: Number.MAX_SAFE_INTEGER }) {
    this.#dataset = dataset;
    this.#range = range;
  }

  /** @param batches of the rows that have one version only, ascending */
  async *among(batches: AsyncIterable<readonly OpenedRow[]>): AsyncGenerator<readonly OpenedRow[]> {
    const amended = amendedWithin(this.#dataset.info.amendments, this.#range);
    let next = 0;
    for await (const batch of batches) {
      const last = batch.at(-1)?.row ?? 0;
      if ((amended[next] ?? Number.POSITIVE_INFINITY) > last) {
        yield batch;
        continue;
      }
      const rows: OpenedRow[] = [];
      for (const plain of batch) {
        for (; (amended[next] ?? plain.row) < plain.row; next++) rows.push(...(await this.#newest(amended[next] ?? 0)));
        rows.push(plain);
      }
      yield rows;
    }
    for (; next < amended.length; next++) {
      const rows = await this.#newest(amended[next] ?? 0);
      if (rows.length > 0) yield rows;
    }
  }

  async #newest(row: number): Promise<OpenedRow[]> {
    const version = newestOf(this.#dataset.info.amendments, row);
    const found = await readRecord(this.#dataset, version);
    if (found === null) {
      this.#missing++;
      return [];
    }
    const { block, parts, content, state } = found;
    for (const part of parts) {
      if (part.state === 'erased') this.#erased.push({ row, block: block.index, entry: part.entry, group: part.group });
    }
    if (parts.some((part) => part.state === 'closed')) this.#closed++;
    if (state === 'unopened') this.#left.push({ row, block: block.index });
    if (content === null) return [];
    this.#opened++;
    return [{ row, content }];
  }

  /** The report on the rows that have one version only, with the others. */
  complete(report: Omit<OpenReport, 'corrected'>): OpenReport {
    return {
      ...report,
      opened: report.opened + this.#opened,
      left: [...report.left, ...this.#left],
      erased: [...report.erased, ...this.#erased].sort((a, b) => a.row - b.row),
      closed: report.closed + this.#closed,
      missing: report.missing + this.#missing,
      corrected: this.#opened,
    };
  }
}
