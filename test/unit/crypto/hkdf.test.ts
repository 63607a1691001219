import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes.js';
import { hkdfExpand } from '../../../src/crypto/hkdf.js';

const range = (from: number, to: number): string =>
  toHex(Uint8Array.from({ length: to - from + 1 }, (_, at) => from + at));

// RFC 5869, appendix A, tests 1 to 3: the step from PRK to OKM.
test.each([
  [
    '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    range(0xf0, 0xf9),
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  ],
  [
    '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    range(0xb0, 0xff),
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
      'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  ],
  [
    '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    '',
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  ],
])('RFC 5869, PRK %s', (prk, info, okm) => {
  const expanded = hkdfExpand(fromHex(prk)!, okm.length / 2, fromHex(info)!);
  expect(toHex(expanded)).toBe(okm);
});

test('a shorter output is the beginning of a longer one', () => {
  const [key, info] = [new Uint8Array(32).fill(7), Uint8Array.of(1)];
  const long = hkdfExpand(key, 255 * 32, info);
  for (const length of [0, 1, 31, 32, 33, 64]) expect(hkdfExpand(key, length, info)).toEqual(long.slice(0, length));
});
