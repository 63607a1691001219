// Compressed bytes for tests, made by Node.js itself: what is ours only drives it.

import * as zlib from 'node:zlib';

interface Zstandard {
  readonly zstdCompressSync?: (bytes: Uint8Array, options: object) => Buffer;
  readonly zstdDecompressSync?: (bytes: Uint8Array) => Buffer;
  readonly constants: { readonly ZSTD_c_checksumFlag?: number };
}
const { zstdCompressSync, zstdDecompressSync, constants } = zlib as Zstandard;

/** Whether this Node.js has Zstandard; where it has not, that it is refused is what is tested. */
export const hasZstd: boolean = zstdCompressSync !== undefined;

export interface TestForm {
  readonly suffix: string;
  readonly pack: (bytes: Uint8Array) => Buffer;
  readonly unpack: (bytes: Uint8Array) => Buffer;
}

const gzip: TestForm = {
  suffix: '.gz',
  pack: (bytes) => zlib.gzipSync(bytes),
  unpack: (bytes) => zlib.gunzipSync(bytes),
};

/** The forms that this Node.js has. */
export const forms: readonly TestForm[] =
  zstdCompressSync === undefined || zstdDecompressSync === undefined
    ? [gzip]
    : [
        gzip,
        {
          suffix: '.zst',
          pack: (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag ?? 0]: 1 } }),
          unpack: zstdDecompressSync,
        },
      ];

/** A table as `zstd -19` has packed it: `id,name` and forty rows. */
export const ZSTD_TABLE: Buffer = Buffer.from(
  '28b52ffd643c026d040002cb1a13a06b382447fc6600f848c8de5b4a5bae1ecf1013441f862e087dadae544fa9b79dec5b47459d20f8307041e0' +
    '6b71a5784abce524df3822e204b187610bc25e6b2bb553daed26f7b611da04f1302c08afb552a7743bf936021ac4509e05701624710a2640234' +
    'ab104471227a811e8e8eddf01e0e56a10fe511f9ca7a7f4a300f757d2bb36ff3ab020abce6896a7',
  'hex',
);
export const TABLE: string = `id,name\n${Array.from({ length: 40 }, (_, i) => `${i},patient number ${i}\n`).join('')}`;
