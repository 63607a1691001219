import { fromUtf8 } from '../../bytes.js';
import { patientNames } from '../fhir/names.js';
import { holdingOf } from '../fhir/resources.js';
import { PATIENT } from '../fhir/values.js';
import { type ColumnCondition, conditionOn } from './conditions.js';
import { nothingMissed, type Searched, searchRows } from './search.js';

/**
 * All names by which FHIR resources can call a patient whose resource is in a data set: an entry of a Bundle can be referred
 * to by a URN, and any patient by an identifier.
 * @param name one of the places of the patient, such as `Patient/17`
 * @returns none where the data set has no such resource, or is none of FHIR
 */
export async function patientNamesIn(searched: Searched, name: string, scan: boolean): Promise<readonly string[]> {
  const { manifest } = searched.info;
  const holding = manifest === null ? null : holdingOf(manifest.media_type);
  if (manifest === null || holding === null) return [];
  const condition = conditionOn(manifest, { name: PATIENT, subject: true }, [name]);
  const names = new Set<string>();
  for await (const { content } of await searchRows(searched, [condition], nothingMissed(), scan)) {
    for (const { places, identifiers } of patientNames(fromUtf8(content) ?? '', holding)) {
      if (places.includes(name)) for (const each of [...places, ...identifiers]) names.add(each);
    }
  }
  return [...names];
}

/** Conditions in which a patient may have any name that its resource in this data set gives it. */
export async function withPatientNames(
  searched: Searched,
  conditions: readonly ColumnCondition[],
  scan: boolean,
): Promise<ColumnCondition[]> {
  const expanded: ColumnCondition[] = [];
  for (const { column, values } of conditions) {
    const names = column.name === PATIENT ? values.map((value) => fromUtf8(value) ?? '') : [];
    const others: string[] = [];
    for (const name of names) others.push(...(await patientNamesIn(searched, name, scan)));
    const { manifest } = searched.info;
    const all = manifest === null || others.length === 0 ? null : [...new Set([...names, ...others])];
    expanded.push(all === null || manifest === null ? { column, values } : conditionOn(manifest, column, all));
  }
  return expanded;
}
