// A block's head: how it is written, what is hashed of it, and what is read as one.

import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.js';
import {
  type BlockHead,
  blockHash,
  HEADER_MEMBERS,
  hashOf,
  headerHash,
  headerJson,
  headJson,
  headMembers,
  parseHead,
  signingDigest,
} from '../../../src/format/header.js';
import type { JsonObject, JsonValue } from '../../../src/format/json.js';
import { owner } from '../../helpers/people.js';
import { blockHash as naiveBlockHash, headerHash as naiveHeaderHash } from '../../oracle/block.js';
import { H, hex, label, u64 } from '../../oracle/bytes.js';
import { jcs } from '../../oracle/jcs.js';

const members = {
  version: 1,
  index: 7,
  timestamp: '2025-03-01T12:00:00.000Z',
  previous_hash: 'ab'.repeat(32),
  history_hash: 'cd'.repeat(32),
  data_hash: 'ef'.repeat(32),
  data_size: 3,
  difficulty: 5,
  signer: owner.publicKey,
};
const signature = new Uint8Array(64).fill(9);
const written: JsonObject = { ...members, proof: 2 ** 40 + 1, signature: toHex(signature) };
const head = (): BlockHead => parseHead(written);

describe('a head', () => {
  test('is read member by member', () => {
    const expected = { header: members, proof: 2 ** 40 + 1, signature } as unknown as BlockHead;
    expect({ ...head(), signature: Uint8Array.from(head().signature) }).toEqual(expected);
    expect([...HEADER_MEMBERS]).toEqual(Object.keys(members).sort());
  });

  test('is written as canonical JSON', () => {
    expect(headerJson(head().header)).toBe(jcs(members));
    expect(headJson(head())).toBe(jcs(written));
    expect(`{${headMembers(head())}}`).toBe(jcs(written));
  });

  test('is hashed and signed as the specification says', () => {
    const ofHeader = naiveHeaderHash(members);
    expect(toHex(headerHash(head().header))).toBe(hex(ofHeader));
    expect(toHex(signingDigest(ofHeader, head().proof))).toBe(hex(H(label('block'), ofHeader, u64(head().proof))));
    const ofBlock = hex(naiveBlockHash(ofHeader, head().proof, signature));
    expect(toHex(blockHash(ofHeader, head().proof, signature))).toBe(ofBlock);
    expect(hashOf(head())).toBe(ofBlock);
  });
});

describe('is taken', () => {
  test.each<[member: string, value: JsonValue]>([
    ['index', 1],
    ['index', Number.MAX_SAFE_INTEGER],
    ['previous_hash', '0'],
    ['data_size', 1],
    ['data_size', 65_535],
    ['difficulty', 0],
    ['difficulty', 48],
    ['proof', 0],
    ['proof', Number.MAX_SAFE_INTEGER],
  ])('with %s %j', (member, value) => {
    const parsed = parseHead({ ...written, [member]: value });
    expect({ ...parsed.header, proof: parsed.proof }).toMatchObject({ [member]: value });
  });

  test('with the members that may stand beside it, and those only', () => {
    const refused = expect.objectContaining({ code: 'MALFORMED' });
    expect(parseHead({ ...written, data: 1 }, ['data'])).toEqual(head());
    expect(() => parseHead({ ...written, data: 1 })).toThrow(refused);
    expect(() => parseHead(written, ['data'])).toThrow(refused);
  });
});

describe('is refused', () => {
  test.each<[code: string, member: string, value: JsonValue]>([
    ['VERSION_NEWER', 'version', 2],
    ['MALFORMED', 'version', 0],
    ['MALFORMED', 'version', '2'],
    ['MALFORMED', 'index', 0],
    ['MALFORMED', 'index', 1.5],
    ['MALFORMED', 'index', 2 ** 53],
    ['MALFORMED', 'index', '1'],
    ['MALFORMED', 'timestamp', '2025-03-01T12:00:00Z'],
    ['MALFORMED', 'previous_hash', ''],
    ['MALFORMED', 'previous_hash', '1'],
    ['MALFORMED', 'previous_hash', null],
    ['MALFORMED', 'history_hash', '0'],
    ['MALFORMED', 'data_hash', '0'],
    ['MALFORMED', 'data_size', 0],
    ['TOO_LARGE', 'data_size', 65_536],
    ['MALFORMED', 'difficulty', -1],
    ['MALFORMED', 'difficulty', 49],
    ['MALFORMED', 'difficulty', '0'],
    ['MALFORMED', 'signer', owner.publicKey.slice(2)],
    ['MALFORMED', 'proof', -1],
    ['MALFORMED', 'proof', 2 ** 53],
    ['MALFORMED', 'signature', '00'.repeat(63)],
    ['MALFORMED', 'signature', 'AB'.repeat(64)],
  ])('as %s with %s %j', (code, member, value) => {
    const attempt = () => parseHead({ ...written, [member]: value });
    expect(attempt).toThrow(expect.objectContaining({ code }));
    if (code === 'MALFORMED') expect(attempt).toThrow(`"${member}"`);
  });

  test.each(Object.keys(written))('without %s, or with another in its place', (member) => {
    const { [member]: value, ...others } = written;
    const refused = expect.objectContaining({ code: 'MALFORMED' });
    expect(() => parseHead(others)).toThrow(refused);
    expect(() => parseHead({ ...others, x: value ?? null })).toThrow(refused);
  });

  test.each([[null], [1], ['x'], [[]]])('where it is %j', (value) => {
    expect(() => parseHead(value as JsonValue)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });

  test('as newer whatever else it has', () => {
    expect(() => parseHead({ version: 2 })).toThrow(expect.objectContaining({ code: 'VERSION_NEWER' }));
    expect(() => parseHead({ version: 1 })).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });
});
