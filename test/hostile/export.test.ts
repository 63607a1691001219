// Exports that nobody honest has made: the verdict is no, the block is named, and nothing else happens.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { MedsealError } from '../../src/errors.js';
import { decodeLine } from '../../src/format/exchange.js';
import { importLedger } from '../../src/ledger/import.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import type { Verdict } from '../../src/verify/verdict.js';
import { refusal, temporaryFolder } from '../helpers/dataset-fixture.js';
import { damage, noise, respell, SPELLINGS, type Spelled, spelled } from '../helpers/hostile-values.js';
import { linesOf, named, richLedger, streamOf, textOf, verifyText } from '../helpers/ledgers.js';
import { NOW, OFF_CURVE, owner } from '../helpers/people.js';
import { changeBlock, parse, replaceLine } from '../helpers/tampering.js';
import { type Json, type JsonObject, jcs } from '../oracle/jcs.js';

const temporary = temporaryFolder();
let lines: string[];
let whole: Buffer;
beforeAll(async () => {
  lines = await linesOf(await richLedger('hostile export'));
  whole = Buffer.from(textOf(lines));
});

const judge = (bytes: Uint8Array | string): Promise<Verdict> => verifyText(bytes, { owner: owner.publicKey });

/** The verdict, or the error that says that this is no export. Nothing else may come. */
async function judgeFile(bytes: Uint8Array): Promise<Verdict | MedsealError> {
  try {
    return await verifyLedger(streamOf(bytes), { now: new Date(NOW), owner: owner.publicKey });
  } catch (error) {
    expect(error).toBeInstanceOf(MedsealError);
    expect((error as MedsealError).code).toBe('NOT_A_LEDGER');
    return error as MedsealError;
  }
}

const index = fc.integer({ min: 1, max: 21 });

