// Compressed files and streams: what is within them is sealed, and comes back; what is damaged is refused whole.

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sealDataset } from '../../../src/dataset/seal.js';
import { examine } from '../../../src/dataset/source/examine.js';
import { exportLedger } from '../../../src/ledger/export.js';
import { importLedger } from '../../../src/ledger/import.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { forms, hasZstd, TABLE, ZSTD_TABLE } from '../../helpers/compression.js';
import {
  joined,
  newLedger,
  opened,
  owner,
  refusal,
  streamOf,
  temporaryFolder,
  verified,
} from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const table = Buffer.from(TABLE);

describe.each(forms)('$suffix', ({ suffix, pack }) => {
  test('a file’s rows and bytes are those within, and they come back', async () => {
    const file = temporary.file(`table.csv${suffix}`, pack(table));
    const examined = await examine(file);
    expect(examined).toMatchObject({ format: 'csv', rows: 40, bytes: table.length });
    const ledger = await newLedger();
    expect(await sealDataset(ledger, owner, examined, { name: 'x', blockSize: 7 })).toMatchObject({ sealed: 40 });
    expect(await opened(ledger)).toEqual(table);
    // Compressed otherwise, or not at all, it is the same data set.
    const plain = temporary.file('same.csv', table);
    expect(await sealDataset(ledger, owner, plain, { name: 'x', blockSize: 7 })).toMatchObject({ already: true });
  });

  test('what is within a name tells the format', async () => {
    const file = temporary.file(`lines.ndjson${suffix}`, pack(Buffer.from('[1]\n"a"\n')));
    expect(await examine(file)).toMatchObject({ format: 'ndjson', rows: 2 });
    const unnamed = temporary.file('lines', pack(Buffer.from('{"a":1}\n')));
    expect(await examine(unnamed)).toMatchObject({ format: 'ndjson', rows: 1 });
  });

  test('how far it has been looked through is told in bytes of the file', async () => {
    const file = temporary.file(`progress.csv${suffix}`, pack(Buffer.from(`a,b\n${'1,2\n'.repeat(100_000)}`)));
    const { length } = readFileSync(file);
    const told: (readonly [number, number])[] = [];
    await examine(file, { onExamined: (bytes, total) => told.push([bytes, total]) });
    expect(told.at(-1)).toEqual([length, length]);
  });

  test('a stream is unpacked as it comes', async () => {
    const ledger = await newLedger();
    await sealDataset(ledger, owner, streamOf(pack(table), [3, 50]), { name: 'x', blockSize: 7 });
    expect(await opened(ledger)).toEqual(table);
  });

  test('a file that is cut off is refused before anything is written', async () => {
    const packed = pack(table);
    const ledger = await newLedger();
    for (let length = 0; length < packed.length; length += 5) {
      const file = temporary.file(`cut.csv${suffix}`, packed.subarray(0, length));
      const { code, place } = await refusal(sealDataset(ledger, owner, file, { name: 'x' }));
      expect({ code, place }, `${length} bytes`).toEqual({ code: 'COMPRESSION_INVALID', place: { file } });
    }
    expect(await ledger.size()).toBe(1);
  });

  test('of a stream that is cut off, the rows before are kept, and it goes on', async () => {
    // Lines that no packing makes much smaller, so that some come before the end.
    const lines = Array.from({ length: 6000 }, (_, i) => `${i},${Math.sin(i)},${Math.cos(i)},${Math.tan(i)}\n`);
    const long = Buffer.from(`n,sin,cos,tan\n${lines.join('')}`);
    const packed = pack(long);
    const ledger = await newLedger();
    const cut = streamOf(packed.subarray(0, packed.length - 9));
    const { code } = await refusal(sealDataset(ledger, owner, cut, { name: 'x', blockSize: 500 }));
    expect(code).toBe('STREAM_BROKEN');
    expect(await ledger.size()).toBeGreaterThan(1);
    const result = await sealDataset(ledger, owner, streamOf(packed), { name: 'x', blockSize: 500 });
    expect(result.resumed).toBeGreaterThan(0);
    expect(await opened(ledger)).toEqual(long);
    expect(await verified(ledger)).toMatchObject({ ok: true });
  });

  test.each([
    ['other rows', () => pack(Buffer.from(TABLE.replace('patient number 7', 'patient number 8')))],
    ['a part of itself', () => pack(table).subarray(0, 60)],
    ['itself, unpacked', () => table],
    ['nothing', () => Buffer.alloc(0)],
  ])('a file that has become %s is noticed', async (_, become) => {
    const file = temporary.file(`changing.csv${suffix}`, pack(table));
    const examined = await examine(file);
    writeFileSync(file, become());
    const error = await refusal(sealDataset(await newLedger(), owner, examined, { name: 'x' }));
    expect(error).toMatchObject({ code: 'FILE_CHANGED', place: { file } });
  });

  test('packed anew, a file is still the same', async () => {
    const file = temporary.file(`anew.csv${suffix}`, pack(table));
    const examined = await examine(file);
    writeFileSync(file, Buffer.concat([pack(table.subarray(0, 100)), pack(table.subarray(100))]));
    expect(await sealDataset(await newLedger(), owner, examined, { name: 'x' })).toMatchObject({ sealed: 40 });
  });

  test('twice compressed it is refused', async () => {
    const file = temporary.file(`twice.csv${suffix}`, pack(pack(table)));
    expect((await refusal(examine(file))).code).toBe('NOT_TEXT');
  });

  test('an export is verified and imported as it is, or refused where it is cut off', async () => {
    const ledger = await newLedger();
    await sealDataset(ledger, owner, streamOf(table), { name: 'x', blockSize: 7 });
    const text = await joined(exportLedger(ledger));
    const file = temporary.file(`export.ndjson${suffix}`, pack(text));
    const pin = { owner: owner.publicKey };
    const verdict = await verifyLedger(file, pin);
    expect(verdict).toEqual(await verifyLedger(streamOf(text), pin));
    expect(verdict).toMatchObject({ ok: true, records: 40 });
    expect(await verifyLedger(streamOf(pack(text), [100]), pin)).toEqual(verdict);
    expect(await importLedger(file, temporary.path(`imported${suffix}.medseal`), pin)).toMatchObject({ ok: true });

    const cut = temporary.file(`cut.ndjson${suffix}`, pack(text).subarray(0, -5));
    expect((await refusal(verifyLedger(cut, pin))).code).toBe('COMPRESSION_INVALID');
    const path = temporary.path(`cut${suffix}.medseal`);
    expect((await refusal(importLedger(cut, path, pin))).code).toBe('COMPRESSION_INVALID');
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });
});

