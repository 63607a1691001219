// Heads as nearly all are take a short way: it must lead where the long way does.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.js';
import type { PublicKey } from '../../../src/crypto/secp256k1.js';
import { MedsealError } from '../../../src/errors.js';
import { type BlockHead, headerHash, headerJson, headJson, parseHead, readHead } from '../../../src/format/header.js';
import { parseCanonical } from '../../../src/format/json.js';
import { readPlainHead } from '../../../src/format/plain-head.js';
import type { Timestamp } from '../../../src/format/timestamp.js';
import { H, hex } from '../../oracle/bytes.js';

const hexOf = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => toHex(bytes));
const count = fc.oneof(fc.nat(20), fc.maxSafeNat());
const time = fc
  .date({ min: new Date('0000-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString() as Timestamp);

const heads: fc.Arbitrary<BlockHead> = fc.record({
  header: fc.record({
    version: fc.constant(1 as const),
    index: count,
    timestamp: time,
    previous_hash: fc.oneof({ weight: 5, arbitrary: hexOf(32) }, fc.constant('0')),
    history_hash: hexOf(32),
    data_hash: hexOf(32),
    data_size: fc.oneof(fc.nat(70_000), count),
    difficulty: fc.nat(50),
    signer: hexOf(33).map((text) => text as PublicKey),
  }),
  proof: count,
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
});

/** What comes of bytes: a head, or the code of what is wrong. */
function outcome(read: () => BlockHead): unknown {
  try {
    const { header, proof, signature } = read();
    return { header, proof, signature: toHex(signature) };
  } catch (error) {
    if (error instanceof MedsealError) return error.code;
    throw error;
  }
}

function bothWays(bytes: Uint8Array): void {
  expect(outcome(() => readHead(bytes))).toEqual(outcome(() => parseHead(parseCanonical(bytes, 1))));
}

test('a head is read the same in both ways, whatever its values', () => {
  fc.assert(fc.property(heads, (head) => bothWays(Buffer.from(headJson(head)))));
});

test('and so is one with a byte changed, added or taken away', () => {
  const byte = fc.oneof(fc.constantFrom(...Buffer.from('0aAfFgZ"{},:-. ')), fc.nat(255));
  const change = fc.record({
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    byte,
    cut: fc.nat(1),
  });
  fc.assert(
    fc.property(heads, change, fc.boolean(), (head, { place, byte, cut }, put) => {
      const bytes = Buffer.from(headJson(head));
      const at = Math.floor(place * (bytes.length + 1));
      bothWays(Buffer.concat([bytes.subarray(0, at), Buffer.from(put ? [byte] : []), bytes.subarray(at + cut)]));
    }),
    { numRuns: 1000 },
  );
});

test('the short way takes what is usual, and leaves the rest', () => {
  const usual = fc.sample(heads, 1)[0]!;
  const header = {
    ...usual.header,
    ...{
      index: 7,
      data_size: 1,
      difficulty: 16,
      previous_hash: 'ab'.repeat(32),
      timestamp: '2025-03-01T12:00:00.000Z',
    },
  } as BlockHead['header'];
  const isPlain = (change: Partial<BlockHead['header']>, proof = 5): boolean =>
    readPlainHead(Buffer.from(headJson({ ...usual, header: { ...header, ...change }, proof }))) !== null;
  expect(isPlain({})).toBe(true);
  expect(isPlain({ previous_hash: '0' })).toBe(false);
  expect(isPlain({ index: 0 })).toBe(false);
  expect(isPlain({ timestamp: '2025-03-29T12:00:00.000Z' as Timestamp })).toBe(false);
  expect(isPlain({}, 10 ** 15)).toBe(false);
});

test('a header that has been read has the hash of its JSON, also when others have been read since', () => {
  fc.assert(
    fc.property(fc.array(heads, { minLength: 1, maxLength: 4 }), (list) => {
      const usual = list.map((head) => ({
        ...head,
        header: { ...head.header, index: 7, data_size: 1, difficulty: 1 },
      }));
      const expected = usual.map(({ header }) => hex(H(Buffer.from(headerJson(header)))));
      const apart = usual.map((head) => toHex(headerHash(readHead(Buffer.from(headJson(head))).header)));
      expect(apart).toEqual(expected);
      const all = usual.map((head) => readHead(Buffer.from(headJson(head))).header);
      expect(all.map((header) => toHex(headerHash(header)))).toEqual(expected);
      expect(all.map((header) => toHex(headerHash({ ...header })))).toEqual(expected);
    }),
  );
});
