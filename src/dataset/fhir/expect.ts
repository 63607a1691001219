import { MedsealError } from '../../errors.js';
import { patientsOf } from './names.js';
import { type Holding, MOST_LEVELS, resourcesIn } from './resources.js';

/** The names of types of resources, as R4 writes them (hl7.org/fhir/R4/resourcelist.html). */
const TYPE = /^[A-Z][A-Za-z]{0,63}$/;

/** A resource can be of no more patients: each is a tag, which are made of a whole block at a time. */
const MOST_PATIENTS = 100_000;
/** Shorter than any JSON that refers to a patient. */
const SHORTEST_REFERENCE = 20;

/** Whether text can be the name of a type of resources. */
export function isResourceType(text: string | null): boolean {
  return text !== null && TYPE.test(text);
}

/**
 * A line that is a FHIR resource, of 100,000 patients at most.
 * @param text well-formed JSON
 * @throws {MedsealError} `FHIR_INVALID`
 */
export function expectResource(text: string, line: number): void {
  expectResources(text, 'resource', `line ${line}`, line);
}

/**
 * What is between the commas of a Bundle's entries: an object, which may have a resource.
 * @param text well-formed JSON
 * @param number of the entry, from 1
 * @throws {MedsealError} `FHIR_INVALID`
 */
export function expectEntry(text: string, number: number, line: number): void {
  const where = `line ${line}, entry ${number}`;
  if (!text.trimStart().startsWith('{')) throw invalid(`${where}: an entry of a Bundle is an object`, line);
  expectResources(text, 'entry', where, line);
}

function expectResources(text: string, holding: Holding, where: string, line: number): void {
  for (const { type, level } of resourcesIn(text, holding, MOST_LEVELS + 1)) {
    if (level > MOST_LEVELS) {
      throw invalid(`${where}: resources stand within each other, more than ${MOST_LEVELS} deep`, line);
    }
    if (level === 0 && !isResourceType(type)) {
      const what = 'a FHIR resource is an object with a resourceType, such as "Patient"';
      throw invalid(`${where}: ${what}; --format ndjson seals any other JSON`, line);
    }
  }
  if (hasTooManyPatients(text, holding)) {
    const most = MOST_PATIENTS.toLocaleString('en');
    throw invalid(
      `${where}: the resource refers to more than ${most} patients; divide it, or seal it with --format ndjson`,
      line,
    );
  }
}

function hasTooManyPatients(text: string, holding: Holding): boolean {
  if (text.length < MOST_PATIENTS * SHORTEST_REFERENCE) return false;
  let patients = 0;
  for (const _ of patientsOf(text, holding)) if (++patients > MOST_PATIENTS) return true;
  return false;
}

function invalid(message: string, line: number): MedsealError {
  return new MedsealError('FHIR_INVALID', message, { line });
}
