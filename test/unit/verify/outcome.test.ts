// What a caller pins and allows, and what a verdict says where it cannot say more.

import { beforeAll, describe, expect, test } from 'vitest';
import { loadCurve } from '../../../src/crypto/secp256k1.js';
import { MedsealError } from '../../../src/errors.js';
import type { BlockItem } from '../../../src/format/block.js';
import { decodeLine } from '../../../src/format/exchange.js';
import { exportLedger } from '../../../src/ledger/export.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { verifyBlocks } from '../../../src/verify/judging.js';
import type { BlockReport } from '../../../src/verify/options.js';
import type { Verdict } from '../../../src/verify/verdict.js';
import { Verifier } from '../../../src/verify/verifier.js';
import { collect, linesOf, named, richLedger, textOf, verifyItems, verifyText } from '../../helpers/ledgers.js';
import { NOW, owner, stranger, writer } from '../../helpers/people.js';
import { changeBlock, parse } from '../../helpers/tampering.js';
import type { JsonObject } from '../../oracle/jcs.js';

let ledger: Ledger;
let lines: string[];
let whole: Verdict;

beforeAll(async () => {
  ledger = await richLedger('outcome');
  lines = await linesOf(ledger);
  whole = await verifyText(textOf(lines));
});

const codes = ({ notices }: Verdict): string[] => notices.map(({ code }) => code);

test('a whole ledger', () => {
  expect(whole).toMatchObject({
    ok: true,
    undecided: false,
    owner: owner.publicKey,
    blocks: 21,
    records: 15,
    statements: 21,
    erased: 0,
    withheld: 0,
    problems: [],
  });
  expect(codes(whole)).toEqual(['NOTHING_PINNED', 'TRUNCATION_POSSIBLE']);
});

describe('pins', () => {
  const pinned = (pins: { owner?: string; ledger?: string }, text = textOf(lines)) => verifyText(text, pins);

  test('that are right', async () => {
    expect(codes(await pinned({ owner: owner.publicKey }))).toEqual(['TRUNCATION_POSSIBLE']);
    expect(await pinned({ ledger: whole.ledger! })).toMatchObject({ ok: true });
    expect(await pinned({ owner: owner.publicKey, ledger: whole.ledger! })).toMatchObject({ ok: true });
  });

  test('that are wrong, though the ledger is whole', async () => {
    const owned = await pinned({ owner: stranger.publicKey });
    expect(owned).toMatchObject({
      ok: false,
      owner: owner.publicKey,
      problems: [{ block: 1, code: 'OWNER_MISMATCH' }],
    });
    const other = await pinned({ ledger: whole.head! });
    expect(other).toMatchObject({ ok: false, ledger: whole.ledger, problems: [{ block: 1, code: 'LEDGER_MISMATCH' }] });
    expect(owned.problems).toHaveLength(1);
    expect(other.problems).toHaveLength(1);
  });

  test('without the genesis block', async () => {
    const headless = textOf(lines.slice(1));
    const right = await pinned({ owner: owner.publicKey, ledger: whole.ledger! }, headless);
    expect(right).toMatchObject({ ok: false, ledger: whole.ledger, owner: owner.publicKey, head: whole.head });
    expect(right.problems).toMatchObject([{ block: 1, code: 'BLOCK_MISSING' }]);
    // Blocks of writers that are named later are good: 15 records, as before.
    expect(right.records).toBe(15);

    const unpinned = await pinned({}, headless);
    expect(unpinned).toMatchObject({ ok: false, owner: null, records: 0, problems: [{ block: 1 }] });
    expect(codes(unpinned)).toContain('AUTHORITY_UNCHECKED');

    const presumed = await verifyText(headless, { presumedOwner: (await owner.identity()).publicKey });
    expect(presumed).toMatchObject({ ok: false, records: 15, problems: [{ block: 1 }] });
  });

  test('without a genesis block that says what it said', async () => {
    const bent = changeBlock(lines, 1, (block) => {
      const [terms] = block.data as JsonObject[];
      return { ...block, data: [{ ...terms, audit: true }] };
    });
    const problems = [{ block: 1, code: 'DATA_MISMATCH' }];
    expect(await verifyText(bent.bytes)).toMatchObject({ problems, records: 0 });
    expect(await verifyText(bent.bytes, { owner: owner.publicKey })).toMatchObject({ problems, records: 15 });
  });
});

