// Random sequences of all that decides who may read what: every key opens exactly what a simple model says, the public
// verdict stays good, and nothing that is forced in behind it is taken.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MedsealError } from '../../src/errors.js';
import { type VerifyLedgerOptions, verifyLedger } from '../../src/ledger/verify.js';
import { encodeSaved, parseSaved, type SavedState } from '../../src/verify/saved.js';
import type { Verdict } from '../../src/verify/verdict.js';
import * as model from '../helpers/access-model.js';
import * as world from '../helpers/access-world.js';
import { refusal } from '../helpers/dataset-fixture.js';
import { approvedErasure, type Forgery, forgedApprovals, forgedStatements } from '../helpers/forgeries.js';
import { linesOf, streamOf, textOf } from '../helpers/ledgers.js';
import { owner } from '../helpers/people.js';
import { blockBehind, hashesOf, parse } from '../helpers/tampering.js';
import { hoard } from '../oracle/hoard.js';

const READERS = ['ann', 'bob', 'eve', 'nurse', 'researcher', 'ward'];
const MEMBERS = ['ann', 'bob', 'eve'];

const deed = fc.record({
  do: fc.constantFrom(
    ...['seal', 'seal', 'seal', 'grant', 'grant', 'grant', 'revoke', 'revoke', 'create', 'join', 'join'],
    ...['leave', 'leave', 'renew', 'erase', 'amend', 'amend'],
  ),
  table: fc.constantFrom('visits', 'visits', 'labs'),
  groups: fc.constantFrom([0], [1], [0, 1]),
  reader: fc.constantFrom(...READERS),
  role: fc.constantFrom('nurse', 'nurse', 'researcher', 'ward'),
  member: fc.constantFrom(...MEMBERS, 'ann', 'bob', 'owner', 'ward'),
  members: fc.subarray(MEMBERS),
  rows: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(2)),
});
type Deed = typeof deed extends fc.Arbitrary<infer Value> ? Value : never;

/** What a sequence is begun with, so that most of it is about something. */
const BEGINNING: readonly Partial<Deed>[] = [
  { do: 'seal', table: 'visits', rows: [1, 2] },
  { do: 'create', role: 'nurse', members: ['ann', 'bob'] },
  { do: 'create', role: 'ward', members: ['bob', 'eve'] },
  { do: 'grant', table: 'visits', groups: [0, 1], reader: 'nurse' },
];

const member = (what: 'join' | 'leave', role: Deed['role'], member: string): Deed => ({
  ...{ do: what, role, member, members: [], reader: 'eve' },
  ...{ table: 'visits', groups: [0], rows: [1, 0] },
});

/** Sequences that have once gone wrong. */
const EXAMPLES: [Deed[], boolean, number][] = [
  [[member('leave', 'nurse', 'bob'), member('leave', 'nurse', 'ann')], false, 0],
  [[member('join', 'nurse', 'ward'), member('leave', 'ward', 'eve')], true, 1],
];

interface Course {
  readonly told: model.AccessModel;
  readonly made: world.World;
  /** Makes values that no other row has. */
  count: number;
  saved: SavedState | null;
}

/** Does one thing in the model and with the package. What the model says cannot be done must be refused. */
async function take(
  course: Course,
  { do: what, table, groups, reader, role, member, members, rows }: Deed,
): Promise<void> {
  const { told, made } = course;
  const [from, more] = rows ?? [1, 0];
  const range = { from, to: from + more };
  const numbers = Array.from({ length: more + 1 }, (_, i) => from + i);
  const deeds: Record<string, () => readonly [boolean, () => Promise<unknown>]> = {
    seal: () => {
      const fresh = Array.from({ length: 1 + more }, () => ['i', 'n', 'd'].map((letter) => letter + ++course.count));
      const tell = told.tables.has(table) ? model.append : model.sealTable;
      return [tell(told, table, fresh), () => world.sealRows(made, table, fresh)];
    },
    grant: () => [model.grant(told, table, groups, reader), () => world.grantTo(made, table, groups, reader)],
    revoke: () => [model.revoke(told, table, groups, reader), () => world.revokeFrom(made, table, groups, reader)],
    // A role that is its own member would be one that never changes.
    join: () =>
      role === member
        ? [true, async () => null]
        : [model.addMember(told, role, member), () => world.joinRole(made, role, member)],
    create: () => [model.createRole(told, role, members), () => world.newRole(made, role, members)],
    leave: () => [model.removeMember(told, role, member), () => world.leaveRole(made, role, member)],
    renew: () => [model.renew(told, table), () => world.renewTable(made, table)],
    erase: () => [model.erase(told, table, groups, numbers), () => world.eraseRows(made, table, groups, range)],
    amend: () => {
      const drug = `d${++course.count}`;
      return [model.amend(told, table, from, drug), () => world.amendDrug(made, table, from, drug)];
    },
  };
  const [possible, attempt] = deeds[what]!();
  if (possible) return void (await attempt());
  const before = await made.ledger.size();
  expect(await refusal(attempt)).toBeInstanceOf(MedsealError);
  expect(await made.ledger.size()).toBe(before);
}

