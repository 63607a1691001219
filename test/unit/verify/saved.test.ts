// A verification that ends and goes on later: from what it may, with what it kept, and nothing else.

import { beforeAll, describe, expect, test } from 'vitest';
import { type Curve, loadCurve } from '../../../src/crypto/secp256k1.js';
import { MedsealError } from '../../../src/errors.js';
import { decodeLine } from '../../../src/format/exchange.js';
import type { VerifyOptions } from '../../../src/verify/options.js';
import { encodeSaved, parseSaved, SAVED_VERSION, type SavedState } from '../../../src/verify/saved.js';
import { Verifier } from '../../../src/verify/verifier.js';
import { BASE, end, grant, oracleText, raw, row, say, together } from '../../helpers/breaking.js';
import { NOW, owner, stranger, writer } from '../../helpers/people.js';
import { hashesOf, parse } from '../../helpers/tampering.js';
import { hex } from '../../oracle/bytes.js';
import { erase } from '../../oracle/say.js';

let curve: Curve;
let lines: string[];

beforeAll(async () => {
  curve = await loadCurve();
  const rule = { erase: { from: [owner.publicKey], threshold: 1 } };
  const steps = [
    ...BASE,
    raw(together(row('own', 2), grant('own', { expires: '2030-01-01T00:00:00.000Z' }))),
    raw(together(erase([4, 0], [7, 0]), say({ kind: 'rules', rules: rule }))),
    raw(row('labs', 2), writer),
    raw(end('own', 2)),
  ];
  lines = oracleText(steps).split('\n').slice(0, -1);
});

const options = (): VerifyOptions => ({ now: new Date(NOW), owner: owner.publicKey });

/** A verifier that these lines have been pushed into, going on from a state where one is given. */
function following(pushed: readonly string[], since?: SavedState, more: Partial<VerifyOptions> = {}): Verifier {
  const verifier = new Verifier(curve, { ...options(), ...more, ...(since === undefined ? {} : { since }) });
  for (const line of pushed) verifier.push(decodeLine(Buffer.from(line)));
  return verifier;
}

/** The state behind so many blocks, as it comes from a file. */
function saved(blocks: number): SavedState {
  const state = following(lines.slice(0, blocks)).save();
  if (state === null) throw new Error('there is no state');
  return parseSaved(encodeSaved(state));
}

function codeOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof MedsealError) return error.code;
    throw error;
  }
  return 'none';
}

describe('what is kept', () => {
  test('says how far the verification has come', () => {
    const hashes = hashesOf(lines).map((hash) => hex(hash));
    const { state: _, edge, ...rest } = saved(6);
    expect(rest).toEqual({
      version: SAVED_VERSION,
      ledger: hashes[0],
      blocks: 6,
      head: hashes[5],
      time: parse(lines[5]!).timestamp,
      anchor: null,
    });
    // Five blocks before the last: a tree of four and a tree of one.
    expect(edge).toHaveLength(2);
    const anchored = following(lines.slice(0, 6));
    anchored.vouchedForBy(4);
    expect(anchored.save()?.anchor).toBe(4);
  });

  test('is all that the rest is judged by', () => {
    const whole = following(lines);
    const { notices: _, ...verdict } = whole.finish();
    expect(verdict.ok).toBe(true);
    for (let blocks = 1; blocks <= lines.length; blocks++) {
      const later = following(lines.slice(blocks), saved(blocks));
      expect(later.next).toEqual(whole.next);
      expect(later.save()).toEqual(whole.save());
      const { notices, ...found } = later.finish();
      expect(found).toEqual({ ...verdict, since: blocks });
      expect(notices).toContainEqual(expect.objectContaining({ block: blocks, code: 'TAKEN_FROM_STATE' }));
    }
  });

  test('says whom the signatures before a block were vouched for by', () => {
    const { anchor, notices } = following(lines.slice(6), { ...saved(6), anchor: 5 }).finish();
    expect(anchor).toBe(5);
    expect(notices).toContainEqual(expect.objectContaining({ block: 5, code: 'SIGNATURES_UNCHECKED' }));
    const checked = following(lines.slice(6), saved(6)).finish();
    expect(checked.anchor).toBeUndefined();
    expect(checked.notices.map(({ code }) => code)).not.toContain('SIGNATURES_UNCHECKED');
  });

  test('pins the ledger', () => {
    const found = (ledger: string) => following([], saved(3), { ledger }).finish().problems;
    expect(found(saved(3).ledger)).toEqual([]);
    expect(found(saved(3).head)).toMatchObject([{ block: 1, code: 'LEDGER_MISMATCH' }]);
    const verdict = following([], saved(3), { owner: stranger.publicKey }).finish();
    expect(verdict.problems).toMatchObject([{ block: 1, code: 'OWNER_MISMATCH' }]);
  });
});

describe('nothing is kept', () => {
  test('of nothing', () => {
    expect(following([]).untroubled).toBe(true);
    expect(following([]).save()).toBeNull();
  });

  test.each<[what: string, change: (verifier: Verifier) => void]>([
    ['behind a bad block', (verifier) => verifier.push({ error: new MedsealError('MALFORMED', 'x') })],
    [
      'behind a block of a newer format',
      (verifier) => verifier.push({ error: new MedsealError('VERSION_NEWER', 'x') }),
    ],
    ['where something else was found', (verifier) => verifier.refuse(3, 'LEDGER_REWRITTEN', 'x')],
    ['behind a gap', (verifier) => verifier.push(decodeLine(Buffer.from(lines[5]!)))],
    ['behind several', (verifier) => verifier.push(decodeLine(Buffer.from(lines[7]!)))],
    [
      'where a block stands too early',
      (verifier) => {
        const [early, behind] = [lines[5]!, lines[4]!].map((line) => verifier.inspect(decodeLine(Buffer.from(line))));
        verifier.judge(early!, behind);
      },
    ],
  ])('%s', (_, change) => {
    const verifier = following(lines.slice(0, 4));
    expect(verifier.untroubled).toBe(true);
    expect(verifier.save()).not.toBeNull();
    change(verifier);
    expect(verifier.untroubled).toBe(false);
    expect(verifier.save()).toBeNull();
  });

  test('what is refused is a problem of the block', () => {
    const verifier = following(lines);
    verifier.refuse(3, 'LEDGER_REWRITTEN', 'x');
    expect(verifier.finish().problems).toEqual([{ block: 3, entry: null, code: 'LEDGER_REWRITTEN', message: 'x' }]);
  });
});

