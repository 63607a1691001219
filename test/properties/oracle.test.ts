// The package against an independent, naive implementation of the same specification: each reads what the other
// writes, and both refuse the same blocks.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGroup } from '../../src/dataset/groups.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { memoryStore } from '../../src/store/memory.js';
import {
  again,
  anotherLedger,
  BASE,
  type Entries,
  end,
  fresh,
  grant,
  nested,
  oracleText,
  otherSalt,
  raw,
  reversed,
  row,
  sameKey,
  say as saying,
  together,
} from '../helpers/breaking.js';
import { info, ledgerOf, linesOf, named, open, say, seal, textOf, verifyText } from '../helpers/ledgers.js';
import {
  NOW,
  OFF_CURVE,
  owner,
  type Person,
  reader,
  recovery,
  START,
  seeded,
  steppingClock,
  stranger,
  writer,
} from '../helpers/people.js';
import type { Header } from '../oracle/block.js';
import { oracleOpen } from '../oracle/open.js';
import { oracleVerify } from '../oracle/verify.js';
import { oracleLedger, type Step } from '../oracle/write.js';

const WRITERS: readonly Person[] = [writer, reader];

/** One thing that somebody does to a ledger; the numbers choose among what can be chosen from when its turn comes. */
interface Deed {
  readonly do: 'writer' | 'info' | 'grant' | 'seal' | 'append';
  readonly who: number;
  readonly which: number;
  readonly csv: Uint8Array;
  readonly blockSize: number;
  /** Whether the data set is left without its end; only the oracle does that. */
  readonly open: boolean;
}

function deeds(csv: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Deed[]> {
  const deed = fc.record<Deed>({
    do: fc.constantFrom('writer', 'info', 'grant', 'seal', 'seal', 'append'),
    who: fc.nat(9),
    which: fc.nat(9),
    csv,
    blockSize: fc.integer({ min: 1, max: 5 }),
    open: fc.boolean(),
  });
  return fc.array(deed, { minLength: 1, maxLength: 7 });
}

/** Who may do what, as far as the deeds need it. */
class Cast {
  readonly writers = new Set<Person>();
  readonly sets: { name: string; by: Person }[] = [];

  pick(number: number): Person {
    const all = [owner, ...this.writers];
    return all[number % all.length]!;
  }

  set(number: number): { name: string; by: Person } | undefined {
    return this.sets[number % Math.max(1, this.sets.length)];
  }

  /** The data set's own signer, while that may sign, or the owner. */
  continuing(set: { by: Person }, number: number): Person {
    return this.writers.has(set.by) && number % 2 === 0 ? set.by : owner;
  }
}

function oracleSteps(wanted: readonly Deed[]): Step[] {
  const cast = new Cast();
  return wanted.flatMap((deed): Step[] => {
    const set = cast.set(deed.which);
    const by = cast.pick(deed.who).privateKey;
    if (deed.do === 'info') return [{ step: 'info', kind: 'info-note', members: { number: deed.which }, by }];
    if (deed.do === 'writer') {
      const person = WRITERS[deed.who % WRITERS.length]!;
      if (cast.writers.delete(person)) return [{ step: 'remove-writer', publicKey: person.publicKey }];
      cast.writers.add(person);
      return [{ step: 'add-writer', publicKey: person.publicKey }];
    }
    if (deed.do === 'seal') {
      const name = `set ${cast.sets.length}`;
      cast.sets.push({ name, by: cast.pick(deed.who) });
      return [{ step: 'data-set', name, csv: deed.csv, blockSize: deed.blockSize, open: deed.open, by }];
    }
    if (set === undefined) return [];
    const continuing = cast.continuing(set, deed.who).privateKey;
    if (deed.do === 'grant') return [{ step: 'grant', name: set.name, to: reader.publicKey, by: continuing }];
    const { csv: rows, blockSize, open: unended } = deed;
    return [{ step: 'append', name: set.name, rows, blockSize, open: unended, by: continuing }];
  });
}

const PIECES = ['a', 'bc', '"', '""', ',', ',', '\n', '\r\n', '\r', 'é', '\ufeff', '\0', '\u{1f600}'];
const anyBytes = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 30 }).map((pieces) => Buffer.from(pieces.join(''))),
  fc.uint8Array({ minLength: 1, maxLength: 60 }),
);

