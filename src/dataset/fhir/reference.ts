import { membersNamed, stringOf } from '../ndjson/members.js';

/** A literal reference, relative or absolute, to a resource or a version of it: its type and its id. */
const LITERAL = /(?:^|\/)([A-Z][A-Za-z]*)\/([^/?#]+)(?:\/_history\/[^/?#]+)?$/;
const REFERENCE_MEMBERS: ReadonlySet<string> = new Set(['reference', 'type', 'identifier']);
const IDENTIFIER_MEMBERS: ReadonlySet<string> = new Set(['system', 'value']);

/**
 * The name by which a Reference (hl7.org/fhir/R4/references.html) calls a patient: `Patient/ID`, whichever server and
 * version it names; the text of another one, such as a URN; of a logical one `SYSTEM|VALUE`.
 * @param reference the JSON text of the element
 * @returns null where it names none, something else than a patient, or a contained resource
 */
export function patientReferred(reference: string): string | null {
  const members = membersNamed(reference, REFERENCE_MEMBERS);
  const type = stringOf(members.get('type'));
  const mayBePatient = type === null || /(?:^|\/)Patient$/.test(type);
  const text = stringOf(members.get('reference'));
  if (text !== null && text !== '') return patientAt(text, mayBePatient);
  return mayBePatient ? identifierName(members.get('identifier') ?? '') : null;
}

/** The name of the patient to which a URL or URN leads; null for another resource. */
export function patientAt(url: string, mayBePatient: boolean): string | null {
  if (url === '' || url.startsWith('#')) return null;
  const [, type, id] = LITERAL.exec(url) ?? [];
  if (type !== undefined) return type === 'Patient' ? `Patient/${id}` : null;
  return mayBePatient ? url : null;
}

/** An Identifier as a search names it, `SYSTEM|VALUE`; null without a value. @param identifier its JSON text */
export function identifierName(identifier: string): string | null {
  const members = membersNamed(identifier, IDENTIFIER_MEMBERS);
  const value = stringOf(members.get('value'));
  return value === null ? null : `${stringOf(members.get('system')) ?? ''}|${value}`;
}