test('what unfolds to more than a record may be is refused with its line', async () => {
  const file = temporary.file(
    'bomb.csv.gz',
    gzipSync(Buffer.concat([Buffer.from('a\n'), Buffer.alloc(40 << 20, 0x61)])),
  );
  const { code, place } = await refusal(examine(file));
  expect({ code, place }).toEqual({ code: 'RECORD_TOO_LARGE', place: { line: 2, file } });
});

// Either way, this says how Zstandard fares on the Node.js that runs it.
test(`a table packed by zstd is ${hasZstd ? 'sealed' : 'refused, since this Node.js cannot unpack it'}`, async () => {
  const file = temporary.file('zstd.csv.zst', ZSTD_TABLE);
  const ledger = await newLedger();
  if (hasZstd) {
    await sealDataset(ledger, owner, file, { name: 'x' });
    expect(await opened(ledger)).toEqual(table);
    return;
  }
  const { code, place } = await refusal(sealDataset(ledger, owner, file, { name: 'x' }));
  expect({ code, place }).toEqual({ code: 'COMPRESSION_UNAVAILABLE', place: { file } });
  expect(await ledger.size()).toBe(1);
});

test.skipIf(process.platform === 'win32')('a pipe that is compressed is unpacked as it comes', async () => {
  const pipe = temporary.path('pipe.csv.gz');
  execFileSync('mkfifo', [pipe]);
  const feeding = spawn('sh', ['-c', 'cat > "$0"', pipe], { stdio: ['pipe', 'ignore', 'ignore'] });
  feeding.stdin.end(gzipSync(table));
  const ledger = await newLedger();
  expect(await sealDataset(ledger, owner, pipe, { name: 'x', blockSize: 500 })).toMatchObject({ rows: 40 });
  expect(await opened(ledger)).toEqual(table);
});