describe('a line in another spelling', () => {
  /** Puts a text in the place of line k. It is not the block that was signed, so block k is bad and no other. */
  async function expectNamed(k: number, text: string): Promise<void> {
    if (text === lines[k - 1]) return;
    const verdict = await judge(replaceLine(lines, k, text).bytes);
    if (verdict.undecided) return;
    expect(verdict.ok).toBe(false);
    expect(named(verdict)[0]).toBe(k);
    // Raw text can bring line feeds along, which make several lines of one.
    if (!text.includes('\n')) expect(named(verdict)).toEqual([k]);
  }

  test('any one value, anywhere in the block', async () => {
    const property = fc.asyncProperty(index, fc.nat(), spelled, (k, place, value) =>
      expectNamed(k, respell(parse(lines[k - 1]!) as unknown as Json, place, value)),
    );
    await fc.assert(property, { numRuns: 600 });
  });

  test('each hostile value as each member of a block, its entries, and its statements', async () => {
    const block = parse(lines[2]!) as unknown as JsonObject;
    const places = JSON.stringify(block).length;
    for (const [i, raw] of SPELLINGS.entries()) await expectNamed(3, respell(block, (i * 7) % places, { raw }));
    for (let place = 0; place < 40; place++) {
      const raw = SPELLINGS[(place * 11) % SPELLINGS.length]!;
      await expectNamed(5, respell(parse(lines[4]!) as unknown as Json, place, { raw }));
    }
  });

  const within = (raw: string, change: (text: string) => string): Spelled => ({ raw: change(raw) });
  test('upper-case hex, padded and unpadded base64, blanks, escapes: always the same value, never taken', async () => {
    const respellings: [RegExp, (text: string) => string][] = [
      [/"[0-9a-f]{64}"/g, (text) => text.toUpperCase()],
      [/"[0-9a-f]{66}"/g, (text) => text.toUpperCase()],
      [/"[A-Za-z0-9_-]{40,}"/g, (text) => `${text.slice(0, -1)}="`],
      [/"[A-Za-z0-9_-]{40,}"/g, (text) => text.replaceAll('-', '+').replaceAll('_', '/')],
      [/"[A-Za-z0-9_-]{40,}"/g, (text) => `${text.slice(0, -1)}\\n"`],
      [/:(\d+)/g, (text) => `${text}.0`],
      [/:(\d+)/g, (text) => `${text}e0`],
      [/:(\d+)/g, (text) => `:0${text.slice(1)}`],
      [/[,:{}[\]]/g, (text) => `${text} `],
      [/"[a-z]/g, (text) => `"\\u00${text.charCodeAt(1).toString(16)}`],
    ];
    for (const [k, line] of lines.entries()) {
      for (const [pattern, change] of respellings) {
        const found = [...line.matchAll(pattern)];
        const match = found[(k * 31) % Math.max(found.length, 1)];
        if (match === undefined) continue;
        const other = within(match[0], change).raw;
        await expectNamed(k + 1, line.slice(0, match.index) + other + line.slice(match.index + match[0].length));
      }
    }
  });
});

describe('bytes that were damaged on the way', () => {
  test('are a verdict, whatever became of them', async () => {
    const property = fc.asyncProperty(damage, async (change) => {
      const bytes = Buffer.from(change(whole));
      const verdict = await judgeFile(bytes);
      if (verdict instanceof MedsealError) return;
      // Good are only the whole, and a whole number of lines of it.
      if (verdict.ok) expect(whole.subarray(0, bytes.length).equals(bytes)).toBe(true);
      else expect(verdict.problems.length).toBeGreaterThan(0);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  test('noise alone, in any pieces', async () => {
    const property = fc.asyncProperty(noise, noise, async (a, b) => {
      const verdict = await judgeFile(Buffer.concat([a, b]));
      expect(verdict).toMatchObject(verdict instanceof MedsealError ? { code: 'NOT_A_LEDGER' } : { ok: false });
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('a line decodes or is refused with a code', () => {
    const property = fc.property(index, damage, (k, change) => {
      const line = change(Buffer.from(lines[k - 1]!));
      try {
        decodeLine(line);
      } catch (error) {
        expect(error).toBeInstanceOf(MedsealError);
        expect(['MALFORMED', 'TOO_LARGE', 'VERSION_NEWER']).toContain((error as MedsealError).code);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('are not imported, and leave nothing behind', async () => {
    const property = fc.asyncProperty(damage, async (change) => {
      const bytes = Buffer.from(change(whole));
      const path = temporary.path('imported.medseal');
      fc.pre(!whole.subarray(0, bytes.length).equals(bytes));
      const verdict = await importLedger(streamOf(bytes), path, { now: new Date(NOW) }).catch((error) => error);
      if (verdict instanceof MedsealError) expect(verdict.code).toBe('NOT_A_LEDGER');
      else expect(verdict).toMatchObject({ ok: false });
      expect((await refusal(verifyLedger(path))).code).toBe('FILE_UNREADABLE');
    });
    await fc.assert(property, { numRuns: 25 });
  });
});

describe('keys and signatures that are none', () => {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const field = 2n ** 256n - 2n ** 32n - 977n;
  const hex = (value: bigint): string => value.toString(16).padStart(64, '0');
  const signature = (): [r: bigint, s: bigint] => {
    const text = String(parse(lines[4]!).signature);
    return [BigInt(`0x${text.slice(0, 64)}`), BigInt(`0x${text.slice(64)}`)];
  };

  test.each<[string, (r: bigint, s: bigint) => [bigint, bigint]]>([
    ['r zero', (_, s) => [0n, s]],
    ['s zero', (r) => [r, 0n]],
    ['both zero', () => [0n, 0n]],
    ['both one', () => [1n, 1n]],
    ['a high s', (r, s) => [r, order - s]],
    ['r of the order', (_, s) => [order, s]],
    ['s of the order', (r) => [r, order]],
    ['s past the order', (r, s) => [r, (order + s) % 2n ** 256n]],
    ['r past the order', (r, s) => [(r + order) % 2n ** 256n, s]],
    ['r of the field', (_, s) => [field, s]],
    ['all ones', () => [2n ** 256n - 1n, 2n ** 256n - 1n]],
    ['r and s exchanged', (r, s) => [s, r]],
  ])('%s', async (_, change) => {
    const [r, s] = change(...signature()).map(hex);
    const { bytes } = changeBlock(lines, 5, (block) => ({ ...block, signature: `${r}${s}` }));
    expect(await judge(bytes)).toMatchObject({ ok: false, problems: [{ block: 5, code: 'SIGNATURE_INVALID' }] });
  });

  test.each([
    OFF_CURVE,
    `02${'0'.repeat(64)}`,
    `02${hex(field)}`,
    `02${hex(field + 1n)}`,
    `04${'1'.repeat(64)}`,
    `00${'0'.repeat(64)}`,
  ])('the signer %s', async (signer) => {
    const { bytes } = changeBlock(lines, 5, (block) => ({ ...block, signer }));
    expect(await judge(bytes)).toMatchObject({ ok: false, problems: [{ block: 5, code: 'SIGNATURE_INVALID' }] });
  });

  test.each([OFF_CURVE, `02${'0'.repeat(64)}`, owner.publicKey.toUpperCase(), ''])(
    'a pin that is no key: %j',
    async (pin) => {
      // The caller's mistake, and no fault of the ledger's.
      await expect(verifyText(whole, { owner: pin })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    },
  );
});

test('a block of a newer format is undecided, however it looks', async () => {
  const newer = [
    '{"version":2}',
    jcs({ ...(parse(lines[4]!) as unknown as JsonObject), version: 9007199254740991 }),
    jcs({ aaa: [[[1]]], data: [{ other: 'things' }], version: 3 }),
  ];
  for (const line of newer) {
    const verdict = await judge(replaceLine(lines, 5, line).bytes);
    expect(verdict).toMatchObject({ ok: false, undecided: true, problems: [{ block: 5, code: 'VERSION_NEWER' }] });
  }
});
