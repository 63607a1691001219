// AuditEvents before HAPI FHIR's validator, which knows HL7's value sets and needs Java.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { aboutOf } from '../../src/access/about.js';
import { TRAIL_KINDS, toAuditEvent } from '../../src/access/fhir.js';
import { touchedBy } from '../../src/access/touching.js';
import { type TrailFilter, trailOf } from '../../src/access/trail.js';
import { toHex } from '../../src/bytes.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { verifiedState } from '../../src/ledger/verified-state.js';
import { ledgerWithTrail } from '../helpers/trail-fixture.js';

/** A file with the class path that Maven gives for fhir-validator/pom.xml: CONTRIBUTING says how to make it. */
const { MEDSEAL_TEST_FHIR_CLASSPATH: classpath } = process.env;
const VALIDATE = fileURLToPath(new URL('fhir-validator/Validate.java', import.meta.url));
const CODES = fileURLToPath(new URL('../../docs/fhir/CodeSystem-medseal-statement.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'medseal-fhir-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Resource {
  readonly type: { readonly code: string };
  readonly subtype: readonly { readonly system: string; readonly code: string }[];
}

/** What it warns of, which we leave so. */
const LEFT = [
  // A narrative for people: `audit` itself writes tables.
  /Constraint failed: dom-6: /,
  // The value set may be extended by codes that it has nothing for, and this cannot be judged by a program.
  /\(urn:uuid:[-0-9a-f]{36}#[a-z-]+\) was not found in the value set 'Audit Event Sub-Type'.*unless it has no suitable code/,
];

/** Errors, warnings and notes of the validator: number of the resource, severity, place, text. */
function messagesOf(resources: readonly object[]): string[][] {
  const file = join(folder, 'resources.ndjson');
  writeFileSync(file, resources.map((resource) => `${JSON.stringify(resource)}\n`).join(''));
  const java = ['-cp', readFileSync(classpath ?? '', 'utf8').trim(), VALIDATE, file, CODES];
  const lines = execFileSync('java', java, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n');
  expect(lines.pop()).toBe(`validated\t${resources.length}`);
  return lines.map((line) => line.split('\t'));
}

async function resourcesOf(ledger: Ledger): Promise<Resource[]> {
  const { ledgerId, state } = await verifiedState(ledger);
  const resources: Resource[] = [];
  const [dataset = ''] = state.datasets.keys();
  const record = { dataset, row: 2, block: 2, entry: 2, keyId: '' };
  const filters: TrailFilter[] = [{}, { touching: touchedBy(state, [record]), kinds: ['sealed'] }];
  for (const filter of filters) {
    for await (const event of trailOf(ledger, filter)) {
      const about = await aboutOf(ledger, state, event.statement);
      resources.push(toAuditEvent(event, about, toHex(ledgerId)) as Resource);
    }
  }
  return resources;
}

test.skipIf(classpath === undefined)(
  'HAPI FHIR finds no fault in those of any kind, nor in the code system',
  async () => {
    const resources = await resourcesOf(await ledgerWithTrail());
    const [first] = resources as [Resource];
    const kinds = new Set(resources.map(({ subtype }) => subtype.at(-1)?.code));
    expect([...kinds].sort()).toEqual(TRAIL_KINDS);
    const codes = JSON.parse(readFileSync(CODES, 'utf8'));
    // And it would find one: a subtype as a type, a code that nobody knows.
    const [own] = first.subtype;
    const wrong = [
      { ...first, type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110136' } },
      { ...first, subtype: [{ ...own, code: 'nothing' }] },
    ];
    const messages = messagesOf([...resources, codes, ...wrong]);
    const unexpected = messages.filter(([, , , text = '']) => !LEFT.some((left) => left.test(text)));
    const ours = resources.length + 1;
    expect(unexpected.filter(([number]) => Number(number) <= ours)).toEqual([]);
    expect(unexpected.map(([number]) => Number(number))).toEqual(expect.arrayContaining([ours + 1, ours + 2]));
  },
);
