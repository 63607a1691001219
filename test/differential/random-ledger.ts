// Random ledgers: all kinds of statements, by signers with any set of rights, most blocks good by the naive implementation,
// the last one as it comes; then perhaps something is done to its lines.

import { OFF_CURVE, START, seeded } from '../helpers/people.js';
import type { NextNumber } from '../helpers/random-numbers.js';
import { finishBlock, type Header } from '../oracle/block.js';
import { b64, Fault, fromHex, H, hex, join, label, u64, utf8 } from '../oracle/bytes.js';
import type { JsonObject } from '../oracle/jcs.js';
import { jcs } from '../oracle/jcs.js';
import { applyBlock, type Entry, genesisState, type State } from '../oracle/rules.js';
import { access, approved, type Entries, rolePair } from '../oracle/say.js';
import { type GroupKey, groupKey, headFields, sealRecord } from '../oracle/seal.js';
import { oracleLedger, publicKeyOf, type RawEntry, type Step, type WriterContext } from '../oracle/write.js';

const PEOPLE = ['01', '02', '04', '06', '07', '08', '05'].map((byte) => byte.repeat(32));
const [OWNER = ''] = PEOPLE;
const KEYS = PEOPLE.map(publicKeyOf);
const PAIRS = ['a', 'b', 'c', 'd'];
const RULED = [
  'audit',
  'erase',
  'rules',
  'owner',
  'role',
  'grant',
  'dataset-keys',
  'dataset-end',
  'writer',
  'recovery',
  'revoke',
];

export interface RandomLedger {
  readonly lines: string[];
  /** The pinned owner. */
  readonly owner?: string;
  readonly withoutBodies: boolean;
  /** Whether lines are no longer where they were made: what the first problem is then, takes the whole diagnosis. */
  readonly moved: boolean;
}

/** A data set as it has been written so far. */
interface Written {
  readonly id: string;
  readonly keys: GroupKey[];
  rows: number;
}

class Maker {
  readonly #next: NextNumber;
  readonly #sets: Written[] = [];
  #state: State | null = null;
  #blocks = 1;

  constructor(next: NextNumber) {
    this.#next = next;
  }

