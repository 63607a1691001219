// The oracle's own building blocks against what others have published.

import { describe, expect, test } from 'vitest';
import { H, hex, utf8 } from './bytes.js';
import { splitLines } from './csv.js';
import { decap, encap, keyScheduleBase, openBase, sealBase } from './hpke.js';
import { type Json, jcs, parseJcs } from './jcs.js';
import { treeHash } from './merkle.js';
import { pad, padme, unpad } from './seal.js';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

describe('RFC 6962 tree hashes', () => {
  const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];

  test.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('of the first %i reference leaves', (size, root) => {
    expect(hex(treeHash(LEAVES.slice(0, size).map(bytes)))).toBe(root);
  });
});

describe('RFC 9180 with DHKEM(secp256k1, HKDF-SHA256)', () => {
  // draft-wahby-cfrg-hpke-kem-secp256k1-01, B.2.1: base mode with AES-256-GCM.
  const info = bytes('b546c00cece2e2ff0815eb0f8124fb9028c66e80');
  const skE = bytes('8979ee752423d020085c75cce1644959f819464a4c1c4e9a28ce4dd482991c1c');
  const enc = bytes(
    '040de7712da136d40779452a32e70ec834fa092ee8e3f26450786c6cd51396e8' +
      '596c958065594d30432e812fc7a53a10d7fce2ce9bf52ccce72cbad4c79d3b17f6',
  );
  const skR = bytes('024be5fda9036a2d81f8c634193b5ce83e65bfc4373ae8b7a960fea8770d1f8f');
  const pkR = bytes(
    '040986ec455812ddd870414c2753f75dadaefda155bc7bd18c4ab6ff3dd61b2e' +
      'a3bee4ab2a0160b8e330757fc6d81d88ece7051bd9a07fa7e5368ea579e2e6c0e6',
  );
  const sharedSecret = bytes('ad889cd7b11e8881252f8f12539be9f5e36d2b95c96c875fb0e449c711e8bc0d');

  test('the vector of the draft', () => {
    expect(encap(pkR, skE)).toEqual({ enc, sharedSecret });
    expect(decap(enc, skR)).toEqual(sharedSecret);
    expect(keyScheduleBase(sharedSecret, info)).toEqual({
      key: bytes('da2f3e53e24306c97331e92f564b6c207246e9ab4dea07a472401702d0af5c53'),
      baseNonce: bytes('d4d0dcfeeb6767d808f319e4'),
    });
  });

  test('what is sealed opens, and only with the same info and aad', () => {
    const aad = utf8('aad');
    const sealed = sealBase(pkR, info, aad, utf8('content'), skE);
    expect(openBase(sealed, skR, info, aad)).toEqual(utf8('content'));
    expect(() => openBase(sealed, skR, aad, aad)).toThrow('does not decrypt');
    expect(() => openBase(sealed, skR, info, info)).toThrow('does not decrypt');
  });
});

describe('JCS', () => {
  test('sorts members and escapes as ECMAScript does', () => {
    const value: Json = { b: [1, true, null], a: '\u0007"\\/é\u2028😀\n', A: {} };
    expect(jcs(value)).toBe('{"A":{},"a":"\\u0007\\"\\\\/é\u2028😀\\n","b":[1,true,null]}');
  });

  test.each(['{"a":1,"a":1}', '1.0', '1e0', '-0', '-1', '0.5', '9007199254740992', ' 1', '{"b":1,"a":1}', '"\\u0041"'])(
    'refuses %s',
    (text) => {
      expect(() => parseJcs(text, 8)).toThrow();
    },
  );

  test('refuses a lone surrogate and a member name that is not ASCII', () => {
    expect(() => parseJcs('"\\ud800"', 8)).toThrow('surrogate');
    expect(() => parseJcs('{"é":1}', 8)).toThrow('ASCII');
  });

  test('counts the objects and arrays that lie within each other', () => {
    expect(() => parseJcs('[[{}]]', 2)).toThrow('deep');
    expect(parseJcs('[[{}]]', 3)).toEqual([[{}]]);
    expect(() => parseJcs('['.repeat(100_000) + ']'.repeat(100_000), 8)).toThrow('deep');
  });
});

describe('padding', () => {
  // Padmé keeps the leading bits: 9 → 10 (1001 → 1010), 65 → 72, 1000 → 1024.
  test.each([
    [1, 1],
    [2, 2],
    [8, 8],
    [9, 10],
    [64, 64],
    [65, 72],
    [72, 72],
    [1000, 1024],
    [1_000_000, 1_015_808],
  ])('Padmé of %i is %i', (length, padded) => {
    expect(padme(length)).toBe(padded);
  });

  test.each([0, 1, 62, 63, 64, 71, 72, 1000])('of %i bytes comes off again', (length) => {
    const content = new Uint8Array(length).fill(0x80);
    expect(unpad(pad(content))).toEqual(content);
  });

  test('in another length is refused', () => {
    expect(() => unpad(new Uint8Array([...pad(utf8('a')), 0]))).toThrow('canonical');
    expect(() => unpad(new Uint8Array(64))).toThrow('mark');
  });
});

describe('lines', () => {
  test.each([
    ['a,b\r\n1,2\n3,4\r5,6', ['a,b\r\n', '1,2\n', '3,4\r', '5,6']],
    ['"a\n""b""",c"d"\n\n', ['"a\n""b""",c"d"\n', '\n']],
    ['\ufeff"a\nb",c\n1,2', ['\ufeff"a\nb",c\n', '1,2']],
    ['a"b\nc"d\n', ['a"b\n', 'c"d\n']],
    ['a,"open\nto the end', ['a,"open\nto the end']],
    ['"a"b"\nc', ['"a"b"\n', 'c']],
    ['', []],
  ])('of %j', (file, lines) => {
    const split = splitLines(utf8(file), ',');
    expect(split.map((line) => Buffer.from(line.bytes).toString())).toEqual(lines);
  });
});

test('H of several parts is H of their join', () => {
  expect(H(utf8('ab'), utf8('c'))).toEqual(H(utf8('abc')));
});
