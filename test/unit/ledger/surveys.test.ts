// Blocks inspected in threads: whatever they are and however they are shared out, the verdict is that of one by one.

import { copyFileSync } from 'node:fs';
import Database from 'libsql';
import { beforeAll, describe, expect, test } from 'vitest';
import { surveyStored } from '../../../src/ledger/survey-tasks.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { fileIdentity } from '../../../src/store/sqlite/file.js';
import { blocksOf } from '../../../src/verify/survey.js';
import { refusal, temporaryFolder } from '../../helpers/dataset-fixture.js';
import { richLedger } from '../../helpers/ledgers.js';
import { NOW, owner } from '../../helpers/people.js';

const temporary = temporaryFolder();
const pinned = { now: new Date(NOW), owner: owner.publicKey };
let path = '';

beforeAll(async () => {
  path = temporary.path('rich.medseal');
  await (await richLedger('surveys', path)).close();
});

describe('in threads', () => {
  const changes: [string, string][] = [
    ['nothing is changed', 'SELECT 1'],
    ['a block is gone', 'DELETE FROM blocks WHERE position = 8'],
    ['two blocks are gone', 'DELETE FROM blocks WHERE position IN (8, 9)'],
    ['the first block is gone', 'DELETE FROM blocks WHERE position = 1'],
    ['a signature is another', `UPDATE blocks SET head = replace(head, '"proof":', '"proof":1') WHERE position = 6`],
    [
      'salts are those of another',
      'UPDATE blocks SET salts = (SELECT salts FROM blocks WHERE position = 10) WHERE position = 11',
    ],
    ['a block stands far away', 'UPDATE blocks SET position = 9007199254740991 WHERE position = 21'],
    ['blocks stand apart', 'UPDATE blocks SET position = position * 1000 WHERE position > 15'],
    ['a block is no block', `UPDATE blocks SET head = '{}' WHERE position = 21`],
    ['nodes are others', 'UPDATE blocks SET nodes = zeroblob(length(nodes))'],
    ['nodes are gone', `UPDATE blocks SET nodes = x'00'`],
    ['nothing is there', 'DELETE FROM blocks'],
  ];

  test.each(changes)('%s', async (_, sql) => {
    const file = temporary.path('changed.medseal');
    copyFileSync(path, file);
    const database = new Database(file);
    database.exec(sql);
    database.close();
    const oneByOne = await verifyLedger(file, { ...pinned, onBlock() {} });
    for (const threads of [1, 2, 3]) expect(await verifyLedger(file, { ...pinned, threads })).toEqual(oneByOne);
  });

  test('until they are told to stop', async () => {
    const stopped = verifyLedger(path, { ...pinned, threads: 2, signal: AbortSignal.abort() });
    expect((await refusal(stopped)).code).toBe('ABORTED');
  });
});

test('what is more than a part may be is left for another', async () => {
  const identity = fileIdentity(path);
  const whole = { file: path, identity, from: 1, to: 21, options: {} };
  const parts: number[] = [];
  for (const most of [
    { blocks: 4, bytes: 1 << 20 },
    { blocks: 100, bytes: 1 },
  ]) {
    let part: Parameters<typeof surveyStored.run>[0] | null = { ...whole, most };
    while (part !== null) {
      const { survey, rest } = await surveyStored.run(part);
      parts.push([...blocksOf(survey)].length);
      part = rest;
    }
  }
  expect(parts).toEqual([4, 4, 4, 4, 4, 1, ...Array<number>(21).fill(1)]);
});

test('a file that another has replaced is told', async () => {
  const part = { file: path, identity: '0 0', from: 1, to: 21, options: {}, most: { blocks: 4, bytes: 1 << 20 } };
  expect((await refusal(() => surveyStored.run(part))).code).toBe('FILE_CHANGED');
});
