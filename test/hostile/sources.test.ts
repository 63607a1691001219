// Files to be sealed that are not what they are called: either refused with a code and nothing kept that does not
// verify, or sealed and opened again to the same bytes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeManifest, encodeManifest, type Manifest } from '../../src/dataset/manifest.js';
import { isWellFormed } from '../../src/dataset/ndjson/well-formed.js';
import { openDataset } from '../../src/dataset/open.js';
import { ndjsonBytes, originalBytes } from '../../src/dataset/output.js';
import { sealDataset } from '../../src/dataset/seal.js';
import { examine } from '../../src/dataset/source/examine.js';
import type { SourceOptions } from '../../src/dataset/source/source.js';
import { MedsealError } from '../../src/errors.js';
import { joined, newLedger, opened, owner, streamOf, temporaryFolder, verified } from '../helpers/dataset-fixture.js';
import { damage, deep, noise, respell, SPELLINGS, spelled } from '../helpers/hostile-values.js';
import type { Json } from '../oracle/jcs.js';

const temporary = temporaryFolder();

/** Seals bytes that come in pieces, and opens what became of them. */
async function sealedOrRefused(bytes: Uint8Array, sizes: readonly number[], options: SourceOptions): Promise<string> {
  const ledger = await newLedger();
  try {
    await sealDataset(ledger, owner, streamOf(bytes, sizes), { name: 'x', blockSize: 100, ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(MedsealError);
    // What is kept of it is good.
    expect(await verified(ledger)).toMatchObject({ ok: true });
    return (error as MedsealError).code;
  }
  expect(Buffer.compare(await opened(ledger), bytes)).toBe(0);
  return 'sealed';
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
const options = fc.oneof(
  fc.constant({}),
  fc.record({ format: fc.constantFrom('csv' as const, 'ndjson' as const, 'fhir' as const) }),
  fc.record({ format: fc.constant('csv' as const), delimiter: fc.constantFrom(',', ';', '\t', '\0', ':', ' ', 'x') }),
);

describe('bytes', () => {
  const CSV = Buffer.from('\ufeffid,"a ""b""\n c",ü\r\n1,,"\r\n"\r\n2,"x"y,\0\r\n"","",\u2028');
  const NDJSON = Buffer.from('{"a":1}\n\n  \n[{"__proto__":"\\ud800"}]\r\n1e400\n"\u2028"');

  const FHIR = Buffer.from(
    '{"resourceType":"Group","id":"g","member":[{"entity":{"reference":"Patient/1"}}],"contained":[{"id":"\\u0061"}]}\n' +
      '{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient"}}]}\n',
  );

  test('of any kind, in any pieces', async () => {
    const property = fc.asyncProperty(fc.array(noise, { maxLength: 4 }), sizes, options, async (parts, pieces, how) => {
      await sealedOrRefused(Buffer.concat(parts), pieces, how);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  test('of a table, of NDJSON or of FHIR, damaged', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(CSV, NDJSON, FHIR),
      damage,
      sizes,
      options,
      async (bytes, change, pieces, how) => {
        await sealedOrRefused(change(bytes), pieces, how);
      },
    );
    await fc.assert(property, { numRuns: 200 });
    // What it is damages of is sealed.
    for (const bytes of [CSV, NDJSON, FHIR]) expect(await sealedOrRefused(bytes, [bytes.length], {})).toBe('sealed');
  });

  test('in a file, looked through first, leave the ledger as it was where they are refused', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(CSV, NDJSON, FHIR),
      damage,
      options,
      async (bytes, change, how) => {
        const content = Buffer.from(change(bytes));
        const file = temporary.file('x.data', content);
        const ledger = await newLedger();
        try {
          await sealDataset(ledger, owner, file, { name: 'x', ...how });
        } catch (error) {
          expect(error).toMatchObject({ name: 'MedsealError', place: { file } });
          expect(await ledger.size()).toBe(1);
          return;
        }
        expect(Buffer.compare(await opened(ledger), content)).toBe(0);
      },
    );
    await fc.assert(property, { numRuns: 80 });
  });

  test.each([
    ['700 columns', `${'c,'.repeat(699)}c\n${`${'1,'.repeat(699)}1\n`.repeat(20)}`],
    ['100,000 columns of one name', `${','.repeat(99_999)}\n${','.repeat(99_999)}\n`],
    ['a field of 8 MB', `a,b\n"${'x,\n'.repeat(2_700_000)}",1\n`],
    ['names of every object', '__proto__,constructor,toString,__proto__\n1,2,3,4\n'],
    ['control characters', 'a,b\n\x00\x01\x02\x1b[2J,\x7f\x85\n'],
  ])('%s', async (_, text) => {
    const ledger = await newLedger();
    await sealDataset(ledger, owner, streamOf(text), { name: 'x', blockSize: 10, format: 'csv', delimiter: ',' });
    expect((await opened(ledger)).toString()).toBe(text);
    const lines = (await joined(ndjsonBytes(await openDataset(ledger, owner)))).toString().split('\n').slice(0, -1);
    const names = Object.keys(JSON.parse(lines[0]!) as object);
    expect(new Set(names).size).toBe(text.split('\n')[0]!.split(',').length);
  });
});

describe('JSON', () => {
  const same = (text: string): void => {
    let parsed = true;
    try {
      JSON.parse(text);
    } catch {
      parsed = false;
    }
    expect(isWellFormed(text), text.slice(0, 200)).toBe(parsed);
  };

  test('is judged as JSON.parse judges it', () => {
    fc.assert(fc.property(fc.json(), same), { numRuns: 500 });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(), spelled, (value, place, other) =>
        same(respell(JSON.parse(JSON.stringify(value)) as Json, place, other)),
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.json(), damage, (text, change) => same(Buffer.from(change(Buffer.from(text))).toString())),
      { numRuns: 1000 },
    );
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'u00e9',
      '1',
      '-',
      '.',
      'e',
      'E',
      '+',
      '0',
      ' ',
      '\t',
      '\n',
    );
    const words = fc.constantFrom('true', 'false', 'null', '""', '"a"', '{}', '[]', '\u00a0', '\ufeff', '\v', '\u2028');
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, words), { maxLength: 9 }), (parts) => same(parts.join(''))),
      {
        numRuns: 5000,
      },
    );
  });

  test('of every spelling, and nested', () => {
    for (const text of SPELLINGS) same(text);
    for (const text of SPELLINGS) same(` {"a" :\r[${text}\t,${text}]}\n`);
    expect(isWellFormed(deep(5_000_000))).toBe(true);
    expect(isWellFormed(`${deep(5_000_000)}]`)).toBe(false);
    expect(isWellFormed('{"a":'.repeat(1_000_000))).toBe(false);
  });

  test('that begins like it on standard input is judged without being parsed whole', async () => {
    const outcome = await examine(streamOf('['.repeat(1_000_000)), {}).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MedsealError);
    const object = await examine(streamOf('{"a":'.repeat(1_000_000)), {}).catch((error: unknown) => error);
    if (object instanceof Error) expect(object).toBeInstanceOf(MedsealError);
  });
});

