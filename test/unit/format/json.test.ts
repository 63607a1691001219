import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/bytes.js';
import { canonicalize, type JsonValue, parseCanonical } from '../../../src/format/json.js';
import { jcs } from '../../oracle/jcs.js';

const DEPTH = 8;
const name = fc.oneof(fc.stringMatching(/^[ -~]{0,5}$/), fc.constantFrom('__proto__', 'constructor', '10', '9'));
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: DEPTH - 1 },
    fc.oneof(fc.constant(null), fc.boolean(), fc.maxSafeNat(), fc.string({ unit: 'grapheme' })),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((members) => Object.fromEntries(members)),
  ),
}));

function parse(text: string, depth = DEPTH): JsonValue {
  return parseCanonical(utf8(text), depth);
}

describe('canonical JSON', () => {
  test('comes back, and is what another implementation writes', () => {
    fc.assert(
      fc.property(value, (json) => {
        const text = canonicalize(json);
        expect(text).toBe(jcs(json));
        expect(parse(text)).toEqual(json);
        expect(canonicalize(parse(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, fc.nat()), { selector: ([key]) => key }), (members) => {
        const there = canonicalize(Object.fromEntries(members));
        expect(canonicalize(Object.fromEntries(members.toReversed()))).toBe(there);
      }),
    );
  });

  test('is written as RFC 8785 wants it', () => {
    expect(canonicalize({ b: [1, true, null], a: '\u0007"\\/é\u2028\u{1f600}\n', A: {}, '10': 1, '9': 2 })).toBe(
      '{"10":1,"9":2,"A":{},"a":"\\u0007\\"\\\\/é\u2028\u{1f600}\\n","b":[1,true,null]}',
    );
  });

  test('has one spelling only: with any character added it is refused, or means something else', () => {
    const insert = fc.tuple(value, fc.nat(), fc.constantFrom(' ', '\n', '0', '"', ',', '\\', '{', '1', 'e', '.', '-'));
    fc.assert(
      fc.property(insert, ([json, position, character]) => {
        const characters = [...canonicalize(json)];
        const other = characters.toSpliced(position % (characters.length + 1), 0, character).join('');
        let read: JsonValue;
        try {
          read = parse(other);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/MALFORMED|TOO_LARGE/) });
          return;
        }
        expect(canonicalize(read)).toBe(other);
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  '',
  ' 1',
  '1 ',
  '1.0',
  '1e0',
  '1E2',
  '01',
  '-1',
  '-0',
  '0.5',
  '9007199254740992',
  '1e400',
  'NaN',
  'tru',
  "'a'",
  '"a',
  '"\\u0041"',
  '"\\/"',
  '"\\u000A"',
  '"\\u00e9"',
  '"\\ud800"',
  '"\\ud83d\\ude00"',
  '"\t"',
  '[1,]',
  '[1 ,2]',
  '{"a":1,"a":1}',
  '{"a":1,"a":2}',
  '{"b":1,"a":2}',
  '{"a" :1}',
  '{"é":1}',
  '{"\u0001":1}',
  '{"a":1}\n',
  '\ufeff{}',
  '{}{}',
])('%j is refused', (text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
});

test('bytes that are not UTF-8 are refused', () => {
  expect(() => parseCanonical(Uint8Array.of(0x22, 0xff, 0x22), DEPTH)).toThrow('UTF-8');
  expect(() => parseCanonical(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), DEPTH)).toThrow('UTF-8');
});

describe('nesting', () => {
  test.each([
    ['[[{}]]', 3],
    ['[[],[],{"a":[]}]', 3],
    ['"[[[["', 0],
    ['"\\"[[["', 0],
    ['["\\\\",[]]', 2],
    ['1', 0],
  ])('of %s is %i', (text, depth) => {
    expect(() => parse(text, depth)).not.toThrow();
    if (depth > 0) expect(() => parse(text, depth - 1)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });

  test.each([
    ['1', 1],
    ['[[1]]', 3],
    ['[1,2,3]', 4],
    ['{"a":[1],"b":"],["}', 4],
  ])('of %s there are at most %i values', (text, most) => {
    expect(parseCanonical(utf8(text), DEPTH, most)).toEqual(JSON.parse(text));
    const code = expect.objectContaining({ code: 'TOO_LARGE' });
    if (most > 1) expect(() => parseCanonical(utf8(text), DEPTH, most - 1)).toThrow(code);
  });

  test('without end is refused before it is parsed', () => {
    const deep = '['.repeat(5_000_000);
    expect(() => parse(deep)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    expect(() => parse(']'.repeat(5_000_000) + deep)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });
});

test.each<[string, unknown]>([
  ['a negative number', -1],
  ['minus zero', -0],
  ['a fraction', 0.5],
  ['a number too large', 2 ** 53],
  ['no number', Number.NaN],
  ['a lone surrogate', '\ud800'],
  ['a member name that is not ASCII', { é: 1 }],
  ['a member name with a control character', { '\n': 1 }],
])('%s is not written', (_, json) => {
  expect(() => canonicalize(json as JsonValue)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  expect(() => canonicalize([{ a: json as JsonValue }])).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
});
