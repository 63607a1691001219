import { describe, expect, test } from 'vitest';
import type { Figure, Yardstick } from '../../../src/bench/result.js';
import { summarise } from '../../../src/bench/statistics.js';
import { judgeTargets } from '../../../src/bench/targets.js';

function figure(id: string, records: number | null, value: number, more: Partial<Figure> = {}): Figure {
  const summary = summarise([value]);
  return {
    id,
    group: '',
    what: '',
    records,
    unit: 'ms',
    summary,
    failure: null,
    peakBytes: null,
    comparisons: [],
    ...more,
  };
}

function times(yardstick: Yardstick, value: number): Partial<Figure> {
  return { comparisons: [{ with: yardstick, what: '', value: 1, times: summarise([value])! }] };
}

/** What is said of the one target with this text in its name. */
function judged(figures: readonly Figure[], text: string): { reached: number | null; met: boolean | null } {
  const found = judgeTargets(figures).filter(({ what }) => what.includes(text));
  expect(found).toHaveLength(1);
  return { reached: found[0]!.reached, met: found[0]!.met };
}

describe('targets', () => {
  test('of which nothing was measured are not judged', () => {
    const targets = judgeTargets([]);
    expect(targets.length).toBeGreaterThan(10);
    for (const target of targets) expect(target).toMatchObject({ reached: null, met: null });
  });

  test('are reached from above or from below, and exactly', () => {
    expect(judged([figure('start', null, 151)], '--version')).toEqual({ reached: 151, met: false });
    expect(judged([figure('start', null, 150)], '--version')).toEqual({ reached: 150, met: true });
    expect(judged([figure('mine/20/1', null, 1, times('limit', 0.5))], 'bits, one thread')).toEqual({
      reached: 0.5,
      met: true,
    });
    expect(judged([figure('mine/20/1', null, 1, times('limit', 0.49))], 'bits, one thread')).toMatchObject({
      met: false,
    });
  });

  test('take the figure of the largest table, and the comparison that they name', () => {
    const verified = [figure('chain/verify', 1000, 9999), figure('chain/verify', 10_000, 8999)];
    expect(judged(verified, 'verifying, one record')).toEqual({ reached: 8999, met: false });
    expect(judged([figure('single/seal', 10, 1, times('limit', 99))], '16 bits')).toEqual({ reached: null, met: null });
  });

  test('of a million are judged by a million only', () => {
    expect(judged([figure('chain/proof', 100_000, 1)], 'a proof')).toEqual({ reached: null, met: null });
    expect(judged([figure('chain/proof', 1_000_000, 11)], 'a proof')).toEqual({ reached: 11, met: false });
  });

  test('of sealing, verifying and opening take the worst of the three', () => {
    const at = (records: number, values: readonly number[], megabytes: number): Figure[] =>
      ['blocks/seal', 'blocks/verify', 'blocks/open'].map((id, i) =>
        figure(id, records, values[i]!, { peakBytes: (megabytes + i) * 1e6 }),
      );
    const both = [...at(100_000, [100, 100, 100], 90), ...at(1_000_000, [99, 84, 120], 299)];
    expect(judged(both, 'memory')).toEqual({ reached: 301, met: false });
    expect(judged(both, 'against 100,000')).toEqual({ reached: 0.84, met: false });
    expect(judged(both.slice(0, 5), 'memory')).toEqual({ reached: null, met: null });
  });
});
