import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isReadable } from '../../../src/format/block.js';
import { parseStatement } from '../../../src/format/statement.js';
import { createLedger, openLedger } from '../../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import {
  newLedger,
  owner,
  recovery,
  refusal,
  stranger,
  temporaryFolder,
  verified,
} from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const NOW = new Date('2025-03-01T12:00:00.123Z');

async function genesisOf(ledger: Awaited<ReturnType<typeof newLedger>>) {
  const block = await ledger.block(1);
  if (block === null || !isReadable(block)) throw new Error('no genesis block');
  return { block, statement: parseStatement(block.entries[0]?.bytes ?? new Uint8Array(0)) };
}

test('a new ledger is its genesis block, which says what was asked for', async () => {
  const options = { difficulty: 9, recovery: [recovery.publicKey], audit: true, clock: () => NOW };
  const ledger = await createLedger(memoryStore(), owner, options);
  expect(await ledger.size()).toBe(1);
  const { block, statement } = await genesisOf(ledger);
  expect(block.header).toMatchObject({
    version: 1,
    index: 1,
    timestamp: NOW.toISOString(),
    previous_hash: '0',
    difficulty: 9,
    data_size: 1,
    signer: owner.publicKey,
  });
  expect(statement).toMatchObject({
    kind: 'ledger',
    owner: owner.publicKey,
    difficulty: 9,
    rules: {},
    recovery: [recovery.publicKey],
    audit: true,
  });
  expect(await verified(ledger)).toMatchObject({ ok: true, blocks: 1, owner: owner.publicKey });
});

test('the defaults are those of the notebook: 16 bits of work', async () => {
  const { block, statement } = await genesisOf(await createLedger(memoryStore(), owner));
  expect(block.header.difficulty).toBe(16);
  expect(statement).toMatchObject({ difficulty: 16, recovery: [], audit: false });
});

test('two ledgers of the same owner at the same time are not the same', async () => {
  const [one, two] = [await newLedger({ clock: () => NOW }), await newLedger({ clock: () => NOW })];
  expect((await verified(one)).ledger).not.toBe((await verified(two)).ledger);
});

describe('refused, and nothing is made', () => {
  test.each([
    ['a difficulty below 0', { difficulty: -1 }],
    ['a difficulty above 48', { difficulty: 49 }],
    ['half a bit', { difficulty: 1.5 }],
    ['no number', { difficulty: Number.NaN }],
    ['a recovery key that is none', { recovery: ['02'.padEnd(66, 'f')] }],
    ['a recovery key in capitals', { recovery: [recovery.publicKey.toUpperCase()] }],
    ['a recovery key twice', { recovery: [recovery.publicKey, recovery.publicKey] }],
    ['text for a recovery key', { recovery: ['me'] }],
  ])('%s', async (_, options) => {
    const path = temporary.path('refused.ledger');
    expect((await refusal(createLedger(path, owner, { difficulty: 0, ...options }))).code).toBe('ARGUMENT_INVALID');
    expect(readdirSync(temporary.path('.'))).not.toContain('refused.ledger');
  });

  test('a file that is there', async () => {
    const path = temporary.path('there.ledger');
    writeFileSync(path, 'precious');
    expect((await refusal(createLedger(path, owner, { difficulty: 0 }))).code).toBe('FILE_EXISTS');
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('a store that has blocks', async () => {
    const medium = memoryMedium();
    const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    await ledger.close();
    expect((await refusal(createLedger(memoryStore(medium), stranger, { difficulty: 0 }))).code).toBe('FILE_EXISTS');
    expect(medium.blocks).toHaveLength(1);
  });

  test('an end to the work, when it is told to stop', async () => {
    const path = temporary.path('stopped.ledger');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const attempt = createLedger(path, owner, { difficulty: 48, signal: controller.signal });
    expect((await refusal(attempt)).code).toBe('ABORTED');
    expect(readdirSync(temporary.path('.'))).not.toContain('stopped.ledger');
  });
});

test('a ledger is opened again, from its file or its store', async () => {
  const path = temporary.path('again.ledger');
  await (await createLedger(path, owner, { difficulty: 0 })).close();
  const ledger = await openLedger(path);
  expect((await verified(ledger)).ok).toBe(true);
  expect(await ledger.block(2)).toBeNull();
  await ledger.close();
});
