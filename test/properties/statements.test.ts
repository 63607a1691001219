// Random sequences of statements of every kind: the package and the second implementation judge them alike, down to the
// first bad block.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { named, verifyText } from '../helpers/ledgers.js';
import { NOW, START, seeded } from '../helpers/people.js';
import { b64, fromB64, H, join, label } from '../oracle/bytes.js';
import { type JsonObject, jcs } from '../oracle/jcs.js';
import {
  access,
  amend,
  approved,
  approvedGrant,
  type Entries,
  erase,
  grantRole,
  grantSet,
  newKeys,
  revokeRole,
  revokeSet,
  role,
  rolePair,
  rows,
  say,
  together,
} from '../oracle/say.js';
import { oracleVerify } from '../oracle/verify.js';
import { oracleLedger, publicKeyOf, type Step } from '../oracle/write.js';

const [OWNER, WRITER, READER, OFFICER, DOCTOR, HEIR] = ['01', '02', '04', '06', '07', '08'].map((byte) =>
  byte.repeat(32),
) as [string, string, string, string, string, string];
const PEOPLE = [OWNER, WRITER, READER, OFFICER, DOCTOR, HEIR].map(publicKeyOf);
const [owner, writer, reader, officer, doctor, heir] = PEOPLE as [string, string, string, string, string, string];

/** One part of a block; the numbers choose among what can be chosen from. */
interface Deed {
  readonly do: string;
  readonly which: number;
  readonly to: readonly string[];
  readonly by: readonly string[];
}

const PAIRS = ['a', 'b', 'c'];
const DEEDS = [
  ...[
    'grant',
    'keys',
    'keys',
    'role',
    'role',
    'member',
    'revoke',
    'leave',
    'row',
    'row',
    'row',
    'both',
    'amend',
    'erase',
  ],
  ...['owner', 'recovery', 'rules', 'audit', 'approved audit', 'approved grant', 'access', 'info', 'writer'],
];

const deed: fc.Arbitrary<Deed> = fc.record({
  do: fc.constantFrom(...DEEDS),
  which: fc.nat(11),
  to: fc.oneof(fc.constant(PEOPLE), fc.subarray([...PEOPLE, ...PAIRS.map((pair) => rolePair(pair).publicKey)])),
  by: fc.oneof(fc.constant([OFFICER, DOCTOR]), fc.subarray([OWNER, OFFICER, DOCTOR, READER])),
});

const block = fc.record({
  deeds: fc.array(deed, { minLength: 1, maxLength: 2 }),
  by: fc.oneof({ weight: 8, arbitrary: fc.constant(OWNER) }, fc.constantFrom(WRITER, READER, OFFICER, HEIR, HEIR)),
});

/** How many rows each data set has by now, were all of it good. */
type Counts = { own: number; labs: number };

function entriesOf({ do: what, which, to, by }: Deed, signer: string, counts: Counts): Entries {
  const name = which % 2 === 0 ? 'own' : 'labs';
  const pair = PAIRS[which % PAIRS.length]!;
  const person = PEOPLE[which % PEOPLE.length]!;
  const rule = { from: [officer, doctor, owner].slice(which % 2), threshold: 1 + (which % 2) };
  if (what === 'grant') return grantSet(name, to, which === 7 ? { expires: START } : {});
  if (what === 'keys') return newKeys(name, to);
  if (what === 'role') return role(which < 8 ? 'nurses' : 'staff', pair, to);
  if (what === 'member') return grantRole(pair, to.slice(0, 2));
  if (what === 'revoke') return revokeSet(name, person);
  if (what === 'leave') return revokeRole(pair, person);
  if (what === 'row') return rows(name, ++counts[name]);
  if (what === 'both') return together(revokeSet(name, reader), newKeys(name, to), rows(name, ++counts[name]));
  if (what === 'amend') return amend(name, 1 + (which % 3), Math.max(2, counts[name] - (which % 2)));
  if (what === 'erase') return erase([4, which % 3], [7, 0]);
  if (what === 'owner') return say({ kind: 'owner', public_key: which < 8 ? heir : person });
  if (what === 'recovery') return say({ kind: 'recovery', public_keys: to.slice(0, 1) });
  if (what === 'rules')
    return say({ kind: 'rules', rules: which < 6 ? { audit: rule } : { grant: rule, rules: rule } });
  if (what === 'audit') return say({ kind: 'audit', on: true });
  if (what === 'approved audit') return approved({ kind: 'audit', on: which < 6 }, by);
  if (what === 'approved grant') return approvedGrant(name, person, by);
  if (what === 'access') return access(name, which < 8 ? signer : READER);
  if (what === 'writer') return say({ kind: which < 6 ? 'writer' : 'writer-removed', public_key: person });
  return say({ kind: 'info-x' });
}

