// RFC 8785 as far as the ledger's JSON goes: integers from 0 to 2^53 − 1, and ASCII member names.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import { canonicalize, type JsonValue, parseCanonical } from '../../src/format/json.js';

const DEPTH = 8;
const refused = expect.objectContaining({ code: 'MALFORMED' });

describe('RFC 8785', () => {
  // The strings and literals of section 3.2.2, and the arrays, structures and values of the test data it refers to.
  test.each([
    [
      String.raw`{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
      String.raw`{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    ],
    ['[56, {"d": true, "10": null, "1": [ ]}]', '[56,{"1":[],"10":null,"d":true}]'],
    [
      '{"1": {"f": {"f": "hi","F": 5}}, "10": { }, "": "empty", "a": { }, "111": [{"e": "yes","E": "no" }], "A": { }}',
      '{"":"empty","1":{"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}',
    ],
    ['{"Unnormalized Unicode":"A\u030a"}', '{"Unnormalized Unicode":"A\u030a"}'],
    ['{"\\u0070": "\\ud83d\\ude02\\ufb33\\u00f6\\u0080"}', '{"p":"\u{1f602}\ufb33\u00f6\u0080"}'],
  ])('writes %s in its canonical form, and reads only that', (text, canonical) => {
    const value = JSON.parse(text) as JsonValue;
    expect(canonicalize(value)).toBe(canonical);
    expect(parseCanonical(utf8(canonical), DEPTH)).toEqual(value);
    if (text !== canonical) expect(() => parseCanonical(utf8(text), DEPTH)).toThrow(refused);
  });

  // Section 3.2.3: names are sorted as UTF-16 code units. Those of its example that are ASCII, in its order.
  test('sorts members', () => {
    expect(canonicalize({ '1': 'One', '</script>': 'Browser Challenge', '': 'none', '~': 'last' })).toBe(
      '{"":"none","1":"One","</script>":"Browser Challenge","~":"last"}',
    );
  });

  test.each(['\u20ac', '\r', '\ufb33', '\u{1f600}', '\u0080', '\u00f6'])('has no name %j on a ledger', (name) => {
    expect(() => canonicalize({ [name]: 'x' })).toThrow(refused);
    expect(() => parseCanonical(utf8(`{${JSON.stringify(name)}:"x"}`), DEPTH)).toThrow(refused);
  });

  // Appendix B: IEEE 754 bits and how ECMAScript writes them. Of these the ledger has zero, and refuses the others.
  test.each([
    ['8000000000000000', '-0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
    ['7fffffffffffffff', 'NaN'],
    ['7ff0000000000000', 'Infinity'],
  ])('refuses the number %s, %s', (bits, text) => {
    const number = Buffer.from(bits, 'hex').readDoubleBE();
    expect(Object.is(number, -0) ? '-0' : String(number)).toBe(text);
    expect(() => canonicalize(number)).toThrow(refused);
    expect(() => parseCanonical(utf8(text), DEPTH)).toThrow(refused);
  });

  test.each([0, 1, 10, 1e15, 2 ** 53 - 1])('writes the integer %d with its digits alone', (number) => {
    expect(canonicalize(number)).toBe(String(number));
    expect(parseCanonical(utf8(String(number)), DEPTH)).toBe(number);
  });
});