describe('an export without bodies', () => {
  let stubs: string;
  beforeAll(async () => {
    stubs = (await collect(exportLedger(ledger, { withoutBodies: true }))).toString();
  });

  test('verifies for a caller who allows that', async () => {
    const verdict = await verifyText(stubs, { withoutBodies: true });
    expect(verdict).toMatchObject({ ok: true, withheld: 18, records: 15, head: whole.head });
    expect(codes(verdict)).toContain('BODIES_WITHHELD');
  });

  test('has every record missing for others', async () => {
    const verdict = await verifyText(stubs);
    expect(verdict.problems).toHaveLength(18);
    expect(new Set(verdict.problems.map(({ code }) => code))).toEqual(new Set(['SALT_MISSING']));
    expect(verdict).toMatchObject({ records: 15, withheld: 0 });
  });

  test('is still checked', async () => {
    const bent = stubs.replace(/("stub":".{60})./, (_, start: string) => start + '_');
    expect((await verifyText(bent, { withoutBodies: true })).problems).toMatchObject([
      { block: 4, code: 'DATA_MISMATCH' },
    ]);
  });

  test('may withhold both body and salt, not one of them', async () => {
    const sealed = decodeLine(Buffer.from(lines[4]!));
    const [record] = sealed.entries;
    if (record?.kind !== 'sealed') throw new Error('block 5 is a record');
    const others = lines.map((line) => decodeLine(Buffer.from(line)));
    const verdict = (part: 'body' | 'salt') =>
      verifyItems(others.with(4, { ...sealed, entries: [{ ...record, [part]: null }] }), { withoutBodies: true });
    expect((await verdict('body')).problems).toMatchObject([{ block: 5, entry: 0, code: 'BODY_MISSING' }]);
    expect((await verdict('salt')).problems).toMatchObject([{ block: 5, entry: 0, code: 'SALT_MISSING' }]);
  });

  test('is not made good by a caller who would rather not look', async () => {
    expect((await verifyText(stubs, { bodies: false })).problems).toHaveLength(18);
  });
});

describe('a block of a newer format', () => {
  const newer = (k: number): string => textOf(lines.with(k - 1, '{"anything":[],"version":2}'));

  test('ends the verification undecided', async () => {
    const verdict = await verifyText(newer(9));
    expect(verdict).toMatchObject({ ok: false, undecided: true, blocks: 9, head: null });
    expect(verdict.problems).toMatchObject([{ block: 9, code: 'VERSION_NEWER' }]);
  });

  test('is not undecided where something was wrong before it', async () => {
    const text = newer(9);
    const verdict = await verifyText(text.slice(text.indexOf('\n') + 1));
    expect(verdict).toMatchObject({ ok: false, undecided: false });
    const bent = await verifyText(text.replace('an owner says', 'an owner said'));
    expect(bent).toMatchObject({ ok: false, undecided: false, problems: [{ block: 3, code: 'DATA_MISMATCH' }] });
  });
});

describe('hardly a ledger', () => {
  test('nothing at all', async () => {
    const verdict = await verifyText('');
    expect(verdict).toMatchObject({ ok: false, ledger: null, owner: null, blocks: 0, head: null });
    expect(verdict.problems).toMatchObject([{ block: 1, code: 'BLOCK_MISSING' }]);
  });

  test.each(['\n', '{}\n', 'no ledger', '[]\n[]\n'])('%j', async (text) => {
    const verdict = await verifyText(text);
    expect(verdict).toMatchObject({ ok: false, ledger: null, head: null });
    expect(named(verdict)[0]).toBe(1);
  });

  test('one block, with others lost before it', async () => {
    expect(await verifyText(textOf([lines[8]!]))).toMatchObject({
      ok: false,
      ledger: null,
      blocks: 9,
      problems: [{ block: 1, code: 'BLOCK_MISSING', message: '8 blocks from 1 to 8 are missing' }],
    });
  });
});

describe('past a gap', () => {
  test('of one block the history is still checked', async () => {
    const verdict = await verifyText(textOf(lines.toSpliced(4, 1)));
    expect(named(verdict)).toEqual([5]);
    expect(codes(verdict)).not.toContain('HISTORY_UNCHECKED');
  });

  test('of several blocks it is not, and the verdict says so', async () => {
    const verdict = await verifyText(textOf(lines.toSpliced(4, 3)));
    expect(verdict.problems).toMatchObject([{ block: 5, code: 'BLOCK_MISSING' }]);
    const unchecked = verdict.notices.find(({ code }) => code === 'HISTORY_UNCHECKED');
    expect(unchecked).toMatchObject({ block: 8 });
  });

  test('that may have named a writer, its blocks are neither good nor bad', async () => {
    const verdict = await verifyText(textOf(lines.toSpliced(1, 1)));
    expect(verdict.problems).toMatchObject([{ block: 2, code: 'BLOCK_MISSING' }]);
    expect(verdict.notices.find(({ code }) => code === 'AUTHORITY_UNCHECKED')).toMatchObject({ block: 9 });
    expect(verdict.records).toBe(8);
    expect(parse(lines[8]!).signer).toBe(writer.publicKey);
  });
});

describe('reports', () => {
  const reports = async (text: string): Promise<BlockReport[]> => {
    const all: BlockReport[] = [];
    const items = text.split('\n').slice(0, -1).map(itemOf);
    await verifyBlocks(items, { now: new Date(NOW), onBlock: (report) => all.push(report) });
    return all;
  };
  const itemOf = (line: string): BlockItem => {
    try {
      return decodeLine(Buffer.from(line));
    } catch (error) {
      return { error: error as MedsealError };
    }
  };

  test('come for every block, in order', async () => {
    const all = await reports(textOf(lines));
    expect(all.map(({ number }) => number)).toEqual(lines.map((_, at) => at + 1));
    expect(all.every(({ accepted, problems }) => accepted !== null && problems.length === 0)).toBe(true);
  });

  test('accept a block with a bad record, but for that record', async () => {
    const [a, b] = parse(lines[10]!).data as JsonObject[];
    const bent = lines.with(10, lines[10]!.replace(String(a!.salt), String(b!.salt)));
    const report = (await reports(textOf(bent)))[10];
    expect(report?.accepted).not.toBeNull();
    expect([...(report?.badEntries ?? [])]).toEqual([0]);
    expect(report?.problems).toMatchObject([{ block: 11, entry: 0, code: 'SALT_MISMATCH' }]);
  });

  test('do not accept what is out of its place or unreadable', async () => {
    const all = await reports(textOf(lines.with(6, 'x').toSpliced(3, 0, lines[12]!)));
    expect(all.flatMap(({ accepted }, at) => (accepted === null ? [at] : []))).toEqual([3, 7]);
  });
});

test('a verdict can be asked for twice, and is the same', async () => {
  const verifier = new Verifier(await loadCurve(), { now: new Date(NOW) });
  for (const line of lines.toSpliced(2, 1)) verifier.push(decodeLine(Buffer.from(line)));
  expect(verifier.finish()).toEqual(verifier.finish());
});

test('problems without end are counted, not kept', async () => {
  function* rubbish(): Generator<BlockItem> {
    const first = decodeLine(Buffer.from(lines[0]!));
    // A sound block between them: so many in a row that are none would end the verification.
    for (let i = 0; i < 100_007; i++) yield i % 9999 === 0 ? first : { error: new MedsealError('MALFORMED', 'x') };
  }
  const verdict = await verifyItems(rubbish());
  expect(verdict.problems).toHaveLength(100_000);
  expect(codes(verdict)).toContain('PROBLEMS_OMITTED');
  expect(codes(verdict)).not.toContain('REST_UNREAD');
});
