// What a ledger's statements add up to, and that a bad block adds nothing to it.

import { beforeAll, describe, expect, test } from 'vitest';
import { type Curve, loadCurve, type PublicKey } from '../../../../src/crypto/secp256k1.js';
import { decodeLine } from '../../../../src/format/exchange.js';
import { type InspectedEntry, inspectBlock } from '../../../../src/verify/inspect.js';
import { type Bits, eachBit } from '../../../../src/verify/state/bits.js';
import type { LedgerData } from '../../../../src/verify/state/data.js';
import { type BlockPlace, LedgerState } from '../../../../src/verify/state.js';
import { BASE, oracleText } from '../../../helpers/breaking.js';
import { owner, reader, recovery, stranger, writer } from '../../../helpers/people.js';
import {
  amend,
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
} from '../../../oracle/say.js';
import { vectorsIn } from '../../../vectors/files.js';

let curve: Curve;
beforeAll(async () => {
  curve = await loadCurve();
});

interface Inspected {
  readonly place: BlockPlace;
  readonly entries: readonly InspectedEntry[];
}

function inspected(lines: readonly string[]): Inspected[] {
  let ledger: string | null = null;
  return lines.map((line) => {
    const found = inspectBlock(decodeLine(Buffer.from(line)), curve);
    if (found.kind !== 'sound' || found.entries === null) throw new Error('the block is not sound');
    ledger ??= found.hash;
    const { index, timestamp, signer } = found.block.header;
    return { place: { index, timestamp, signer, ledger }, entries: found.entries };
  });
}

function stateOf(...blocks: Entries[]): LedgerState {
  const text = oracleText([...BASE, ...blocks.map((entries) => ({ step: 'raw', entries }) as const)], {
    recovery: [recovery.publicKey],
  });
  const state = new LedgerState(curve);
  state.begin(owner.publicKey as PublicKey);
  for (const { place, entries } of inspected(text.split('\n').slice(0, -1))) {
    expect(state.apply(place, entries)).toBeNull();
  }
  return state;
}

/** The data, its bitmaps as the numbers in them: what was taken back leaves an empty bitmap. */
function plain(data: LedgerData): object {
  const numbers = (bits: Bits): number[] => [...eachBit(bits)];
  const { erased, saltless, bodiless } = data;
  return structuredClone({
    ...data,
    erased: numbers(erased),
    saltless: numbers(saltless),
    bodiless: numbers(bodiless),
  });
}

describe('a block that is refused at its end leaves nothing behind', () => {
  const good = vectorsIn<{ export?: string[] }>('verify').filter(
    // Of these a signature is invalid, which the owner vouches for.
    ([name]) => name.startsWith('ok-') && !['ok-quick-vouched', 'ok-quick-checkpoint'].includes(name),
  );
  const nobodys = { kind: 'statement', statement: { kind: 'ledger' }, signed: true } as unknown as InspectedEntry;

  /** What must not be said behind these: a second `ledger`, or where nothing else may stand, the same access again. */
  function wrongBehind(entries: readonly InspectedEntry[]): InspectedEntry {
    const accesses = entries.every((entry) => entry.kind === 'statement' && entry.statement.kind === 'access');
    return accesses ? entries[0]! : nobodys;
  }

  test.each(good)('%s', (_, vector) => {
    const state = new LedgerState(curve);
    for (const { place, entries } of inspected(vector.export ?? [])) {
      state.begin(place.signer);
      const before = plain(state.data);
      expect(state.apply(place, [...entries, wrongBehind(entries)])).toMatchObject({ entry: entries.length });
      expect(plain(state.data)).toEqual(before);
      expect(state.apply(place, entries)).toBeNull();
    }
  });

  test('nor one whose last check fails', () => {
    const state = stateOf(role('nurses', 'nurses 1', [owner.publicKey, recovery.publicKey, reader.publicKey]));
    const before = plain(state.data);
    const text = oracleText([...BASE, { step: 'raw', entries: revokeRole('nurses 1', reader.publicKey) }]);
    const [block] = inspected(text.split('\n').slice(-2, -1));
    expect(state.apply(block!.place, block!.entries)).toMatchObject({ code: 'ROTATION_MISSING', entry: 0 });
    expect(plain(state.data)).toEqual(before);
  });
});

const all = [owner, recovery, reader].map(({ publicKey }) => publicKey);
const standing = [owner.publicKey, recovery.publicKey];

function keyOf(state: LedgerState, number: number) {
  const dataset = [...state.datasets.values()][number]!;
  return state.keys.get(dataset.keys[0]!)!;
}

