import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, equalBytes } from '../../../src/bytes.js';
import {
  bodyHash,
  bodyLength,
  commitmentTo,
  type GroupKey,
  keyId,
  openBody,
  recordKey,
  saltHash,
  sealBody,
} from '../../../src/crypto/sealing.js';
import { openRecord, sealRecord } from '../../../src/dataset/records.js';
import { seeded } from '../../helpers/people.js';
import { aesGcmOpen } from '../../oracle/hpke.js';
import { headFields, groupKey as naiveKey, openRecord as naiveOpen, unpad } from '../../oracle/seal.js';
import { openUnderTwoKeys } from '../../oracle/two-keys.js';

const random = seeded('sealing');
const ledgerId = random(32);

function group(id: Uint8Array = ledgerId, key: Uint8Array = random(32)): GroupKey {
  return { ledgerId: id, key, keyId: keyId(id, key) };
}

const own = group();
const salt = random(32);
const associated = random(89);
const key = recordKey(own, salt, 5);
const body = sealBody(key, random(20), associated);

describe('a body', () => {
  test('opens with what it was sealed with', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (content, row) => {
        const sealed = recordKey(own, salt, row);
        const opened = openBody(sealed, commitmentTo(sealed), sealBody(sealed, content, associated), associated);
        expect(equalBytes(opened ?? new Uint8Array(999), content)).toBe(true);
      }),
    );
  });

  test.each([0, 1, 62, 63, 64, 65, 200, 5000])('is as long as is said beforehand, of %i bytes', (length) => {
    const made = sealBody(key, new Uint8Array(length), associated);
    expect(bodyLength(length)).toBe(made.length);
  });

  const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    copy[at % copy.length]! ^= 1;
    return copy;
  };
  const open = (other: GroupKey, otherSalt: Uint8Array, row: number, aad = associated, sealed = body) => {
    const attempt = recordKey(other, otherSalt, row);
    return openBody(attempt, commitmentTo(attempt), sealed, aad);
  };

  test.each<[string, () => Uint8Array | null]>([
    ['another key', () => open(group(), salt, 5)],
    ['the key of another ledger', () => open(group(random(32), own.key), salt, 5)],
    ['another key id', () => open({ ...own, keyId: random(16) }, salt, 5)],
    ['another salt', () => open(own, random(32), 5)],
    ['another row', () => open(own, salt, 6)],
    ['other associated data', () => open(own, salt, 5, flipped(associated, 3))],
    ['another commitment', () => openBody(key, flipped(commitmentTo(key), 9), body, associated)],
    ['a commitment cut short', () => openBody(key, commitmentTo(key).subarray(0, 31), body, associated)],
    ['a bit of it changed', () => open(own, salt, 5, associated, flipped(body, 30))],
    ['a bit of its tag changed', () => open(own, salt, 5, associated, flipped(body, body.length - 1))],
    ['less than a tag', () => open(own, salt, 5, associated, body.subarray(0, 15))],
    ['nothing of it', () => open(own, salt, 5, associated, new Uint8Array(0))],
  ])('does not open with %s', (_, attempt) => {
    expect(open(own, salt, 5)).not.toBeNull();
    expect(attempt()).toBeNull();
  });
});

test('a body made to open under two keys opens under the one that is committed to', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(32), bytes(89), bytes(47), fc.nat(), (first, head, text, seed) => {
      const candidates = seeded(`second key ${seed}`);
      const { body: both, second } = openUnderTwoKeys(first, head, text, () => candidates(32));
      // Without the commitment both would do, and say different things.
      const contents = [first, second].map((one) => unpad(aesGcmOpen(one, new Uint8Array(12), head, both)));
      expect(contents[0]).not.toEqual(contents[1]);
      expect(Buffer.from(openBody(first, commitmentTo(first), both, head)!)).toEqual(Buffer.from(contents[0]!));
      expect(openBody(second, commitmentTo(first), both, head)).toBeNull();
    }),
    { numRuns: 20 },
  );
});

describe('a record', () => {
  const content = new TextEncoder().encode('7,"positive"\n');

  test('is what the specification says', () => {
    const entry = sealRecord(own, 7, content, random(32));
    expect(entry.bytes).toHaveLength(121);
    const head = Uint8Array.from(entry.bytes.subarray(0, 89));
    expect(headFields(head)).toMatchObject({ row: 7n, saltHash: new Uint8Array(saltHash(entry.salt!)) });
    expect(Buffer.from(entry.bytes.subarray(89))).toEqual(Buffer.from(bodyHash(entry.body!)));
    const record = { head, body: Uint8Array.from(entry.body!), salt: Uint8Array.from(entry.salt!) };
    expect(naiveOpen(ledgerId, naiveKey(ledgerId, own.key), record)).toEqual(content);
  });

  test('opens under its key only, and never twice the same', () => {
    const [one, two] = [sealRecord(own, 7, content, random(32)), sealRecord(own, 7, content, random(32))];
    expect(Buffer.from(openRecord(own, one)!)).toEqual(Buffer.from(content));
    expect(openRecord(group(), one)).toBeNull();
    expect(one.body).not.toEqual(two.body);
    expect(openRecord(own, { ...one, body: two.body })).toBeNull();
    expect(openRecord(own, { ...one, salt: two.salt })).toBeNull();
    expect(openRecord(own, { ...one, bytes: concat(two.bytes.subarray(0, 89), one.bytes.subarray(89)) })).toBeNull();
  });

  test('without body or salt does not open', () => {
    const entry = sealRecord(own, 7, content, random(32));
    expect(openRecord(own, { ...entry, body: null })).toBeNull();
    expect(openRecord(own, { ...entry, salt: null })).toBeNull();
  });
});
