import { elementsOf, membersNamed, stringOf } from '../ndjson/members.js';
import { referringElements } from './compartment.js';
import { identifierName, patientAt, patientReferred } from './reference.js';
import { type Holding, type Resource, resourcesIn } from './resources.js';

/**
 * The names of all patients whose a row is (spec/records.md, "Values of FHIR resources"): those to which its resources refer
 * as the Patient compartment has it, and of a Patient its own. Each comes once.
 * @param text the row, well-formed JSON
 */
export function* patientsOf(text: string, holding: Holding): Generator<string> {
  const given = new Set<string>();
  for (const resource of resourcesIn(text, holding)) {
    for (const name of patientsOfOne(resource)) {
      if (name === null || given.has(name)) continue;
      given.add(name);
      yield name;
    }
  }
}

function* patientsOfOne(resource: Resource): Generator<string | null> {
  for (const [first = '', ...rest] of referringElements(resource.type ?? '')) {
    for (const reference of elementsAt(resource.members.get(first) ?? '', rest)) yield patientReferred(reference);
  }
  if (resource.type !== 'Patient') return;
  // Outside of its container a contained patient is known by its identifiers alone.
  yield* resource.isContained ? identifiersOf(resource) : placesOf(resource);
}

/**
 * Of each Patient in a row, all names by which references can call it: its places, and its identifiers, by which alone it
 * is not found, since people can share one.
 */
export function* patientNames(
  text: string,
  holding: Holding,
): Generator<{
  readonly places: readonly string[];
  readonly identifiers: readonly string[];
}> {
  for (const resource of resourcesIn(text, holding)) {
    if (resource.type !== 'Patient' || resource.isContained) continue;
    yield { places: placesOf(resource), identifiers: identifiersOf(resource) };
  }
}

/** What the resource of a row is called: its type and id, and in a Bundle the URN of its entry. */
export function resourceNames(text: string, holding: Holding): string[] {
  const [resource] = resourcesIn(text, holding, 0);
  if (resource === undefined) return [];
  const { type, members, fullUrl } = resource;
  const id = stringOf(members.get('id'));
  return [
    ...(type === null || id === null ? [] : [`${type}/${id}`]),
    ...(fullUrl?.startsWith('urn:') ? [fullUrl] : []),
  ];
}

function placesOf({ members, fullUrl }: Resource): string[] {
  const id = stringOf(members.get('id'));
  const url = fullUrl === null ? null : patientAt(fullUrl, true);
  return [...new Set([...(id === null ? [] : [`Patient/${id}`]), ...(url === null ? [] : [url])])];
}

function identifiersOf({ members }: Resource): string[] {
  const identifiers = [...elementsOf(members.get('identifier') ?? '')];
  return identifiers.map(identifierName).filter((name) => name !== null);
}

/** The elements to which names lead, through arrays of any of them. */
function* elementsAt(value: string, path: readonly string[]): Generator<string> {
  if (value.startsWith('[')) {
    for (const element of elementsOf(value)) if (!element.startsWith('[')) yield* elementsAt(element, path);
    return;
  }
  const [first, ...rest] = path;
  if (first === undefined) yield value;
  else yield* elementsAt(membersNamed(value, new Set([first])).get(first) ?? '', rest);
}
