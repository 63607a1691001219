import { utf8 } from '../../bytes.js';
import { membersNamed, valueBytesOf } from '../ndjson/members.js';
import { patientsOf, resourceNames } from './names.js';
import { entryOf, type Holding } from './resources.js';

/** The column of the patients whose a resource is. */
export const PATIENT = 'patient';
/** The column of a resource's type and id. */
export const RESOURCE = 'resource';

/**
 * The values of a row's columns: its patients, its type and id, or members of the resource's first level. They are made as
 * they are asked for: a resource can be a hundred thousand patients'.
 * @param text the row, well-formed JSON
 */
export function valuesOfResource(text: string, holding: Holding, names: readonly string[]): Iterable<Uint8Array>[] {
  const resource = holding === 'entry' ? (entryOf(text).resource ?? '') : text;
  const members = membersNamed(resource, new Set(names));
  return names.map((name) => {
    if (name === PATIENT) return encoded(patientsOf(text, holding));
    if (name === RESOURCE) return resourceNames(text, holding).map(utf8);
    return valueBytesOf(members.get(name));
  });
}

function* encoded(names: Iterable<string>): Generator<Uint8Array> {
  for (const name of names) yield utf8(name);
}
