import { describe, expect, test } from 'vitest';
import { reviews } from '../../../src/bench/reviews.js';
import { examine } from '../../../src/dataset/source/examine.js';

const table = (records: number, seed?: number): Buffer => Buffer.concat([...reviews(records, seed)]);

async function* stream(records: number): AsyncGenerator<Uint8Array> {
  yield* reviews(records);
}

describe('the reviews that are measured with', () => {
  test('depend on the seed alone, and fewer are a prefix of more', () => {
    expect(table(50).equals(table(50))).toBe(true);
    expect(table(2000).subarray(0, table(50).length).equals(table(50))).toBe(true);
    expect(table(50, 2).equals(table(50))).toBe(false);
  });

  test('are well-formed, as many as asked for, and of 800 bytes', async () => {
    for (const records of [0, 1, 777]) {
      const examined = await examine(stream(records));
      let found = 0;
      for await (const batch of examined.batches()) found += batch.length;
      await examined.close();
      expect(examined.shape.columns).toHaveLength(8);
      expect(found).toBe(records);
    }
    const each = table(5000).length / 5000;
    expect(each).toBeGreaterThan(780);
    expect(each).toBeLessThan(840);
  });
});
