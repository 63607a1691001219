// libsecp256k1 as WebAssembly against @noble/curves.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes.js';
import { generateIdentity, identityFromPrivateKey, systemRandom } from '../../../src/crypto/identity.js';
import { loadCurve, type PublicKey } from '../../../src/crypto/secp256k1.js';
import { OFF_CURVE, owner, stranger } from '../../helpers/people.js';

const curve = await loadCurve();
const ORDER = secp256k1.Point.CURVE().n;
const scalar = (value: bigint): Uint8Array => Uint8Array.from(fromHex(value.toString(16).padStart(64, '0'))!);
const privateKey = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(scalar);
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('makes the same keys', () => {
  fc.assert(
    fc.property(privateKey, (key) => {
      const publicKey = curve.publicKey(key);
      expect(publicKey).toBe(toHex(secp256k1.getPublicKey(key, true)));
      expect(toHex(curve.uncompressed(publicKey))).toBe(toHex(secp256k1.getPublicKey(key, false)));
    }),
    { numRuns: 50 },
  );
});

test('makes the same signatures (RFC 6979), and both verify them', () => {
  fc.assert(
    fc.property(privateKey, digest, (key, hash) => {
      const signature = curve.sign(key, hash);
      expect(toHex(signature)).toBe(toHex(secp256k1.sign(hash, key, { prehash: false, lowS: true })));
      expect(curve.verify(curve.publicKey(key), hash, signature)).toBe(true);
      const bent = Uint8Array.from(hash);
      bent[31]! ^= 1;
      expect(curve.verify(curve.publicKey(key), bent, signature)).toBe(false);
    }),
    { numRuns: 50 },
  );
});

describe('a signature is refused', () => {
  const key = scalar(7n);
  const publicKey = curve.publicKey(key);
  const hash = new Uint8Array(32).fill(9);
  const good = curve.sign(key, hash);
  const [r, s] = [good.subarray(0, 32), good.subarray(32)];
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
  const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

  test.each<[string, Uint8Array]>([
    ['with a high s', join(r, scalar(ORDER - number(s)))],
    ['with r = 0', join(scalar(0n), s)],
    ['with s = 0', join(r, scalar(0n))],
    ['with r = n', join(scalar(ORDER), s)],
    ['with s = n', join(r, scalar(ORDER))],
    ['with all bits set', new Uint8Array(64).fill(0xff)],
    ['of nothing but zeros', new Uint8Array(64)],
    ['with r and s swapped', join(s, r)],
    ['with a byte too few', good.subarray(0, 63)],
    ['with a byte too many', join(good, Uint8Array.of(0))],
    ['that is empty', new Uint8Array(0)],
  ])('%s', (_, signature) => {
    expect(curve.verify(publicKey, hash, good)).toBe(true);
    expect(curve.verify(publicKey, hash, signature)).toBe(false);
  });

  test('under another key, or what is none', () => {
    for (const other of [owner.publicKey, OFF_CURVE, '', publicKey.toUpperCase(), `04${publicKey.slice(2)}`]) {
      expect(curve.verify(other as PublicKey, hash, good)).toBe(false);
    }
  });
});

test.each([
  [owner.publicKey, true],
  [OFF_CURVE, false],
  ['00'.repeat(33), false],
  [owner.publicKey.toUpperCase(), false],
  [owner.publicKey.slice(2), false],
  [`04${owner.publicKey.slice(2)}`, false],
  [toHex(curve.uncompressed(owner.publicKey as PublicKey)), false],
  ['', false],
  [null, false],
  [1, false],
])('%s is a public key: %s', (text, expected) => {
  expect(curve.isPublicKey(text)).toBe(expected);
  // A second time it is remembered.
  expect(curve.isPublicKey(text)).toBe(expected);
});

test('nothing is signed with what is no private key', () => {
  for (const key of [scalar(0n), scalar(ORDER)]) {
    expect(() => curve.sign(key, new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
  }
});

describe('random bytes of the system', () => {
  test.each([0, 1, 32, 65_536, 65_537, 200_000])('are as many as asked for: %i', (length) => {
    expect(systemRandom(length)).toHaveLength(length);
  });

  test('are others each time, up to the last one', () => {
    const length = 150_000;
    const [one, other] = [systemRandom(length), systemRandom(length)];
    for (let at = 0; at + 32 <= length; at += 32) {
      expect(Buffer.compare(one.subarray(at, at + 32), other.subarray(at, at + 32))).not.toBe(0);
    }
    expect(Buffer.compare(one.subarray(-16), other.subarray(-16))).not.toBe(0);
  });

  test('make a new identity each time', async () => {
    const [one, other] = [await generateIdentity(), await generateIdentity()];
    expect(one.publicKey).not.toBe(other.publicKey);
    expect(curve.isPublicKey(one.publicKey)).toBe(true);
  });
});

describe('an identity', () => {
  test.each([scalar(0n), scalar(ORDER), new Uint8Array(32).fill(0xff), new Uint8Array(31).fill(1), new Uint8Array(0)])(
    'is not made of the private key %o',
    async (key) => {
      await expect(identityFromPrivateKey(key)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    },
  );

  test('is not made of random bytes that are no private key', async () => {
    const draws = [scalar(0n), scalar(ORDER), scalar(ORDER - 1n)];
    const identity = await generateIdentity(() => draws.shift()!);
    expect(identity.exportPrivateKey()).toEqual(scalar(ORDER - 1n));
  });

  test('agrees with another on a secret, as @noble/curves does', async () => {
    const [one, other] = [await owner.identity(), await stranger.identity()];
    const secret = await one.sharedSecret(curve.uncompressed(other.publicKey));
    expect(await other.sharedSecret(curve.uncompressed(one.publicKey))).toEqual(secret);
    const shared = secp256k1.getSharedSecret(fromHex(owner.privateKey)!, fromHex(stranger.publicKey)!, true);
    expect(toHex(secret)).toBe(toHex(shared.subarray(1)));
    const nothing = one.sharedSecret(new Uint8Array(65));
    await expect(nothing).rejects.toMatchObject({ code: 'PUBLIC_KEY_INVALID', cause: expect.any(Error) });
  });

  test('does not print its private key, and does not change with what it was made of', async () => {
    const { inspect } = await import('node:util');
    const bytes = scalar(77n);
    const identity = await identityFromPrivateKey(bytes);
    bytes.fill(0);
    identity.exportPrivateKey().fill(0);
    expect(identity.exportPrivateKey()).toEqual(scalar(77n));
    expect(inspect(identity)).toBe('Identity <redacted>');
  });
});
