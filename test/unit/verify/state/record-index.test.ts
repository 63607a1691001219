import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InspectedEntry } from '../../../../src/verify/inspect.js';
import { indexBlock, noRecords, placeOf, serialAt } from '../../../../src/verify/state/record-index.js';

/** Entries of which only the kind matters here: `r` a record, `s` a statement. */
function entries(kinds: string): InspectedEntry[] {
  return [...kinds].map((kind) => ({ kind: kind === 'r' ? 'sealed' : 'statement' }) as InspectedEntry);
}

test('every record has its number, and nothing else has one', () => {
  const block = fc.tuple(
    fc.constantFrom('r', 'r', 'sr', 'ssrr', 'rr', 's', 'rsr', 'rsrr', 'srs', 'rrsssr'),
    fc.constantFrom(1, 1, 1, 2, 9),
  );
  fc.assert(
    fc.property(fc.array(block, { maxLength: 25 }), (blocks) => {
      const index = noRecords();
      const places: { block: number; entry: number }[] = [];
      const others: { block: number; entry: number }[] = [{ block: 0, entry: 0 }];
      let number = 0;
      for (const [kinds, step] of blocks) {
        number += step;
        expect(indexBlock(index, number, entries(kinds))).toBe(places.length);
        [...kinds, 's'].forEach((kind, entry) => {
          (kind === 'r' ? places : others).push({ block: number, entry });
        });
        if (step > 1) others.push({ block: number - 1, entry: 0 });
      }
      expect(index.next).toBe(places.length);
      places.forEach((place, serial) => {
        expect(serialAt(index, place.block, place.entry)).toBe(serial);
        expect(placeOf(index, serial)).toEqual(place);
      });
      for (const { block: at, entry } of others) {
        const isRecord = places.some((place) => place.block === at && place.entry === entry);
        if (!isRecord) expect(serialAt(index, at, entry)).toBeNull();
      }
    }),
  );
});

test('like blocks share a row', () => {
  const index = noRecords();
  for (let block = 1; block <= 100_000; block++) indexBlock(index, block, entries('r'));
  expect(index.from).toEqual([1]);
  expect(serialAt(index, 100_000, 0)).toBe(99_999);
  expect(placeOf(index, 12_344)).toEqual({ block: 12_345, entry: 0 });
});

test('the largest block', () => {
  const index = noRecords();
  indexBlock(index, 7, entries('r'.repeat(65_535)));
  expect(serialAt(index, 7, 65_534)).toBe(65_534);
  expect(serialAt(index, 7, 65_535)).toBeNull();
});
