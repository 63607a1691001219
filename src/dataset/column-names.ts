import { distance } from 'fastest-levenshtein';
import { MedsealError } from '../errors.js';

/** As many names are shown where a column is not found. */
const NEAREST = 3;

export interface Naming {
  /** Stands before the number. Default: `.`, as in pandas. */
  readonly joint?: string;
  /** Names that are the same to it are one. */
  readonly fold?: (name: string) => string;
  /** What a column without a name is called. Default: nothing. */
  readonly madeUp?: (place: number) => string;
}

/**
 * Names by which columns can be told apart: one that comes a second time gets `.1`, a third `.2`, as in pandas, or the next
 * number with which no column is named.
 */
export function distinctNames(
  names: readonly string[],
  { joint = '.', fold = (name) => name, madeUp = () => '' }: Naming = {},
): string[] {
  const given = new Set(names.map(fold));
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return names.map((name, place) => {
    const wanted = name === '' ? madeUp(place) : name;
    let distinct = wanted;
    while (taken.has(fold(distinct)) || (distinct !== name && given.has(fold(distinct)))) {
      const count = (counts.get(fold(wanted)) ?? 0) + 1;
      counts.set(fold(wanted), count);
      distinct = `${wanted}${joint}${count}`;
    }
    taken.add(fold(distinct));
    return distinct;
  });
}

/** The places, from 0, of the columns that a person means; of all where none are named. @throws {MedsealError} `COLUMN_UNKNOWN` */
export function chosenPlaces(names: readonly string[], wanted: readonly string[] | undefined): number[] {
  return wanted === undefined ? [...names.keys()] : wanted.map((text) => placeOf(names, text));
}

/**
 * The place, from 0, of the column that a person means by its name, or by its number from 1 where none has that name.
 * @param names distinct ones, in order
 * @throws {MedsealError} `COLUMN_UNKNOWN`, with the names that are nearest
 */
export function placeOf(names: readonly string[], wanted: string): number {
  const named = names.indexOf(wanted);
  const place = named >= 0 ? named : /^[1-9]\d*$/.test(wanted) ? Number(wanted) - 1 : -1;
  if (names[place] !== undefined) return place;
  const near = nearest(names, wanted).map((name) => JSON.stringify(name));
  const which = names.length > near.length ? `the nearest of ${names.length} are` : 'there are';
  throw new MedsealError(
    'COLUMN_UNKNOWN',
    `there is no column ${JSON.stringify(wanted)}; ${which}: ${near.join(', ')}`,
  );
}

/** The names that are nearest, the nearest first; all in their order where there are no more than that. */
function nearest(names: readonly string[], wanted: string): readonly string[] {
  if (names.length <= NEAREST) return names;
  const far = (name: string): number => distance(name.toLowerCase(), wanted.toLowerCase());
  return [...names].sort((a, b) => far(a) - far(b)).slice(0, NEAREST);
}
