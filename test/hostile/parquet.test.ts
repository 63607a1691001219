// Parquet files made to take far more memory than their bytes: what each may cost is written here.

import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/dataset-fixture.js';
import { run } from '../helpers/hostile-child.js';
import { dataPage, type Field, type HandMade, int64s, parquetFile, varint } from '../helpers/parquet.js';

const SCRIPT = fileURLToPath(new URL('../helpers/hostile-parquet.mjs', import.meta.url));
const temporary = temporaryFolder();

const SNAPPY = 1;
const GZIP = 2;
const BROTLI = 4;
const ZSTD = 6;
const LZ4_RAW = 7;
const one = dataPage(0, 1, int64s(1n));
const zeros = Buffer.alloc(1 << 26);

/** A page that says that it has eight bytes. */
const packed = (codec: number, body: Uint8Array): HandMade => ({
  pages: [{ ...one, body, unpacked: 8 }],
  rows: 1,
  codec,
});

/** A Zstandard frame of blocks that each stand for 128 KiB of one byte (RFC 8878): a gigabyte. */
function zstdBomb(): Uint8Array {
  const block = (isLast: boolean): Uint8Array => {
    const header = ((1 << 17) << 3) | (1 << 1) | (isLast ? 1 : 0);
    return Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16, 0x61);
  };
  const blocks = Array.from({ length: 8192 }, (_, i) => block(i === 8191));
  return Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50), ...blocks]);
}

/** A page of texts that nobody has, of a column that may have none: two bytes say it of 2^24 rows. */
function nothing(): HandMade {
  const levels = Buffer.concat([varint(BigInt(1 << 25)), Uint8Array.of(0)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(levels.length);
  const element: readonly Field[] = [
    [1, { i: 6 }],
    [3, { i: 1 }],
    [6, { i: 0 }],
  ];
  return { pages: [dataPage(0, 1 << 24, Buffer.concat([length, levels]))], rows: 1, element };
}

test.concurrent.for<[what: string, file: () => Uint8Array, outcome: string, megabytes: number]>([
  ['gzip of 64 MB', () => parquetFile(packed(GZIP, gzipSync(zeros))), 'PARQUET_INVALID', 350],
  ['Brotli of 64 MB', () => parquetFile(packed(BROTLI, brotliCompressSync(zeros))), 'PARQUET_INVALID', 350],
  // Of these libraries, what is more than there should be is left away.
  ['Zstandard of 1 GB', () => parquetFile(packed(ZSTD, zstdBomb())), '1 rows', 350],
  [
    'Snappy that says 4 GB',
    () => parquetFile(packed(SNAPPY, Uint8Array.of(255, 255, 255, 255, 15, 0, 97))),
    'PARQUET_INVALID',
    350,
  ],
  [
    'LZ4 of a long match',
    () =>
      parquetFile(
        packed(LZ4_RAW, Buffer.concat([Uint8Array.of(0x1f, 97, 1, 0), Buffer.alloc(1 << 20, 255), Uint8Array.of(0)])),
      ),
    '1 rows',
    350,
  ],
  ['a page of 16 million values that are not there', () => parquetFile(nothing()), 'PARQUET_INVALID', 900],
  [
    'a footer of 60 million parts',
    () =>
      parquetFile({
        pages: [one],
        rows: 1,
        footer: Buffer.concat([Uint8Array.of(0x19, 0xfc), varint(60_000_000n), Buffer.alloc(60_000_000)]),
      }),
    'PARQUET_INVALID',
    700,
  ],
  [
    'a footer of brackets',
    () => parquetFile({ pages: [one], rows: 1, footer: Buffer.alloc(60_000_000, 0x1c) }),
    'PARQUET_INVALID',
    400,
  ],
  [
    'a footer of 2 GB that is not there',
    () => Buffer.from('PAR1........\xff\xff\xff\x7fPAR1', 'latin1'),
    'PARQUET_INVALID',
    350,
  ],
])('%s', async ([what, file, outcome, most]) => {
  const path = temporary.file(`${what.replaceAll(' ', '-')}.parquet`, file());
  const { stdout, stderr, status, megabytes } = await run(SCRIPT, [path], { seconds: 50 });
  expect({ outcome: stdout.trim(), stderr, status }).toEqual({ outcome, stderr: '', status: 0 });
  if (megabytes !== null) expect(megabytes).toBeLessThan(most);
});
