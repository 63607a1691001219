import { runJob } from './process.js';
import type { Unit, Yardstick } from './result.js';
import type { Job } from './tasks/index.js';

/** One measurement of a step. */
export interface Taken {
  readonly value: number;
  /** Memory that its process held at most, in bytes; null where it was no process of ours. */
  readonly peakBytes: number | null;
}

/** What a step of the same round came to, by its id; NaN where it came to nothing. */
export type Round = (id: string) => number;

/** Another value of the same round, in the step's unit, that the step's own is set against. */
export interface Beside {
  readonly with: Yardstick;
  readonly what: string;
  /** NaN where that was not measured. */
  readonly value: (of: Round) => number;
}

/** Something that is measured. A new benchmark is one more of these in a group. */
export interface Step {
  readonly id: string;
  readonly what: string;
  readonly unit: Unit;
  /** Where they are others than the group's. */
  readonly records?: number;
  readonly take: (signal: AbortSignal) => Promise<Taken>;
  readonly beside?: readonly Beside[];
  /** The step whose outcome this one works on: when that failed, this one is not tried. */
  readonly needs?: string;
  /** Taken in the first round only, since it is long. */
  readonly once?: boolean;
}

/** Steps on the same data, taken in turn, round after round, so that what disturbs the machine disturbs them alike. */
export interface Group {
  readonly name: string;
  readonly records: number | null;
  readonly rounds: number;
  /** Makes what the steps work on, in a folder of their own that is removed afterwards. */
  readonly prepare: (folder: string, signal: AbortSignal) => Promise<void>;
  readonly steps: (folder: string) => readonly Step[];
}

/** Amount a second of a job in a process of its own. */
export function rate(job: Job): Step['take'] {
  return async (signal) => {
    const { amount, seconds, peakBytes } = await runJob(job, signal);
    return { value: amount / seconds, peakBytes };
  };
}

/** Milliseconds for each one of a job's amount. */
export function milliseconds(job: Job): Step['take'] {
  return async (signal) => {
    const { amount, seconds, peakBytes } = await runJob(job, signal);
    return { value: (1000 * seconds) / amount, peakBytes };
  };
}

/** A value that no process of ours measures. */
export function outside(measure: (signal: AbortSignal) => Promise<number> | number): Step['take'] {
  return async (signal) => ({ value: await measure(signal), peakBytes: null });
}