describe('who may read what', () => {
  test('since which block, and until when', () => {
    const date = '2026-01-01T00:00:00.000Z';
    const state = stateOf(grantSet('own', [reader.publicKey]), grantSet('own', [reader.publicKey], { expires: date }));
    const key = keyOf(state, 0);
    expect([...key.holders.keys()]).toEqual([...standing, reader.publicKey]);
    expect(key.holders.get(reader.publicKey as PublicKey)).toEqual({ since: 7, block: 8, entry: 0, expires: date });
    expect(state.data.held.get(reader.publicKey as PublicKey)?.size).toBe(1);
  });

  test('a role has its members, before and after one leaves', () => {
    const second = rolePair('nurses 2').publicKey;
    const state = stateOf(
      role('nurses', 'nurses 1', all),
      grantSet('own', [rolePair('nurses 1').publicKey]),
      together(
        revokeRole('nurses 1', reader.publicKey),
        role('nurses', 'nurses 2', standing),
        grantRole('nurses 1', [second]),
      ),
    );
    const now = state.roles.get('nurses');
    expect(now).toEqual({ name: 'nurses', publicKey: second, block: 9 });
    expect([...state.keys.get(second)!.holders.keys()]).toEqual(standing);
    expect(state.keys.get(rolePair('nurses 1').publicKey)).toMatchObject({ replacedBy: second, swept: true });
    expect(keyOf(state, 0)).toMatchObject({ kind: 'group', closed: true, replacedBy: null });
    expect(keyOf(state, 1)).toMatchObject({ kind: 'group', closed: false });
  });

  test('who is revoked holds the key no more', () => {
    const state = stateOf(
      grantSet('own', [reader.publicKey]),
      together(revokeSet('own', reader.publicKey), newKeys('own', standing)),
    );
    expect([...keyOf(state, 0).holders.keys()]).toEqual(standing);
    expect(state.authorityOf(reader.publicKey as PublicKey, 'accesses')).toBe('no');
  });

  test('when the owner changes, the old one holds nothing', () => {
    const state = stateOf(say({ kind: 'owner', public_key: stranger.publicKey }));
    expect([...keyOf(state, 0).holders.keys()]).toEqual([recovery.publicKey]);
    expect(state.owner).toBe(stranger.publicKey);
    expect([state.ownerAt(7), state.ownerAt(8)]).toEqual([owner.publicKey, stranger.publicKey]);
    expect([state.wasTakenOnBy(owner.publicKey), state.wasTakenOnBy(stranger.publicKey)]).toEqual([true, false]);
  });

  test('of an old copy, a signer is known by what the block holds', () => {
    const state = stateOf(grantSet('own', [reader.publicKey]));
    const may = (key: string, ...content: [] | ['accesses' | 'approved' | null]) =>
      state.authorityOf(key as PublicKey, ...content);
    expect([may(owner.publicKey), may(writer.publicKey), may(reader.publicKey)]).toEqual(['yes', 'yes', 'no']);
    expect([may(reader.publicKey, 'accesses'), may(reader.publicKey, null)]).toEqual(['yes', 'yes']);
    expect([may(reader.publicKey, 'approved'), may(stranger.publicKey, 'accesses')]).toEqual(['no', 'no']);
  });
});

test('corrections and erasures', () => {
  const state = stateOf(together(rows('own', 2, 3), amend('own', 1, 2), amend('own', 1, 3)), erase([4, 0], [7, 1]));
  const [amendments] = [...state.data.amendments.values()];
  expect(amendments).toEqual({
    versions: new Map([[1, [2, 3]]]),
    originals: new Map([
      [2, 1],
      [3, 1],
    ]),
  });
  expect(state.erased).toBe(2);
  expect([state.isErased(4, 0), state.isErased(7, 0), state.isErased(7, 1), state.isErased(8, 0)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([...state.pending()]).toEqual([
    { block: 4, entry: 0 },
    { block: 7, entry: 1 },
  ]);
  state.lacks(4, { salts: [0], bodies: [0] });
  state.lacks(7, { salts: [0], bodies: [] });
  expect([...state.pending()]).toEqual([{ block: 7, entry: 1 }]);
  expect([...state.unaccounted()]).toEqual([{ block: 7, entry: 0, salt: false, body: true }]);
  state.lacks(7, { salts: [], bodies: [0, 1] });
  expect([...state.unaccounted()]).toEqual([{ block: 7, entry: 0, salt: false, body: false }]);
  state.lacks(6, { salts: [], bodies: [0] });
  expect([...state.unaccounted()]).toEqual([
    { block: 7, entry: 0, salt: false, body: false },
    { block: 6, entry: 0, salt: true, body: false },
  ]);
});

test('who owns it, writes to it and gets every key', () => {
  const state = stateOf(say({ kind: 'owner', public_key: stranger.publicKey }));
  expect(state.owners).toEqual([
    { publicKey: owner.publicKey, from: 1, signed: true },
    { publicKey: stranger.publicKey, from: 8, signed: false },
  ]);
  expect([...state.writers]).toEqual([writer.publicKey]);
  expect(state.recovery).toEqual([recovery.publicKey]);
  expect(
    [...state.datasets.values()].map(({ block, nextRow, nextGroup, ends }) => [block, nextRow, nextGroup, ends]),
  ).toEqual([
    [3, 2, 0, []],
    [5, 2, 0, []],
  ]);
});

test('what a new ledger is, until something is said', () => {
  const state = new LedgerState(curve);
  expect([state.owners, state.recovery, state.rules, state.audit, state.difficulty]).toEqual([[], [], {}, false, 0]);
  expect([state.ownerAt(1), state.owner, state.isErased(1, 0)]).toEqual([null, null, false]);
});

test('audit, the key of a log, rules', () => {
  const rules = { erase: { from: [reader.publicKey], threshold: 1 } };
  const state = stateOf(
    say({ kind: 'audit', on: true }, { kind: 'log-key', public_key: 'ab'.repeat(32) }, { kind: 'rules', rules }),
  );
  expect(state.audit).toBe(true);
  expect(state.data.logKey).toEqual({ publicKey: 'ab'.repeat(32), block: 7 });
  expect(state.rules).toEqual(rules);
  expect(state.authorityOf(reader.publicKey as PublicKey, 'approved')).toBe('yes');
});

test('all of it is plain data', () => {
  const state = stateOf(role('nurses', 'nurses 1', all), erase([4, 0]));
  const again = new LedgerState(curve, structuredClone(state.data));
  expect(again.data).toEqual(state.data);
  expect(again.owner).toBe(owner.publicKey);
});
