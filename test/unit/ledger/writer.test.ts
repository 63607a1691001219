import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.js';
import type { Identity } from '../../../src/crypto/identity.js';
import { sealDataset } from '../../../src/dataset/seal.js';
import type { ErrorCode } from '../../../src/errors.js';
import { isReadable } from '../../../src/format/block.js';
import type { Entry } from '../../../src/format/entry.js';
import { MAX_BODY_BYTES } from '../../../src/format/limits.js';
import { createLedger, type Ledger, openLedger, type Surroundings } from '../../../src/ledger/ledger.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { statementEntry } from '../../../src/ledger/writer.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import {
  addWriter,
  newLedger,
  owner,
  refusal,
  seal,
  stranger,
  streamOf,
  verified,
  writer,
} from '../../helpers/dataset-fixture.js';
import { seeded, steppingClock } from '../../helpers/people.js';

const CSV = 'a\n1\n2\n3\n';
const note = (text: string) => [statementEntry({ kind: 'info-note', text })];

async function timesOf(ledger: Ledger): Promise<string[]> {
  const times: string[] = [];
  for await (const item of ledger.blocks()) times.push(isReadable(item) ? item.header.timestamp : 'unreadable');
  return times;
}

describe('who may write', () => {
  test('the owner and writers, until they are removed', async () => {
    const ledger = await newLedger();
    expect((await refusal(ledger.write(writer))).code).toBe('SIGNER_UNAUTHORISED');
    await addWriter(ledger);
    await sealDataset(ledger, writer, streamOf(CSV), { name: 'x', owner: owner.publicKey });
    const ofOwner = await ledger.write(owner);
    await ofOwner.append([statementEntry({ kind: 'writer-removed', public_key: writer.publicKey })]);
    await ofOwner.close();
    const size = await ledger.size();
    for (const identity of [writer, stranger]) {
      expect((await refusal(ledger.write(identity))).code).toBe('SIGNER_UNAUTHORISED');
      const sealing = sealDataset(ledger, identity, streamOf(CSV), { name: 'y' });
      expect((await refusal(sealing)).code).toBe('SIGNER_UNAUTHORISED');
    }
    expect(await ledger.size()).toBe(size);
    expect((await verified(ledger)).ok).toBe(true);
  });

  test('one at a time', async () => {
    const medium = memoryMedium();
    const first = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    const second = await openLedger(memoryStore(medium));
    expect((await refusal(second.write(owner))).code).toBe('LOCKED');
    await first.close();
    await second.write(owner);
  });
});

describe('a chain that does not verify', () => {
  test.each<[string, (blocks: ReturnType<typeof memoryMedium>['blocks']) => void]>([
    ['a block is missing', (blocks) => blocks.splice(2, 1)],
    ['a block is there twice', (blocks) => blocks.push(blocks.at(-1)!)],
    ['two blocks are swapped', (blocks) => blocks.splice(2, 2, blocks[3]!, blocks[2]!)],
    ['a byte of an entry is changed', (blocks) => changed(blocks, 3, 'entries')],
    ['a byte of a head is changed', (blocks) => changed(blocks, 1, 'head')],
    ['there is nothing', (blocks) => blocks.splice(0)],
  ])('is not continued: %s', async (_, tamper) => {
    const medium = memoryMedium();
    const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    await seal(ledger, CSV);
    tamper(medium.blocks);
    const size = medium.blocks.length;
    expect((await refusal(ledger.write(owner))).code).toBe('LEDGER_INVALID');
    expect((await refusal(seal(ledger, CSV, { name: 'y' }))).code).toBe('LEDGER_INVALID');
    expect(medium.blocks).toHaveLength(size);
  });

  function changed(blocks: ReturnType<typeof memoryMedium>['blocks'], at: number, part: 'entries' | 'head'): void {
    const block = blocks[at]!;
    const bytes = Buffer.from(block[part]);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    blocks[at] = { ...block, [part]: bytes };
  }

  test('is not continued where its newest block lies in the future', async () => {
    const medium = memoryMedium();
    const at = (time: string) => ({ clock: () => new Date(time) });
    const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0, ...at('2100-01-01T00:00:00.000Z') });
    await ledger.close();
    const early = await openLedger(memoryStore(medium), at('2099-12-31T23:54:59.999Z'));
    expect((await refusal(early.write(owner))).code).toBe('CLOCK_BEHIND');
    await early.close();
    const later = await openLedger(memoryStore(medium), at('2099-12-31T23:55:00.000Z'));
    await later.write(owner);
  });
});

