/** Rows in runs of first and last, ascending. */
export type RowRuns = readonly (readonly [number, number])[];

/** Ascending numbers as runs of first and last. */
export function runsOf(numbers: Iterable<number>): [number, number][] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}

/** `1–10, 12`; "none" for none. */
export function runsText(runs: RowRuns): string {
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ') || 'none';
}
