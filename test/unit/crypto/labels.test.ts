// What tells one kind of hash from another: the labels of the specification, as the second implementation writes them.

import { expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.js';
import { grantInfo } from '../../../src/crypto/key-wrapping.js';
import { bodyHash, commitmentTo, isBodyHash, isSaltHash, keyId, saltHash } from '../../../src/crypto/sealing.js';
import { seeded } from '../../helpers/people.js';
import { H, hex, join, label } from '../../oracle/bytes.js';

const random = seeded('labels');
const [salt, body, ledger, key] = [random(32), random(80), random(32), random(32)];

test('salts, bodies, commitments, keys and grants', () => {
  expect(toHex(saltHash(salt))).toBe(hex(H(label('salt'), salt)));
  expect(toHex(bodyHash(body))).toBe(hex(H(label('body'), body)));
  expect(toHex(commitmentTo(key))).toBe(hex(H(label('commitment'), key)));
  expect(toHex(keyId(ledger, key))).toBe(hex(H(label('key'), ledger, key).subarray(0, 16)));
  expect(toHex(grantInfo(ledger))).toBe(hex(join(label('grant'), ledger)));
});

test('a hash is known where it stands, and each of its bytes counts', () => {
  for (const [is, hash] of [
    [isSaltHash, saltHash],
    [isBodyHash, bodyHash],
  ] as const) {
    const entry = join(body, hash(salt), body);
    expect([is(entry, 80, salt), is(entry, 79, salt), is(entry, 80, body)]).toEqual([true, false, false]);
    for (let at = 80; at < 112; at++) {
      entry[at]! ^= 1;
      expect(is(entry, 80, salt)).toBe(false);
      entry[at]! ^= 1;
    }
  }
});
