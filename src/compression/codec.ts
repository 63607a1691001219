import type { Codec } from './forms.js';

/**
 * Drives a codec by hand: it is given the next bytes only when what came of those before has been taken. So nothing is
 * read ahead of its consumer, memory is bounded however much a few bytes unfold to, and it is known where its input ended.
 */
export class Driven {
  readonly #codec: Codec;
  #failed: unknown = null;
  #ended = false;
  #wake: () => void = () => {};

  constructor(codec: Codec) {
    this.#codec = codec;
    codec.on('readable', () => this.#wake());
    codec.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    codec.on('error', (error: unknown) => {
      this.#failed = error;
      this.#wake();
    });
  }

  /**
   * What comes of the next bytes.
   * @returns how many of them were not taken, because what is compressed ended before them
   */
  async *push(bytes: Uint8Array): AsyncGenerator<Uint8Array, number> {
    const before = this.#codec.bytesWritten;
    let taken = false;
    this.#codec.write(bytes, () => {
      taken = true;
      this.#wake();
    });
    yield* this.#outputUntil(() => taken);
    return before + bytes.length - this.#codec.bytesWritten;
  }

  /** What comes when nothing follows. */
  async *finish(): AsyncGenerator<Uint8Array> {
    this.#codec.end();
    yield* this.#outputUntil(() => this.#ended);
  }

  close(): void {
    this.#codec.destroy();
  }

  async *#outputUntil(isDone: () => boolean): AsyncGenerator<Uint8Array> {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // Asked before reading: all that came of the bytes is there once they have been taken.
      const done = isDone();
      const output = this.#failed === null ? (this.#codec.read() as Buffer | null) : null;
      if (this.#failed !== null) throw this.#failed;
      if (output !== null) yield output;
      else if (done) return;
      else await woken;
    }
  }
}
