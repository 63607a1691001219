import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Figure } from '../../../src/bench/result.js';
import { runGroups } from '../../../src/bench/run.js';
import type { Group, Step, Taken } from '../../../src/bench/step.js';
import { MedsealError } from '../../../src/errors.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'medseal-test-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const watch = { onGroup: async () => {}, onStep: () => {} };

/** A step whose measurements are these, one a round. An error among them is thrown. */
function step(id: string, values: readonly (number | Error)[], more: Partial<Step> = {}, log: string[] = []): Step {
  let round = 0;
  return {
    id,
    what: id,
    unit: 'records/s',
    take: async () => {
      log.push(id);
      const value = values[round++] ?? Number.NaN;
      if (value instanceof Error) throw value;
      return { value, peakBytes: 100 * round };
    },
    ...more,
  };
}

function group(rounds: number, steps: readonly Step[], more: Partial<Group> = {}): Group {
  return { name: 'group', records: 10, rounds, prepare: async () => {}, steps: () => steps, ...more };
}

function measure(...groups: Group[]): Promise<Figure[]> {
  return runGroups(groups, dir, watch, new AbortController().signal);
}

describe('the steps of a group', () => {
  test('are taken in turn, round after round, and one that is long only in the first', async () => {
    const log: string[] = [];
    const steps = [step('a', [1, 2, 3], {}, log), step('b', [1], { once: true }, log), step('c', [1, 2, 3], {}, log)];
    const figures = await measure(group(3, steps));
    expect(log).toEqual(['a', 'b', 'c', 'a', 'c', 'a', 'c']);
    expect(figures.map(({ summary }) => summary?.runs)).toEqual([[1, 2, 3], [1], [1, 2, 3]]);
    expect(figures[0]).toMatchObject({ id: 'a', group: 'group', records: 10, failure: null, peakBytes: 300 });
  });

  test('are compared round by round', async () => {
    const beside = [{ with: 'limit' as const, what: 'twice a', value: (of: (id: string) => number) => 2 * of('a') }];
    const steps = [
      step('a', [100, 10, 1]),
      // Of the medians alone one would say 40 / 20.
      step('rate', [400, 40, 2], { beside }),
      step('time', [50, 5, 0.5], { unit: 'ms', beside }),
      step('once', [100], { once: true, beside }),
    ];
    const [, rate, time, once] = await measure(group(3, steps));
    expect(rate?.comparisons).toMatchObject([
      { with: 'limit', what: 'twice a', value: 20, times: { runs: [2, 2, 1] } },
    ]);
    expect(time?.comparisons).toMatchObject([{ times: { runs: [4, 4, 4] } }]);
    expect(once?.comparisons).toMatchObject([{ value: 200, times: { runs: [0.5] } }]);
  });

  test('are not compared with what was not measured', async () => {
    const beside = [
      { with: 'notebook' as const, what: 'the notebook', value: (of: (id: string) => number) => of('no') },
    ];
    const [figure] = await measure(group(2, [step('a', [1, 2], { beside })]));
    expect(figure).toMatchObject({ summary: { median: 1.5 }, comparisons: [] });
  });

  test('say why they failed, give no figure then, and are not tried again; nor are those that need them', async () => {
    const log: string[] = [];
    const beside = [{ with: 'limit' as const, what: 'a', value: (of: (id: string) => number) => of('a') }];
    const steps = [
      step('a', [1, new Error('the disk is on fire'), 3], { beside }, log),
      step('b', [1, 2, 3], { needs: 'a' }, log),
      step('c', [1, 2, 3], { beside }, log),
    ];
    const [a, b, c] = await measure(group(3, steps));
    expect(a).toMatchObject({ failure: 'the disk is on fire', summary: null, peakBytes: null, comparisons: [] });
    expect(b).toMatchObject({ failure: '"a" failed', summary: null });
    expect(c).toMatchObject({ failure: null, summary: { median: 2 }, comparisons: [{ times: { runs: [1] } }] });
    expect(log).toEqual(['a', 'b', 'c', 'a', 'c', 'c']);
  });

  test('all fail where their data cannot be made; the next group is measured', async () => {
    const prepare = async (): Promise<void> => {
      throw new Error('no room');
    };
    const log: string[] = [];
    const figures = await measure(group(2, [step('a', [1, 2], {}, log)], { prepare }), group(1, [step('b', [1])]));
    expect(figures).toMatchObject([{ failure: expect.stringContaining('no room') }, { summary: { median: 1 } }]);
    expect(log).toEqual([]);
  });
});

describe('what the groups make', () => {
  const littering: Group = group(1, [step('a', [1])], {
    prepare: async (folder) => writeFileSync(join(folder, 'reviews.csv'), 'much'),
  });

  test('is gone afterwards, group by group', async () => {
    const seen: string[] = [];
    const look = group(1, [step('b', [1])], {
      prepare: async (folder) => void seen.push(...readdirSync(join(folder, '..'))),
    });
    await measure(littering, look);
    expect(seen).toEqual(['1']);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('is gone after an interruption, which ends everything', async () => {
    const interrupt = new AbortController();
    const log: string[] = [];
    const take = async (): Promise<Taken> => {
      interrupt.abort();
      return { value: 1, peakBytes: null };
    };
    const last = group(2, [step('b', [], { take }), step('c', [1, 2], {}, log)]);
    const running = runGroups([littering, last], dir, watch, interrupt.signal);
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    expect(readdirSync(dir)).toEqual([]);
    expect(log).toEqual([]);
  });

  test('cannot be made where there is no such folder', async () => {
    const nowhere = join(dir, 'nowhere');
    const running = runGroups([littering], nowhere, watch, new AbortController().signal);
    await expect(running).rejects.toSatisfy(
      (error) => error instanceof MedsealError && error.code === 'OUTPUT_INVALID',
    );
    expect(existsSync(nowhere)).toBe(false);
  });
});
