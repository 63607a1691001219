// Compression undone and done: every cut, every flipped bit, every way in which bytes can come.

import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressedFor, expectCompression } from '../../../src/compression/compress.js';
import { openPlain } from '../../../src/compression/decompress.js';
import { nameWithin } from '../../../src/compression/forms.js';
import { MedsealError } from '../../../src/errors.js';
import { forms, hasZstd, TABLE, ZSTD_TABLE } from '../../helpers/compression.js';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}

async function unpacked(bytes: Uint8Array, size = bytes.length || 1, name: string | null = null): Promise<Buffer> {
  const plain = await openPlain(inPieces(bytes, size), name);
  try {
    return await joined(plain.chunks);
  } finally {
    await plain.close();
  }
}

/** What came out, or the code with which it was refused. */
async function outcome(bytes: Uint8Array, size?: number, name?: string): Promise<Buffer | string> {
  try {
    return await unpacked(bytes, size, name ?? null);
  } catch (error) {
    if (!(error instanceof MedsealError)) throw error;
    return error.code;
  }
}

const table = Buffer.from(TABLE);

describe.each(forms)('$suffix', ({ suffix, pack, unpack }) => {
  test('any bytes come back, however they come in, of however many members', async () => {
    const members = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(members, fc.integer({ min: 1, max: 80 }), async (contents, size) => {
        const packed = Buffer.concat(contents.map(pack));
        expect((await unpacked(packed, size)).equals(Buffer.concat(contents))).toBe(true);
        expect((await unpacked(packed)).equals(Buffer.concat(contents))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('what is written is read by others, and by us', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 400 }), async (bytes, size) => {
        const packed = await joined(compressedFor(`out.csv${suffix}`, inPieces(bytes, size)));
        expect(unpack(packed).equals(bytes)).toBe(true);
        expect((await unpacked(packed)).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('cut off anywhere it is refused', async () => {
    const packed = pack(table);
    for (let length = 0; length < packed.length; length++) {
      expect(await outcome(packed.subarray(0, length), 64, `table.csv${suffix}`), `${length} bytes`).toBe(
        'COMPRESSION_INVALID',
      );
    }
  });

  test('cut off within its second member it is refused, its first being whole', async () => {
    const first = pack(table);
    const second = pack(table);
    for (let length = 1; length < second.length; length++) {
      const packed = Buffer.concat([first, second.subarray(0, length)]);
      for (const size of [packed.length, first.length, 7]) {
        expect(await outcome(packed, size), `${length} bytes`).toBe('COMPRESSION_INVALID');
      }
    }
  });

  test('a flipped bit is found, or changes nothing of what is within', async () => {
    const packed = pack(table);
    for (let bit = 0; bit < packed.length * 8; bit++) {
      const damaged = Buffer.from(packed);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const found = await outcome(damaged, 64, `table.csv${suffix}`);
      if (typeof found === 'string') expect(found).toBe('COMPRESSION_INVALID');
      else expect(found.equals(table), `bit ${bit}`).toBe(true);
    }
  });

  test.each([
    ['a byte', Buffer.from('j')],
    ['text', Buffer.from('junk behind it')],
    ['zeros', Buffer.alloc(512)],
    ['a table', table],
  ])('followed by %s it is refused', async (_, behind) => {
    const packed = pack(table);
    const all = Buffer.concat([packed, behind]);
    for (const size of [all.length, packed.length, 1]) expect(await outcome(all, size)).toBe('COMPRESSION_INVALID');
  });

  test('what unfolds to much is given in small pieces, and no further than it is asked for', async () => {
    const bomb = pack(Buffer.alloc(64 << 20));
    const plain = await openPlain(inPieces(bomb, bomb.length));
    const iterator = plain.chunks[Symbol.asyncIterator]();
    let largest = 0;
    for (let i = 0; i < 20; i++) largest = Math.max(largest, (await iterator.next()).value?.length ?? 0);
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThanOrEqual(1 << 20);
    await plain.close();
    expect((await iterator.next()).done).toBe(true);
  });

  test('a source that breaks off says why itself', async () => {
    const packed = pack(table);
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield packed.subarray(0, 20);
      throw new Error('the disk has gone');
    };
    const plain = await openPlain(failing());
    await expect(joined(plain.chunks)).rejects.toThrow('the disk has gone');
    await plain.close();
  });

  test('a name that tells of it must be true', async () => {
    expect(await outcome(table, 64, `TABLE.CSV${suffix.toUpperCase()}`)).toBe('COMPRESSION_INVALID');
    expect(await outcome(pack(table), 64, 'table.csv')).toEqual(table);
  });

  test('a source is let go of, whether it has been read or not', async () => {
    for (const read of [false, true]) {
      let closed = false;
      const source = async function* (): AsyncGenerator<Uint8Array> {
        try {
          yield* inPieces(pack(table), 5);
        } finally {
          closed = true;
        }
      };
      const plain = await openPlain(source());
      if (read) await plain.chunks[Symbol.asyncIterator]().next();
      await plain.close();
      expect(closed).toBe(true);
    }
  });
});

test('bytes that are not compressed pass as they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
      fc.pre(!(bytes[0] === 0x1f && bytes[1] === 0x8b));
      expect((await unpacked(bytes, size)).equals(Buffer.from(bytes))).toBe(true);
    }),
  );
  expect(await joined(compressedFor('out.csv', inPieces(table, 100)))).toEqual(table);
});

test('neither a time nor a name is written with what is compressed', async () => {
  const [first, second] = [
    await joined(compressedFor('a.gz', inPieces(table, 99))),
    await joined(compressedFor('b.gz', inPieces(table, 99))),
  ];
  expect(first).toEqual(second);
  // RFC 1952, section 2.3: flags, then the time in four bytes.
  expect([...first.subarray(3, 8)]).toEqual([0, 0, 0, 0, 0]);
  expect(gunzipSync(first)).toEqual(table);
});

test('a name is told without its compression', () => {
  expect(['a.csv.gz', 'A.CSV.ZST', 'a.gz.csv', 'gz'].map(nameWithin)).toEqual(['a.csv', 'A.CSV', 'a.gz.csv', 'gz']);
});

// Either way, this says how Zstandard fares on the Node.js that runs it.
test(`Zstandard made by its own tool is ${hasZstd ? 'unpacked' : 'refused, since this Node.js has it not'}`, async () => {
  if (hasZstd) {
    expect((await unpacked(ZSTD_TABLE, 13)).toString()).toBe(TABLE);
    expect(() => expectCompression('out.csv.zst')).not.toThrow();
    return;
  }
  expect(await outcome(ZSTD_TABLE)).toBe('COMPRESSION_UNAVAILABLE');
  expect(() => expectCompression('out.csv.zst')).toThrow(expect.objectContaining({ code: 'COMPRESSION_UNAVAILABLE' }));
});
