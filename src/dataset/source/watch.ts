import { createHash } from 'node:crypto';
import { Utf8Check } from '../text.js';

/** Looks at bytes as they pass: their digest, their number, whether they are UTF-8. */
export class Watch {
  readonly #hash = createHash('sha256');
  readonly #utf8 = new Utf8Check();
  bytes = 0;
  isUtf8 = true;

  async *over(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#utf8.update(chunk);
      this.bytes += chunk.length;
      yield chunk;
    }
    this.isUtf8 = this.#utf8.finish();
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}