  one<T>(list: readonly T[]): T {
    return list[this.#next(list.length)] as T;
  }

  some<T>(list: readonly T[]): T[] {
    return list.filter(() => this.#next(2) === 0);
  }

  chance(percent: number): boolean {
    return this.#next(100) < percent;
  }

  rules(): JsonObject {
    const rules: JsonObject = {};
    for (const kind of RULED) {
      if (!this.chance(22)) continue;
      const from = this.some(KEYS.slice(0, 5));
      if (from.length > 0) rules[kind] = { from, threshold: 1 + this.#next(Math.min(2, from.length)) };
    }
    return rules;
  }

  /** A step of the writer's: what it holds, and who signs it, is decided when its turn comes. */
  step(genesis: JsonObject, unfiltered: boolean): Step {
    const step: Step & { by?: string } = {
      step: 'raw',
      entries: (context) => {
        this.#state ??= this.#begin(context, genesis);
        const place = { index: this.#blocks + 1, timestamp: this.#timeOf(this.#blocks), signer: '' };
        for (let tries = 0; ; tries++) {
          const [sets, random] = [structuredClone(this.#sets), this.#signer()];
          const entries = this.#entries(context, random);
          const state = structuredClone(this.#state);
          const good = isGood(state, { ...place, signer: publicKeyOf(random) }, entries);
          if (!good && !unfiltered && tries < 12) {
            this.#sets.splice(0, this.#sets.length, ...sets);
            continue;
          }
          this.#blocks++;
          if (good) this.#state = state;
          step.by = random;
          return entries;
        }
      },
    };
    return step;
  }

  #begin({ ledger }: WriterContext, genesis: JsonObject): State {
    const statement = { ...genesis, kind: 'ledger', owner: KEYS[0]!, difficulty: 0 };
    const state = genesisState({ statement }, KEYS[0]!, hex(ledger));
    applyBlock(state, { index: 1, timestamp: START, signer: KEYS[0]! }, [{ statement }]);
    return state;
  }

  #timeOf(block: number): string {
    return new Date(Date.parse(START) + block * 1000).toISOString();
  }

  /** Mostly somebody who may sign something. */
  #signer(): string {
    const { owner, writers, rules } = this.#state!;
    const approvers = Object.values(rules).flatMap(({ from }) => from);
    const known = this.chance(45) ? [owner] : this.chance(50) ? [...writers] : this.chance(70) ? approvers : [];
    const place = KEYS.indexOf(known.length > 0 ? this.one(known) : this.one(KEYS));
    return PEOPLE[place < 0 ? 0 : place] as string;
  }

  #entries(context: WriterContext, signer: string): RawEntry[] {
    const count = this.chance(60) ? 1 : 1 + this.#next(4);
    return Array.from({ length: count }, () => this.#deed(signer)(context)).flat();
  }

  #deed(signer: string): Entries {
    const state = this.#state!;
    const deeds: [weight: number, deed: () => Entries][] = [
      [8, () => () => this.#begun(signer)],
      [16, () => (context) => this.#rows(context)],
      [4, () => () => this.#newKeys(signer)],
      [4, () => () => this.#end()],
      [4, () => () => this.#amend()],
      [5, () => () => [this.#grant(this.#keyName(), this.one(this.#readers()))]],
      [6, () => () => this.#role(signer)],
      [4, () => () => [this.#revoke()]],
      [4, () => () => [{ kind: this.chance(70) ? 'writer' : 'writer-removed', public_key: this.one(KEYS) }]],
      [2, () => () => [{ kind: 'owner', public_key: this.one([...KEYS, rolePair(this.one(PAIRS)).publicKey]) }]],
      [2, () => () => [{ kind: 'recovery', public_keys: this.some(KEYS).slice(0, 2) }]],
      [
        3,
        () => () => [
          { kind: 'rules', rules: this.chance(80) ? this.rules() : { audit: { from: [OFF_CURVE], threshold: 1 } } },
        ],
      ],
      [4, () => () => [this.#erase()]],
      [2, () => () => [{ kind: 'audit', on: this.chance(50) }]],
      [1, () => () => [{ kind: 'log-key', public_key: 'ab'.repeat(32) }]],
      [4, () => () => [{ kind: 'info-x', text: 'é' }]],
      [3, () => this.#access(signer)],
      [
        1,
        () => () => [
          {
            kind: 'ledger',
            owner: KEYS[0]!,
            difficulty: 0,
            nonce: '00'.repeat(16),
            rules: {},
            recovery: [],
            audit: false,
          },
        ],
      ],
    ];
    const all = deeds.flatMap(([weight, deed]) => new Array<() => Entries>(weight).fill(deed));
    const made = this.one(all)();
    return (context) => made(context).flatMap((entry, place) => this.#approvedWhereRuled(entry, place, state, context));
  }

  /** What a rule is for gets approvals, mostly enough of them; sometimes what none is for does, too. */
  #approvedWhereRuled(entry: RawEntry, place: number, { rules }: State, context: WriterContext): RawEntry[] {
    if (!('kind' in entry)) return [entry];
    const kind = String(entry.kind);
    const of = kind === 'rules' ? Object.values(rules) : Object.hasOwn(rules, kind) ? [rules[kind]!] : [];
    const wanted = of.length > 0 && (kind !== 'grant' || place === 0) ? 92 : 2;
    if (['ledger', 'access'].includes(kind) || kind.startsWith('info-') || !this.chance(wanted)) return [entry];
    const names = of.flatMap(({ from, threshold }) => (this.chance(80) ? from.slice(0, threshold) : this.some(from)));
    const by = PEOPLE.filter((_, i) => names.includes(KEYS[i]!) || this.chance(2));
    if (by.length === 0) return [entry];
    const change: JsonObject = this.chance(96)
      ? {}
      : this.one<JsonObject>([{ until: START }, { ledger: 'ab'.repeat(32) }, { proposal: 'cd'.repeat(16) }]);
    const [statement] = approved(entry as JsonObject, by, change)(context) as JsonObject[];
    if (this.chance(97)) return [statement!];
    const forged = (statement!.approvals as JsonObject[]).map((each) => ({ ...each, by: this.one(KEYS) }));
    return [{ ...statement!, approvals: forged }];
  }

  #set(): Written {
    return this.one(this.#sets);
  }

  #bytes(length: number): Uint8Array {
    return H(utf8('random'), u64(this.#next(2 ** 40)), u64(this.#blocks)).slice(0, length);
  }

  #key(): GroupKey {
    return groupKey(fromHex(this.#state!.ledger, 32), this.#bytes(32));
  }

  #grant(name: JsonObject, to: string, change: JsonObject = {}): JsonObject {
    // Nobody opens it here: it has the form of a wrapped key, and that is all that a verifier looks at.
    const when = this.chance(90)
      ? {}
      : { expires: this.one([START, '2025-03-01T12:00:05.000Z', '2026-01-01T00:00:00.000Z']) };
    return {
      kind: 'grant',
      ...name,
      to,
      enc: b64(new Uint8Array(65)),
      wrapped: b64(new Uint8Array(48)),
      ...when,
      ...change,
    };
  }

  /** To whom a new key must be granted, mostly all of them, and sometimes others. */
  #grants(name: JsonObject, signer: string, replaces: string | null): JsonObject[] {
    const { owner, recovery, writers, grants } = this.#state!;
    const holders = grants.filter(({ key }) => key === replaces).map(({ to }) => to);
    const all = [owner, ...recovery, ...(writers.has(publicKeyOf(signer)) ? [publicKeyOf(signer)] : []), ...holders];
    const readers = [...new Set(all)].filter(() => this.chance(98));
    if (this.chance(6)) readers.push(this.one(KEYS));
    return readers
      .map((to) => this.#grant(name, to, this.chance(98) ? { expires: undefined as never } : {}))
      .map(withoutUndefined);
  }

  #begun(signer: string): RawEntry[] {
    const id = hex(this.#bytes(16));
    const keys = Array.from({ length: 1 + this.#next(2) }, () => this.#key());
    const set: Written = { id, keys, rows: -1 };
    this.#sets.push(set);
    const grants = keys.flatMap((key) => this.#grants({ key_id: hex(key.keyId) }, signer, null));
    return [{ kind: 'dataset', id, keys: keys.map(({ keyId }) => hex(keyId)) }, ...grants];
  }

  #rows({ ledger, random }: WriterContext): RawEntry[] {
    if (this.#sets.length === 0) return [{ kind: 'info-none' }];
    const set = this.#set();
    return Array.from({ length: 1 + this.#next(2) }, () => {
      set.rows += this.chance(97) ? 1 : this.#next(3);
      const keys = set.keys.filter(() => this.chance(98));
      return keys.map((key) => sealRecord(ledger, key, Math.max(0, set.rows), utf8('x\n'), random));
    }).flat();
  }

  #newKeys(signer: string): RawEntry[] {
    if (this.#sets.length === 0) return [{ kind: 'info-none' }];
    const set = this.#set();
    const grants: JsonObject[] = [];
    for (const [group, old] of set.keys.entries()) {
      if (group > 0 && this.chance(50)) continue;
      const key = this.#key();
      set.keys[group] = key;
      grants.push(...this.#grants({ key_id: hex(key.keyId) }, signer, hex(old.keyId)));
    }
    return [{ kind: 'dataset-keys', id: set.id, keys: set.keys.map(({ keyId }) => hex(keyId)) }, ...grants];
  }

  #end(): RawEntry[] {
    if (this.#sets.length === 0) return [{ kind: 'info-none' }];
    const { id, rows } = this.#set();
    return [{ kind: 'dataset-end', id, rows: Math.max(0, this.chance(95) ? rows : rows + 1) }];
  }

  #amend(): RawEntry[] {
    if (this.#sets.length === 0) return [{ kind: 'info-none' }];
    const { id, rows } = this.#set();
    return [{ kind: 'amend', id, row: 1 + this.#next(3), by: Math.max(1, rows - this.#next(2)), reason: 'mistyped' }];
  }

  #keyName(): JsonObject {
    const roles = this.#state!.keys.filter(({ group }) => group === undefined);
    if (this.#sets.length > 0 && this.chance(70)) return { key_id: hex(this.one(this.#set().keys).keyId) };
    return { role_key: roles.length > 0 ? this.one(roles).name : rolePair('a').publicKey };
  }

  #readers(): string[] {
    return [...KEYS, ...this.#state!.keys.filter(({ group }) => group === undefined).map(({ name }) => name)];
  }

  #role(signer: string): RawEntry[] {
    const name = this.one(['nurses', 'staff']);
    const key = this.chance(97) ? rolePair(this.one(PAIRS)).publicKey : this.one(KEYS);
    const before = this.#state!.keys.findLast((each) => each.of === name && each.group === undefined && !each.replaced);
    const grants = this.#grants({ role_key: key }, signer, before?.name ?? null);
    const more: JsonObject[] = [];
    if (before !== undefined && this.chance(50)) more.push(this.#grant({ role_key: before.name }, key));
    return [{ kind: 'role', name, public_key: key }, ...grants, ...more];
  }

  #revoke(): JsonObject {
    const { grants } = this.#state!;
    const held = grants.length > 0 && this.chance(90) ? this.one(grants) : { key: '00'.repeat(16), to: this.one(KEYS) };
    const name = held.key.length === 32 ? { key_id: held.key } : { role_key: held.key };
    return { kind: 'revoke', ...name, from: held.to, reason: 'left' };
  }

  #erase(): JsonObject {
    const sealed = [...this.#state!.sealed].map((place) => place.split(' ').map(Number) as [number, number]);
    const chosen = sealed.filter(() => this.chance(30)).slice(0, 3);
    const entries = chosen.length > 0 ? chosen : [[this.#blocks, 0] as [number, number]];
    entries.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return { kind: 'erase', entries, reason: 'asked for', basis: 'GDPR Art. 17(1)(b)' };
  }

  #access(signer: string): Entries {
    if (this.#sets.length === 0) return () => [{ kind: 'info-none' }];
    const dataset = this.chance(95) ? this.#set().id : 'ee'.repeat(16);
    const by = this.chance(90) ? signer : this.one(PEOPLE);
    return (context) => access('x', by, { dataset })({ ...context, dataSets: [{ name: 'x', id: dataset } as never] });
  }
}

function withoutUndefined(statement: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(statement).filter(([, value]) => value !== undefined)) as JsonObject;
}

function isGood(
  state: State,
  place: { index: number; timestamp: string; signer: string },
  entries: RawEntry[],
): boolean {
  try {
    applyBlock(state, place, entries.map(toEntry));
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

function toEntry(entry: RawEntry): Entry {
  if (!('head' in entry)) return { statement: entry };
  const { keyId, row } = headFields(entry.head as Uint8Array);
  return { keyId, row };
}

/** @param next decides everything */
export function randomLedger(next: NextNumber, name: string): RandomLedger {
  const maker = new Maker(next);
  const rules = maker.chance(70) ? maker.rules() : {};
  const recovery = maker.chance(30) ? maker.some(KEYS.slice(3, 6)).slice(0, 2) : [];
  const length = 3 + next(14);
  const genesis = { rules, recovery };
  const steps = Array.from({ length }, (_, i) => maker.step(genesis, i === length - 1 && maker.chance(60)));
  const text = oracleLedger({ owner: OWNER, steps, random: seeded(name), start: START, rules, recovery });
  const lines = text.split('\n').slice(0, -1);
  const pins = [{}, { owner: KEYS[0]! }, { owner: KEYS[0]! }, { owner: maker.one(KEYS) }];
  return { ...changed(lines, maker, next), ...maker.one(pins) };
}

type Changed = Pick<RandomLedger, 'lines' | 'withoutBodies' | 'moved'>;

function changed(lines: string[], maker: Maker, next: NextNumber): Changed {
  const at = next(lines.length);
  const line = lines[at]!;
  const same = { lines, withoutBodies: maker.chance(10), moved: false };
  if (maker.chance(55)) return same;
  return maker.one<() => Changed>([
    () => ({ ...same, lines: lines.toSpliced(at, 1), moved: true }),
    () => ({ ...same, lines: lines.toSpliced(at, 1 + next(3)), moved: true }),
    () => ({ ...same, lines: lines.toSpliced(next(lines.length + 1), 0, line), moved: true }),
    () => ({ ...same, lines: swapped(lines, at, next(lines.length)), moved: true }),
    () => ({ ...same, lines: lines.with(at, withMember(line, { version: 2 })) }),
    () => ({ ...same, lines: lines.with(at, line.slice(0, next(line.length))), moved: true }),
    () => ({ ...same, lines: lines.with(at, signedAgain(line, maker)), moved: true }),
    () => ({ ...same, lines: lines.map((each) => (maker.chance(20) ? withoutContent(each, maker) : each)) }),
    () => ({ ...same, lines: lines.with(at, oneByteOther(line, next)), moved: true }),
  ])();
}

function swapped(lines: string[], a: number, b: number): string[] {
  return lines.with(a, lines[b]!).with(b, lines[a]!);
}

function withMember(line: string, members: JsonObject): string {
  return jcs({ ...(JSON.parse(line) as JsonObject), ...members });
}

/** The block with another time or history, signed by somebody. */
function signedAgain(line: string, maker: Maker): string {
  const { data, proof: _proof, signature: _signature, ...header } = JSON.parse(line) as JsonObject;
  const by = maker.one(PEOPLE);
  const change = maker.one<JsonObject>([
    {},
    { timestamp: '2025-03-01T11:00:00.000Z' },
    { timestamp: '2025-03-01T13:06:00.000Z' },
    { history_hash: '00'.repeat(32) },
    { previous_hash: '00'.repeat(32) },
  ]);
  const { line: made } = finishBlock(
    { ...header, ...change, signer: publicKeyOf(by) } as unknown as Header,
    data as JsonObject[],
    fromHex(by, 32),
  );
  return made.slice(0, -1);
}

function withoutContent(line: string, maker: Maker): string {
  const { data, ...members } = JSON.parse(line) as JsonObject & { data: JsonObject[] };
  const stubs = data.map((entry) => {
    if (entry.sealed === undefined || maker.chance(50)) return entry;
    const body = H(label('body'), Buffer.from(String(entry.body), 'base64url'));
    return { stub: b64(join(Buffer.from(String(entry.sealed), 'base64url'), body)) };
  });
  return jcs({ ...members, data: stubs });
}

function oneByteOther(line: string, next: NextNumber): string {
  const bytes = Buffer.from(line);
  bytes[next(bytes.length)] = 0x20 + next(95);
  return bytes.toString();
}