describe('blocks', () => {
  test('a clock that is set back gives no earlier block', async () => {
    const times = ['12:00:05', '12:00:01', '12:00:07', '12:00:03'];
    let reading = 0;
    const clock = (): Date => new Date(`2025-03-01T${times[Math.min(reading++, 3)]}.000Z`);
    const ledger = await newLedger({ clock });
    const writing = await ledger.write(owner);
    for (const text of ['1', '2', '3', '4']) await writing.append(note(text));
    await writing.flush();
    const written = await timesOf(ledger);
    expect(written).toEqual([...written].sort());
    expect(written.at(-1)).toBe('2025-03-01T12:00:07.000Z');
    expect((await verified(ledger)).ok).toBe(true);
  });

  test('a sealing may take hours', async () => {
    let time = Date.parse('2025-03-01T12:00:00.000Z');
    // A minute passes with every look at the clock.
    const clock = (): Date => {
      time += 60_000;
      return new Date(time);
    };
    const ledger = await newLedger({ clock });
    await seal(ledger, `a\n${'1\n'.repeat(100)}`);
    expect(await ledger.size()).toBe(103);
    expect((await verified(ledger)).ok).toBe(true);
  });

  test('are durable after a flush, and not before', async () => {
    const ledger = await newLedger();
    const writing = await ledger.write(owner);
    await writing.append(note('x'));
    expect(writing).toMatchObject({ newest: 2, committed: 1 });
    await writing.flush();
    expect(writing).toMatchObject({ newest: 2, committed: 2 });
    expect(await ledger.size()).toBe(2);
    await writing.flush();
    expect(await ledger.size()).toBe(2);
  });

  test('what a verifier would refuse is not stored, and ends the writing', async () => {
    const ledger = await newLedger();
    const writing = await ledger.write(owner);
    const end = [statementEntry({ kind: 'dataset-end', id: toHex(new Uint8Array(16)), rows: 0 })];
    expect((await refusal(writing.append(end))).code).toBe('DATASET_UNKNOWN');
    expect((await refusal(writing.append(note('x')))).code).toBe('STORE_FAILED');
    await writing.close();
    expect(await ledger.size()).toBe(1);
    await (await ledger.write(owner)).append(note('y'));
  });

  test('what no reader would take is not stored either', async () => {
    const ledger = await newLedger();
    const writing = await ledger.write(owner);
    const large: Entry = { kind: 'sealed', bytes: new Uint8Array(121).with(0, 1), body: null, salt: null };
    const bad: [Entry[], ErrorCode][] = [
      [[], 'MALFORMED'],
      [Array<Entry>(65_536).fill(note('x')[0]!), 'TOO_LARGE'],
      [[{ ...large, body: new Uint8Array(MAX_BODY_BYTES + 1) }], 'TOO_LARGE'],
      [Array<Entry>(3).fill({ ...large, body: new Uint8Array(MAX_BODY_BYTES) }), 'TOO_LARGE'],
    ];
    for (const [entries, code] of bad) expect((await refusal(writing.append(entries))).code).toBe(code);
    // It was refused before any work was done: the writing goes on.
    await writing.append(note('x'));
    await writing.flush();
    expect(await verified(ledger)).toMatchObject({ ok: true, blocks: 2 });
  });

  test('are made in the order of overlapping calls', async () => {
    const ledger = await newLedger({ difficulty: 4 });
    const writing = await ledger.write(owner);
    const numbers = await Promise.all(['a', 'b', 'c', 'd'].map((text) => writing.append(note(text))));
    expect(numbers).toEqual([2, 3, 4, 5]);
    await writing.close();
    const texts: unknown[] = [];
    for await (const item of ledger.blocks({ from: 2 })) {
      if (isReadable(item)) texts.push(Buffer.from(item.entries[0]!.bytes).toString());
    }
    expect(texts).toEqual(['a', 'b', 'c', 'd'].map((text) => `{"kind":"info-note","text":"${text}"}`));
    expect((await verified(ledger)).ok).toBe(true);
  });

  test('behind one that fails are not made, and those before it are kept', async () => {
    const ledger = await newLedger();
    const writing = await ledger.write(owner);
    const end = [statementEntry({ kind: 'dataset-end', id: toHex(new Uint8Array(16)), rows: 0 })];
    const calls = [note('a'), end, note('b')].map((entries) => writing.append(entries));
    const codes = await Promise.all(calls.map((call) => call.then(String, (error: { code: string }) => error.code)));
    expect(codes).toEqual(['2', 'DATASET_UNKNOWN', 'STORE_FAILED']);
    await writing.close();
    expect(await verified(ledger)).toMatchObject({ ok: true, blocks: 2 });
  });

  test.each<[string, ErrorCode, Partial<Identity>, Partial<Surroundings>]>([
    ['a signer', 'SIGNATURE_INVALID', { sign: async () => new Uint8Array(64).fill(1) }, {}],
    ['a miner', 'WORK_INSUFFICIENT', {}, { miner: { mine: async () => 12_345 } }],
  ])('that %s has got wrong are not stored', async (_, code, signer, surroundings) => {
    const medium = memoryMedium();
    const fixed = { clock: steppingClock(), random: seeded('wrong') };
    await (await createLedger(memoryStore(medium), owner, { ...fixed, difficulty: 16 })).close();
    const ledger = await openLedger(memoryStore(medium), { ...fixed, ...surroundings });
    const writing = await ledger.write({ ...owner, ...signer });
    expect((await refusal(writing.append(note('x')))).code).toBe(code);
    expect((await refusal(writing.append(note('y')))).code).toBe('STORE_FAILED');
    await writing.close();
    expect(medium.blocks).toHaveLength(1);
  });

  test('reading the chain before the first block stops when it is told to', async () => {
    const ledger = await newLedger();
    await seal(ledger, CSV);
    expect((await refusal(ledger.write(owner, { signal: AbortSignal.abort() }))).code).toBe('ABORTED');
  });

  test('work is done to the difficulty of the ledger', async () => {
    const ledger = await newLedger({ difficulty: 6 });
    await seal(ledger, CSV);
    expect(await verifyLedger(ledger)).toMatchObject({ ok: true, blocks: 6 });
    for await (const item of ledger.blocks()) expect(isReadable(item) && item.header.difficulty).toBe(6);
  });
});