async function verified(lines: readonly string[], options: VerifyLedgerOptions = {}) {
  const states: SavedState[] = [];
  const onState = (state: SavedState): number => states.push(parseSaved(encodeSaved(state)));
  const pinned = { owner: owner.publicKey as never, threads: 1, onState };
  const verdict = await verifyLedger(streamOf(textOf(lines)), { ...pinned, ...options });
  return { verdict, state: states[0] ?? null };
}

/** The verdict is good, and the same from the state that was saved a step before. */
async function expectGood(course: Course): Promise<void> {
  const lines = await linesOf(course.made.ledger);
  const whole = await verified(lines);
  expect(whole.verdict).toMatchObject({ ok: true, problems: [] });
  const later = course.saved === null ? whole : await verified(lines, { since: course.saved });
  const plain = ({ notices, since: _since, ...rest }: Verdict) => ({
    ...rest,
    notices: notices.filter(({ code }) => code !== 'TAKEN_FROM_STATE'),
  });
  expect(plain(later.verdict)).toEqual(plain(whole.verdict));
  course.saved = later.state;
}

/** Everybody opens what the model says, and is told of what has been erased. */
async function expectSight({ told, made }: Course, readers: readonly string[]): Promise<void> {
  for (const name of told.tables.keys()) {
    for (const reader of readers) {
      const sight = model.seen(told, name, reader);
      if (sight === null) {
        expect((await refusal(world.openAs(made, name, reader))).code).toBe('NOT_GRANTED');
        continue;
      }
      const { text, dataset } = await world.openAs(made, name, reader);
      const { verdict, erased, left, missing, closed } = dataset.report();
      expect({ reader, name, text }).toEqual({ reader, name, text: sight.text });
      expect(dataset.info.groups.map(({ access }) => access === 'open')).toEqual(sight.groups);
      const groups = ['identity', 'clinical'];
      expect(erased.map(({ row, group }) => [row, groups.indexOf(group)])).toEqual(sight.erased);
      expect({ ok: verdict.ok, left, missing, closed }).toEqual({ ok: true, left: [], missing: 0, closed: 0 });
    }
  }
}

/** Nobody opens more by keeping grants that have been revoked, and nobody less. */
async function expectHoards({ told, made }: Course): Promise<void> {
  const lines = await linesOf(made.ledger);
  const ledger = hashesOf(lines.slice(0, 1))[0]!;
  for (const reader of MEMBERS) {
    const contents = hoard(ledger, lines.map(parse), world.PEOPLE[reader]!.privateKey);
    expect({ reader, contents: contents.map((text) => text.trimEnd()).sort() }).toEqual({
      reader,
      contents: model.hoarded(told, reader),
    });
  }
}

/** Whatever is forced in behind the ledger is found, by a verification of all of it and by one that goes on. */
async function expectForgeriesFound({ made, saved }: Course, which: number): Promise<void> {
  const lines = await linesOf(made.ledger);
  const since = saved === null ? {} : { since: saved };
  const forced = async ({ data, by }: Omit<Forgery, 'code'>, options: VerifyLedgerOptions) =>
    (await verified([...lines, blockBehind(lines, data, by)], options)).verdict;
  const forgeries = [...(made.ruled ? forgedApprovals(lines) : []), ...forgedStatements(lines, made.ruled)];
  for (const [at, forgery] of forgeries.entries()) {
    const { problems } = await forced(forgery, at === which % forgeries.length ? {} : since);
    const found = problems.map(({ block, code }) => ({ block, code }));
    // What is not so is taken: each is found for the reason that it was made for.
    expect({ what: forgery.what, found }).toEqual({
      what: forgery.what,
      found: [{ block: lines.length + 1, code: forgery.code }],
    });
  }
  if (made.ruled) expect((await forced(approvedErasure(lines), {})).problems).toEqual([]);
}

test('every key opens exactly what a simple model says, and the verdict stays good', async () => {
  const sequence = fc.array(deed, { minLength: 4, maxLength: 14 });
  const property = fc.asyncProperty(sequence, fc.boolean(), fc.nat(), async (deeds, ruled, which) => {
    const course: Course = {
      told: model.newModel('owner', MEMBERS),
      made: await world.newWorld(ruled),
      count: 0,
      saved: null,
    };
    for (const each of [...BEGINNING, ...deeds]) {
      await take(course, each as Deed);
      await expectGood(course);
    }
    await expectSight(course, ['owner', ...MEMBERS]);
    await expectHoards(course);
    await expectForgeriesFound(course, which);
  });
  await fc.assert(property, { numRuns: 12, examples: EXAMPLES });
});