describe('a manifest', () => {
  const MANIFEST: Manifest = {
    version: 1,
    name: 'x',
    group: 'all',
    media_type: 'text/csv',
    encoding: 'utf-8',
    delimiter: ',',
    terminator: '\n',
    columns: [
      { index: 0, name: 'a' },
      { index: 1, name: 'b' },
    ],
  };
  const good = encodeManifest(MANIFEST, Buffer.from('a,b\n'));

  /** What comes of a data set that such a manifest describes: bytes, or a refusal with a code. */
  async function read(content: Uint8Array): Promise<void> {
    let decoded: ReturnType<typeof decodeManifest>;
    try {
      decoded = decodeManifest(content);
    } catch (error) {
      expect(error).toMatchObject({ name: 'MedsealError', code: 'CANNOT_OPEN' });
      return;
    }
    const rows = [Buffer.from('1,2\n'), Buffer.from('"x'), Buffer.alloc(0), Buffer.from('\n')];
    const dataset = {
      info: { ...decoded, name: 'x' },
      rows: async function* () {
        yield rows.map((bytes, i) => ({ row: i + 1, content: bytes }));
      },
    } as unknown as Parameters<typeof originalBytes>[0];
    for (const columns of [undefined, ['1'], ['b', 'a'], ['__proto__']]) {
      for (const write of [originalBytes, ndjsonBytes]) {
        try {
          await joined(write(dataset, columns === undefined ? {} : { columns }));
        } catch (error) {
          expect(error).toBeInstanceOf(MedsealError);
        }
      }
    }
  }

  const bundle = encodeManifest(
    { ...MANIFEST, media_type: 'application/fhir+json', delimiter: '', columns: [], head: 36 },
    Buffer.from('{"resourceType":"Bundle","entry":[]}'),
  );

  test('damaged or spelled otherwise is refused, or harmless', async () => {
    await fc.assert(
      fc.asyncProperty(damage, fc.constantFrom(good, bundle), (change, manifest) => read(change(manifest))),
      { numRuns: 300 },
    );
    const text = JSON.parse(Buffer.from(good).toString().split('\n')[0]!) as Json;
    const respelled = fc.asyncProperty(fc.nat(), spelled, (place, value) =>
      read(Buffer.from(`${respell(text, place, value)}\na,b\n`)),
    );
    await fc.assert(respelled, { numRuns: 500 });
    for (const raw of SPELLINGS) await read(Buffer.from(`${raw}\na,b\n`));
    for (const delimiter of ['', '"', '\n', '\0', 'ü', 'ab', '\ud83d\ude00']) {
      await read(encodeManifest({ ...MANIFEST, delimiter, terminator: delimiter }, Buffer.from('a,b\n')));
    }
  });
});
