import type { Machine } from './machine.js';
import type { Summary } from './statistics.js';

/** What a figure counts. Rates are better the higher they are, the others the lower. */
export type Unit = 'hashes/s' | 'bytes/s' | 'checks/s' | 'records/s' | 'blocks/s' | 'ms' | 'bytes' | 'of the CSV';

export function isRate(unit: Unit): boolean {
  return unit.endsWith('/s');
}

/** What a figure is set against: the limit of the machine, the notebook, or another figure of the same group. */
export type Yardstick = 'limit' | 'notebook' | 'one thread';

/** A figure beside another one of the same rounds. */
export interface Comparison {
  readonly with: Yardstick;
  /** What the other one is. */
  readonly what: string;
  /** The other one's value, in the figure's unit. */
  readonly value: number;
  /** How many times better the figure is than the other one, round by round. */
  readonly times: Summary;
}

/** One line of the result: what was measured and what came out, or why nothing did. */
export interface Figure {
  readonly id: string;
  readonly group: string;
  readonly what: string;
  /** Records that the work was done on; null where there are none. */
  readonly records: number | null;
  readonly unit: Unit;
  /** Null where the step failed. */
  readonly summary: Summary | null;
  /** Why there is no figure. */
  readonly failure: string | null;
  /** The most memory that the step's process held, in bytes; null where the step is not a process of ours. */
  readonly peakBytes: number | null;
  readonly comparisons: readonly Comparison[];
}

/** A target and what was reached; `reached` is null where this run did not measure it. */
export interface TargetResult {
  readonly what: string;
  readonly bound: 'at least' | 'at most';
  readonly value: number;
  /** What the numbers count; empty for a ratio. */
  readonly unit: string;
  readonly reached: number | null;
  readonly met: boolean | null;
}

/** All that one run of the benchmarks found: the JSON document. */
export interface BenchResult {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Where the limits come from, and why there is no notebook, if there is none. */
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
  readonly targets: readonly TargetResult[];
  readonly seconds: number;
}
