import { MedsealError } from '../errors.js';
import { Driven } from './codec.js';
import { type Form, formNamed, formOf, MAGIC_BYTES } from './forms.js';

/** The bytes of a source, from the first to the last, once, after any compression has been undone. */
export interface PlainBytes {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** What it was compressed with; null where it was not. */
  readonly compression: string | null;
  /** Lets go of the source, wherever reading has come to; not while a chunk is awaited. */
  close(): Promise<void>;
}

/**
 * Undoes the compression of a source that is compressed, which its first bytes tell. Of several members or frames, all
 * are given, one behind the other (RFC 1952, section 2.2; RFC 8878, section 3).
 * @param name the file's, where it has one: what it tells must be true
 * @throws {MedsealError} `COMPRESSION_UNAVAILABLE`; here or by `chunks`, `COMPRESSION_INVALID` where what is compressed is
 *   damaged, cut off, or followed by something else; what the source throws. What has been given by then is not to be
 *   trusted: the checksum stands at the end
 */
export async function openPlain(source: AsyncIterable<Uint8Array>, name: string | null = null): Promise<PlainBytes> {
  const iterator = source[Symbol.asyncIterator]();
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  try {
    const start = await takeStart(iterator);
    const form = formOf(start);
    const named = name === null ? null : formNamed(name);
    if (named !== null && named !== form) throw misnamed(named);
    const whole = startingWith(start, iterator);
    const chunks = form === null ? whole : unfolded(whole, form);
    return {
      chunks,
      compression: form?.name ?? null,
      close: async () => {
        await chunks.return(undefined);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** As many bytes as it takes to know a compression, or all there are. */
async function takeStart(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let start: Uint8Array = new Uint8Array(0);
  while (start.length < MAGIC_BYTES) {
    const { value, done } = await iterator.next();
    if (done) break;
    start = start.length === 0 ? value : Buffer.concat([start, value]);
  }
  return start;
}

async function* startingWith(start: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start;
  yield* { [Symbol.asyncIterator]: () => iterator };
}

async function* unfolded(chunks: AsyncIterable<Uint8Array>, form: Form): AsyncGenerator<Uint8Array> {
  let decoder = new Driven(form.decoder());
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const left = yield* undamaged(decoder.push(chunk.subarray(at)), form);
        at = chunk.length - left;
        if (left === 0) break;
        // Another member or frame begins here; whatever else it is, the decoder will not have it.
        decoder.close();
        decoder = new Driven(form.decoder());
      }
    }
    yield* undamaged(decoder.finish(), form);
  } finally {
    decoder.close();
  }
}

async function* undamaged<T>(output: AsyncGenerator<Uint8Array, T>, form: Form): AsyncGenerator<Uint8Array, T> {
  try {
    return yield* output;
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'Z_BUF_ERROR' ? 'it has been cut off' : `it is damaged, or something else follows it (${message})`;
    throw new MedsealError(
      'COMPRESSION_INVALID',
      `what is compressed (${form.name}) cannot be unpacked: ${why}`,
      {},
      { cause },
    );
  }
}

function misnamed({ name, suffix }: Form): MedsealError {
  const message = `the name ends in ${suffix}, but the file is not compressed so (${name}): it has been cut off, or unpacked already; in that case rename it`;
  return new MedsealError('COMPRESSION_INVALID', message);
}
