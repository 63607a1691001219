import { isBundle, isFhir, type MediaType } from '../media-types.js';
import { elementsOf, membersNamed, stringOf } from '../ndjson/members.js';
import { REFERRING_MEMBERS } from './compartment.js';

/** A FHIR resource, as far as it is looked into. */
export interface Resource {
  readonly type: string | null;
  /** JSON texts of the members that lead to its names, its patients, and resources within it. */
  readonly members: ReadonlyMap<string, string>;
  /** In a Bundle, the URL or URN of its entry. */
  readonly fullUrl: string | null;
  /** Whether it is part of another one, so that its id means nothing elsewhere. */
  readonly isContained: boolean;
  /** How many resources it stands within. */
  readonly level: number;
}

/** Resources are looked for within this many others. */
export const MOST_LEVELS = 8;

const MEMBERS: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'identifier',
  'contained',
  'entry',
  ...REFERRING_MEMBERS,
]);
const ENTRY_MEMBERS: ReadonlySet<string> = new Set(['fullUrl', 'resource']);

/** What a row holds: a resource, or the entry of a Bundle that has one. */
export type Holding = 'resource' | 'entry';

/** What the rows of a data set hold; null where they are no FHIR. */
export function holdingOf(mediaType: MediaType): Holding | null {
  if (!isFhir(mediaType)) return null;
  return isBundle(mediaType) ? 'entry' : 'resource';
}

/**
 * The resource of a row, and those within it: contained ones, and of a Bundle the entries'.
 * @param text JSON that is well-formed
 * @param levels as deep as they are looked for
 */
export function* resourcesIn(text: string, holding: Holding, levels: number = MOST_LEVELS): Generator<Resource> {
  const whole = { fullUrl: null, isContained: false, level: 0 };
  if (holding === 'resource') yield* within(text, whole, levels);
  else yield* withinEntry(text, whole, levels);
}

type Place = Pick<Resource, 'fullUrl' | 'isContained' | 'level'>;

function* within(text: string, place: Place, levels: number): Generator<Resource> {
  const members = membersNamed(text, MEMBERS);
  const type = stringOf(members.get('resourceType'));
  yield { type, members, ...place };
  if (place.level === levels) return;
  const inner = { ...place, fullUrl: null, level: place.level + 1 };
  for (const contained of elementsOf(members.get('contained') ?? '')) {
    yield* within(contained, { ...inner, isContained: true }, levels);
  }
  if (type !== 'Bundle') return;
  for (const entry of elementsOf(members.get('entry') ?? '')) yield* withinEntry(entry, inner, levels);
}

function* withinEntry(text: string, place: Place, levels: number): Generator<Resource> {
  const { resource, fullUrl } = entryOf(text);
  if (resource !== null) yield* within(resource, { ...place, fullUrl }, levels);
}

/** The JSON text of an entry's resource, and where it is; null for what the entry has not. */
export function entryOf(text: string): { readonly resource: string | null; readonly fullUrl: string | null } {
  const members = membersNamed(text, ENTRY_MEMBERS);
  return { resource: members.get('resource') ?? null, fullUrl: stringOf(members.get('fullUrl')) };
}
