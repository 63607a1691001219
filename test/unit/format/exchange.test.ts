import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { MedsealError } from '../../../src/errors.js';
import { type BlockItem, isReadable } from '../../../src/format/block.js';
import { decodeExport, decodeLine, encodeEntry, encodeLine } from '../../../src/format/exchange.js';
import { linesOf, richLedger, textOf } from '../../helpers/ledgers.js';
import { changeBlock, flipBit, parse } from '../../helpers/tampering.js';
import { type Json, type JsonObject, jcs } from '../../oracle/jcs.js';

let lines: string[];
beforeAll(async () => {
  lines = await linesOf(await richLedger('exchange'));
});

const decode = (line: string) => decodeLine(Buffer.from(line));

async function items(chunks: Iterable<Uint8Array>): Promise<BlockItem[]> {
  const all: BlockItem[] = [];
  for await (const item of decodeExport(chunks)) all.push(item);
  return all;
}

test('a line comes back', () => {
  for (const line of lines) expect(Buffer.from(encodeLine(decode(line))).toString()).toBe(`${line}\n`);
});

test('what decodes encodes to the same line, whatever it is', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(7), (position, bit) => {
      const all = Buffer.from(flipBit(lines, position, bit).bytes)
        .toString('latin1')
        .split('\n');
      for (const line of all) {
        const bytes = Buffer.from(line, 'latin1');
        try {
          expect(Buffer.from(encodeLine(decodeLine(bytes))).equals(Buffer.from(`${line}\n`, 'latin1'))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(MedsealError);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('without bodies, a line holds the same entries', () => {
  for (const line of lines) {
    const block = decode(line);
    const stubbed = decode(
      Buffer.from(encodeLine(block, { withoutBodies: true }))
        .toString()
        .trimEnd(),
    );
    expect(stubbed.entries.map(({ bytes }) => [...bytes])).toEqual(block.entries.map(({ bytes }) => [...bytes]));
    expect(stubbed.entries.some((entry) => entry.kind === 'sealed' && entry.body !== null)).toBe(false);
  }
});

test('a record without its salt or its body is written as one without both', () => {
  const block = decode(lines[4]!);
  const [record] = block.entries;
  if (record?.kind !== 'sealed') throw new Error('block 5 is a record');
  const stub = `{"stub":"${Buffer.from(record.bytes).toString('base64url')}"}`;
  const written = (change: object): string =>
    Buffer.from(encodeLine({ ...block, entries: [{ ...record, ...change }] })).toString();
  for (const change of [{ salt: null }, { body: null }, { salt: null, body: null }]) {
    expect(written(change)).toContain(`{"data":[${stub}],`);
  }
  expect(encodeEntry(record)).toContain('"body":');
  expect(encodeEntry(record, true)).toBe(stub);
});

test('what is behind the entries is no line of a block', () => {
  const line = lines[2]!;
  const at = line.indexOf('],"');
  const [before, behind] = [line.slice(0, at), line.slice(at + 2)];
  expect(decode(`${before}],${behind}`).entries).toHaveLength(2);
  for (const bad of [`${before}},${behind}`, `${before}]:${behind}`, `${before}]${behind}`, before, '{"data":[']) {
    expect(() => decode(bad), bad).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  }
});

describe('an export', () => {
  test('is read in any pieces', async () => {
    const text = Buffer.from(textOf(lines));
    const cuts = fc.array(fc.nat(text.length), { maxLength: 30 });
    const property = fc.asyncProperty(cuts, async (positions) => {
      const at = [0, ...positions.sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).map((end, i) => text.subarray(at[i], end));
      const read = await items(pieces);
      expect(read.map((item) => isReadable(item) && item.header.index)).toEqual(lines.map((_, i) => i + 1));
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test('has an item for every line, and for an unended one', async () => {
    const read = await items([Buffer.from(`${lines[0]}\n\nx\n${lines[1]}\n${lines[2]}`)]);
    expect(read.map(isReadable)).toEqual([true, false, false, true, false]);
    expect(await items([])).toEqual([]);
    expect(await items([new Uint8Array(0)])).toEqual([]);
  });
});

describe('a block', () => {
  const record = (): JsonObject => parse(lines[4]!).data[0] as JsonObject;
  const withEntry = (entry: Json): string =>
    Buffer.from(changeBlock(lines.slice(4, 5), 1, (block) => ({ ...block, data: [entry] })).bytes)
      .toString()
      .trimEnd();

  test.each<[string, () => Json]>([
    ['null', () => null],
    ['a text', () => 'x'],
    ['an array', () => []],
    ['nothing', () => ({})],
    ['a record without body', () => ({ sealed: record().sealed!, salt: record().salt! })],
    ['a record with a member too many', () => ({ ...record(), stub: '' })],
    ['a record with an odd body', () => ({ ...record(), body: 'A' })],
    ['a record with a body in padded base64', () => ({ ...record(), body: 'AA==' })],
    ['a record with no text for a salt', () => ({ ...record(), salt: 1 })],
    ['a record whose head is cut short', () => ({ ...record(), sealed: String(record().sealed).slice(4) })],
    ['a record of another kind', () => ({ ...record(), sealed: `Ag${String(record().sealed).slice(2)}` })],
    ['a stub that is too short', () => ({ stub: 'AQ' })],
    ['a stub that is a statement', () => ({ stub: Buffer.from('{'.padEnd(121)).toString('base64url') })],
    [
      'a stub with a row beyond 2^53',
      () => ({ stub: Buffer.from([1, ...Array(120).fill(255)]).toString('base64url') }),
    ],
  ])('with %s for an entry is refused', (_, entry) => {
    const refusal = expect.objectContaining({ code: 'MALFORMED', place: { entry: 0 } });
    expect(() => decode(withEntry(entry()))).toThrow(refusal);
  });

  test('with no entries, or no array of them, is refused', () => {
    for (const data of [[], null, {}, 'x']) {
      const { bytes } = changeBlock(lines, 5, (block) => ({ ...block, data }));
      const line = Buffer.from(bytes).toString().split('\n')[4]!;
      expect(() => decode(line)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    }
  });

  test.each<[string, Json]>([
    ['version', 0],
    ['version', '1'],
    ['index', 0],
    ['index', '5'],
    ['timestamp', '2025-02-30T00:00:00.000Z'],
    ['timestamp', '2025-03-01T12:00:00Z'],
    ['timestamp', 0],
    ['previous_hash', ''],
    ['previous_hash', 'AB'.repeat(32)],
    ['history_hash', '0'],
    ['data_hash', null],
    ['data_size', 0],
    ['difficulty', 49],
    ['signer', '02'],
    ['proof', '0'],
    ['signature', '00'.repeat(63)],
  ])('whose %s is %j is refused', (member, value) => {
    const { bytes } = changeBlock(lines.slice(4, 5), 1, (block) => ({ ...block, [member]: value }));
    expect(() => decode(Buffer.from(bytes).toString().trimEnd())).toThrow(`"${member}"`);
  });
});

describe('beyond the limits', () => {
  const tooLarge = expect.objectContaining({ code: 'TOO_LARGE' });

  test('65,536 entries', () => {
    const block = parse(lines[2]!);
    const data = (count: number): Json[] => Array.from({ length: count }, () => ({ kind: 'info-x' }));
    expect(decode(jcs({ ...block, data: data(65_535) })).entries).toHaveLength(65_535);
    expect(() => decode(jcs({ ...block, data: data(65_536) }))).toThrow(tooLarge);
    expect(() => decode(jcs({ ...block, data_size: 65_536 }))).toThrow(tooLarge);
  });

  test('a statement of more than 1 MiB', () => {
    const block = parse(lines[2]!);
    const statement = (size: number): Json => ({ kind: 'info-x', t: 'x'.repeat(size - 24) });
    expect(jcs(statement(1024 * 1024))).toHaveLength(1024 * 1024);
    expect(() => decode(jcs({ ...block, data: [statement(1024 * 1024)] }))).not.toThrow();
    expect(() => decode(jcs({ ...block, data: [statement(1024 * 1024 + 1)] }))).toThrow(tooLarge);
  });

  test('a body of more than 32 MiB', () => {
    const block = parse(lines[4]!);
    const [record] = block.data as JsonObject[];
    const line = (size: number): string =>
      jcs({ ...block, data: [{ ...record, body: Buffer.alloc(size).toString('base64url') }] });
    expect(() => decode(line(32 * 1024 * 1024))).not.toThrow();
    expect(() => decode(line(32 * 1024 * 1024 + 1))).toThrow(tooLarge);
  });

  test('a block of more than 64 MiB', () => {
    const block = parse(lines[4]!);
    const [record] = block.data as JsonObject[];
    const body = Buffer.alloc(22 * 1024 * 1024).toString('base64url');
    const line = (count: number): string =>
      jcs({ ...block, data: Array.from({ length: count }, () => ({ ...record, body })) });
    expect(() => decode(line(2))).not.toThrow();
    expect(() => decode(line(3))).toThrow(tooLarge);
  });

  test('a line that never ends costs no memory', async () => {
    function* endless(): Generator<Uint8Array> {
      for (let i = 0; i < 200; i++) yield Buffer.alloc(1024 * 1024, 'x');
      yield Buffer.from(`\n${lines[0]}\n`);
    }
    const [first, second, ...others] = await items(endless());
    expect(first !== undefined && !isReadable(first) && first.error.code).toBe('TOO_LARGE');
    expect(second !== undefined && isReadable(second)).toBe(true);
    expect(others).toEqual([]);
  });
});
