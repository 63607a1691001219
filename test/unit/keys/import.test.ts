// Keys as other tools and people write them.

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.js';
import { generateIdentity } from '../../../src/crypto/identity.js';
import { importPrivateKey } from '../../../src/keys/import.js';
import { notebookPublicKey, parsePublicKey } from '../../../src/keys/public-key.js';
import { owner, refusal } from '../../helpers/dataset-fixture.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const jwk = privateKey.export({ format: 'jwk' });
const secret = Buffer.from(String(jwk.d), 'base64url');
const uncompressed = Buffer.from(`04${Buffer.from(String(jwk.x), 'base64url').toString('hex')}`, 'hex');
const point = Buffer.concat([uncompressed, Buffer.from(String(jwk.y), 'base64url')]);
const compressed = toHex(Buffer.concat([Buffer.of(2 + ((point[64] ?? 0) % 2)), point.subarray(1, 33)]));

describe('a private key of another tool', () => {
  test.each([
    ['hex', secret.toString('hex')],
    ['hex in capitals, with blanks around', ` ${secret.toString('hex').toUpperCase()}\n`],
    ['PKCS #8', privateKey.export({ type: 'pkcs8', format: 'pem' })],
    ['SEC1', privateKey.export({ type: 'sec1', format: 'pem' })],
    ['JWK', JSON.stringify(jwk)],
  ])('%s', async (_, text) => {
    const identity = await importPrivateKey(String(text));
    expect(Buffer.from(identity.exportPrivateKey())).toEqual(secret);
    expect(identity.publicKey).toBe(compressed);
  });

  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

  test.each([
    ['nothing', ''],
    ['zero', '0'.repeat(64)],
    ['too large a number', 'f'.repeat(64)],
    ['a digit less', secret.toString('hex').slice(1)],
    ['a public key', publicKey.export({ type: 'spki', format: 'pem' })],
    ['a public JWK', JSON.stringify({ ...jwk, d: undefined })],
    ['a JWK of another curve', JSON.stringify(p256.export({ format: 'jwk' }))],
    ['PEM of another curve', p256.export({ type: 'pkcs8', format: 'pem' })],
    [
      'PEM with a passphrase',
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
    ],
    ['a JWK cut off', JSON.stringify(jwk).slice(0, -1)],
  ])('refuses %s, and quotes nothing of it', async (_, text) => {
    const error = await refusal(importPrivateKey(String(text)));
    expect(error.code).toBe('KEY_FILE_INVALID');
    const shown = inspect(error, { depth: 9 });
    for (const form of [secret.toString('hex'), String(jwk.d)]) expect(shown).not.toContain(form);
  });

  test('the curve of OpenSSL and ours give the same public key', async () => {
    const identity = await generateIdentity();
    const bytes = Buffer.from(await notebookPublicKey(identity.publicKey), 'base64');
    const key = createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'secp256k1',
        d: Buffer.from(identity.exportPrivateKey()).toString('base64url'),
        x: bytes.subarray(0, 32).toString('base64url'),
        y: bytes.subarray(32).toString('base64url'),
      },
    });
    expect((await importPrivateKey(String(key.export({ type: 'sec1', format: 'pem' })))).publicKey).toBe(
      identity.publicKey,
    );
  });
});

describe('a public key as a person gives it', () => {
  test('compressed, uncompressed, and as the notebook writes it', async () => {
    const notebook = point.subarray(1).toString('base64');
    expect(await notebookPublicKey((await importPrivateKey(secret.toString('hex'))).publicKey)).toBe(notebook);
    for (const text of [compressed, compressed.toUpperCase(), point.toString('hex'), notebook]) {
      expect(await parsePublicKey(text)).toBe(compressed);
    }
  });

  test('anything else is refused', async () => {
    const otherY = Buffer.from(point.with(64, (point[64] ?? 0) ^ 2));
    const bad = [
      '',
      owner.publicKey.slice(1),
      `05${compressed.slice(2)}`,
      `02${'f'.repeat(64)}`,
      otherY.toString('hex'),
      otherY.subarray(1).toString('base64'),
      point.toString('base64'),
      'me',
    ];
    for (const text of bad) expect((await refusal(parsePublicKey(text))).code).toBe('USAGE');
  });
});
