import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addBit, eachBit, hasBit, noBits, removeBit } from '../../../../src/verify/state/bits.js';

const integer = fc.oneof(fc.nat(40), fc.integer({ min: 8180, max: 8200 }), fc.nat({ max: 2 ** 40 }));

test('a set of integers is what a set is', () => {
  const change = fc.tuple(fc.boolean(), integer);
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const bits = noBits();
      const set = new Set<number>();
      for (const [adds, value] of changes) {
        expect(hasBit(bits, value)).toBe(set.has(value));
        if (adds) {
          expect(addBit(bits, value)).toBe(!set.has(value));
          set.add(value);
        } else {
          removeBit(bits, value);
          set.delete(value);
        }
        expect(bits.size).toBe(set.size);
      }
      expect([...eachBit(bits)]).toEqual([...set].sort((a, b) => a - b));
    }),
  );
});

test('a million neighbours take little room', () => {
  const bits = noBits();
  for (let value = 0; value < 1_000_000; value++) addBit(bits, value);
  expect(bits.size).toBe(1_000_000);
  expect([...bits.chunks.values()].reduce((sum, { length }) => sum + length, 0)).toBeLessThan(130_000);
});
