// Any single change to an export is caught, and the verdict names the block that was changed, and no other.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { VerifyOptions } from '../../src/verify/options.js';
import { linesOf, named, richLedger, textOf, verifyText } from '../helpers/ledgers.js';
import { owner, stranger, writer } from '../helpers/people.js';
import {
  blockBehind,
  changeBlock,
  deleteLine,
  duplicateLine,
  flipBit,
  insertLine,
  moveLine,
  otherValue,
  parse,
  replaceByCopy,
  replaceLine,
  signedBy,
  swapLines,
  type Tampered,
  truncateWithin,
} from '../helpers/tampering.js';
import type { Json, JsonObject } from '../oracle/jcs.js';

let lines: string[];
let others: string[];
let ledgerId: string;

beforeAll(async () => {
  lines = await linesOf(await richLedger('one'));
  others = await linesOf(await richLedger('another'));
  const verdict = await verifyText(textOf(lines));
  expect(verdict).toMatchObject({ ok: true, blocks: 21, records: 15 });
  ledgerId = verdict.ledger ?? '';
});

const anyNumber = fc.nat(1_000_000);
const pinned = (): VerifyOptions[] => [
  {} as VerifyOptions,
  { owner: owner.publicKey } as VerifyOptions,
  { ledger: ledgerId } as VerifyOptions,
];

/** Checks a change that three numbers choose; null where they choose none. */
async function caught(
  change: (a: number, b: number, c: number) => Tampered | null,
  { runs, pins = pinned() }: { runs: number; pins?: VerifyOptions[] },
): Promise<void> {
  const property = fc.asyncProperty(anyNumber, anyNumber, anyNumber, fc.nat(2), async (a, b, c, pin) => {
    const tampered = change(a, b, c);
    fc.pre(tampered !== null);
    const verdict = await verifyText(tampered.bytes, pins[pin % pins.length]);
    expect(verdict.ok).toBe(false);
    expect(tampered.blocks).toEqual(expect.arrayContaining(named(verdict)));
    if (!tampered.several) expect(verdict.problems).toHaveLength(1);
  });
  await fc.assert(property, { numRuns: runs });
}

/** One of the blocks 1 … n, as a number chooses it. */
const among = (n: number, count: number): number => (n % count) + 1;

describe('a change of bytes', () => {
  test('a bit', () => caught((a, b) => flipBit(lines, a, b % 8), { runs: 500 }));

  test('the end of a line cut off, and all behind it', () => caught((a) => truncateWithin(lines, a), { runs: 60 }));

  test('a member of the head', () =>
    caught(
      (a, b, c) =>
        changeBlock(lines, among(a, 21), (block) => {
          const member = Object.keys(block).filter((name) => name !== 'data' && name !== 'version')[b % 10] ?? '';
          return { ...block, [member]: otherValue(member, block[member] ?? null, c) };
        }),
      { runs: 250 },
    ));

  test('a member too few or too many', () =>
    caught(
      (a, b) =>
        changeBlock(lines, among(a, 21), (block) => {
          const member = Object.keys(block)[b % 12] ?? '';
          if (b % 2 === 0) return { ...block, [`${member}x`]: 1 };
          return Object.fromEntries(Object.entries(block).filter(([name]) => name !== member));
        }),
      { runs: 60 },
    ));
});

describe('a change of lines', () => {
  const last = (n: number): number => among(n, 20);

  test('one is deleted', () => caught((a) => deleteLine(lines, last(a)), { runs: 40 }));

  test('one comes twice', () => caught((a, b) => duplicateLine(lines, among(a, 21), among(b, 22)), { runs: 150 }));

  test('one is moved', () =>
    caught(
      (a, b) => {
        const [k, p] = [among(a, 21), among(b, 21)];
        return k === p ? null : moveLine(lines, k, p);
      },
      { runs: 150 },
    ));

  test('two are swapped', () =>
    caught(
      (a, b) => {
        const [k, p] = [among(a, 21), among(b, 21)];
        return k === p ? null : swapLines(lines, k, p);
      },
      { runs: 100 },
    ));

  test('one is replaced by another', () =>
    caught(
      (a, b) => {
        const [k, p] = [among(a, 21), among(b, 21)];
        return k === p ? null : replaceByCopy(lines, k, p);
      },
      { runs: 100 },
    ));

  test('one is replaced by one of another ledger of the same owner', () =>
    caught(
      (a, b) => {
        const [k, p] = [among(a, 21), among(b, 21)];
        const tampered = replaceLine(lines, p, others[k - 1] ?? '');
        // A block with an earlier block's number is one too many of that number, and the number that it hides is missing.
        return k < p ? { ...tampered, blocks: [k, p], several: true } : tampered;
      },
      { runs: 100, pins: [{ ledger: ledgerId } as VerifyOptions] },
    ));

  test('one of another ledger of the same owner is inserted', () =>
    caught(
      (a, b) => {
        const [k, p] = [among(a, 21), among(b, 21)];
        const tampered = insertLine(lines, p, others[k - 1] ?? '');
        return k < p ? { ...tampered, blocks: [k, p] } : tampered;
      },
      { runs: 100, pins: [{ ledger: ledgerId } as VerifyOptions] },
    ));

  test('something that is no block is inserted', () =>
    caught((a, b) => insertLine(lines, among(a, 22), ['', '{}', 'null', '{"version":1}'][b % 4] ?? ''), { runs: 40 }));
});

