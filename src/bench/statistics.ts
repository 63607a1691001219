/** What several runs came to. One run is no measurement, so least and most stand beside the middle. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** The single values, in the order in which they were taken. */
  readonly runs: readonly number[];
}

/** The middle value, or the mean of the two in the middle. @throws {RangeError} for no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values have no median');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/** Null for no values. */
export function summarise(runs: readonly number[]): Summary | null {
  if (runs.length === 0) return null;
  return { median: median(runs), least: Math.min(...runs), most: Math.max(...runs), runs };
}
