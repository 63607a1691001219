import { createReadStream } from 'node:fs';
import { openPlain, type PlainBytes } from '../../compression/decompress.js';

const CHUNK_BYTES = 1 << 20;

/**
 * Opens a file for reading from its beginning, without its compression.
 * @param onRead called with the number of the file's own bytes that have been read so far
 * @throws {MedsealError} as `openPlain`
 */
export function openFile(path: string, onRead: (bytes: number) => void = () => {}): Promise<PlainBytes> {
  return openPlain(counted(createReadStream(path, { highWaterMark: CHUNK_BYTES }), onRead), path);
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
