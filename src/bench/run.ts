import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MedsealError, throwIfAborted } from '../errors.js';
import { type Comparison, type Figure, isRate } from './result.js';
import { summarise } from './statistics.js';
import type { Beside, Group, Step, Taken } from './step.js';

/** What a person may want to see on the way. */
export interface Watch {
  /** A group begins that will take this many measurements. */
  onGroup(group: Group, measurements: number): Promise<void>;
  /** A measurement begins. */
  onStep(step: Step, round: number): void;
}

/**
 * Takes all measurements of the groups, in folders within `dir` that are gone afterwards, also after an interruption.
 * @throws {MedsealError} `ABORTED`; `OUTPUT_INVALID` where nothing can be written into `dir`
 */
export async function runGroups(
  groups: readonly Group[],
  dir: string,
  watch: Watch,
  signal: AbortSignal,
): Promise<Figure[]> {
  const folder = temporaryFolder(dir);
  try {
    const figures: Figure[] = [];
    for (const [i, group] of groups.entries()) {
      const own = join(folder, String(i));
      mkdirSync(own);
      figures.push(...(await runGroup(group, own, watch, signal)));
      rmSync(own, { recursive: true });
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function temporaryFolder(dir: string): string {
  try {
    return mkdtempSync(join(dir, 'medseal-bench-'));
  } catch (cause) {
    throw new MedsealError(
      'OUTPUT_INVALID',
      `cannot write into ${dir}: choose another --dir`,
      { file: dir },
      { cause },
    );
  }
}

/** What the rounds of one step have come to. */
interface Track {
  readonly step: Step;
  readonly taken: Taken[];
  /** For each of `beside`: its values, and by how much the step's own is better, round by round. */
  readonly against: readonly { readonly values: number[]; readonly times: number[] }[];
  failure: string | null;
}

async function runGroup(group: Group, folder: string, watch: Watch, signal: AbortSignal): Promise<Figure[]> {
  const tracks = group.steps(folder).map((step): Track => {
    return { step, taken: [], against: (step.beside ?? []).map(() => ({ values: [], times: [] })), failure: null };
  });
  await watch.onGroup(
    group,
    tracks.reduce((sum, { step }) => sum + (step.once ? 1 : group.rounds), 0),
  );
  const failure = await attempt(() => group.prepare(folder, signal), signal);
  if (failure !== null) for (const track of tracks) track.failure = `its data could not be made: ${failure}`;
  for (let round = 1; round <= group.rounds; round++) await takeRound(tracks, round, watch, signal);
  return tracks.map((track) => figureOf(track, group));
}

async function takeRound(tracks: readonly Track[], round: number, watch: Watch, signal: AbortSignal): Promise<void> {
  const values = new Map<string, number>();
  const failed = new Set(tracks.filter(({ failure }) => failure !== null).map(({ step }) => step.id));
  for (const track of tracks) {
    const { step } = track;
    if (step.needs !== undefined && failed.has(step.needs)) track.failure ??= `"${step.needs}" failed`;
    if (track.failure === null && !(step.once && round > 1)) {
      watch.onStep(step, round);
      track.failure = await attempt(async () => track.taken.push(await step.take(signal)), signal);
    }
    const value = track.taken.at(-1)?.value;
    if (track.failure !== null || value === undefined) failed.add(step.id);
    else values.set(step.id, value);
  }
  for (const track of tracks) if (!(track.step.once && round > 1)) compare(track, values);
}

/** The reason of a failure, or null. Only an interruption goes further: one failed step does not spoil the others. */
async function attempt(work: () => Promise<unknown>, signal: AbortSignal): Promise<string | null> {
  let reason: string | null = null;
  try {
    await work();
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  throwIfAborted(signal);
  return reason;
}

function compare({ step, against }: Track, round: ReadonlyMap<string, number>): void {
  const of = (id: string): number => round.get(id) ?? Number.NaN;
  const own = of(step.id);
  for (const [i, beside] of (step.beside ?? []).entries()) {
    const other = beside.value(of);
    if (!Number.isFinite(own / other)) continue;
    against[i]?.values.push(other);
    against[i]?.times.push(isRate(step.unit) ? own / other : other / own);
  }
}

function figureOf({ step, taken, against, failure }: Track, group: Group): Figure {
  const peaks = taken.map(({ peakBytes }) => peakBytes).filter((bytes) => bytes !== null);
  return {
    id: step.id,
    group: group.name,
    what: step.what,
    records: step.records ?? group.records,
    unit: step.unit,
    // A figure of which some runs failed would be a figure of the lucky ones.
    summary: failure === null ? summarise(taken.map(({ value }) => value)) : null,
    failure,
    peakBytes: failure === null && peaks.length > 0 ? Math.max(...peaks) : null,
    comparisons: failure === null ? (step.beside ?? []).flatMap((beside, i) => comparison(beside, against[i])) : [],
  };
}

function comparison(beside: Beside, against: Track['against'][number] | undefined): Comparison[] {
  const value = summarise(against?.values ?? [])?.median;
  const times = summarise(against?.times ?? []);
  return value === undefined || times === null ? [] : [{ with: beside.with, what: beside.what, value, times }];
}
