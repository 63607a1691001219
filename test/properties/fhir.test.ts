// What must hold for any FHIR resources and Bundles, however they are written.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BundleScanner } from '../../src/dataset/fhir/bundle-scanner.js';
import { valuePlaces, valuesIn } from '../../src/dataset/lookup/values.js';
import type { MediaType } from '../../src/dataset/media-types.js';
import { openDataset } from '../../src/dataset/open.js';
import { ndjsonBytes } from '../../src/dataset/output.js';
import { sealDataset } from '../../src/dataset/seal.js';
import { MedsealError } from '../../src/errors.js';
import { joined, newLedger, opened, owner, streamOf, temporaryFolder } from '../helpers/dataset-fixture.js';
import { fhirValues } from '../oracle/fhir.js';

const temporary = temporaryFolder();

/** A JSON value before it is written. */
type Value = string | { readonly number: string } | readonly Value[] | { readonly members: readonly [string, Value][] };

const space = fc.constantFrom('', '', '', ' ', '\t', '  ');
const ids = fc.constantFrom('p1', 'p2', 'a.b-c', 'ü', '\u{1f600}', '__proto__', '');
const types = fc.constantFrom('Patient', 'Observation', 'Group', 'Task', 'Basic', 'Bundle', 'CarePlan');
const references = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', 'https://a.example/fhir/', '/', 'x/'),
      types,
      ids,
      fc.constantFrom('', '/_history/1', '#a'),
    )
    .map((parts) => {
      const [base, type, id, behind] = parts;
      return `${base}${type}/${id}${behind}`;
    }),
  fc.constantFrom(
    'urn:uuid:1',
    'urn:oid:1.2',
    '#p1',
    '#',
    '',
    'Patient',
    'Patient?identifier=a|b',
    '/_history/1',
    'Patient/_history/1',
  ),
);
const numbers = fc.constantFrom('1.10', '0', '-0.0', '1e2', '12345678901234567890.5').map((number) => ({ number }));

function membersOf(pairs: readonly [string, Value | null][]): Value {
  return { members: pairs.filter((pair): pair is [string, Value] => pair[1] !== null) };
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 2 });
const identifier = fc
  .tuple(maybe(fc.constantFrom('urn:mrn', 'é')), maybe(fc.oneof(fc.constantFrom<Value>('17', '|'), numbers)))
  .map(([system, value]) =>
    membersOf([
      ['system', system],
      ['value', value],
    ]),
  );
const reference: fc.Arbitrary<Value> = fc
  .tuple(
    maybe(references),
    maybe(fc.constantFrom('Patient', 'Group', 'http://hl7.org/Patient', 'MyPatient')),
    maybe(identifier),
  )
  .map(([target, type, logical]) =>
    membersOf([
      ['identifier', logical],
      ['type', type],
      ['reference', target],
    ]),
  );
