// Identities, key files, and keys wrapped to a reader.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { b64, fromHex, H, hex, utf8 } from '../../oracle/bytes.js';
import type { JsonObject } from '../../oracle/jcs.js';
import { groupKey, wrapKey } from '../../oracle/seal.js';
import { OWNER, READER, reader } from './people.js';
import { KEY, LEDGER } from './records.js';
import type { Vector } from './verify-vector.js';

/** An age file for the passphrase "correct horse": age draws its own random bytes, so it was made once. */
const AGE_FILE =
  'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCAzdWlGMll4NkNrd1pUYzdEQm9KZm1RIDEwCkt1MEtYV1kwMnBLVEVmWS9neXhxeE9H' +
  'OGxmN1VtM2N5Sng0TThSNHI2R0kKLS0tIGF4SG9EVmdOOU04VGxzRXZ0WWFISnN2UWxNNnY5UFZVNWF4TXoweCtaZkEK207wBKHQIzjFWAzQ' +
  '6O9J2DpWPnCg9V59F4foFkgzFmPOWsG2SG6AsUIOquNm6bPufsnv7AJtk4LASRFylefR3BikaBo1MdE7Rsy0Zyk6+lj+aeGVrWlgT64ODG8T' +
  'PQ2ilcMSWBYvjK8yEQZYbt9p3XBDZigwdD/+xHa2vfB4o1TmefkbmXyg1gZ7tgpz7oPQu10wDiAZw2+ilaFC4CGxRkzOHFHp8kIQId3Qg/ep' +
  'KujmkvhspOEQKzPKFRFnxhaWYvenU3Nww8QGGMT805OXHNLT8dpN';

export function keyVectors(): Vector[] {
  const key = groupKey(LEDGER, KEY);
  const plain: JsonObject = { kind: 'grant', key_id: hex(key.keyId), to: reader };
  const more = { ...plain, expires: '2026-01-01T00:00:00.000Z', reason: 'study 7' };
  const ephemeral = H(utf8('an ephemeral key'));
  const wrapped = wrapKey(LEDGER, KEY, more, () => ephemeral);
  const other = groupKey(LEDGER, H(utf8('another group key')));
  const refuse = (name: string, description: string, grant: JsonObject, privateKey = READER): Vector =>
    grantVector(`refused-${name}`, description, grant, privateKey, {});
  return [
    ...identities(),
    ...keyFiles(),
    grantVector(
      'plain',
      'A grant with its required members only.',
      wrapKey(LEDGER, KEY, plain, () => ephemeral),
      READER,
      {
        key: hex(KEY),
      },
    ),
    grantVector('bound', 'A grant whose every other member is bound to it.', wrapped, READER, { key: hex(KEY) }),
    refuse('other-reason', 'The reason was changed.', { ...wrapped, reason: 'study 8' }),
    refuse('expires-dropped', 'A member was dropped.', without(wrapped, 'expires')),
    refuse('other-reader', 'Opened with a private key that it is not for.', wrapped, OWNER),
    refuse(
      'other-ledger',
      'Wrapped for another ledger.',
      wrapKey(H(utf8('another ledger')), KEY, more, () => ephemeral),
    ),
    refuse(
      'other-key',
      'It wraps another key than it names.',
      wrapKey(LEDGER, other.key, plain, () => ephemeral),
    ),
    refuse('enc-off-curve', 'The encapsulated key is no point of the curve.', {
      ...wrapped,
      enc: b64(new Uint8Array(65).fill(4)),
    }),
  ];
}

function without(statement: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(statement).filter(([member]) => member !== name));
}

function grantVector(
  name: string,
  description: string,
  grant: JsonObject,
  privateKey: string,
  expect: { key?: string },
): Vector {
  return {
    path: `keys/grant-${name}`,
    content: {
      description,
      rule: 'spec/keys.md#grant',
      ledger: hex(LEDGER),
      private_key: privateKey,
      ...(expect.key === undefined ? {} : { ephemeral_private_key: hex(H(utf8('an ephemeral key'))) }),
      grant,
      expect: { opens: expect.key !== undefined, ...expect },
    },
  };
}

function identities(): Vector[] {
  const one = '00'.repeat(31) + '01';
  const last = (secp256k1.Point.CURVE().n - 1n).toString(16);
  return [
    ['one', 'The smallest private key: its public key is the generator.', one],
    ['last', 'The largest private key.', last],
    ['owner', 'The owner of the other vectors.', OWNER],
  ].map(([name, description, privateKey]) => {
    return {
      path: `keys/identity-${name}`,
      content: {
        description,
        rule: 'spec/keys.md#identity',
        private_key: privateKey,
        expect: { public_key: hex(secp256k1.getPublicKey(fromHex(privateKey!, 32), true)), jwk: jwkOf(privateKey!) },
      },
    };
  });
}

function jwkOf(privateKey: string): JsonObject {
  const point = secp256k1.getPublicKey(fromHex(privateKey, 32), false);
  return {
    kty: 'EC',
    crv: 'secp256k1',
    x: b64(point.slice(1, 33)),
    y: b64(point.slice(33)),
    d: b64(fromHex(privateKey, 32)),
  };
}

function keyFiles(): Vector[] {
  const jwk = jwkOf(OWNER);
  const of = (name: string, description: string, file: string | Uint8Array, expect: object, passphrase?: string) => ({
    path: `keys/file-${name}`,
    content: {
      description,
      rule: 'spec/keys.md#key-file',
      file_base64: Buffer.from(file).toString('base64'),
      ...(passphrase === undefined ? {} : { passphrase }),
      expect,
    },
  });
  const opens = { private_key: OWNER };
  const invalid = (name: string, description: string, change: JsonObject) =>
    of(`invalid-${name}`, description, JSON.stringify({ ...jwk, ...change }), { code: 'KEY_FILE_INVALID' });
  const age = Buffer.from(AGE_FILE, 'base64');
  return [
    of('plain', 'A JWK without a passphrase.', JSON.stringify(jwk) + '\n', opens),
    of(
      'spaced',
      'Any spelling of the JSON, and members that mean nothing here.',
      JSON.stringify({ kid: 'x', ...jwk }, null, 1),
      opens,
    ),
    of('age', 'A JWK in an age file, with a scrypt work factor of 2^10.', age, opens, 'correct horse'),
    of(
      'age-wrong-passphrase',
      'The same with another passphrase.',
      age,
      { code: 'PASSPHRASE_WRONG' },
      'battery staple',
    ),
    of('not-json', 'No JSON.', 'AGE-SECRET-KEY-1', { code: 'KEY_FILE_INVALID' }),
    invalid('curve', 'A key of another curve.', { crv: 'P-256' }),
    invalid('x', 'A public key that is not that of the private one.', { x: String(jwk.y) }),
    invalid('d-short', 'A private key of 31 bytes.', { d: b64(new Uint8Array(31).fill(1)) }),
    invalid('d-zero', 'The private key 0.', { d: b64(new Uint8Array(32)) }),
    invalid('d-padded', 'A private key with base64 padding.', { d: `${jwk.d}=` }),
  ];
}
