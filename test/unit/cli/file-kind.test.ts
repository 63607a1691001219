import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { irreplaceable, kindIn, otherKind, otherKindIn } from '../../../src/cli/file-kind.js';
import { type ErrorCode, MedsealError } from '../../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'medseal-kinds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const id = 'ab'.repeat(32);

// What these begin with is compared with real ones in the transcript "wrong-files".
test.each([
  ['SQLite format 3\0\x10\0', 'medseal verify'],
  [`medseal/${id}\n12\nAAAA\n`, '--checkpoint'],
  ['{"data":[{"audit":false', 'medseal import'],
  ['{"anchor":{"block":{', 'medseal verify-proof'],
  ['{"anchor":null,"blocks":13,', '--since'],
  ['{"anchor":13,"blocks":13,', '--since'],
  [`{"ledger":"${id}","medseal":"proposal"`, 'medseal approve'],
  ['age-encryption.org/v1\n-> scrypt', 'medseal key show'],
  ['{"kty":"EC","crv":', 'medseal key show'],
  ['-----BEGIN EC PRIVATE KEY-----\n', 'keygen --import'],
  [
    '-----BEGIN EC PARAMETERS-----\nBgUrgQQACg==\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\n',
    '--import',
  ],
  [`{"private": "${id}"`, 'keygen --import'],
  [`{"public": "A/+=", "private": "${id}"}`, 'keygen --import'],
  ['\n{"crv":"secp256k1","d":"AA","kty":"EC"}', 'keygen --import'],
  [`${id}\n`, 'keygen --import'],
  ['a,b\n1,x\n', 'medseal seal'],
  ['drug;Größe\r\n"x;y";2\r\n', 'medseal seal'],
  [gzipSync('a,b\n'), 'gzip; unpacked, it is text'],
  [gzipSync('\x01\x02'), 'gzip, and what is in it is no export'],
  [gzipSync('SQLite format 3\0\x10\0'), 'gzip: unpack it first'],
  [gzipSync('{"data":[{"audit":false'), 'gzip; unpacked, it is an export'],
  // Cut off, as the first bytes of a larger file are.
  [gzipSync('{"data":[{"audit":false'.padEnd(99, 'x')).subarray(0, -12), 'gzip; unpacked, it is an export'],
  [Buffer.from([0x1f, 0x8b, 8, 0]), 'gzip, and what is in it is no export'],
])('tells %j, and what takes it', (start, taker) => {
  expect(otherKind(Buffer.from(start), 'ledger') ?? otherKind(Buffer.from(start), 'proof')).toContain(taker);
});

test.each(['', '{"a":1}\n', '[1]', '\0\0', '\x7fELF\x02\x01\x01\0', 'a,b\0\n'])('does not guess at %j', (start) => {
  expect(otherKind(Buffer.from(start), 'proof')).toBeNull();
});

test('text where a key is expected is not called a table', () => {
  expect(otherKind(Buffer.from('hello\n'), 'key')).toBeNull();
});

test('a file of the right kind is not called another', () => {
  expect(otherKind(Buffer.from('{"anchor":{"path":"'), 'proof')).toBeNull();
});

test.each<[ErrorCode, boolean]>([
  ['NOT_A_LEDGER', true],
  ['CHECKPOINT_INVALID', true],
  ['KEY_FILE_INVALID', true],
  ['PROPOSAL_INVALID', true],
  ['CSV_FIELDS', false],
])('an error %s is looked into: %s', (code, isLooked) => {
  const file = join(folder, 'l.ndjson');
  writeFileSync(file, '{"data":[{"audit":false');
  expect(otherKindIn(new MedsealError(code, '', { file })) !== null).toBe(isLooked);
  expect(otherKindIn(new MedsealError(code, ''))).toBeNull();
  expect(otherKindIn(new MedsealError(code, '', { file: join(folder, 'none') }))).toBeNull();
  expect(otherKindIn(new MedsealError(code, '', { file: folder }))).toBeNull();
});

test.each<[string, ReturnType<typeof irreplaceable>]>([
  ['SQLite format 3\0\x10\0', 'a ledger'],
  ['age-encryption.org/v1\n-> scrypt', 'a private key'],
  ['{"kty":"EC","crv":', 'a private key'],
  [`{"public": "A/+=", "private": "${id}"}`, 'a private key'],
  ['-----BEGIN PRIVATE KEY-----\n', 'a private key'],
  [`${id}\n`, 'a private key'],
  // Earlier outputs, such as tables with columns of these names, are written anew.
  ['{"private": "yes","d":"1"}\n{"private": "no","d":"2"}\n', null],
  ['{"anchor":{"block":{', null],
  ['{"data":[{"audit":false', null],
  ['id,drug\n1,A\n', null],
  ['', null],
])('whether %j may be written over', (start, kept) => {
  const file = join(folder, 'there');
  writeFileSync(file, start);
  expect(irreplaceable(file)).toBe(kept);
});

test('what is not there, or is no file, is nothing to lose', () => {
  for (const path of [join(folder, 'none'), folder, '/dev/null']) {
    expect(irreplaceable(path)).toBeNull();
    expect(kindIn(path)).toBeNull();
  }
});