const element: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: reference },
  fc.array(reference, { maxLength: 3 }),
  numbers,
  fc.array(fc.array(reference, { maxLength: 1 }), { maxLength: 1 }),
);
/** `a.b` for an element within one, or within each of several. */
const within = (names: readonly string[], inner: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  names.reduceRight((value, name) => {
    const one = value.map((each) => membersOf([[name, each]]));
    return fc.oneof(one, fc.array(one, { maxLength: 2 }));
  }, inner);

const { resource } = fc.letrec<{ resource: Value; entry: Value }>((tie) => ({
  resource: fc
    .tuple(
      fc.record({
        resourceType: types,
        id: maybe(fc.oneof<fc.Arbitrary<Value>[]>(ids, numbers)),
        subject: maybe(element),
        patient: maybe(element),
        performer: maybe(element),
        for: maybe(element),
        member: maybe(within(['entity'], element)),
        activity: maybe(within(['detail', 'performer'], element)),
        link: maybe(within(['other'], element)),
        identifier: maybe(fc.array(identifier, { maxLength: 2 })),
        value: maybe(numbers),
        contained: fc.option(fc.array(tie('resource'), { maxLength: 2 }), { freq: 5 }),
        entry: fc.option(fc.array(tie('entry'), { maxLength: 2 }), { freq: 3 }),
      }),
      fc.boolean(),
    )
    .map(([members, reversed]) => {
      const pairs = Object.entries(members) as [string, Value | null][];
      return membersOf(reversed ? pairs.toReversed() : pairs);
    }),
  entry: fc
    .tuple(maybe(references), maybe(tie('resource')), maybe(fc.constant(membersOf([['method', 'PUT']]))))
    .map(([fullUrl, inner, request]) =>
      membersOf([
        ['fullUrl', fullUrl],
        ['resource', inner],
        ['request', request],
      ]),
    ),
}));
const entry = fc.tuple(maybe(references), maybe(resource)).map(([fullUrl, inner]) =>
  membersOf([
    ['fullUrl', fullUrl],
    ['resource', inner],
  ]),
);

/** Writes a value with white space of one kind, all letters plain or every other escaped. */
function written(value: Value, blank: string, escaped: boolean): string {
  const list = (open: string, parts: readonly string[], close: string): string =>
    `${open}${blank}${parts.join(`${blank},${blank}`)}${blank}${close}`;
  if (typeof value === 'string') return quoted(value, escaped);
  if (Array.isArray(value))
    return list(
      '[',
      value.map((each) => written(each, blank, escaped)),
      ']',
    );
  if ('number' in value) return value.number;
  const { members } = value as Extract<Value, { members: unknown }>;
  const pairs = members.map(
    ([name, each]) => `${quoted(name, escaped)}${blank}:${blank}${written(each, blank, escaped)}`,
  );
  return list('{', pairs, '}');
}

function quoted(text: string, escaped: boolean): string {
  if (!escaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`);
  return `"${units.map((unit, i) => (i % 2 === 0 || text.codePointAt(i - 1)! > 0xffff ? unit : JSON.stringify(text[i]).slice(1, -1))).join('')}"`;
}

const row = (value: fc.Arbitrary<Value>): fc.Arbitrary<string> =>
  fc.tuple(value, space, fc.boolean()).map((parts) => written(...parts));
const lines = fc.array(fc.oneof({ weight: 6, arbitrary: row(resource) }, fc.constantFrom('', ' ', '\r')), {
  maxLength: 6,
});

function valuesOf(text: string, mediaType: MediaType): { patient: string[]; resource: string[] } {
  const lookup = ['patient', 'resource'].map((name) => ({ name, subject: false }));
  const places = valuePlaces({ media_type: mediaType, delimiter: '', columns: [] }, lookup);
  const [patient = [], resourceNames = []] = valuesIn(Buffer.from(text), places);
  const texts = (values: Iterable<Uint8Array>): string[] =>
    [...values].map((value) => Buffer.from(value).toString()).sort();
  return { patient: texts(patient), resource: texts(resourceNames) };
}

test('whose a resource is, the specification says too', () => {
  const property = fc.property(row(resource), row(entry), (line, piece) => {
    const { members: _, ...ofLine } = fhirValues(line, false);
    expect(valuesOf(line, 'application/fhir+ndjson')).toEqual(ofLine);
    const { members: __, ...ofEntry } = fhirValues(piece, true);
    expect(valuesOf(piece, 'application/fhir+json')).toEqual(ofEntry);
  });
  fc.assert(property, { numRuns: 300 });
});

test('any lines of resources come back', async () => {
  const property = fc.asyncProperty(lines, fc.boolean(), async (texts, ended) => {
    // One line alone could be a Bundle, which no stream can be.
    const text = `${['', ...texts].join('\n')}\n{"resourceType":"Basic"}${ended ? '\n' : ''}`;
    const ledger = await newLedger();
    await sealDataset(ledger, owner, streamOf(text, [3, 50]), { name: 'x', format: 'fhir', blockSize: 4 });
    expect((await opened(ledger)).toString()).toBe(text);
  });
  await fc.assert(property, { numRuns: 30 });
});

const bundle = fc
  .tuple(fc.array(row(entry), { maxLength: 5 }), fc.constantFrom('', '\n  ', ' ', '\r\n'), fc.boolean(), fc.boolean())
  .map(([entries, blank, typeFirst, numbered]) => {
    const type = `"resourceType"${blank}:${blank}"Bundle"`;
    const list = `"entry":${blank}[${entries.map((text) => blank + text + blank).join(',')}${blank}]`;
    const members = typeFirst ? [type, list] : [list, type];
    return {
      entries,
      text: `{${blank}${[...members, ...(numbered ? ['"total":1.50'] : [])].join(`,${blank}`)}${blank}}\n`,
    };
  });

test('any Bundle comes back, and any of its rows are a Bundle', async () => {
  const property = fc.asyncProperty(bundle, fc.nat(4), async ({ entries, text }, first) => {
    const ledger = await newLedger();
    const path = temporary.file('any.json', text);
    const { rows } = await sealDataset(ledger, owner, path, { name: 'x', format: 'fhir', blockSize: 3 });
    expect(rows).toBe(entries.length);
    expect((await opened(ledger)).toString()).toBe(text);
    const range = { from: first + 1, to: first + 2 };
    const some: unknown = JSON.parse((await opened(ledger, { rows: range })).toString());
    const all = JSON.parse(text) as { entry: unknown[] };
    expect(some).toEqual({ ...all, entry: all.entry.slice(first, first + 2) });
    const resources = (await joined(ndjsonBytes(await openDataset(ledger, owner)))).toString();
    const ofEntries = all.entry.flatMap((each) => (each as { resource?: unknown }).resource ?? []);
    expect(
      resources
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual(ofEntries);
  });
  await fc.assert(property, { numRuns: 30 });
});

test('what is taken for a Bundle is JSON, and put together the same; anything else has a code', () => {
  const broken = fc
    .tuple(
      bundle,
      fc.nat(),
      fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '\n', 'x', '"entry":[],', '\u{1f600}'),
      fc.nat(3),
    )
    .map(([{ text }, at, inserted, cut]) => {
      const place = at % text.length;
      return text.slice(0, place) + inserted + text.slice(place + cut);
    });
  const property = fc.property(broken, fc.integer({ min: 1, max: 40 }), (text, size) => {
    const scanner = new BundleScanner();
    const rows: string[] = [];
    // Half of a pair that has been cut in two is written as another character.
    const bytes = Buffer.from(text);
    const exact = bytes.toString();
    try {
      for (let at = 0; at < bytes.length; at += size) {
        rows.push(...scanner.push(bytes.subarray(at, at + size)).map((each) => Buffer.from(each.bytes).toString()));
      }
      scanner.finish();
    } catch (error) {
      expect(error).toBeInstanceOf(MedsealError);
      expect(error).toMatchObject({ code: 'FHIR_INVALID' });
      return;
    }
    const { bytes: around, head } = scanner.around;
    const [before, behind] = [around.subarray(0, head), around.subarray(head)].map((part) =>
      Buffer.from(part).toString(),
    );
    expect(before + rows.join(',') + behind).toBe(exact);
    expect(JSON.parse(exact)).toMatchObject({ resourceType: 'Bundle' });
    expect((JSON.parse(exact) as { entry?: unknown[] }).entry?.length ?? 0).toBe(rows.length);
  });
  fc.assert(property, { numRuns: 800 });
});
