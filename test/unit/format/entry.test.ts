// The 121 bytes of a sealed record's entry, and how it is told from a statement.

import { describe, expect, test } from 'vitest';
import { concat, u64 } from '../../../src/bytes.js';
import { emptySealed, entryKind, SEALED_LENGTH, sealedFields } from '../../../src/format/entry.js';

const range = (from: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => from + at);

const fields = {
  keyId: range(0x10, 16),
  row: 0x0001_0203_0405_0607,
  saltHash: range(0x20, 32),
  commitment: range(0x40, 32),
};
const bodyHash = range(0x60, 32);
const entry = (): Uint8Array =>
  concat(emptySealed(fields.keyId, fields.row).slice(0, 25), fields.saltHash, fields.commitment, bodyHash);

test('fields stand where spec/records.md says', () => {
  expect(Buffer.from(entry()).toString('hex')).toBe(
    '01' +
      Buffer.from(fields.keyId).toString('hex') +
      '0001020304050607' +
      Buffer.from(fields.saltHash).toString('hex') +
      Buffer.from(fields.commitment).toString('hex') +
      Buffer.from(bodyHash).toString('hex'),
  );
  expect(sealedFields(entry())).toEqual({ ...fields, bodyHash });
});

describe('an entry', () => {
  const start = (first: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    bytes[0] = first;
    return bytes;
  };
  const refused = (code: string) => expect.objectContaining({ code });

  test('is a sealed record by its first byte and its length', () => {
    expect(entryKind(entry())).toBe('sealed');
    expect(entryKind(start(0x01, SEALED_LENGTH))).toBe('sealed');
  });

  test('is a statement by its first byte, up to 1 MiB', () => {
    expect(entryKind(start(0x7b, 1))).toBe('statement');
    expect(entryKind(start(0x7b, SEALED_LENGTH))).toBe('statement');
    expect(entryKind(start(0x7b, 1024 * 1024))).toBe('statement');
    expect(() => entryKind(start(0x7b, 1024 * 1024 + 1))).toThrow(refused('TOO_LARGE'));
  });

  test.each<[what: string, bytes: () => Uint8Array]>([
    ['nothing', () => new Uint8Array(0)],
    ['a reserved first byte', () => start(0x02, SEALED_LENGTH)],
    ['the first byte of an array', () => start(0x5b, SEALED_LENGTH)],
    ['a byte too few', () => entry().subarray(0, SEALED_LENGTH - 1)],
    ['a byte too many', () => concat(entry(), Uint8Array.of(0))],
    ['its first byte alone', () => Uint8Array.of(0x01)],
    ['a row beyond 2^53 − 1', () => concat(entry().subarray(0, 17), Uint8Array.of(0, 0x20), new Uint8Array(102))],
  ])('is neither with %s', (_, bytes) => {
    expect(() => entryKind(bytes())).toThrow(refused('MALFORMED'));
  });

  test('has rows up to 2^53 − 1', () => {
    const last = concat(entry().subarray(0, 17), u64(Number.MAX_SAFE_INTEGER), entry().subarray(25));
    expect(entryKind(last)).toBe('sealed');
    expect(sealedFields(last).row).toBe(Number.MAX_SAFE_INTEGER);
  });
});
