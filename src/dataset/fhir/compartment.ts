/*
 * Where resources refer to the patients whose they are: FHIR R4's definition of the Patient compartment
 * (hl7.org/fhir/R4/compartmentdefinition-patient.html), each search parameter as the elements that it stands for.
 */

/** Elements that refer to patients in resources of every type. */
const EVERYWHERE = ['subject', 'patient'];

/** Further ones by type. */
const BY_TYPE: ReadonlyMap<string, readonly string[]> = new Map([
  ['AllergyIntolerance', ['recorder', 'asserter']],
  ['Appointment', ['participant.actor']],
  ['AppointmentResponse', ['actor']],
  ['AuditEvent', ['agent.who', 'entity.what']],
  ['Basic', ['author']],
  ['CarePlan', ['activity.detail.performer']],
  ['CareTeam', ['participant.member']],
  ['Claim', ['payee.party']],
  ['Communication', ['sender', 'recipient']],
  ['CommunicationRequest', ['sender', 'recipient', 'requester']],
  ['Composition', ['author', 'attester.party']],
  ['Condition', ['asserter']],
  ['Coverage', ['policyHolder', 'subscriber', 'beneficiary', 'payor']],
  ['DeviceRequest', ['performer']],
  ['DocumentManifest', ['author', 'recipient']],
  ['DocumentReference', ['author']],
  ['EnrollmentRequest', ['candidate']],
  ['ExplanationOfBenefit', ['payee.party']],
  ['Group', ['member.entity']],
  ['Invoice', ['recipient']],
  ['List', ['source']],
  ['MedicationAdministration', ['performer.actor']],
  ['MedicationDispense', ['receiver']],
  ['Observation', ['performer']],
  ['Patient', ['link.other']],
  ['Person', ['link.target']],
  ['Procedure', ['performer.actor']],
  ['Provenance', ['target']],
  ['QuestionnaireResponse', ['author']],
  ['RequestGroup', ['action.participant']],
  ['ResearchSubject', ['individual']],
  ['Schedule', ['actor']],
  ['ServiceRequest', ['performer']],
  ['SupplyRequest', ['deliverTo']],
  ['Task', ['for', 'focus']],
]);

/** The elements of a type of resource that refer to patients, each as the names that lead to it. */
export function referringElements(type: string): readonly (readonly string[])[] {
  return [...EVERYWHERE, ...(BY_TYPE.get(type) ?? [])].map((path) => path.split('.'));
}

/** The members of a resource's first level that can lead to such an element, whatever its type. */
export const REFERRING_MEMBERS: readonly string[] = [
  ...new Set([...BY_TYPE.keys()].flatMap((type) => referringElements(type).map(([first = '']) => first))),
];
