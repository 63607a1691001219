// Tags by which rows are found.

import { hex, utf8 } from '../../oracle/bytes.js';
import { groupKey } from '../../oracle/seal.js';
import { indexedTag, type Lookup, type TaggedManifest, tagKey, tagOf, valuesOf } from '../../oracle/tags.js';
import { KEY, LEDGER } from './records.js';
import type { Vector } from './verify-vector.js';

const PATIENT: Lookup = { index: 0, name: 'patient_id', subject: true };
const DRUG: Lookup = { index: 2, name: 'drug', subject: false };
const CSV: TaggedManifest = {
  media_type: 'text/csv',
  delimiter: ',',
  columns: ['patient_id', 'name', 'drug'].map((name, index) => ({ index, name })),
  lookup: [PATIENT, DRUG],
};
const NDJSON: TaggedManifest = {
  media_type: 'application/x-ndjson',
  delimiter: '',
  columns: [],
  lookup: [
    { name: 'patient_id', subject: true },
    { name: 'drug', subject: false },
  ],
};

export function tagVectors(): Vector[] {
  return [
    of('csv', 'Two columns of three.', CSV, 'P-17,Ada,aspirin\n'),
    of('csv-quoted', 'Quotes are no part of a value, and a doubled one is one.', CSV, '"P-17",Ada,"a ""b"", c"\r\n'),
    of('csv-behind-quote', 'What follows a closing quote is kept.', CSV, '"P-"17,Ada,"x""y"z"\n'),
    of('csv-empty', 'No bytes are a value too.', CSV, ',,""\n'),
    of(
      'csv-bytes',
      'A value is bytes, whatever they are as text.',
      CSV,
      Uint8Array.of(0xef, 0xbb, 0xbf, 0xff, 0x2c, 0x2c, 0xe9),
    ),
    of(
      'csv-group',
      'A column group has its columns alone; a column is named by its place in the file.',
      { ...CSV, columns: CSV.columns.slice(1), lookup: [DRUG] },
      'Ada,aspirin\n',
    ),
    of(
      'csv-same-name',
      'Columns of one name share a tag key.',
      {
        ...CSV,
        columns: CSV.columns.map((column) => ({ ...column, name: 'a' })),
        lookup: [
          { ...PATIENT, name: 'a' },
          { ...DRUG, name: 'a' },
        ],
      },
      'same,x,same\n',
    ),
    of('csv-delimiter', 'Columns parted by tabs.', { ...CSV, delimiter: '\t' }, 'P-17\tAda\ta,b\n'),
    of('ndjson', 'Strings of the first level.', NDJSON, '{"patient_id":"P-17","x":{"drug":"no"},"drug":"aspirin"}\n'),
    of(
      'ndjson-escapes',
      'A string is its text.',
      NDJSON,
      '{ "patient\\u005fid" : "P-\\u0031\\n\\"", "drug": "\\ud83d\\ude00" }\n',
    ),
    of('ndjson-plain', 'Numbers and words as they stand.', NDJSON, '{"patient_id":17.5,"drug":true}\n'),
    of('ndjson-last', 'Of members of one name the last.', NDJSON, '{"drug":"a","patient_id":"1","drug":"b"}\n'),
    of('ndjson-none', 'Neither null nor an array is a value.', NDJSON, '{"patient_id":null,"drug":["a"]}\n'),
    of('ndjson-missing', 'Members that are not there, and half a pair.', NDJSON, '{"drug":"\\ud83d"}\n'),
    of('ndjson-no-object', 'A line that is no object.', NDJSON, '"patient_id"\n'),
    of('ndjson-blank', 'A blank line.', NDJSON, ' \n'),
    ...fhirVectors(),
  ];
}

