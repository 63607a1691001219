// FHIR R4 resources about patients who do not exist, as hospitals export them.

import { mulberry32 } from '../../src/dataset/sample.js';

export interface Sample {
  readonly resourceType: string;
  readonly id: string;
  readonly [member: string]: unknown;
}

const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const UCUM = 'http://unitsofmeasure.org';
const MRN = 'https://clinic.example/mrn';

const FAMILIES = ['Nguyễn', 'O’Brien', 'Müller', 'Søndergaard', 'García', '山田'];
const GIVEN = ['Ada', 'Zoë', 'Émile', 'Noor', 'Mehmet', '花子'];
const TESTS = [
  ['4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '%'],
  ['2345-7', 'Glucose [Mass/volume] in Serum or Plasma', 'mg/dL'],
  ['8480-6', 'Systolic blood pressure', 'mm[Hg]'],
] as const;
const DIAGNOSES = [
  ['44054006', 'Diabetes mellitus type 2'],
  ['38341003', 'Hypertensive disorder'],
  ['195967001', 'Asthma'],
] as const;

/** For each of some patients: the Patient, an Encounter, Observations, a Condition and a MedicationRequest. */
export function fhirSamples(patients: number, seed: number = 1): Sample[] {
  const random = mulberry32(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const day = (): string =>
    `20${20 + Math.floor(random() * 5)}-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 9)}`;
  return Array.from({ length: patients }, (_, i) => {
    const subject = { reference: `Patient/p${i + 1}` };
    const encounter = { reference: `Encounter/e${i + 1}` };
    const coded = (system: string, [code, display]: readonly string[]): object => ({
      coding: [{ system, code, display }],
      text: display,
    });
    return [
      {
        resourceType: 'Patient',
        id: `p${i + 1}`,
        identifier: [{ use: 'usual', system: MRN, value: String(100_000 + i) }],
        name: [{ family: pick(FAMILIES), given: [pick(GIVEN), pick(GIVEN)] }],
        gender: pick(['female', 'male', 'other', 'unknown']),
        birthDate: `19${40 + (i % 60)}-04-2${i % 9}`,
      },
      {
        resourceType: 'Encounter',
        id: `e${i + 1}`,
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: pick(['AMB', 'IMP', 'EMER']) },
        subject,
        period: { start: `${day()}T09:30:00+01:00` },
      },
      ...TESTS.map(([code, display, unit], test) => ({
        resourceType: 'Observation',
        id: `o${i + 1}-${test}`,
        status: 'final',
        code: coded(LOINC, [code, display]),
        subject,
        encounter,
        effectiveDateTime: `${day()}T10:0${test}:00Z`,
        valueQuantity: { value: Math.round(random() * 2000) / 10, unit, system: UCUM, code: unit },
      })),
      {
        resourceType: 'Condition',
        id: `c${i + 1}`,
        clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', ['active', 'Active']),
        code: coded(SNOMED, pick(DIAGNOSES)),
        subject,
        encounter,
        onsetDateTime: day(),
      },
      {
        resourceType: 'MedicationRequest',
        id: `m${i + 1}`,
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: { text: 'metformin 500 mg' },
        subject,
        authoredOn: day(),
        dosageInstruction: [{ text: 'one tablet\nwith food, twice a day' }],
      },
    ] as Sample[];
  }).flat();
}

/** One resource a line. */
export function linesOf(resources: readonly object[]): string {
  return resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
}

/** Resources as a Bundle, entries with their URLs; as a server would print it. */
export function bundleOf(resources: readonly Sample[], type: string = 'collection'): string {
  const entry = resources.map((resource) => ({
    fullUrl: `https://clinic.example/fhir/${resource.resourceType}/${resource.id}`,
    resource,
  }));
  return `${JSON.stringify({ resourceType: 'Bundle', id: 'b1', type, entry }, null, 2)}\n`;
}
