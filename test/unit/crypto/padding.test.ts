import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pad, padmeLength, unpad } from '../../../src/crypto/padding.js';
import { pad as naivePad, padme } from '../../oracle/seal.js';

test('comes off again, whatever was padded', () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(5000).map((length) => new Uint8Array(length)),
  );
  fc.assert(
    fc.property(content, (bytes) => {
      expect(unpad(pad(bytes))).toEqual(bytes);
      expect(pad(bytes)).toEqual(new Uint8Array(naivePad(bytes)));
    }),
  );
});

test('is the only one that comes off: nothing else has the same content', () => {
  const candidate = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(200))
    .map(([bytes, zeros]) => Uint8Array.from([...bytes, 0x80, ...new Uint8Array(zeros)]));
  fc.assert(
    fc.property(fc.oneof(candidate, fc.uint8Array({ maxLength: 200 })), (padded) => {
      const content = unpad(padded);
      if (content !== null) expect(pad(content)).toEqual(padded);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['zeros alone', new Uint8Array(64)],
  ['no mark', new Uint8Array(64).fill(1)],
  ['a mark and too few zeros', Uint8Array.of(1, 0x80)],
  ['a mark and too many zeros', Uint8Array.of(1, 0x80, ...new Uint8Array(63))],
  ['a length that is no Padmé length', Uint8Array.of(...new Uint8Array(64), 0x80)],
])('%s is refused', (_, padded) => {
  expect(unpad(padded)).toBeNull();
});

test('has the lengths of the paper', () => {
  for (let length = 0; length < 10_000; length++) expect(padmeLength(length)).toBe(padme(length));
  for (const length of [2 ** 20, 2 ** 20 + 1, 2 ** 25 - 1, 31 * 2 ** 20 + 12345]) {
    expect(padmeLength(length)).toBe(padme(length));
    expect(padmeLength(length) / length).toBeLessThan(1.12);
  }
});

test.each([
  [0, 64],
  [63, 64],
  [64, 72],
  [71, 72],
  [72, 80],
  [999, 1024],
])('%i bytes become %i', (length, padded) => {
  expect(pad(new Uint8Array(length))).toHaveLength(padded);
});