describe("a change of a block's entries", () => {
  const data = (block: JsonObject): Json[] => block.data as Json[];
  const many = () => lines.flatMap((line, at) => (parse(line).data.length > 1 ? [at + 1] : []));
  const pick = <T>(values: readonly T[], n: number): T => values[n % values.length]!;

  test('one is dropped', () =>
    caught(
      (a, b) =>
        changeBlock(lines, among(a, 21), (block) => {
          const at = b % data(block).length;
          return { ...block, data: data(block).toSpliced(at, 1) };
        }),
      { runs: 60 },
    ));

  test('one is doubled', () =>
    caught(
      (a, b, c) =>
        changeBlock(lines, among(a, 21), (block) => {
          const entries = data(block);
          const entry = pick(entries, b);
          return { ...block, data: entries.toSpliced(c % (entries.length + 1), 0, entry) };
        }),
      { runs: 60 },
    ));

  test('two are swapped', () =>
    caught(
      (a, b, c) =>
        changeBlock(lines, pick(many(), a), (block) => {
          const entries = data(block);
          const i = b % entries.length;
          const j = (i + 1 + (c % (entries.length - 1))) % entries.length;
          return { ...block, data: entries.with(i, entries[j]!).with(j, entries[i]!) };
        }),
      { runs: 60 },
    ));

  const sealed = () =>
    lines.flatMap((line, at) =>
      parse(line).data.flatMap((entry, position) => {
        const record = entry as JsonObject;
        return record.sealed === undefined ? [] : [{ block: at + 1, position, record }];
      }),
    );

  test("body, salt or entry are another record's, or are withheld", () =>
    caught(
      (a, b, c) => {
        const records = sealed();
        const here = pick(records, a);
        const there = pick(records, a + 1 + (b % (records.length - 1)));
        const names = pick([['body'], ['salt'], ['sealed'], ['body', 'salt'], ['body', 'salt', 'sealed']], c);
        return changeBlock(lines, here.block, (block) => {
          const record = { ...here.record };
          for (const name of names) record[name] = there.record[name]!;
          return { ...block, data: data(block).with(here.position, record) };
        });
      },
      { runs: 150 },
    ));

  test('an entry is one of another block', () =>
    caught(
      (a, b, c) => {
        const [k, p] = [among(a, 21), among(b, 21)];
        if (k === p) return null;
        return changeBlock(lines, k, (block) => {
          const at = c % data(block).length;
          return { ...block, data: data(block).with(at, pick(parse(lines[p - 1]!).data, c)) };
        });
      },
      { runs: 100 },
    ));
});

describe("a stranger's block", () => {
  const info: JsonObject = { kind: 'info-note', text: 'a stranger says this' };

  test('the same, signed by the stranger', () =>
    caught(
      (a) => {
        const k = among(a, 21);
        return replaceLine(lines, k, signedBy(lines[k - 1]!, stranger));
      },
      { runs: 40 },
    ));

  test('the same, signed by a writer that was not or is no longer one', () =>
    caught((a) => replaceLine(lines, [2, 21][a % 2]!, signedBy(lines[[2, 21][a % 2]! - 1]!, writer)), { runs: 10 }));

  test('inserted or in the place of another, with any number', () =>
    caught(
      (a, b, c) => {
        const p = among(a, 22);
        const index = [p, p + 1, among(c, 40), 1][b % 4] ?? p;
        const block = blockBehind(lines.slice(0, p - 1), [info], stranger, { index });
        const tampered = c % 2 === 0 || p === 22 ? insertLine(lines, p, block) : replaceLine(lines, p, block);
        // At the end nothing behind it tells that it is not the numbers before its own that are missing.
        const atEnd = p >= 21 && index > p;
        return atEnd ? { ...tampered, blocks: [p, index], several: true } : tampered;
      },
      { runs: 150 },
    ));

  test('a genesis block, where the owner or the ledger is pinned', () =>
    caught(
      (a) => {
        const other = { ...(parse(lines[0]!).data[0] as JsonObject), owner: stranger.publicKey };
        const block = blockBehind([], [other], stranger, { timestamp: '2025-03-01T12:00:00.000Z', difficulty: 3 });
        return a % 2 === 0 ? insertLine(lines, 1, block) : replaceLine(lines, 1, block);
      },
      { runs: 20, pins: pinned().slice(1) },
    ));
});

test('the newest blocks deleted: nothing tells, and the verdict says so', async () => {
  for (let count = 1; count <= lines.length; count++) {
    const verdict = await verifyText(textOf(lines.slice(0, count)), { owner: owner.publicKey, ledger: ledgerId });
    expect(verdict).toMatchObject({ ok: true, blocks: count, problems: [] });
    const incomplete = verdict.notices.filter(({ code }) => code === 'DATASET_INCOMPLETE');
    const others = verdict.notices.filter(({ code }) => code !== 'DATASET_INCOMPLETE');
    expect(others.map(({ code }) => code)).toEqual(['TRUNCATION_POSSIBLE']);
    // The one thing that does tell: rows that no end covers.
    const kept = lines.slice(0, count);
    const has = (text: string) => (line: string) => line.includes(text);
    const open = kept.findLastIndex(has('"sealed":')) > kept.findLastIndex(has('"kind":"dataset-end"'));
    expect(incomplete).toHaveLength(open ? 1 : 0);
  }
});
