// Open vectors of data sets that are no tables: lines of JSON, FHIR resources, and Bundles.

import { hex, utf8 } from '../../oracle/bytes.js';
import { type JsonObject, jcs } from '../../oracle/jcs.js';
import { erase } from '../../oracle/say.js';
import { groupKey, type SealedRecord, sealRecord, wrapKey } from '../../oracle/seal.js';
import type { WriterContext } from '../../oracle/write.js';
import { raw } from './ledgers.js';
import { openVector } from './open-vector.js';
import { OWNER, owner } from './people.js';
import type { Vector } from './verify-vector.js';

interface Sealed {
  readonly mediaType: string;
  /** Of a Bundle. */
  readonly head?: number;
  readonly header?: string;
  readonly rows: readonly string[];
  /** Rows that are erased afterwards. */
  readonly erased?: readonly number[];
}

/** Block 2 has the statement and the grant of the data set, row 0 and the others. */
const FIRST_ROW = 3;

function of(name: string, description: string, rule: string, sealed: Sealed, file: string): Vector {
  const { rows, erased = [] } = sealed;
  const entries = (context: WriterContext): (JsonObject | SealedRecord)[] => {
    const key = groupKey(context.ledger, context.random(32));
    const keyId = hex(key.keyId);
    const contents = [`${jcs(manifestOf(sealed))}\n${sealed.header ?? ''}`, ...rows];
    return [
      { kind: 'dataset', id: 'ab'.repeat(16), keys: [keyId] },
      wrapKey(context.ledger, key.key, { kind: 'grant', key_id: keyId, to: owner }, context.random),
      ...contents.map((content, row) => sealRecord(context.ledger, key, row, utf8(content), context.random)),
      { kind: 'dataset-end', id: 'ab'.repeat(16), rows: rows.length },
    ];
  };
  const gone = erased.map((row): [number, number] => [2, FIRST_ROW - 1 + row]);
  const steps = [raw(entries), ...(gone.length === 0 ? [] : [raw(erase(...gone))])];
  const expected = { name: 'lines', file };
  return openVector(name, description, rule, [steps, { gone }], OWNER, [expected]);
}

function manifestOf({ mediaType, head }: Sealed): JsonObject {
  return {
    version: 1,
    name: 'lines',
    group: 'all',
    media_type: mediaType,
    encoding: 'utf-8',
    delimiter: '',
    terminator: '\n',
    columns: [],
    ...(head === undefined ? {} : { head }),
  };
}

export function jsonVectors(): Vector[] {
  const lines = ['{"a":1}\n', '\n', '{"a": [2]}'];
  const resources = ['{"resourceType":"Patient","id":"p1"}\n', ' \n', '{ "resourceType": "Basic", "x": 1.10 }'];
  const before = '{\n "resourceType": "Bundle", "entry": [';
  const behind = '], "total": 3\n}\n';
  const entries = ['\n  {"fullUrl": "urn:uuid:1"}', ' {"resource":{"resourceType":"Basic"}}', ' {}\n '];
  const bundle = { mediaType: 'application/fhir+json', header: before + behind, head: before.length, rows: entries };
  const ruleOfFile = 'records.md#rebuilding-the-file';
  return [
    of(
      'ndjson',
      'Lines of JSON, a blank one among them, the last without a line feed.',
      'records.md#ndjson',
      { mediaType: 'application/x-ndjson', rows: lines },
      lines.join(''),
    ),
    of(
      'fhir-lines',
      'FHIR resources, a blank line among them, the last without a line feed.',
      'records.md#fhir',
      { mediaType: 'application/fhir+ndjson', rows: resources },
      resources.join(''),
    ),
    of(
      'fhir-bundle',
      'A Bundle is put together of what stands around its entries, and the entries.',
      'records.md#fhir',
      bundle,
      before + entries.join(',') + behind,
    ),
    of(
      'fhir-bundle-erased',
      'Without an entry in the middle and the last, what is left is a Bundle.',
      ruleOfFile,
      { ...bundle, erased: [2, 3] },
      before + entries[0] + behind,
    ),
    of(
      'fhir-bundle-erased-first',
      'Without the first entry.',
      ruleOfFile,
      { ...bundle, erased: [1] },
      before + entries.slice(1).join(',') + behind,
    ),
    of('fhir-bundle-empty', 'A Bundle without entries.', ruleOfFile, { ...bundle, rows: [] }, before + behind),
  ];
}
