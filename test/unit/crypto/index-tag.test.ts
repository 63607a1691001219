// Tags, by HKDF and HMAC as their RFCs write them.

import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { utf8 } from '../../../src/bytes.js';
import { columnTagKey, indexedTag, valueTag } from '../../../src/crypto/index-tag.js';

const group = {
  key: new Uint8Array(32).fill(1),
  keyId: new Uint8Array(16).fill(2),
  ledgerId: new Uint8Array(32).fill(3),
};

const hmac = (key: Uint8Array, ...parts: (Uint8Array | string)[]): Buffer => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};
/** The first block of HKDF-Expand (RFC 5869, section 2.3). */
const expanded = (name: string, ...more: string[]): Buffer =>
  hmac(group.key, `${name}\0`, group.ledgerId, group.keyId, ...more, '\x01');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('a column has a key of its own', () => {
  expect(hex(columnTagKey(group, 'patient é'))).toBe(hex(expanded('medseal/1 index', 'patient é')));
});

test('a value has a tag of 8 bytes', () => {
  const key = columnTagKey(group, 'patient');
  expect(hex(valueTag(key, utf8('P-17')))).toBe(hex(hmac(key, 'P-17').subarray(0, 8)));
});

test('all rows tagged is a tag too', () => {
  expect(hex(indexedTag(group))).toBe(hex(expanded('medseal/1 indexed').subarray(0, 8)));
});
