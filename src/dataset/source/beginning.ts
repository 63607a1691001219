import { throwIfAborted } from '../../errors.js';
import type { ScannedRecord } from '../csv/scanner.js';

/** The first bytes of a source, by which its format is known, and what comes behind them. */
export interface Beginning {
  /** At least `SAMPLE_BYTES`, or all there is. */
  readonly sample: Uint8Array;
  /** Whether the sample is all there is. */
  readonly complete: boolean;
  /** The bytes behind the sample, once. */
  readonly rest: AsyncIterable<Uint8Array>;
  /** Where the same bytes can be read at any place; null for a stream. */
  readonly path: string | null;
  /** The name of the file, unpacked, that is read a second time; null for a stream. */
  readonly file: string | null;
}

export const SAMPLE_BYTES: number = 256 * 1024;
const PIECE_BYTES = 1 << 16;

/** Reads the first bytes. */
export async function takeBeginning(
  chunks: AsyncIterable<Uint8Array>,
  { path, file }: Pick<Beginning, 'path' | 'file'>,
): Promise<Beginning> {
  const iterator = chunks[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let length = 0;
  let complete = false;
  while (length < SAMPLE_BYTES && !complete) {
    const { value, done } = await iterator.next();
    if (done) complete = true;
    else {
      parts.push(value);
      length += value.length;
    }
  }
  return { sample: Buffer.concat(parts), complete, rest: { [Symbol.asyncIterator]: () => iterator }, path, file };
}

/** Cuts bytes into records. */
export interface Scanner {
  /** Records that end in the piece; their bytes are valid until the next one. */
  push(piece: Uint8Array): readonly ScannedRecord[];
  /** The last record, where it has no line end. */
  finish(): readonly ScannedRecord[];
}

/**
 * The records of a source, from its first byte to its last.
 * @throws {MedsealError} `ABORTED`, and what the scanner throws
 */
export async function* scanned(
  scanner: Scanner,
  { sample, rest }: Beginning,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ScannedRecord[]> {
  for (const piece of pieces(sample)) yield scanner.push(piece);
  for await (const chunk of rest) {
    throwIfAborted(signal);
    for (const piece of pieces(chunk)) yield scanner.push(piece);
  }
  yield scanner.finish();
}

/** A batch of very short records takes a hundred times the memory of its bytes, so it is made of few of them. */
function* pieces(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
}
