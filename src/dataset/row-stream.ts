import type { ScannedRecord } from './csv/scanner.js';

/** The records of a source: one by one where they are compared, in batches where they are sealed. */
export class RowStream {
  readonly #batches: AsyncIterator<readonly ScannedRecord[]>;
  #batch: readonly ScannedRecord[] = [];
  #at = 0;

  constructor(batches: AsyncIterable<readonly ScannedRecord[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** The next record, null at the end. Its bytes are valid until the next is asked for. */
  async next(): Promise<ScannedRecord | null> {
    for (;;) {
      const record = this.#batch[this.#at++];
      if (record !== undefined) return record;
      if (!(await this.#advance())) return null;
    }
  }

  /** All that have not been asked for yet, in batches whose bytes are valid until the next is asked for. */
  async *rest(): AsyncGenerator<readonly ScannedRecord[]> {
    do {
      yield this.#batch.slice(this.#at);
    } while (await this.#advance());
  }

  async #advance(): Promise<boolean> {
    const { value, done } = await this.#batches.next();
    this.#batch = done ? [] : value;
    this.#at = 0;
    return !done;
  }

  /** Lets go of the source, however far it has been read. */
  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
