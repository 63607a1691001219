import { describe, expect, test } from 'vitest';
import { generateIdentity, identityFromPrivateKey } from '../../../src/crypto/identity.js';
import { grantInfo, unwrapKey, wrapKey } from '../../../src/crypto/key-wrapping.js';
import { loadCurve, type PublicKey } from '../../../src/crypto/secp256k1.js';
import { owner, reader, seeded, stranger } from '../../helpers/people.js';
import { fromHex } from '../../oracle/bytes.js';
import { openBase, sealBase } from '../../oracle/hpke.js';

const random = seeded('wrapping');
const key = random(32);
const info = grantInfo(random(32));
const aad = new TextEncoder().encode('{"kind":"grant"}');

async function wrapped() {
  return wrapKey(key, (await reader.identity()).publicKey, info, aad, await generateIdentity(random));
}

test('comes back to whom it was wrapped', async () => {
  const { enc, wrapped: sealed } = await wrapped();
  expect([enc.length, sealed.length]).toEqual([65, 48]);
  const opened = await unwrapKey({ enc, wrapped: sealed }, await reader.identity(), info, aad);
  expect(Buffer.from(opened!)).toEqual(Buffer.from(key));
});

describe('does not come back', () => {
  test('to anybody else, for another ledger, or with another statement', async () => {
    const grant = await wrapped();
    const [right, wrong] = [await reader.identity(), await stranger.identity()];
    expect(await unwrapKey(grant, wrong, info, aad)).toBeNull();
    expect(await unwrapKey(grant, right, grantInfo(random(32)), aad)).toBeNull();
    expect(await unwrapKey(grant, right, info, new Uint8Array(0))).toBeNull();
  });

  test('with a bit changed, or bytes missing', async () => {
    const { enc, wrapped: sealed } = await wrapped();
    const right = await reader.identity();
    for (let at = 0; at < 65; at += 8) {
      const other = Uint8Array.from(enc);
      other[at]! ^= 1;
      expect(await unwrapKey({ enc: other, wrapped: sealed }, right, info, aad)).toBeNull();
    }
    for (let at = 0; at < 48; at += 5) {
      const other = Uint8Array.from(sealed);
      other[at]! ^= 0x80;
      expect(await unwrapKey({ enc, wrapped: other }, right, info, aad)).toBeNull();
    }
    expect(await unwrapKey({ enc, wrapped: sealed.subarray(0, 15) }, right, info, aad)).toBeNull();
    expect(await unwrapKey({ enc: enc.subarray(0, 33), wrapped: sealed }, right, info, aad)).toBeNull();
    expect(await unwrapKey({ enc: new Uint8Array(65), wrapped: sealed }, right, info, aad)).toBeNull();
  });
});

test('does not come back where the encapsulated key is compressed, though all else fits', async () => {
  const right = await reader.identity();
  const seal = (form: 'compressed' | 'uncompressed') => {
    const { enc, ciphertext } = sealBase(fromHex(reader.publicKey, 33), info, aad, key, random(32), form);
    return unwrapKey({ enc, wrapped: ciphertext }, right, info, aad);
  };
  expect(await seal('uncompressed')).not.toBeNull();
  expect(await seal('compressed')).toBeNull();
});

describe('is HPKE as an independent implementation has it', () => {
  test('one way and the other', async () => {
    const { enc, wrapped: sealed } = await wrapped();
    const theirs = { enc: Uint8Array.from(enc), ciphertext: Uint8Array.from(sealed) };
    expect(openBase(theirs, fromHex(reader.privateKey, 32), info, aad)).toEqual(key);

    const made = sealBase(fromHex(reader.publicKey, 33), info, aad, key, random(32));
    const ours = await unwrapKey({ enc: made.enc, wrapped: made.ciphertext }, await reader.identity(), info, aad);
    expect(Buffer.from(ours!)).toEqual(Buffer.from(key));
  });

  test('with the vector of draft-wahby-cfrg-hpke-kem-secp256k1', async () => {
    // B.2.1: enc depends on the ephemeral key alone.
    const ephemeral = fromHex('8979ee752423d020085c75cce1644959f819464a4c1c4e9a28ce4dd482991c1c', 32);
    const { enc } = await wrapKey(
      key,
      (await owner.identity()).publicKey,
      info,
      aad,
      await identityFromPrivateKey(ephemeral),
    );
    expect(Buffer.from(enc).toString('hex')).toBe(
      '040de7712da136d40779452a32e70ec834fa092ee8e3f26450786c6cd51396e8' +
        '596c958065594d30432e812fc7a53a10d7fce2ce9bf52ccce72cbad4c79d3b17f6',
    );
  });
});

test('cannot be wrapped to what is no key', async () => {
  const nobody = ('02' + 'ff'.repeat(32)) as PublicKey;
  expect((await loadCurve()).isPublicKey(nobody)).toBe(false);
  const attempt = wrapKey(key, nobody, info, aad, await generateIdentity(random));
  await expect(attempt).rejects.toMatchObject({ code: 'PUBLIC_KEY_INVALID' });
});
