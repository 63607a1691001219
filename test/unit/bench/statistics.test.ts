import { describe, expect, test } from 'vitest';
import { median, summarise } from '../../../src/bench/statistics.js';

describe('the median', () => {
  test.each([
    [[7], 7],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    // Numbers, not their text.
    [[10, 9, 100], 10],
    [[1, 1, 1, 1000], 1],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('leaves the values in their order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a summary', () => {
  test('has the middle, the least, the most, and all runs as they came', () => {
    expect(summarise([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, runs: [3, 1, 2] });
  });

  test('of no runs is none', () => {
    expect(summarise([])).toBeNull();
  });
});
