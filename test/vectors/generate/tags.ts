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
        values: values.map((value) => (value === null ? null : hex(value))),
        tags: values.map((value, i) => (value === null ? null : hex(tagOf(keys[i] ?? bytes, value)))),
        indexed: hex(indexedTag(LEDGER, key)),
      },
    },
  };
}
