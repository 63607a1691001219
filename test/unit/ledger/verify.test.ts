// Verifying and exporting whatever holds a ledger.

import { mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isReadable } from '../../../src/format/block.js';
import { decodeExport } from '../../../src/format/exchange.js';
import { exportLedger } from '../../../src/ledger/export.js';
import { createLedger, type Ledger } from '../../../src/ledger/ledger.js';
import { toStored } from '../../../src/ledger/stored.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { MerkleTree } from '../../../src/merkle/tree.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import { joined, newLedger, owner, refusal, seal, streamOf, temporaryFolder } from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const CSV = 'a,b\n1,"x\ny"\n2,\n3,z\n';
const pinned = { owner: owner.publicKey };

async function sealed(target?: string): Promise<Ledger> {
  const ledger = target === undefined ? await newLedger() : await createLedger(target, owner, { difficulty: 0 });
  await seal(ledger, CSV, { blockSize: 2 });
  return ledger;
}

describe('a ledger verifies alike', () => {
  test('by its path, open, and as an export in a file or a stream of any pieces', async () => {
    const path = temporary.path('x.ledger');
    const ledger = await sealed(path);
    const verdict = await verifyLedger(ledger, pinned);
    expect(verdict).toMatchObject({ ok: true, problems: [], blocks: 5, records: 3, owner: owner.publicKey });
    const exported = await joined(exportLedger(ledger));
    const file = temporary.file('x.ndjson', exported);
    async function* emptyFirst(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(0);
      yield* streamOf(exported, [1, 1000]);
    }
    for (const source of [path, file, streamOf(exported), streamOf(exported, [1]), emptyFirst()]) {
      expect(await verifyLedger(source, pinned)).toEqual(verdict);
    }
    await ledger.close();
    expect(await verifyLedger(path, pinned)).toEqual(verdict);
  });

  test('block by block, as each is judged', async () => {
    const numbers: number[] = [];
    const onBlock = ({ number }: { number: number }): void => void numbers.push(number);
    await verifyLedger(await sealed(), { onBlock });
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
  });

  test('until it is told to stop', async () => {
    const controller = new AbortController();
    const ledger = await sealed();
    const onBlock = (): void => controller.abort();
    expect((await refusal(verifyLedger(ledger, { signal: controller.signal, onBlock }))).code).toBe('ABORTED');
    expect((await refusal(joined(exportLedger(ledger, { signal: AbortSignal.abort() })))).code).toBe('ABORTED');
  });

  test('against a clock of the caller', async () => {
    const ledger = await sealed();
    const verdict = await verifyLedger(ledger, { now: new Date('2020-01-01T00:00:00.000Z') });
    expect(verdict.problems[0]).toMatchObject({ block: 1, code: 'TIME_AHEAD' });
  });
});

describe('what is no ledger', () => {
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['text', 'some text\n'],
    ['bytes', Buffer.from([0, 1, 2, 255])],
    ['a table', CSV],
    ['a SQLite file cut off', Buffer.from('SQLite format 3\0')],
  ])('%s is refused', async (_, content) => {
    const path = temporary.file('junk', content);
    expect(await refusal(verifyLedger(path))).toMatchObject({ code: 'NOT_A_LEDGER' });
    expect((await refusal(verifyLedger(streamOf(content)))).code).toBe('NOT_A_LEDGER');
  });

  test('a missing file and a folder cannot be read', async () => {
    mkdirSync(temporary.path('folder'));
    for (const path of [temporary.path('nowhere'), temporary.path('folder')]) {
      expect(await refusal(verifyLedger(path))).toMatchObject({ code: 'FILE_UNREADABLE', place: { file: path } });
    }
  });

  test('JSON that is no block is a ledger that does not verify', async () => {
    for (const text of ['{}\n', '{', '{"data":[]}\n']) {
      const verdict = await verifyLedger(streamOf(text));
      expect(verdict).toMatchObject({ ok: false, problems: [{ block: 1, code: 'MALFORMED' }] });
    }
  });
});

describe('an export', () => {
  test('is the blocks, and decodes to them', async () => {
    const ledger = await sealed();
    const exported = await joined(exportLedger(ledger));
    expect(exported.toString().split('\n')).toHaveLength(6);
    let index = 0;
    for await (const item of decodeExport([exported])) {
      const stored = await ledger.block(++index);
      if (!isReadable(item) || stored === null || !isReadable(stored)) throw new Error('unreadable');
      expect(item.header).toEqual(stored.header);
      const [there, here] = [toStored(stored, new MerkleTree()), toStored(item, new MerkleTree())];
      for (const part of ['head', 'entries', 'salts', 'bodies'] as const) {
        expect(Buffer.from(here[part])).toEqual(Buffer.from(there[part]));
      }
    }
    expect(index).toBe(5);
  });

  test('without bodies verifies for those who allow it', async () => {
    const exported = await joined(exportLedger(await sealed(), { withoutBodies: true }));
    expect(exported.toString()).not.toContain('"body"');
    expect(await verifyLedger(streamOf(exported), { ...pinned, withoutBodies: true })).toMatchObject({
      ok: true,
      withheld: 4,
    });
    expect((await verifyLedger(streamOf(exported), pinned)).ok).toBe(false);
  });

  test('stops at a block that cannot be read', async () => {
    const medium = memoryMedium();
    const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
    await seal(ledger, CSV);
    medium.blocks[2] = { ...medium.blocks[2]!, head: Buffer.from('{}') };
    expect(await refusal(joined(exportLedger(ledger)))).toMatchObject({ code: 'LEDGER_INVALID', place: { block: 3 } });
  });

  test('leaves the ledger as it is', async () => {
    const path = temporary.path('y.ledger');
    await (await sealed(path)).close();
    const before = readFileSync(path);
    await verifyLedger(path);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
