// Blocks that are good each by itself, in another order, twice, or not all of them: what is named, and nothing else.

import { beforeAll, describe, expect, test } from 'vitest';
import { oracleText, raw, say } from '../../helpers/breaking.js';
import { verifyText } from '../../helpers/ledgers.js';
import { owner } from '../../helpers/people.js';

let lines: string[];

beforeAll(() => {
  const blocks = Array.from({ length: 11 }, (_, at) => raw(say({ kind: 'info-x', at })));
  lines = oracleText(blocks).split('\n').slice(0, -1);
});

const arranged = (order: string): string =>
  order
    .split(' ')
    .map((number) => lines[Number(number) - 1] + '\n')
    .join('');

/** The problems of blocks in this order: number, code, and the numbers that the message gives. */
async function problems(order: string): Promise<string[]> {
  const verdict = await verifyText(arranged(order), { owner: owner.publicKey });
  expect(verdict.ok).toBe(verdict.problems.length === 0);
  return verdict.problems.map(({ block, code, message }) => [block, code, ...(message.match(/\d+/g) ?? [])].join(' '));
}

test('as they were written', async () => {
  expect(await problems('1 2 3 4 5 6 7 8 9 10 11 12')).toEqual([]);
});

describe('some are missing', () => {
  test.each([
    ['1 2 6 7 8 9', ['3 BLOCK_MISSING 3 3 5']],
    ['1 2 4 5 7 8', ['3 BLOCK_MISSING 3', '6 BLOCK_MISSING 6']],
    ['3 4 5 6', ['1 BLOCK_MISSING 2 1 2']],
  ])('%s', async (order, expected) => {
    expect(await problems(order)).toEqual(expected);
  });
});

describe('some come late', () => {
  test.each([
    ['1 2 6 7 3 8', ['3 BLOCK_MISPLACED 3', '4 BLOCK_MISSING 2 4 5']],
    ['1 2 6 7 4 8', ['3 BLOCK_MISSING 2 3 5', '4 BLOCK_MISPLACED 4']],
    ['1 2 6 7 5 8', ['3 BLOCK_MISSING 2 3 4', '5 BLOCK_MISPLACED 5']],
    ['1 2 6 7 3 5 8', ['3 BLOCK_MISPLACED 2 3 5', '4 BLOCK_MISSING 4']],
    ['1 2 6 7 5 3 8', ['3 BLOCK_MISPLACED 2 3 5', '4 BLOCK_MISSING 4']],
    ['1 2 6 7 3 4 5 8', ['3 BLOCK_MISPLACED 3 3 5']],
    ['3 4 1 2 5 6', ['1 BLOCK_MISPLACED 2 1 2']],
    ['1 2 5 4 3 6 7', ['4 BLOCK_MISPLACED 2 4 5']],
    ['1 2 9 10 3 4 5 6 7 8 11 12', ['3 BLOCK_MISPLACED 6 3 8']],
  ])('%s', async (order, expected) => {
    expect(await problems(order)).toEqual(expected);
  });
});

describe('of several gaps, each knows its own', () => {
  const gaps = '1 2 4 6 8 10 11 12';
  test.each([
    [`${gaps} 3`, ['3 BLOCK_MISPLACED 3', '5 BLOCK_MISSING 5', '7 BLOCK_MISSING 7', '9 BLOCK_MISSING 9']],
    [`${gaps} 5`, ['3 BLOCK_MISSING 3', '5 BLOCK_MISPLACED 5', '7 BLOCK_MISSING 7', '9 BLOCK_MISSING 9']],
    [`${gaps} 7`, ['3 BLOCK_MISSING 3', '5 BLOCK_MISSING 5', '7 BLOCK_MISPLACED 7', '9 BLOCK_MISSING 9']],
    [`${gaps} 9`, ['3 BLOCK_MISSING 3', '5 BLOCK_MISSING 5', '7 BLOCK_MISSING 7', '9 BLOCK_MISPLACED 9']],
    [
      `${gaps} 6`,
      ['3 BLOCK_MISSING 3', '5 BLOCK_MISSING 5', '6 BLOCK_REPEATED 13', '7 BLOCK_MISSING 7', '9 BLOCK_MISSING 9'],
    ],
    [
      `${gaps} 5 5`,
      ['3 BLOCK_MISSING 3', '5 BLOCK_REPEATED 13', '5 BLOCK_MISPLACED 5', '7 BLOCK_MISSING 7', '9 BLOCK_MISSING 9'],
    ],
    ['1 2 4 6 8 10 3 5 7 9 11', [3, 5, 7, 9].map((number) => `${number} BLOCK_MISPLACED ${number}`)],
  ])('%s', async (order, expected) => {
    expect(await problems(order)).toEqual(expected);
  });
});

describe('some come early', () => {
  test.each([
    ['1 2 9 3 4 5 6 7 8 10 11', ['9 BLOCK_MISPLACED 9']],
    ['1 2 9 3 4 5 6 7 8', ['9 BLOCK_MISPLACED 3']],
    ['1 2 9 3 4 5 6 7', ['9 BLOCK_MISPLACED 3']],
    ['1 2 3 4 6 5', ['6 BLOCK_MISPLACED 5']],
    ['1 2 9 5 6 7 8 10 11', ['3 BLOCK_MISSING 2 3 4', '9 BLOCK_MISPLACED 9']],
    ['1 2 9 8 3 4 5 6 7 10 11', ['8 BLOCK_MISPLACED 2 8 9']],
  ])('%s', async (order, expected) => {
    expect(await problems(order)).toEqual(expected);
  });
});

describe('all come in reverse order', () => {
  const early = (numbers: number[], place: number): string[] =>
    numbers.map((number) => `${number} BLOCK_MISPLACED ${place}`);
  test.each([
    ['2 1', early([2], 1)],
    ['3 2 1', early([2, 3], 1)],
    ['12 11 10 9 8 7 6 5 4 3 2 1', early([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 1)],
    ['1 5 4 3 2', early([3, 4, 5], 2)],
  ])('%s', async (order, expected) => {
    expect(await problems(order)).toEqual(expected);
  });
});

describe('some come twice', () => {
  test.each([
    ['1 1 2 3', ['1 BLOCK_REPEATED 2']],
    ['1 2 3 3 4 5', ['3 BLOCK_REPEATED 4']],
    ['1 2 3 4 5 2', ['2 BLOCK_REPEATED 6']],
    ['1 2 6 7 2 8', ['2 BLOCK_REPEATED 8', '3 BLOCK_MISSING 3 3 5']],
    ['1 2 6 7 3 3 8', ['3 BLOCK_REPEATED 8', '3 BLOCK_MISPLACED 3', '4 BLOCK_MISSING 2 4 5']],
    ['1 2 9 3 4 5 6 7 8 9 10', ['9 BLOCK_REPEATED 3']],
    ['1 2 9 5 6 7 8 9 10', ['3 BLOCK_MISSING 2 3 4', '9 BLOCK_REPEATED 3']],
  ])('%s', async (order, expected) => {
    expect(await problems(order)).toEqual(expected);
  });
});
