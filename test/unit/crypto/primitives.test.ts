// The primitives of Node.js and those of the browser give the same results.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as browser from '../../../src/crypto/primitives.js';
import * as node from '../../../src/crypto/primitives.node.js';

const bytes = (maxLength = 200) => fc.uint8Array({ maxLength });
const plain = (value: Uint8Array | null): Uint8Array | null => (value === null ? null : Uint8Array.from(value));

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

/** Both platforms, side by side. */
function both<T>(run: (primitives: typeof node) => T): [T, T] {
  return [run(node), run(browser)];
}

function same(run: (primitives: typeof node) => Uint8Array | null): void {
  const [one, other] = both(run);
  expect(plain(one)).toEqual(plain(other));
}

test('have the same names', () => {
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
});

describe('agree on', () => {
  test('SHA-256 of parts, short and long', () => {
    const parts = fc.array(
      fc.oneof(
        bytes(),
        fc.nat(70_000).map((length) => new Uint8Array(length)),
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(parts, (list) => {
        same(({ sha256 }) => sha256(...list));
        const joined = Buffer.concat(list);
        expect(node.sha256Hex(joined)).toBe(browser.sha256Hex(joined));
        expect(plain(node.sha256(...list))).toEqual(plain(browser.sha256(joined)));
      }),
    );
  });

  test('SHA-256 of a text, into a place, and compared in a place', () => {
    const latin1 = fc.array(fc.nat(255), { maxLength: 300 }).map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(latin1, fc.nat(40), fc.nat(31), (text, offset, at) => {
        const parts = [Buffer.from(text, 'latin1'), Uint8Array.of(offset)];
        const expected = node.sha256(Buffer.from(text, 'utf8'));
        for (const digest of both(({ sha256Text }) => sha256Text(text))) expect(plain(digest)).toEqual(plain(expected));
        const [one, other] = both(({ sha256Into }) => {
          const target = new Uint8Array(offset + 33).fill(7);
          sha256Into(target, offset, ...parts);
          return target;
        });
        expect(plain(one)).toEqual(plain(other));
        expect(hex(one)).toBe('07'.repeat(offset) + node.sha256Hex(...parts) + '07');
        expect(both(({ sha256Is }) => sha256Is(one, offset, ...parts))).toEqual([true, true]);
        const bent = one.with(offset + at, one[offset + at]! ^ 1);
        expect(both(({ sha256Is }) => sha256Is(bent, offset, ...parts))).toEqual([false, false]);
      }),
    );
  });

  test('Latin-1', () => {
    fc.assert(
      fc.property(bytes(), (value) => {
        const text = both(({ latin1Decode }) => latin1Decode(value));
        expect(text).toEqual([text[1], Buffer.from(value).toString('latin1')]);
      }),
    );
  });

  test('HMAC-SHA-256', () => {
    fc.assert(
      fc.property(bytes(), fc.array(bytes(), { maxLength: 3 }), (key, list) =>
        same(({ hmacSha256 }) => hmacSha256(key, ...list)),
      ),
    );
  });

  test('AES-256-GCM, sealed by either and opened by the other, and on what does not open', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(key, nonce, bytes(), bytes(), fc.nat(), (k, n, data, aad, at) => {
        same(({ aes256GcmSeal }) => aes256GcmSeal(k, n, data, aad));
        const sealed = browser.aes256GcmSeal(k, n, data, aad);
        same(({ aes256GcmOpen }) => aes256GcmOpen(k, n, sealed, aad));
        expect(plain(node.aes256GcmOpen(k, n, sealed, aad))).toEqual(data);
        const bent = Uint8Array.from(sealed);
        bent[at % bent.length]! ^= 1;
        for (const wrong of [bent, sealed.subarray(0, at % sealed.length)]) {
          expect(both(({ aes256GcmOpen }) => aes256GcmOpen(k, n, wrong, aad))).toEqual([null, null]);
        }
      }),
    );
  });

  test('hex and base64url', () => {
    fc.assert(
      fc.property(bytes(), (value) => {
        const texts = both(({ hexEncode }) => hexEncode(value));
        expect(texts[0]).toBe(texts[1]);
        same(({ hexDecode }) => hexDecode(texts[0]));
        const text = both(({ base64urlEncode }) => base64urlEncode(value));
        expect(text[0]).toBe(text[1]);
        same(({ base64urlDecode }) => base64urlDecode(text[0]));
      }),
    );
  });

  test('what is no canonical base64url', () => {
    const character = fc.constantFrom(...'ABab01-_+/= \n\u00e9\u{1f600}'.match(/./gsu)!);
    const text = fc.array(character, { maxLength: 9 }).map((list) => list.join(''));
    fc.assert(
      fc.property(text, (value) => same(({ base64urlDecode }) => base64urlDecode(value))),
      { numRuns: 2000 },
    );
    for (const wrong of ['A', 'AB', 'AAB', 'AA==', 'A A', 'AA\n', '+/', 'é']) {
      expect(both(({ base64urlDecode }) => base64urlDecode(wrong))).toEqual([null, null]);
    }
  });
});
