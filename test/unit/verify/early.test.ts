// Blocks that stand before their turn: what is said of them once all have come.

import { describe, expect, test } from 'vitest';
import type { PublicKey } from '../../../src/crypto/secp256k1.js';
import type { Header } from '../../../src/format/header.js';
import { type EarlyBlock, Order, type Stranger } from '../../../src/verify/order.js';
import { stranger } from '../../helpers/people.js';

const nobody = (): boolean => false;
const unknown: Stranger = { signer: stranger.publicKey as PublicKey, content: 'anything' };
const early = (index: number, place: number, by: Stranger | null = null): EarlyBlock => ({
  index,
  place,
  stranger: by,
});

/** The header of a block behind a gap, as far as it matters. */
const behind = (index: number, previous_hash: string): Header => ({ index, previous_hash }) as Header;

function found(order: Order, next: number, maySign: (who: Stranger) => boolean = nobody): [number, string][] {
  return [...order.problems(next, maySign)].map(({ block, code }) => [block, code]);
}

test('nothing has stood before its turn yet', () => {
  const order = new Order();
  expect([order.hasEarly, order.untroubled, found(order, 1)]).toEqual([false, true, []]);
  order.standsEarly('a', early(5, 3));
  expect([order.hasEarly, order.untroubled]).toEqual([true, false]);
});

test('a gap is trouble by itself', () => {
  const order = new Order();
  order.gap(3, behind(4, 'x'));
  expect([order.hasEarly, order.untroubled, found(order, 5)]).toEqual([false, false, [[3, 'BLOCK_MISSING']]]);
});

describe('a block that stands early', () => {
  test('by a stranger, who turns out to be one or not', () => {
    const order = new Order();
    order.standsEarly('a', early(5, 3, unknown));
    expect(found(order, 9)).toEqual([[3, 'SIGNER_UNAUTHORISED']]);
    const asked: Stranger[] = [];
    expect(found(order, 9, (who) => asked.push(who) > 0)).toEqual([[3, 'LINK_BROKEN']]);
    expect(asked).toEqual([unknown]);
  });

  test('and again in its place', () => {
    const order = new Order();
    order.standsInPlace('a');
    order.standsEarly('a', early(5, 3, unknown));
    expect(found(order, 9)).toEqual([[3, 'SIGNER_UNAUTHORISED']]);
    order.standsInPlace('a');
    expect(found(order, 9)).toEqual([[5, 'BLOCK_REPEATED']]);
  });

  test('and whose turn never comes', () => {
    const order = new Order();
    order.standsEarly('a', early(5, 3));
    expect(found(order, 5)).toEqual([[5, 'BLOCK_MISPLACED']]);
    expect(found(order, 6)).toEqual([[3, 'LINK_BROKEN']]);
  });

  test('and is missed in its place', () => {
    const order = new Order();
    order.standsEarly('a', early(5, 3));
    order.gap(4, behind(7, 'b'));
    expect(found(order, 8)).toEqual([
      [5, 'BLOCK_MISPLACED'],
      [4, 'BLOCK_MISSING'],
    ]);
  });

  test('in the place of one that is missing', () => {
    const order = new Order();
    order.standsEarly('a', early(9, 3));
    order.gap(3, behind(4, 'b'));
    expect(found(order, 12)).toEqual([[3, 'BLOCK_MISSING']]);
  });

  test('by a stranger, in the place of one that is missing or not', () => {
    const order = new Order();
    order.standsEarly('a', early(9, 3, unknown));
    order.gap(3, behind(5, 'b'));
    order.standsEarly('c', early(9, 4, unknown));
    expect(found(order, 12)).toEqual([
      [4, 'SIGNER_UNAUTHORISED'],
      [3, 'BLOCK_MISSING'],
    ]);
  });

  test('and that the block behind the gap was made after', () => {
    const order = new Order();
    order.standsEarly('a', early(5, 3, unknown));
    order.gap(3, behind(6, 'a'));
    expect(order.hasEarly).toBe(false);
    expect(found(order, 7)).toEqual([
      [5, 'BLOCK_MISPLACED'],
      [3, 'BLOCK_MISSING'],
    ]);
  });
});

test('a block that comes late is missed once, and only where there was a gap', () => {
  const order = new Order();
  order.gap(3, behind(5, 'x'));
  order.gap(8, behind(9, 'y'));
  expect([2, 3, 3, 5, 7, 8, 9].map((index) => order.standsLate(index))).toEqual([
    false,
    true,
    false,
    false,
    false,
    true,
    false,
  ]);
  expect(found(order, 10)).toEqual([
    [3, 'BLOCK_MISPLACED'],
    [4, 'BLOCK_MISSING'],
    [8, 'BLOCK_MISPLACED'],
  ]);
});

test('of several that come late the first is named, in the order of numbers', () => {
  const order = new Order();
  order.gap(3, behind(12, 'x'));
  for (const index of [11, 10, 9, 4]) expect(order.standsLate(index)).toBe(true);
  expect(found(order, 13)).toEqual([
    [4, 'BLOCK_MISPLACED'],
    [3, 'BLOCK_MISSING'],
  ]);
  const whole = new Order();
  whole.gap(9, behind(11, 'x'));
  for (const index of [10, 9]) expect(whole.standsLate(index)).toBe(true);
  expect(found(whole, 12)).toEqual([[9, 'BLOCK_MISPLACED']]);
});
