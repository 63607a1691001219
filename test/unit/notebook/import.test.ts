// A notebook's chain, taken over into a ledger.

import { describe, expect, test } from 'vitest';
import { openDataset } from '../../../src/dataset/open.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { parseChain } from '../../../src/notebook/chain.js';
import { createChain } from '../../../src/notebook/create.js';
import { type ImportedChain, importChain } from '../../../src/notebook/import.js';
import {
  joined,
  newLedger,
  opened,
  owner,
  refusal,
  stranger,
  temporaryFolder,
  verified,
} from '../../helpers/dataset-fixture.js';
import { chainOf, keyHolder, made, withFields } from '../../helpers/notebook-chain.js';

const temporary = temporaryFolder();

function imported(ledger: Ledger, blocks: readonly unknown[], key = keyHolder): Promise<ImportedChain> {
  return importChain(ledger, owner, chainOf(blocks), key, { name: 'old', blockSize: 2, threads: 1 });
}

test('every row is sealed, with the index, the time and the hash of its block, and what had been cut', async () => {
  const ledger = await newLedger();
  const outcome = await imported(ledger, made.chain);
  expect(outcome).toMatchObject({ imported: true, sealed: { rows: 3, sealed: 3, already: false } });
  expect(await verified(ledger)).toMatchObject({ ok: true, records: 3 });
  const { info } = await openDataset(ledger, owner);
  expect(info.manifest?.columns.map(({ name }) => name)).toEqual([
    'drug name',
    'dose',
    'ok',
    'weight',
    'note',
    'long name of a column',
    'notebook_block',
    'notebook_timestamp',
    'notebook_hash',
    'notebook_cut',
  ]);
  const text = (await opened(ledger)).toString();
  const hash = String(made.chain[2]?.previous_hash);
  expect(text).toContain(`aspirin,100,True,1.5,"after meals, daily",short,2,${made.chain[1]?.timestamp},${hash},\n`);
  expect(
    text
      .trimEnd()
      .split('\n')
      .filter((line) => line.endsWith(',long name of a column')),
  ).toHaveLength(1);
});

test('again, it is found to be there', async () => {
  const ledger = await newLedger();
  await imported(ledger, made.chain);
  expect(await imported(ledger, made.chain)).toMatchObject({ imported: true, sealed: { sealed: 0, already: true } });
});

test('a column that has the name of one of ours keeps it', async () => {
  const file = temporary.file('table.csv', 'notebook_hash,b\nmine,1\n');
  const chain = parseChain(await joined((await createChain(file, keyHolder, { threads: 1 })).bytes()));
  const ledger = await newLedger();
  await importChain(ledger, owner, chain, keyHolder, { name: 'old', threads: 1 });
  const [header, row] = (await opened(ledger)).toString().split('\n');
  expect(header).toBe('notebook_hash,b,notebook_block,notebook_timestamp,notebook_hash.1,notebook_cut');
  expect(row).toMatch(/^mine,1,2,/);
});

describe('nothing is written of a chain', () => {
  test.each([
    ['that does not verify', withFields(2, { data: 'x' })],
    ['of which a block does not open', withFields(4, { data: 'x' })],
    ['of which the end is forged', withFields(4, { data: made.chain[3]?.data, signature: '00' })],
  ])('%s', async (_, blocks) => {
    const ledger = await newLedger();
    expect(await imported(ledger, blocks)).toMatchObject({ imported: false });
    expect(await ledger.size()).toBe(1);
  });

  test('under another key', async () => {
    const ledger = await newLedger();
    expect(await imported(ledger, made.chain, stranger)).toMatchObject({ imported: false });
    expect(await ledger.size()).toBe(1);
  });

  test('that has no record', async () => {
    const ledger = await newLedger();
    expect((await refusal(imported(ledger, made.chain.slice(0, 1)))).code).toBe('NOT_A_CHAIN');
    expect(await ledger.size()).toBe(1);
  });
});
