import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { damaged, unsupported } from './damaged.js';

/** Gives exactly so many bytes. */
type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;

/** `CompressionCodec`. */
const UNCOMPRESSED = 0;
const NAMES: Readonly<Record<number, string>> = {
  1: 'SNAPPY',
  2: 'GZIP',
  3: 'LZO',
  4: 'BROTLI',
  5: 'LZ4',
  6: 'ZSTD',
  7: 'LZ4_RAW',
};

/**
 * How the pages of a column are unpacked.
 * @throws {MedsealError} `PARQUET_UNSUPPORTED`
 */
export async function decompressor(codec: number): Promise<Decompress> {
  if (codec === UNCOMPRESSED) return exactly((bytes) => bytes);
  const name = NAMES[codec] ?? String(codec);
  const unpack = await unpackerOf(name);
  if (unpack === null) {
    throw unsupported(`the Parquet file is compressed with ${name}; write it with another compression, such as zstd`);
  }
  return exactly(unpack);
}

async function unpackerOf(name: string): Promise<Decompress | null> {
  // The platform's own, which do not go on when there is more than there should be.
  if (name === 'GZIP') return (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(length, 1) });
  if (name === 'BROTLI')
    return (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(length, 1) });
  const library = await import('hyparquet-compressors');
  if (name === 'SNAPPY') return library.compressors.SNAPPY ?? null;
  if (name === 'ZSTD') return (bytes, length) => library.decompressZstd(bytes, new Uint8Array(length));
  if (name === 'LZ4') return library.decompressLz4;
  if (name === 'LZ4_RAW') return library.decompressLz4Raw;
  return null;
}

function exactly(unpack: Decompress): Decompress {
  return (bytes, length) => {
    // What stands for nothing differs, and not every library knows it.
    if (length === 0) return new Uint8Array(0);
    let unpacked: Uint8Array;
    try {
      unpacked = unpack(bytes, length);
    } catch {
      throw damaged('a page cannot be unpacked');
    }
    if (unpacked.length !== length) throw damaged('a page is not as large as it says');
    return unpacked;
  };
}
