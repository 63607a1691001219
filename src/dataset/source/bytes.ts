import { createReadStream } from 'node:fs';

/** The bytes of a source, from the first to the last, once. */
export interface ByteStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Lets go of what it reads from, wherever reading has come to. */
  close(): void;
}

const CHUNK_BYTES = 1 << 20;

/**
 * Opens a file for reading from its beginning.
 * @param onRead called with the number of bytes read so far
 */
export function openBytes(path: string, onRead: (bytes: number) => void = () => {}): ByteStream {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  return { chunks: counted(file, onRead), close: () => void file.destroy() };
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    onRead(bytes);
    yield chunk;
  }
}
