// What the standards, and those who first implemented them, publish for RFC 6979, AES-GCM and HPKE.

import { createCipheriv, createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { identityFromPrivateKey } from '../../src/crypto/identity.js';
import { unwrapKey, wrapKey } from '../../src/crypto/key-wrapping.js';
import * as browser from '../../src/crypto/primitives.js';
import * as node from '../../src/crypto/primitives.node.js';
import { loadCurve, type PublicKey } from '../../src/crypto/secp256k1.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

// RFC 6979 itself has no vectors for secp256k1; these are the ones that Bitcoin's implementations share (SHA-256, low s).
test.each([
  [
    '0000000000000000000000000000000000000000000000000000000000000001',
    'Satoshi Nakamoto',
    '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8' +
      '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
  ],
  [
    '0000000000000000000000000000000000000000000000000000000000000001',
    'All those moments will be lost in time, like tears in rain. Time to die...',
    '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b' +
      '547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
  ],
  [
    'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140',
    'Satoshi Nakamoto',
    'fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0' +
      '6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5',
  ],
  [
    'f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181',
    'Alan Turing',
    '7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c' +
      '58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea',
  ],
])('RFC 6979: %s signs "%s"', async (privateKey, message, signature) => {
  const identity = await identityFromPrivateKey(bytes(privateKey));
  const digest = createHash('sha256').update(message).digest();
  expect(toHex(await identity.sign(digest))).toBe(signature);
  expect((await loadCurve()).verify(identity.publicKey, digest, bytes(signature))).toBe(true);
});

describe.each([
  ['Node.js', node],
  ['a browser', browser],
])('AES-GCM in %s', (_, { aes256GcmOpen, aes256GcmSeal }) => {
  const KEY = 'feffe9928665731c6d6a8f9467308308'.repeat(2);
  const IV = 'cafebabefacedbaddecaf888';
  const PLAIN =
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
    '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255';
  const CIPHER =
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
    '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad';

  // "The Galois/Counter Mode of Operation" (McGrew, Viega), appendix B: the cases of 256-bit keys and 96-bit nonces.
  test.each([
    [13, '00'.repeat(32), '00'.repeat(12), '', '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      14,
      '00'.repeat(32),
      '00'.repeat(12),
      '',
      '00'.repeat(16),
      'cea7403d4d606b6e074ec5d3baf39d18',
      'd0d1c8a799996bf0265b98b5d48ab919',
    ],
    [15, KEY, IV, '', PLAIN, CIPHER, 'b094dac5d93471bdec1a502270e3cc6c'],
    [
      16,
      KEY,
      IV,
      'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      PLAIN.slice(0, 120),
      CIPHER.slice(0, 120),
      '76fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ])('test case %i', (_, key, iv, aad, plain, cipher, tag) => {
    const sealed = aes256GcmSeal(bytes(key), bytes(iv), bytes(plain), bytes(aad));
    expect(toHex(sealed)).toBe(cipher + tag);
    expect(toHex(aes256GcmOpen(bytes(key), bytes(iv), sealed, bytes(aad))!)).toBe(plain);
  });
});

// draft-wahby-cfrg-hpke-kem-secp256k1, appendix B.2.1: base mode, DHKEM(secp256k1, HKDF-SHA256), AES-256-GCM. Of what the
// draft lists, enc, key and base nonce say what each ciphertext must be.
describe('HPKE, the draft’s vector', () => {
  const info = bytes('b546c00cece2e2ff0815eb0f8124fb9028c66e80');
  const ephemeral = bytes('8979ee752423d020085c75cce1644959f819464a4c1c4e9a28ce4dd482991c1c');
  const recipient = bytes('024be5fda9036a2d81f8c634193b5ce83e65bfc4373ae8b7a960fea8770d1f8f');
  const recipientKey = '020986ec455812ddd870414c2753f75dadaefda155bc7bd18c4ab6ff3dd61b2ea3';
  const enc =
    '040de7712da136d40779452a32e70ec834fa092ee8e3f26450786c6cd51396e8' +
    '596c958065594d30432e812fc7a53a10d7fce2ce9bf52ccce72cbad4c79d3b17f6';
  const key = bytes('da2f3e53e24306c97331e92f564b6c207246e9ab4dea07a472401702d0af5c53');
  const baseNonce = bytes('d4d0dcfeeb6767d808f319e4');
  const plain = bytes('00112233445566778899aabbccddeeff'.repeat(2));
  const aad = new TextEncoder().encode('Count-0');

  function expectedCiphertext(): Uint8Array {
    const cipher = createCipheriv('aes-256-gcm', key, baseNonce).setAAD(aad);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  test('wraps to the same bytes', async () => {
    const sender = await identityFromPrivateKey(ephemeral);
    const wrapped = await wrapKey(plain, recipientKey as PublicKey, info, aad, sender);
    expect(toHex(wrapped.enc)).toBe(enc);
    expect(toHex(wrapped.wrapped)).toBe(toHex(expectedCiphertext()));
  });

  test('unwraps them', async () => {
    const identity = await identityFromPrivateKey(recipient);
    expect(identity.publicKey).toBe(recipientKey);
    const opened = await unwrapKey({ enc: bytes(enc), wrapped: expectedCiphertext() }, identity, info, aad);
    expect(toHex(opened!)).toBe(toHex(plain));
  });
});