const FHIR: TaggedManifest = {
  media_type: 'application/fhir+ndjson',
  delimiter: '',
  columns: [],
  lookup: [
    { name: 'patient', subject: true },
    { name: 'resource', subject: false },
    { name: 'status', subject: false },
  ],
};
const BUNDLE: TaggedManifest = { ...FHIR, media_type: 'application/fhir+json' };

function fhirVectors(): Vector[] {
  const line = (name: string, description: string, resource: object): Vector =>
    of(`fhir-${name}`, description, FHIR, `${JSON.stringify(resource)}\n`);
  const subject = (reference: object): object => ({ resourceType: 'Condition', id: 'c', subject: reference });
  const nested = (levels: number): object =>
    levels === 0
      ? { resourceType: 'Patient', id: 'deep' }
      : { resourceType: 'Bundle', entry: [{ resource: nested(levels - 1) }] };
  return [
    line('patient', 'A Patient is its own, and its identifiers are no values.', {
      resourceType: 'Patient',
      id: 'p1',
      identifier: [{ system: 'urn:mrn', value: '17' }],
      link: [{ other: { reference: 'Patient/p2' } }, { other: { reference: 'RelatedPerson/r' } }],
    }),
    line('observation', 'The subject, a performer who is a patient, a member.', {
      resourceType: 'Observation',
      id: 'o1',
      status: 'final',
      subject: { reference: 'Patient/p1' },
      performer: [{ reference: 'Practitioner/x' }, { reference: 'Patient/p2' }, { reference: 'Patient/p1' }],
      author: { reference: 'Patient/p3' },
    }),
    line('nested', 'Elements behind arrays.', {
      resourceType: 'CarePlan',
      id: 'c1',
      subject: { reference: 'Patient/p1' },
      activity: [
        { detail: { performer: [{ reference: 'Patient/p2' }, [{ reference: 'Patient/p3' }]] } },
        { detail: [] },
      ],
    }),
    line('unknown-type', 'Of any type, subject and patient.', {
      resourceType: 'Device',
      id: 'd',
      patient: { reference: 'Patient/p1' },
      subject: [{ reference: 'Patient/p2' }],
      author: { reference: 'Patient/p3' },
    }),
    line('prototype', 'A type that is the name of a member of all objects.', {
      resourceType: 'constructor',
      id: 'd',
      subject: { reference: 'Patient/p1' },
    }),
    line('absolute', 'A URL.', subject({ reference: 'https://example.org/fhir/Patient/p1' })),
    line('version', 'A version.', subject({ reference: 'Patient/p1/_history/2' })),
    line('absolute-version', 'A URL of a version.', subject({ reference: 'https://a.example/Patient/p1/_history/2' })),
    line('other-type', 'No patient.', subject({ reference: 'Group/g1', identifier: { value: '17' } })),
    line('type-behind-letters', 'A type is a whole step.', subject({ reference: 'x/MyPatient/p1' })),
    line('urn', 'A URN is its own name.', subject({ reference: 'urn:uuid:0b3ab6f2-6c6f-4e0b-9a30-a8e30f2b4a11' })),
    line('urn-practitioner', 'Of another type.', subject({ reference: 'urn:uuid:1', type: 'Practitioner' })),
    line('conditional', 'A search is its own name.', subject({ reference: 'Patient?identifier=urn:mrn|17' })),
    line('no-id', 'Nothing behind the solidus.', subject({ reference: 'Patient/' })),
    line('identifier', 'A logical reference.', subject({ identifier: { system: 'urn:mrn', value: '17' } })),
    line('identifier-without-system', 'No system.', subject({ reference: '', identifier: { value: '17' } })),
    line(
      'identifier-type',
      'Of a patient, by its whole name.',
      subject({
        type: 'http://hl7.org/fhir/StructureDefinition/Patient',
        identifier: { value: '17' },
      }),
    ),
    line('identifier-other-type', 'Of no patient.', subject({ type: 'Group', identifier: { value: '17' } })),
    line('identifier-without-value', 'No value.', subject({ identifier: { system: 'urn:mrn' } })),
    line('contained', 'A contained patient by its identifiers, and what contained resources refer to.', {
      resourceType: 'DiagnosticReport',
      id: 'r1',
      contained: [
        { resourceType: 'Patient', id: 'x', identifier: [{ system: 'urn:mrn', value: '17' }, { value: '18' }] },
        { resourceType: 'Observation', id: 'y', subject: { reference: 'Patient/p2' } },
      ],
      subject: { reference: '#x' },
    }),
    line('bundle', 'A Bundle on a line: of all that are in it.', {
      resourceType: 'Bundle',
      id: 'b',
      entry: [
        { fullUrl: 'urn:uuid:2', resource: { resourceType: 'Patient', id: 'p1' } },
        { fullUrl: 'https://example.org/Condition/1', resource: subject({ reference: 'urn:uuid:2' }) },
        { resource: nested(2) },
        { request: { method: 'DELETE', url: 'Patient/p9' } },
      ],
    }),
    line('eight-deep', 'A Patient within eight Bundles.', nested(8)),
    line('nine-deep', 'Within nine: no further.', nested(9)),
    of(
      'fhir-last',
      'Of members of one name the last.',
      FHIR,
      '{"resourceType":"Patient","id":"a","resourceType":"Condition","id":"b","subject":{"reference":"Patient/p1"},' +
        '"subject":{"reference":"Patient/p2","reference":"Patient/p3"}}\n',
    ),
    of(
      'fhir-escapes',
      'Names and values in other words.',
      FHIR,
      '{ "resource\\u0054ype" : "Condition" , "id" : "\\u0062" , "subj\\u0065ct" : { "reference" : "Patient\\/p1" } }',
    ),
    of('fhir-blank', 'A blank line.', FHIR, '\n'),
    of(
      'fhir-half-pair',
      'Half a pair is no text.',
      FHIR,
      '{"resourceType":"Patient","id":"\\ud83d","link":[{"other":{"reference":"Patient/\\ud83d"}}]}\n',
    ),
    of(
      'fhir-entry',
      'An entry of a Bundle, on several lines.',
      BUNDLE,
      '\n  {\n    "fullUrl": "urn:uuid:3",\n    "resource": {"resourceType": "Patient", "id": "p1", "status": 1.5}\n  }\n',
    ),
    of(
      'fhir-entry-new',
      'A Patient that has no id yet.',
      BUNDLE,
      ' {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}',
    ),
    of(
      'fhir-entry-url',
      'A URL that is a place.',
      BUNDLE,
      '{"fullUrl":"https://example.org/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}}',
    ),
    of(
      'fhir-entry-empty-url',
      'An empty URL is no name.',
      BUNDLE,
      '{"fullUrl":"","resource":{"resourceType":"Patient"}}',
    ),
    of('fhir-entry-without-resource', 'No resource, no value.', BUNDLE, '{"fullUrl":"urn:uuid:3","patient":"x"}'),
  ];
}

function of(name: string, description: string, manifest: TaggedManifest, content: string | Uint8Array): Vector {
  const key = groupKey(LEDGER, KEY);
  const bytes = typeof content === 'string' ? utf8(content) : content;
  const values = valuesOf(manifest, bytes);
  const keys = manifest.lookup.map((column) => tagKey(LEDGER, key, column.name));
  return {
    path: `tags/${name}`,
    content: {
      description,
      rule: 'spec/records.md#tags',
      ledger: hex(LEDGER),
      group_key: hex(KEY),
      manifest,
      content_base64: Buffer.from(bytes).toString('base64'),
      expect: {
        tag_keys: keys.map(hex),
        values: values.map((column) => column.map(hex)),
        tags: values.map((column, i) => column.map((value) => hex(tagOf(keys[i] ?? bytes, value)))),
        indexed: hex(indexedTag(LEDGER, key)),
      },
    },
  };
}
