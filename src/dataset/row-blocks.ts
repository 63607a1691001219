import { bodyLength, SALT_LENGTH } from '../crypto/sealing.js';
import { SEALED_LENGTH } from '../format/entry.js';
import { MAX_ENTRIES, WRITER_BLOCK_BYTES } from '../format/limits.js';
import type { ScannedRecord } from './csv/scanner.js';

/** Consecutive rows that one block will hold. */
export interface RowBlock {
  /** Number of the first row. */
  readonly first: number;
  /** The rows' contents, one behind the other, in a buffer of their own. */
  readonly contents: Uint8Array;
  /** Where in it each row ends. */
  readonly ends: readonly number[];
}

/** A buffer for contents grows from here by doubling. */
const LEAST_BYTES = 1024;

export interface BlockPlan {
  /** Number of the first row. */
  readonly first: number;
  /** Rows a block, at most. */
  readonly blockSize: number;
  /** Records that each row will be. */
  readonly groups: number;
}

/** Cuts rows into blocks: as many as a block takes, or fewer where they would make it too large. */
export async function* rowBlocks(
  batches: AsyncIterable<readonly ScannedRecord[]>,
  { first, blockSize, groups }: BlockPlan,
): AsyncGenerator<RowBlock> {
  const most = Math.min(blockSize, Math.floor(MAX_ENTRIES / groups));
  let draft = new Draft(first, groups, LEAST_BYTES);
  for await (const batch of batches) {
    for (const { bytes } of batch) {
      if (draft.wouldOverflow(bytes.length)) {
        yield draft.finish();
        draft = draft.next();
      }
      draft.add(bytes);
      if (draft.rows < most) continue;
      yield draft.finish();
      draft = draft.next();
    }
  }
  if (draft.rows > 0) yield draft.finish();
}

class Draft {
  readonly #first: number;
  readonly #groups: number;
  readonly #ends: number[] = [];
  #contents: Uint8Array;
  #length = 0;
  /** What the block will take, sealed. */
  #sealedBytes = 0;

  constructor(first: number, groups: number, capacity: number) {
    this.#first = first;
    this.#groups = groups;
    this.#contents = new Uint8Array(capacity);
  }

  get rows(): number {
    return this.#ends.length;
  }

  wouldOverflow(length: number): boolean {
    return this.rows > 0 && this.#sealedBytes + this.#sealedLength(length) > WRITER_BLOCK_BYTES;
  }

  add(content: Uint8Array): void {
    const end = this.#length + content.length;
    if (end > this.#contents.length) {
      const larger = new Uint8Array(Math.max(end, Math.min(2 * this.#contents.length, WRITER_BLOCK_BYTES)));
      larger.set(this.#contents.subarray(0, this.#length));
      this.#contents = larger;
    }
    this.#contents.set(content, this.#length);
    this.#length = end;
    this.#sealedBytes += this.#sealedLength(content.length);
    this.#ends.push(end);
  }

  finish(): RowBlock {
    return { first: this.#first, contents: this.#contents.subarray(0, this.#length), ends: this.#ends };
  }

  /** The draft of the block behind this one, which will hardly be much larger. */
  next(): Draft {
    const capacity = this.#length + (this.#length >> 4);
    return new Draft(
      this.#first + this.rows,
      this.#groups,
      Math.min(Math.max(capacity, LEAST_BYTES), WRITER_BLOCK_BYTES),
    );
  }

  /** About what a row takes of its block: of each record entry, salt and body. */
  #sealedLength(length: number): number {
    return this.#groups * (SEALED_LENGTH + SALT_LENGTH) + (this.#groups - 1) * bodyLength(0) + bodyLength(length);
  }
}
