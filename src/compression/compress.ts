import { Driven } from './codec.js';
import { formNamed } from './forms.js';

/**
 * Compresses bytes as the name of the file tells into which they go; one that tells of no compression leaves them as they
 * are. No file name and no time is written with them.
 * @throws {MedsealError} at once, `COMPRESSION_UNAVAILABLE`
 */
export function compressedFor(path: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const form = formNamed(path);
  return form === null ? chunks : compressed(new Driven(form.encoder()), chunks);
}

async function* compressed(encoder: Driven, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of chunks) yield* encoder.push(chunk);
    yield* encoder.finish();
  } finally {
    encoder.close();
  }
}

/**
 * Refuses a name that tells of a compression which cannot be had here, before the work of which it is the outcome.
 * @throws {MedsealError} `COMPRESSION_UNAVAILABLE`
 */
export function expectCompression(path: string): void {
  formNamed(path)?.encoder().destroy();
}
