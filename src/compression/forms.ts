import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { MedsealError } from '../errors.js';

/** A stream that compresses or decompresses, and counts the bytes that it has taken in. */
export type Codec = Transform & { readonly bytesWritten: number };

/** A way to compress files. */
export interface Form {
  readonly name: string;
  /** The end of a file's name that says it. */
  readonly suffix: string;
  /** The first bytes of what is compressed so: RFC 1952, section 2.3.1; RFC 8878, section 3.1.1. */
  readonly magic: readonly number[];
  /** What the first bytes of a compressed file unpack to, as far as they go; null where that cannot be told from them. */
  beginning(start: Uint8Array): Uint8Array | null;
  /** @throws {MedsealError} `COMPRESSION_UNAVAILABLE` where this Node.js has it not */
  decoder(): Codec;
  /** @throws {MedsealError} `COMPRESSION_UNAVAILABLE` where this Node.js has it not */
  encoder(): Codec;
}

const CHUNK_BYTES = 1 << 17;
/** Of a file's first bytes no more than this is unpacked, whatever they claim to hold. */
const FEW = { maxOutputLength: 1 << 23 };

/** What Node.js 22.15 and 23.8 have added to what the types of Node.js 20 know. */
interface Zstandard {
  readonly createZstdDecompress?: (options: object) => Codec;
  readonly createZstdCompress?: (options: object) => Codec;
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: object) => Uint8Array;
  readonly constants: { readonly ZSTD_c_checksumFlag?: number };
}
const zstandard: Zstandard = zlib as Zstandard;

const gzip: Form = {
  name: 'gzip',
  suffix: '.gz',
  magic: [0x1f, 0x8b],
  beginning: (start) => unpacked(() => zlib.gunzipSync(start, { ...FEW, finishFlush: zlib.constants.Z_SYNC_FLUSH })),
  decoder: () => zlib.createGunzip({ chunkSize: CHUNK_BYTES }),
  encoder: () => zlib.createGzip({ chunkSize: CHUNK_BYTES }),
};

const zstd: Form = {
  name: 'Zstandard',
  suffix: '.zst',
  magic: [0x28, 0xb5, 0x2f, 0xfd],
  beginning: (start) =>
    unpacked(() => zstandard.zstdDecompressSync?.(start, { ...FEW, finishFlush: ZSTD_FLUSH }) ?? null),
  decoder: () => available(zstandard.createZstdDecompress)({ chunkSize: CHUNK_BYTES }),
  encoder() {
    const { ZSTD_c_checksumFlag: checksum = 0 } = zstandard.constants;
    // Without a checksum, damage would go unnoticed.
    return available(zstandard.createZstdCompress)({ chunkSize: CHUNK_BYTES, params: { [checksum]: 1 } });
  },
};

/** `ZSTD_e_flush` of zstd.h: what is there, though the frame has not ended. */
const ZSTD_FLUSH = 1;

function unpacked(unpack: () => Uint8Array | null): Uint8Array | null {
  try {
    return unpack();
  } catch {
    return null;
  }
}

function available<T>(create: T | undefined): T {
  if (create !== undefined) return create;
  const message = `Zstandard (.zst) needs Node.js 22.15, 23.8 or newer, and this is ${process.version}; use that, gzip, or no compression`;
  throw new MedsealError('COMPRESSION_UNAVAILABLE', message);
}

const FORMS: readonly Form[] = [gzip, zstd];

/** The most bytes by which a form is known. */
export const MAGIC_BYTES: number = Math.max(...FORMS.map(({ magic }) => magic.length));

/** How bytes are compressed that begin so; null where they are not, in any way that is known. */
export function formOf(start: Uint8Array): Form | null {
  return FORMS.find(({ magic }) => magic.every((byte, i) => start[i] === byte)) ?? null;
}

/** The compression that a file's name tells of; null where it tells of none. */
export function formNamed(path: string): Form | null {
  const lower = path.toLowerCase();
  return FORMS.find(({ suffix }) => lower.endsWith(suffix)) ?? null;
}

/** A file's name without what it tells of its compression. */
export function nameWithin(path: string): string {
  const form = formNamed(path);
  return form === null ? path : path.slice(0, -form.suffix.length);
}
