import type { Figure, TargetResult, Yardstick } from './result.js';

/** What Medseal means to reach with two cores, and must not lose again. */
interface Target {
  readonly what: string;
  readonly bound: 'at least' | 'at most';
  readonly value: number;
  /** What the number counts; empty for a ratio. */
  readonly unit: string;
  /** Undefined where this run has not measured it. */
  readonly reached: (figures: Figures) => number | undefined;
}

const MILLION = 1_000_000;
const WORKFLOW = ['blocks/seal', 'blocks/verify', 'blocks/open'];

const TARGETS: readonly Target[] = [
  {
    what: 'mining at 20 bits, one thread, against the SHA-256 limit of a core',
    bound: 'at least',
    value: 0.5,
    unit: '',
    reached: (figures) => figures.times('mine/20/1', 'limit'),
  },
  {
    what: 'mining at 20 bits, two threads against one',
    bound: 'at least',
    value: 1.85,
    unit: '',
    reached: (figures) => figures.times('mine/20/2', 'one thread'),
  },
  {
    what: 'sealing, one record a block, 16 bits, against the notebook',
    bound: 'at least',
    value: 27,
    unit: '',
    reached: (figures) => figures.times('single/seal', 'notebook'),
  },
  {
    what: 'sealing, blocks of 1,000, against the notebook',
    bound: 'at least',
    value: 3500,
    unit: '',
    reached: (figures) => figures.times('thousands/seal', 'notebook'),
  },
  {
    what: 'verifying, one record a block',
    bound: 'at least',
    value: 9000,
    unit: 'blocks/s',
    reached: (figures) => figures.median('chain/verify'),
  },
  {
    what: 'verifying, blocks of 1,000',
    bound: 'at least',
    value: 250_000,
    unit: 'records/s',
    reached: (figures) => figures.median('blocks/verify'),
  },
  {
    what: 'verifying quickly, one record a block',
    bound: 'at least',
    value: 90_000,
    unit: 'blocks/s',
    reached: (figures) => figures.median('chain/quick'),
  },
  {
    what: 'opening, blocks of 1,000',
    bound: 'at least',
    value: 90_000,
    unit: 'records/s',
    reached: (figures) => figures.median('blocks/open'),
  },
  {
    what: 'a proof made and checked, at 1,000,000 blocks',
    bound: 'at most',
    value: 10,
    unit: 'ms',
    reached: (figures) => figures.median('chain/proof', MILLION),
  },
  {
    what: 'its size',
    bound: 'at most',
    value: 4000,
    unit: 'bytes',
    reached: (figures) => figures.median('chain/proof-size', MILLION),
  },
  {
    what: 'memory to seal, verify or open 1,000,000 records',
    bound: 'at most',
    value: 300,
    unit: 'MB',
    reached: (figures) => worst(Math.max, (id) => figures.megabytes(id, MILLION)),
  },
  {
    what: 'sealed, verified, opened records/s at 1,000,000 against 100,000',
    bound: 'at least',
    value: 0.85,
    unit: '',
    reached: (figures) => worst(Math.min, (id) => ratio(figures.median(id, MILLION), figures.median(id, 100_000))),
  },
  {
    what: 'ledger file against CSV, 800-byte records, blocks of 1,000',
    bound: 'at most',
    value: 1.3,
    unit: '',
    reached: (figures) => figures.median('blocks/size'),
  },
  {
    what: 'medseal --version',
    bound: 'at most',
    value: 150,
    unit: 'ms',
    reached: (figures) => figures.median('start'),
  },
];

/** What the figures say of each target. */
export function judgeTargets(figures: readonly Figure[]): TargetResult[] {
  const asked = ask(figures);
  return TARGETS.map(({ what, bound, value, unit, reached: reach }) => {
    const reached = reach(asked) ?? null;
    const met = reached === null ? null : bound === 'at least' ? reached >= value : reached <= value;
    return { what, bound, value, unit, reached, met };
  });
}

/** The worst of sealing, verifying and opening; undefined where one of them is missing. */
function worst(choose: (...values: number[]) => number, of: (id: string) => number | undefined): number | undefined {
  const values = WORKFLOW.map(of).filter((value) => value !== undefined);
  return values.length === WORKFLOW.length ? choose(...values) : undefined;
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

/** The figures of a run, to be asked. */
interface Figures {
  median(id: string, records?: number): number | undefined;
  /** How many times better than what it is set against. */
  times(id: string, yardstick: Yardstick): number | undefined;
  megabytes(id: string, records: number): number | undefined;
}

/** Gives the figures of the size asked for, or of the largest one. */
function ask(figures: readonly Figure[]): Figures {
  const find = (id: string, records?: number): Figure | undefined =>
    figures
      .filter((figure) => figure.id === id && (records === undefined || figure.records === records))
      .sort((a, b) => (b.records ?? 0) - (a.records ?? 0))[0];
  return {
    median: (id, records) => find(id, records)?.summary?.median,
    times: (id, yardstick) => find(id)?.comparisons.find((comparison) => comparison.with === yardstick)?.times.median,
    megabytes: (id, records) => (find(id, records)?.peakBytes ?? Number.NaN) / 1e6 || undefined,
  };
}
