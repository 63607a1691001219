// Whether bytes are UTF-8, wherever the pieces in which they come are cut.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromUtf8 } from '../../../src/bytes.js';
import { Utf8Check } from '../../../src/dataset/text.js';

function checked(bytes: Uint8Array, cuts: readonly number[]): boolean {
  const check = new Utf8Check();
  let start = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    check.update(bytes.subarray(start, cut));
    start = cut;
  }
  return check.finish();
}

const cuts = fc.array(fc.nat(), { maxLength: 6 });

test('text is, in whatever pieces', () => {
  const property = fc.property(fc.string({ unit: 'binary' }), cuts, (text, at) => {
    expect(checked(Buffer.from(text), at)).toBe(true);
  });
  fc.assert(property, { numRuns: 1000 });
});

test('any bytes are just where a decoder takes them', () => {
  // Bytes that begin and continue characters are the ones that matter.
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf8, 0xff));
  const property = fc.property(fc.array(byte, { maxLength: 12 }), cuts, (list, at) => {
    const bytes = Uint8Array.from(list);
    expect(checked(bytes, at)).toBe(fromUtf8(bytes) !== null);
  });
  fc.assert(property, { numRuns: 3000 });
});
