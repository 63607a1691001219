// Opening with threads and without, some rows only, and one by itself.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OpenOptions, type OpenReport, openDataset } from '../../../src/dataset/open.js';
import { originalBytes } from '../../../src/dataset/output.js';
import { createLedger, type Ledger, openLedger } from '../../../src/ledger/ledger.js';
import { type MemoryMedium, memoryMedium, memoryStore } from '../../../src/store/memory.js';
import type { ReadOptions, Store } from '../../../src/store/store.js';
import { joined, newLedger, opened, owner, refusal, seal, verified } from '../../helpers/dataset-fixture.js';

const ROWS = 400;
const CSV = `id,text\n${Array.from({ length: ROWS }, (_, i) => `${i + 1},"row ${'x'.repeat((7 * i) % 90)}"\n`).join('')}`;
const lineOf = (row: number): string => `${CSV.split('\n')[row]}\n`;

/** A medium with the table, 100 rows a block: blocks 3 to 6. */
async function sealed(blockSize = 100): Promise<MemoryMedium> {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, CSV, { blockSize });
  await ledger.close();
  return medium;
}

async function outcome(ledger: Ledger, options: OpenOptions): Promise<{ text: string; report: OpenReport }> {
  const dataset = await openDataset(ledger, owner, { owner: owner.publicKey, ...options });
  return { text: (await joined(originalBytes(dataset))).toString(), report: dataset.report() };
}

describe('with threads', () => {
  test('the file comes back as without them', async () => {
    const ledger = await openLedger(memoryStore(await sealed()));
    for (const threads of [1, 3]) {
      const { text, report } = await outcome(ledger, { threads });
      expect(text).toBe(CSV);
      expect(report).toMatchObject({ opened: ROWS, left: [], missing: 0, complete: true, verdict: { ok: true } });
    }
  });

  test('tampering is found as without them, and as a verifier finds it', async () => {
    const original = await sealed();
    const place = fc.record({
      block: fc.integer({ min: 2, max: 6 }),
      part: fc.constantFrom('head' as const, 'entries' as const, 'salts' as const, 'bodies' as const),
      at: fc.nat(),
      change: fc.integer({ min: 1, max: 255 }),
    });
    const property = fc.asyncProperty(place, async ({ block, part, at, change }) => {
      const medium = memoryMedium();
      medium.blocks.push(...original.blocks);
      const stored = medium.blocks[block]!;
      const bytes = Uint8Array.from(stored[part]);
      bytes[at % bytes.length]! ^= change;
      medium.blocks[block] = { ...stored, [part]: bytes };
      const ledger = await openLedger(memoryStore(medium));
      const alone = await outcome(ledger, { threads: 1 });
      expect(await outcome(ledger, { threads: 2 })).toEqual(alone);
      expect(alone.report.verdict).toEqual(await verified(ledger));
      expect(alone.report.verdict.ok).toBe(false);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('a block that is another when it is read again is not opened', async () => {
    const medium = await sealed();
    const ledger = await openLedger(memoryStore(medium));
    const dataset = await openDataset(ledger, owner, { threads: 2 });
    medium.blocks.splice(3, 1, medium.blocks[4]!);
    const rows: number[] = [];
    for await (const batch of dataset.rows()) rows.push(...batch.map(({ row }) => row));
    expect(rows).not.toContain(101);
    expect(dataset.report().verdict.ok).toBe(false);
  });
});

describe('some rows', () => {
  /** Which blocks are read with their bodies. */
  function watched(store: Store, seen: number[]): Store {
    return {
      ...store,
      async *read(options: ReadOptions = {}) {
        for await (const block of store.read(options)) {
          if (options.bodies) seen.push(block.position);
          yield block;
        }
      },
    };
  }

  test('are read without the content of blocks that do not hold them', async () => {
    const seen: number[] = [];
    const ledger = await openLedger(watched(memoryStore(await sealed()), seen));
    const dataset = await openDataset(ledger, owner, { rows: { from: 195, to: 205 } });
    seen.splice(0);
    const text = (await joined(originalBytes(dataset))).toString();
    expect(text).toBe(`id,text\n${Array.from({ length: 11 }, (_, i) => lineOf(195 + i)).join('')}`);
    expect(seen).toEqual([4, 5]);
    expect(dataset.report()).toMatchObject({ opened: 11, left: [], missing: 0, complete: true, verdict: { ok: true } });
  });

  test('one is found by a few looks, and nothing else is opened for it', async () => {
    const seen: number[] = [];
    const ledger = await openLedger(watched(memoryStore(await sealed(1)), seen));
    const dataset = await openDataset(ledger, owner);
    seen.splice(0);
    expect(Buffer.from((await dataset.record(217)) ?? []).toString()).toBe(lineOf(217));
    expect(seen).toEqual([219]);
  });
});

describe('one record', () => {
  test.each([1, 7, 100, 1000])(
    'is the right one of each row, %i rows a block, other data sets between',
    async (size) => {
      const ledger = await newLedger();
      const half = CSV.split('\n').slice(0, 60).join('\n') + '\n';
      await seal(ledger, half, { name: 'other', blockSize: 3 });
      await seal(ledger, half, { blockSize: size });
      await seal(ledger, half.replace('id', 'no'), { name: 'third', blockSize: 5 });
      await seal(ledger, `id,text\n${lineOf(60)}${lineOf(61)}`, { append: true, blockSize: size });
      const dataset = await openDataset(ledger, owner, { dataset: 'x' });
      expect(dataset.info.rows).toBe(61);
      for (let row = 1; row <= 61; row++) {
        expect(Buffer.from((await dataset.record(row)) ?? []).toString()).toBe(lineOf(row));
      }
      for (const row of [0, 62, -1, 1.5, Number.NaN]) expect(await dataset.record(row)).toBeNull();
      expect((await opened(ledger, { dataset: 'x' })).toString()).toBe(`${half}${lineOf(60)}${lineOf(61)}`);
    },
  );

  test.each(['entries', 'salts', 'bodies', 'head'] as const)(
    'is refused where it is not as it was sealed: %s',
    async (part) => {
      const medium = await sealed();
      const ledger = await openLedger(memoryStore(medium));
      const before = await openDataset(ledger, owner);
      const stored = medium.blocks[3]!;
      const bytes = Uint8Array.from(stored[part]);
      // Within the first record's entry, salt or body, or within a hash of the head.
      bytes[30]! ^= 1;
      medium.blocks[3] = { ...stored, [part]: bytes };
      for (const dataset of [before, await openDataset(ledger, owner)]) {
        expect((await refusal(dataset.record(101))).code).toBe('CANNOT_OPEN');
        expect(Buffer.from((await dataset.record(99)) ?? []).toString()).toBe(lineOf(99));
      }
    },
  );
});
