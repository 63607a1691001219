import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  concat,
  equalBytes,
  fromBase64url,
  fromHex,
  fromU64,
  fromUtf8,
  isHex,
  label,
  toBase64url,
  toHex,
  u64,
  utf8,
} from '../../src/bytes.js';

const bytes = fc.uint8Array({ maxLength: 80 });
const safe = fc.maxSafeNat();

test('hex and base64url come back, also from the middle of a buffer', () => {
  fc.assert(
    fc.property(bytes, fc.nat(9), (value, offset) => {
      const view = concat(new Uint8Array(offset), value, Uint8Array.of(1)).subarray(offset, offset + value.length);
      expect(Uint8Array.from(fromHex(toHex(view))!)).toEqual(value);
      expect(Uint8Array.from(fromBase64url(toBase64url(view))!)).toEqual(value);
    }),
  );
});

test('no two texts stand for the same bytes', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.stringMatching(/^[0-9a-fA-F]{0,6}$/),
    fc.base64String({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(text, (value) => {
      const [hex, base64url] = [fromHex(value), fromBase64url(value)];
      if (hex !== null) expect(toHex(hex)).toBe(value);
      if (base64url !== null) expect(toBase64url(base64url)).toBe(value);
    }),
    { numRuns: 2000 },
  );
});

describe('hex', () => {
  test.each(['0', 'AB', 'ab ', ' ab', '0x', 'gg', 'ab\n', 'é0', '٠١'])('%j is none', (text) => {
    expect(fromHex(text)).toBeNull();
    expect(isHex(text, Math.ceil(text.length / 2))).toBe(false);
  });

  test('has the length that is asked for', () => {
    expect(fromHex('abcd', 2)).toHaveLength(2);
    expect(fromHex('abcd', 3)).toBeNull();
    expect(isHex('abcd', 2)).toBe(true);
    expect(isHex('abcd', 1)).toBe(false);
    expect(isHex(1234, 2)).toBe(false);
    expect(isHex(['ab'], 1)).toBe(false);
  });
});

test('base64url has neither padding nor leftover bits', () => {
  for (const text of ['A', 'AA=', 'AA==', 'AB', 'AAB', 'A+', 'A/', 'A A', 'AA\n', '=']) {
    expect(fromBase64url(text)).toBeNull();
  }
  expect(fromBase64url('')).toHaveLength(0);
});

describe('u64', () => {
  test('comes back', () => {
    fc.assert(
      fc.property(safe, (value) => {
        expect(fromU64(u64(value))).toBe(value);
      }),
    );
    const one = Uint8Array.of(9, ...u64(2 ** 32 + 5));
    expect(fromU64(one, 1)).toBe(2 ** 32 + 5);
  });

  test('is big-endian', () => {
    expect([...u64(0x0102030405)]).toEqual([0, 0, 0, 1, 2, 3, 4, 5]);
    expect([...u64(Number.MAX_SAFE_INTEGER)]).toEqual([0, 0x1f, 255, 255, 255, 255, 255, 255]);
  });

  test('beyond 2^53 − 1 is none', () => {
    expect(fromU64(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0))).toBeNull();
    expect(fromU64(new Uint8Array(8).fill(255))).toBeNull();
  });
});

test('bytes are equal where they are', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(equalBytes(a, b)).toBe(Buffer.from(a).equals(b));
      expect(equalBytes(a, Uint8Array.from(a))).toBe(true);
    }),
  );
});

test('text is UTF-8, and a byte-order mark is part of it', () => {
  expect(fromUtf8(utf8('\ufeffä\u{1f600}'))).toBe('\ufeffä\u{1f600}');
  expect(fromUtf8(Uint8Array.of(0xff))).toBeNull();
  expect(fromUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeNull();
  expect([...label('ab')]).toEqual([0x61, 0x62, 0]);
});