test('what the oracle writes is verified and opened', async () => {
  const property = fc.asyncProperty(deeds(anyBytes), fc.nat(3), fc.boolean(), async (wanted, difficulty, recovers) => {
    const text = oracleLedger({
      owner: owner.privateKey,
      recovery: recovers ? [recovery.publicKey] : [],
      difficulty,
      steps: oracleSteps(wanted),
      random: seeded('oracle'),
      start: START,
    });
    const expected = oracleVerify(text, { now: NOW, owner: owner.publicKey });
    expect(expected.ok).toBe(true);
    if (!expected.ok) return;
    const { ledger, blocks, records, head } = expected;
    const verdict = await verifyText(text, { owner: owner.publicKey, ledger });
    expect(verdict).toMatchObject({ ok: true, ledger, owner: expected.owner, blocks, records, head, problems: [] });

    const imported = await ledgerOf(text);
    expect(textOf(await linesOf(imported))).toBe(text);
    for (const person of [owner, recovery, writer, reader]) {
      for (const { id, bytes } of oracleOpen(text, person.privateKey)) {
        expect(await open(imported, person, id)).toEqual(Buffer.from(bytes));
      }
    }
  });
  await fc.assert(property, { numRuns: 80 });
});

const field = fc.oneof(
  fc.string({ maxLength: 6 }).map((text) => `"${text.replaceAll('"', '""').replaceAll('\0', '')}"`),
  fc.constantFrom('', 'x', '12', 'ü'),
);
const table = fc
  .tuple(fc.array(fc.tuple(field, field), { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([rows, lineEnd, ended]) => {
    const lines = rows.map(([a, b], number) => `${number},${a},${b}`).join(lineEnd);
    return Buffer.from(`n,a,b${lineEnd}${lines}${ended && rows.length > 0 ? lineEnd : ''}`);
  });

/** Column groups of such a table: one, or two of which either has the last column. */
const GROUPINGS = [[], ['first=n,b', 'second=*'], ['first=a', 'second=b,1']].map((texts) => texts.map(parseGroup));

test('what the package writes, the oracle verifies and opens', async () => {
  const property = fc.asyncProperty(deeds(table), fc.nat(3), fc.boolean(), async (wanted, difficulty, recovers) => {
    const ledger = await createLedger(memoryStore(), await owner.identity(), {
      difficulty,
      recovery: recovers ? [recovery.publicKey] : [],
      clock: steppingClock(),
      random: seeded('package'),
    });
    const cast = new Cast();
    const contents = new Map<string, Buffer>();
    for (const deed of wanted) {
      const set = cast.set(deed.which);
      if (deed.do === 'info') await say(ledger, cast.pick(deed.who), info(`number ${deed.which}`));
      else if (deed.do === 'writer') {
        const person = WRITERS[deed.who % WRITERS.length]!;
        const { publicKey } = await person.identity();
        const removed = cast.writers.delete(person);
        if (!removed) cast.writers.add(person);
        await say(ledger, owner, { kind: removed ? 'writer-removed' : 'writer', public_key: publicKey });
      } else if (deed.do === 'seal') {
        const name = `set ${cast.sets.length}`;
        const by = cast.pick(deed.who);
        cast.sets.push({ name, by });
        contents.set(name, Buffer.from(deed.csv));
        await seal(ledger, { by, name, csv: deed.csv, blockSize: deed.blockSize, groups: GROUPINGS[deed.who % 3]! });
      } else if (deed.do === 'append' && set !== undefined) {
        const before = contents.get(set.name)!;
        const rows = Buffer.from(`9,new,${before.length}\n`);
        const lineEnd = before.includes('n,a,b\r\n') ? '\r\n' : '\n';
        const ended = /[\r\n]$/.test(before.toString('latin1')) ? '' : lineEnd;
        contents.set(set.name, Buffer.concat([before, Buffer.from(ended), rows]));
        const csv = Buffer.concat([Buffer.from('n,a,b\n'), rows]);
        const by = cast.continuing(set, 1);
        await seal(ledger, { by, name: set.name, csv, blockSize: deed.blockSize, append: true });
      }
    }
    const text = textOf(await linesOf(ledger));
    const verdict = await verifyText(text);
    expect(verdict.ok).toBe(true);
    const { blocks, records, head } = verdict;
    expect(oracleVerify(text, { now: NOW, owner: owner.publicKey })).toMatchObject({
      ok: true,
      ledger: verdict.ledger,
      owner: owner.publicKey,
      blocks,
      records,
      head,
    });
    const expected = [...contents].map(([name, bytes]) => ({ name, bytes: bytes.toString('latin1') }));
    for (const person of recovers ? [owner, recovery] : [owner]) {
      const opened = oracleOpen(text, person.privateKey);
      expect(opened.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes).toString('latin1') }))).toEqual(
        expected,
      );
    }
  });
  await fc.assert(property, { numRuns: 80 });
});

