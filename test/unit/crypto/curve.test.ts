// What the curve makes of foreign signatures, and that it can be loaded: within the tests, so that a test fails where it
// cannot.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/bytes.js';
import { loadCurve, type PublicKey } from '../../../src/crypto/secp256k1.js';
import { OFF_CURVE, owner } from '../../helpers/people.js';

const ORDER = secp256k1.Point.CURVE().n;
const scalar = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'))!;
const privateKey = scalar(7n);
const digest = new Uint8Array(32).fill(9);

test('is loaded once', async () => {
  expect(loadCurve()).toBe(loadCurve());
  expect(await loadCurve()).toBeTypeOf('object');
});

test('knows its points, and signs', async () => {
  const curve = await loadCurve();
  const isKey = (text: unknown): boolean => curve.isPublicKey(text);
  expect([isKey(owner.publicKey), isKey(OFF_CURVE), isKey(7)]).toEqual([true, false, false]);
  const signature = curve.sign(privateKey, digest);
  expect(toHex(signature)).toBe(toHex(secp256k1.sign(digest, privateKey, { prehash: false, lowS: true })));
  expect(curve.verify(curve.publicKey(privateKey), digest, signature)).toBe(true);
  expect(() => curve.uncompressed(OFF_CURVE as PublicKey)).toThrow(
    expect.objectContaining({ code: 'PUBLIC_KEY_INVALID' }),
  );
});

describe('of a signature by another hand', () => {
  const low = Uint8Array.from(secp256k1.sign(digest, privateKey, { prehash: false, lowS: true }));
  const s = BigInt(`0x${toHex(low.subarray(32))}`);
  const high = concat(low.subarray(0, 32), scalar(ORDER - s));

  test('a high s is lowered, and then it is valid', async () => {
    const curve = await loadCurve();
    const publicKey = curve.publicKey(privateKey);
    const lowered = curve.lowS(high);
    expect(lowered && toHex(lowered)).toBe(toHex(low));
    expect([curve.verify(publicKey, digest, high), curve.verify(publicKey, digest, lowered!)]).toEqual([false, true]);
  });

  test('a low s stays', async () => {
    const same = (await loadCurve()).lowS(low);
    expect(same && toHex(same)).toBe(toHex(low));
  });

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a byte too few', low.subarray(0, 63)],
    ['a byte too many', concat(low, Uint8Array.of(0))],
    ['r = n', concat(scalar(ORDER), low.subarray(32))],
    ['s = n', concat(low.subarray(0, 32), scalar(ORDER))],
  ])('%s is no signature', async (_, bytes) => {
    expect((await loadCurve()).lowS(bytes)).toBeNull();
  });
});