describe('a file', () => {
  const text = (change: object): Buffer => Buffer.from(encodeSaved({ ...saved(6), ...change }));

  test('is canonical JSON of exactly these members', () => {
    expect(codeOf(() => parseSaved(text({})))).toBe('none');
    const { anchor: _, ...fewer } = saved(6);
    for (const bad of ['', 'x', '[]', '1', 'null', '{}', '{"version":"2"}', `${text({})} `, JSON.stringify(fewer)]) {
      expect(
        codeOf(() => parseSaved(Buffer.from(bad))),
        bad.slice(0, 20),
      ).toBe('STATE_INVALID');
    }
    expect(codeOf(() => parseSaved(text({ more: 1 })))).toBe('STATE_INVALID');
    expect(codeOf(() => parseSaved(Buffer.from(encodeSaved(fewer as SavedState))))).toBe('STATE_INVALID');
  });

  test('is what was written: whatever was changed, the checksum does not fit', () => {
    const written = text({}).toString();
    const other = (of: string, by: string): string => codeOf(() => parseSaved(Buffer.from(written.replace(of, by))));
    expect(other('"anchor":null', '"anchor":5')).toBe('STATE_INVALID');
    expect(other('"blocks":6', '"blocks":4')).toBe('STATE_INVALID');
    expect(other('"writers":{"$set":[', '"writers":{"$set":["",')).toBe('STATE_INVALID');
    expect(other('"checksum":"', '"checksum":"0')).toBe('STATE_INVALID');
    expect(other('"checksum":', '"checksun":')).toBe('STATE_INVALID');
    expect(other('nothing of it', '')).toBe('none');
  });

  test('of another version is told', () => {
    for (const version of [SAVED_VERSION - 1, SAVED_VERSION + 1]) {
      expect(codeOf(() => parseSaved(text({ version })))).toBe('STATE_VERSION');
    }
    expect(codeOf(() => parseSaved(Buffer.from('{"version":1}')))).toBe('STATE_VERSION');
  });

  test.each<[member: string, good: unknown[], bad: unknown[]]>([
    ['ledger', ['ab'.repeat(32)], ['ab'.repeat(31), 'AB'.repeat(32), null]],
    ['blocks', [6, 4, 7], [0, '6', null, 5, 8]],
    ['head', ['ab'.repeat(32)], ['ab'.repeat(33), 1]],
    ['time', ['2025-03-01T12:00:00.000Z'], ['2025-03-01', 1]],
    ['edge', [['ab'.repeat(32), 'cd'.repeat(32)]], [[], ['ab'.repeat(32)], ['ab', 'cd'], ['ab'.repeat(32), 1], null]],
    ['anchor', [null, 1, 6], [7, '1', false]],
    ['state', [{}], [null, [], 1]],
  ])('has a well-formed "%s"', (member, good, bad) => {
    for (const value of good)
      expect(
        codeOf(() => parseSaved(text({ [member]: value }))),
        `${value}`,
      ).toBe('none');
    for (const value of bad)
      expect(
        codeOf(() => parseSaved(text({ [member]: value }))),
        `${value}`,
      ).toBe('STATE_INVALID');
  });

  test('is as large as a ledger may need, and no larger', () => {
    const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
    expect(codeOf(() => parseSaved(text({ state: nested(30) })))).toBe('none');
    expect(codeOf(() => parseSaved(text({ state: nested(31) })))).toBe('STATE_INVALID');
    const bytes = Buffer.alloc(64 * 1024 * 1024, 'x');
    const head = Buffer.from('{"a":"');
    head.copy(bytes);
    Buffer.from('","version":1}').copy(bytes, bytes.length - 14);
    expect(codeOf(() => parseSaved(bytes))).toBe('STATE_VERSION');
    const longer = Buffer.concat([head, Buffer.from('x'), bytes.subarray(head.length)]);
    expect(codeOf(() => parseSaved(longer))).toBe('STATE_INVALID');
  });

  test('with other members of the state is refused', () => {
    const since = saved(6);
    const state = since.state as Record<string, unknown>;
    const { records: _, ...fewer } = state;
    const others: unknown[] = [
      fewer,
      { ...state, more: 1 },
      { ...fewer, recordz: 1 },
      { ...state, writers: [] },
      { ...state, writers: { $map: [] } },
      { ...state, records: '1' },
      { ...state, audit: null },
      { ...state, writers: { $set: 1 } },
      { ...state, datasets: { $map: [1] } },
      { ...state, datasets: { $map: [['a']] } },
      { ...state, datasets: { $map: [['a', 1, 2]] } },
      { ...state, erased: { $bytes: 'a' } },
      { ...state, erased: { $bytes: 1 } },
      1,
    ];
    for (const other of others) {
      expect(codeOf(() => following([], { ...since, state: other as SavedState['state'] }))).toBe('STATE_INVALID');
    }
    expect(codeOf(() => following([], { ...since, state: { ...state, logKey: 'x' } as SavedState['state'] }))).toBe(
      'none',
    );
  });
});