describe('a ledger with signed blocks of any content', () => {
  const people = fc.constantFrom(owner, owner, writer, writer, reader, stranger);
  const set = fc.constantFrom('own', 'labs');
  const number = fc.integer({ min: 0, max: 4 });
  const key = fc.constantFrom(
    { public_key: owner.publicKey },
    { public_key: writer.publicKey },
    { public_key: reader.publicKey },
    { public_key: OFF_CURVE },
    { public_key: 'no key' },
    { public_key: writer.publicKey, more: 1 },
  );
  const entries: fc.Arbitrary<Entries> = fc.oneof(
    fc.tuple(set, number).map(([name, n]) => row(name, n)),
    fc.tuple(set, number).map(([name, n]) => row(name, n, n + 1)),
    fc.tuple(set, number).map(([name, n]) => end(name, n)),
    fc
      .tuple(set, key)
      .map(([name, { public_key }]) => grant(name, { to: public_key }))
      .map(orNothing),
    set.map((name) => grant(name, { expires: '2025-02-30T00:00:00.000Z' })),
    set.map((name) => grant(name, { key_id: '00'.repeat(16) })),
    fc.subarray([owner, writer, recovery]).map((to) => fresh(to)),
    fc.constant(reversed(fresh([owner]))),
    set.map((name) => again(name)),
    set.map((name) => sameKey(name)),
    fc.tuple(set, number).map(([name, n]) => otherSalt(row(name, n))),
    key.map((member) => saying({ kind: 'writer', ...member })),
    key.map((member) => saying({ kind: 'writer-removed', ...member })),
    fc.constantFrom('info-x', 'info-', 'info-X', 'erase', 'toString', 'rules').map((kind) => saying({ kind })),
    fc.constantFrom('', 'x', '\n', '\u0085', 'é'.repeat(300)).map((text) => saying({ kind: 'info-x', text })),
    fc.integer({ min: 6, max: 9 }).map((depth) => saying({ kind: 'info-x', deep: nested(depth) })),
    fc.constant<Entries>(anotherLedger),
  );
  const header: fc.Arbitrary<Partial<Header>> = fc.oneof(
    { weight: 8, arbitrary: fc.constant({}) },
    fc.constantFrom<Partial<Header>>(
      { timestamp: START },
      { timestamp: '2025-03-01T11:59:59.999Z' },
      { timestamp: '2025-03-01T13:05:00.000Z' },
      { timestamp: '2025-03-01T13:05:00.001Z' },
      { timestamp: '2025-02-29T12:00:00.000Z' },
      { difficulty: 0 },
      { difficulty: 3 },
      { data_size: 9 },
      { data_hash: '00'.repeat(32) },
      { history_hash: '00'.repeat(32) },
      { previous_hash: '00'.repeat(32) },
      { previous_hash: '0' },
      { signer: OFF_CURVE },
      { index: 30 },
    ),
  );
  const block = fc
    .tuple(fc.array(entries, { minLength: 1, maxLength: 3 }), people, header)
    .map(([parts, by, change]) => raw(together(...parts), by, change));

  /** Nobody can wrap a key to something that is no key: such a grant is made up. */
  function orNothing(wrapping: Entries): Entries {
    return (context) => {
      try {
        return wrapping(context);
      } catch {
        return [{ kind: 'grant', key_id: '00'.repeat(16), to: OFF_CURVE, enc: '', wrapped: '' }];
      }
    };
  }

  const ledgers = fc.tuple(fc.array(block, { minLength: 1, maxLength: 3 }), fc.boolean());

  function textFrom([blocks, recovers]: readonly [Step[], boolean]): string {
    const steps: Step[] = [...BASE, ...blocks, { step: 'info', kind: 'info-last' }];
    return oracleText(steps, { difficulty: 1, recovery: recovers ? [recovery.publicKey] : [] });
  }

  test('is judged alike, down to the first bad block', async () => {
    const property = fc.asyncProperty(ledgers, async (made) => {
      const text = textFrom(made);
      const expected = oracleVerify(text, { now: NOW, owner: owner.publicKey });
      const verdict = await verifyText(text, { owner: owner.publicKey });
      expect(verdict.ok).toBe(expected.ok);
      if (expected.ok) expect(verdict).toMatchObject({ records: expected.records, head: expected.head });
      else expect(named(verdict)[0]).toBe(expected.block);
    });
    await fc.assert(property, { numRuns: 250 });
  });

  // With a fixed seed: chance does not decide how many of a kind come up.
  test('is bad often enough, and good sometimes', () => {
    const bad = fc
      .sample(ledgers, { numRuns: 250, seed: 1 })
      .filter((made) => !oracleVerify(textFrom(made), { now: NOW, owner: owner.publicKey }).ok);
    expect(bad.length).toBeGreaterThan(100);
    expect(bad.length).toBeLessThan(250);
  });
});
