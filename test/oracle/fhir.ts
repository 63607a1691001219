// The values of FHIR resources, and Bundles taken apart: the specification's "Values of FHIR resources" and "FHIR".

type Json = Record<string, unknown>;

const COMPARTMENT: Record<string, string> = {
  AllergyIntolerance: 'recorder asserter',
  Appointment: 'participant.actor',
  AppointmentResponse: 'actor',
  AuditEvent: 'agent.who entity.what',
  Basic: 'author',
  CarePlan: 'activity.detail.performer',
  CareTeam: 'participant.member',
  Claim: 'payee.party',
  Communication: 'sender recipient',
  CommunicationRequest: 'sender recipient requester',
  Composition: 'author attester.party',
  Condition: 'asserter',
  Coverage: 'policyHolder subscriber beneficiary payor',
  DeviceRequest: 'performer',
  DocumentManifest: 'author recipient',
  DocumentReference: 'author',
  EnrollmentRequest: 'candidate',
  ExplanationOfBenefit: 'payee.party',
  Group: 'member.entity',
  Invoice: 'recipient',
  List: 'source',
  MedicationAdministration: 'performer.actor',
  MedicationDispense: 'receiver',
  Observation: 'performer',
  Patient: 'link.other',
  Person: 'link.target',
  Procedure: 'performer.actor',
  Provenance: 'target',
  QuestionnaireResponse: 'author',
  RequestGroup: 'action.participant',
  ResearchSubject: 'individual',
  Schedule: 'actor',
  ServiceRequest: 'performer',
  SupplyRequest: 'deliverTo',
  Task: 'for focus',
};

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value.isWellFormed() ? value : null);

/** What a row has in its columns `patient` and `resource`, each text once, in order. */
export function fhirValues(row: string, isEntry: boolean): { patient: string[]; resource: string[]; members: Json } {
  if (row.trim() === '') return { patient: [], resource: [], members: {} };
  const value = object(JSON.parse(row));
  if (isEntry && !('resource' in value)) return { patient: [], resource: [], members: {} };
  const members = object(isEntry ? value.resource : value);
  const fullUrl = isEntry ? text(value.fullUrl) : null;
  const [type, id] = [text(members.resourceType), text(members.id)];
  const resource = [type !== null && id !== null ? `${type}/${id}` : '', fullUrl?.startsWith('urn:') ? fullUrl : ''];
  return { patient: sorted(patients(members, fullUrl, false, 0)), resource: sorted(resource), members };
}

function sorted(values: (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null && value !== ''))].sort() as string[];
}

function patients(resource: Json, fullUrl: string | null, contained: boolean, within: number): (string | null)[] {
  const type = text(resource.resourceType) ?? '';
  const paths = `subject patient ${Object.hasOwn(COMPARTMENT, type) ? COMPARTMENT[type] : ''}`.trim().split(' ');
  const found = paths.flatMap((path) => at(resource, path.split('.'))).map(named);
  if (type === 'Patient' && contained) found.push(...list(resource.identifier).map(identifier));
  if (type === 'Patient' && !contained) {
    const id = text(resource.id);
    found.push(id === null ? null : `Patient/${id}`, fullUrl === null ? null : url(fullUrl, true));
  }
  if (within === 8) return found;
  found.push(...list(resource.contained).flatMap((inner) => patients(object(inner), null, true, within + 1)));
  for (const entry of type === 'Bundle' ? list(resource.entry).map(object) : []) {
    found.push(...patients(object(entry.resource), text(entry.fullUrl), contained, within + 1));
  }
  return found;
}

function at(value: unknown, path: string[]): Json[] {
  const values = (Array.isArray(value) ? value : [value]).map(object);
  const [name, ...rest] = path;
  return name === undefined ? values : values.flatMap((each) => at(Object.hasOwn(each, name) ? each[name] : {}, rest));
}

function named(reference: Json): string | null {
  const type = text(reference.type);
  const maybe = type === null || type === 'Patient' || type.endsWith('/Patient');
  const target = text(reference.reference);
  if (target !== null && target !== '') return url(target, maybe);
  return maybe ? identifier(reference.identifier) : null;
}

function url(target: string, maybe: boolean): string | null {
  if (target.startsWith('#')) return null;
  const steps = target.split('/');
  if (steps.length > 3 && steps.at(-2) === '_history' && isStep(steps.at(-1)) && isType(steps.at(-4))) steps.splice(-2);
  const [type, id] = steps.slice(-2);
  if (steps.length > 1 && isType(type) && isStep(id)) return type === 'Patient' ? `Patient/${id}` : null;
  return maybe ? target : null;
}

function isType(step: string | undefined): boolean {
  return /^[A-Z][A-Za-z]*$/.test(step ?? '');
}

function isStep(step: string | undefined): boolean {
  return /^[^?#]+$/.test(step ?? '');
}

function identifier(value: unknown): string | null {
  const { system, value: name } = object(value);
  return text(name) === null ? null : `${text(system) ?? ''}|${text(name)}`;
}