const BASE: Step[] = [
  { step: 'add-writer', publicKey: writer },
  { step: 'data-set', name: 'own', csv: 'a\n1\n2\n', blockSize: 2, open: true },
  { step: 'data-set', name: 'labs', csv: 'a\n1\n2\n', blockSize: 2, open: true, by: WRITER },
  { step: 'raw', entries: together(grantSet('own', [reader]), grantSet('labs', [reader])) },
];

type Block = { deeds: Deed[]; by: string };

function ledgerOf(blocks: readonly Block[], rules: JsonObject): string {
  const counts = { own: 2, labs: 2 };
  const steps = blocks.map(({ deeds, by }): Step => {
    return { step: 'raw', by, entries: together(...deeds.map((one) => entriesOf(one, by, counts))) };
  });
  return oracleLedger({ owner: OWNER, steps: [...BASE, ...steps], random: seeded('statements'), start: START, rules });
}

const anyRules = fc.constantFrom<JsonObject>(
  {},
  {},
  { audit: { from: [officer, doctor], threshold: 2 } },
  { owner: { from: [officer], threshold: 1 }, grant: { from: [officer, doctor], threshold: 2 } },
);

const ledgers = fc.tuple(fc.array(block, { minLength: 1, maxLength: 5 }), anyRules);

test('are judged alike, down to the first bad block', async () => {
  const property = fc.asyncProperty(ledgers, async ([blocks, rules]) => {
    const text = ledgerOf(blocks, rules);
    const expected = oracleVerify(text, { now: NOW });
    const verdict = await verifyText(text);
    expect({ ok: verdict.ok, first: named(verdict)[0] ?? null }).toEqual({
      ok: expected.ok,
      first: expected.ok ? null : expected.block,
    });
    if (!expected.ok) return;
    const { records, erased, head, owner: whose } = expected;
    expect(verdict).toMatchObject({ records, erased, head, owner: whose });
  });
  await fc.assert(property, { numRuns: 250 });
});

// Or the property would say nothing of good ledgers. The seed is fixed, so that chance does not decide it.
test('are good often enough, and several blocks deep', () => {
  const good = fc
    .sample(ledgers, { numRuns: 250, seed: 1 })
    .filter(([blocks, rules]) => oracleVerify(ledgerOf(blocks, rules), { now: NOW }).ok);
  expect(good.length).toBeGreaterThan(20);
  expect(Math.max(...good.map(([blocks]) => blocks.length))).toBeGreaterThan(1);
});

/** The line with the records in these places as stubs. */
function without(line: string, gone: (entry: number) => boolean): string {
  const { data, ...members } = JSON.parse(line) as JsonObject & { data: JsonObject[] };
  const stubs = data.map((entry, at) => {
    if (entry.sealed === undefined || !gone(at)) return entry;
    return { stub: b64(join(fromB64(String(entry.sealed)), H(label('body'), fromB64(String(entry.body))))) };
  });
  return jcs({ ...members, data: stubs });
}

test('what is gone is erased, withheld or lost, alike', async () => {
  const place = fc.tuple(fc.constantFrom(3, 4, 5, 6), fc.nat(3));
  const outcomes = new Set<string>();
  type Places = [block: number, entry: number][];
  const property = fc.asyncProperty(
    fc.array(place, { maxLength: 4 }),
    fc.subarray(
      [
        [3, 2],
        [4, 0],
        [4, 1],
        [5, 3],
        [6, 0],
        [6, 1],
      ] as [number, number][],
      { minLength: 1 },
    ),
    fc.boolean(),
    async (gone, erased, withoutBodies) => {
      const steps: Step[] = [...BASE, { step: 'raw', entries: erase(...erased) }];
      const whole = oracleLedger({ owner: OWNER, steps, random: seeded('gone'), start: START });
      const lines = whole.split('\n').slice(0, -1);
      const text = lines
        .map((line, at) => without(line, (entry) => gone.some(([b, e]) => b === at + 1 && e === entry)) + '\n')
        .join('');
      const expected = oracleVerify(text, { now: NOW, withoutBodies });
      const verdict = await verifyText(text, { withoutBodies });
      expect(verdict.ok).toBe(expected.ok);
      outcomes.add(`${verdict.ok} ${verdict.withheld > 0}`);
      if (expected.ok) expect(verdict).toMatchObject({ erased: expected.erased, withheld: expected.withheld });
      else expect(named(verdict)[0]).toBe(expected.block);
    },
  );
  // One of each outcome is among them, whatever else comes up.
  const examples: [Places, Places, boolean][] = [
    [[[4, 0]], [[4, 0]], false],
    [[[4, 0]], [[4, 1]], false],
    [[[4, 0]], [[4, 1]], true],
  ];
  await fc.assert(property, { numRuns: 60, examples });
  expect([...outcomes].sort()).toEqual(['false false', 'true false', 'true true']);
});
