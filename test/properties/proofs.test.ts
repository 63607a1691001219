// Proofs made from real ledgers: of every record, whatever the store claims beside its blocks; and nothing altered proves.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { proveRecord } from '../../src/dataset/prove.js';
import { parseCheckpoint } from '../../src/format/checkpoint.js';
import type { Entry } from '../../src/format/entry.js';
import { makeCheckpoint } from '../../src/ledger/checkpoint.js';
import { isConsistentProof, proveConsistency } from '../../src/ledger/history-nodes.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { proveEntry } from '../../src/ledger/prove.js';
import { verifyProof } from '../../src/proof/verify-proof.js';
import { type MemoryMedium, memoryMedium, memoryStore } from '../../src/store/memory.js';
import { richLedger } from '../helpers/ledgers.js';
import { owner } from '../helpers/people.js';
import { hex } from '../oracle/bytes.js';
import { checkProof } from '../oracle/proof.js';

const medium = memoryMedium();
let ledger: Ledger;
/** Every sealed record of the ledger. */
const places: { block: number; entry: number }[] = [];
const proofs: Uint8Array[] = [];

beforeAll(async () => {
  ledger = await richLedger('proofs', memoryStore(medium));
  for (let block = 1; block <= (await ledger.size()); block++) {
    const item = await ledger.block(block);
    const entries: readonly Entry[] = item !== null && 'entries' in item ? item.entries : [];
    for (const [entry, { kind }] of entries.entries()) if (kind === 'sealed') places.push({ block, entry });
  }
  const { text } = await makeCheckpoint(ledger, await owner.identity());
  const checkpoint = parseCheckpoint(Buffer.from(text));
  const identity = await owner.identity();
  proofs.push(
    (await proveEntry(ledger, places[5]!)).bytes,
    (await proveEntry(ledger, places.at(-1)!, { checkpoint })).bytes,
    (await proveRecord(ledger, { identity, dataset: 'labs', row: 3, disclose: true })).bytes,
  );
});

const holds = async (bytes: Uint8Array): Promise<boolean> => (await verifyProof(bytes, { owner: owner.publicKey })).ok;

test('every record of a ledger is proven, to the oracle too', async () => {
  expect(places.length).toBe(18);
  const last = await makeCheckpoint(ledger, await owner.identity());
  for (const place of places) {
    for (const given of [{}, { checkpoint: parseCheckpoint(Buffer.from(last.text)) }]) {
      const { bytes, record } = await proveEntry(ledger, place, given);
      expect(record).toMatchObject(place);
      const result = checkProof(Buffer.from(bytes).toString(), owner.publicKey);
      const { ledger: id, row, block, anchor } = record;
      expect(result).toEqual({ ok: true, ledger: id, row, block, size: anchor.size, root: anchor.root, content: null });
    }
  }
});

describe('nothing altered is a proof:', () => {
  test('any one byte changed', async () => {
    for (const bytes of proofs) {
      expect(await holds(bytes)).toBe(true);
      for (let at = 0; at < bytes.length; at++) {
        const x = 1 << (at % 8);
        expect(await holds(bytes.with(at, bytes[at]! ^ x)), `byte ${at}, ${x}`).toBe(false);
      }
    }
  });

  test('bytes taken out, put in, or doubled', async () => {
    const change = fc.asyncProperty(
      fc.constantFrom(0, 1, 2),
      fc.nat(),
      fc.nat(200),
      fc.uint8Array({ maxLength: 4 }),
      async (which, from, length, more) => {
        const bytes = proofs[which]!;
        const at = from % bytes.length;
        const changed = Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at + length)]);
        fc.pre(!changed.equals(bytes));
        expect(await holds(changed)).toBe(false);
        expect(await holds(Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]))).toBe(
          length === 0 || at + length === at,
        );
      },
    );
    await fc.assert(change, { numRuns: 300 });
  });

  /** Every place in a proof, as a path of member names. */
  function membersOf(value: unknown, path: string[] = []): string[][] {
    if (typeof value !== 'object' || value === null) return [path];
    return [
      ...(path.length > 0 ? [path] : []),
      ...Object.entries(value).flatMap(([name, of]) => membersOf(of, [...path, name])),
    ];
  }

  function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
    if (name === undefined) return by;
    const object = { ...(value as Record<string, unknown>) };
    if (rest.length === 0 && by === undefined) delete object[name];
    else object[name] = replaced(object[name], rest, by);
    return object;
  }

  test('any member taken out, exchanged for another proof’s, or set to something else', async () => {
    const parsed = proofs.map((bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown);
    const get = (value: unknown, path: readonly string[]): unknown =>
      path.reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], value);
    for (const proof of parsed) {
      for (const path of membersOf(proof)) {
        const others = [undefined, null, 0, 1, '', 'A', [], {}, ...parsed.map((other) => get(other, path))];
        for (const other of others) {
          const changed = replaced(proof, path, other);
          if (JSON.stringify(changed) === JSON.stringify(proof)) continue;
          // A disclosure that is taken out leaves a proof of the same record, which discloses nothing.
          const stillProves = path.join() === 'disclosed' && other === undefined;
          expect(await holds(Buffer.from(`${JSON.stringify(changed)}\n`)), `${path.join('.')} ${other}`).toBe(
            stillProves,
          );
        }
      }
    }
  });

  test('junk of any kind', async () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(`${text}\n`)),
    );
    await fc.assert(
      fc.asyncProperty(junk, async (bytes) => {
        const { ok, problem } = await verifyProof(bytes, { owner: owner.publicKey });
        expect(ok).toBe(false);
        expect(['MALFORMED', 'TOO_LARGE']).toContain(problem?.code);
      }),
    );
  });
});

describe('what a store claims beside its blocks is not believed:', () => {
  const nodes = fc.oneof(
    fc.constant(new Uint8Array(0)),
    fc.uint8Array({ maxLength: 200 }),
    fc.nat(20).map((other) => medium.blocks[other]?.nodes ?? new Uint8Array(32)),
  );
  const damage = fc.array(fc.tuple(fc.nat(20), nodes), { minLength: 1, maxLength: 21 });

  async function withNodes(changes: readonly (readonly [number, Uint8Array])[]): Promise<Ledger> {
    const tampered: MemoryMedium = { ...memoryMedium(), blocks: [...medium.blocks] };
    for (const [at, bytes] of changes) {
      const block = tampered.blocks[at];
      if (block !== undefined) tampered.blocks[at] = { ...block, nodes: bytes };
    }
    return openLedger(memoryStore(tampered));
  }

  test('the same proofs come out, whatever the nodes are', async () => {
    const property = fc.asyncProperty(damage, fc.nat(), async (changes, which) => {
      const tampered = await withNodes(changes);
      const place = places[which % places.length]!;
      const { bytes } = await proveEntry(tampered, place);
      expect(Buffer.from(bytes).equals((await proveEntry(ledger, place)).bytes)).toBe(true);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('and the same consistency proofs', async () => {
    const property = fc.asyncProperty(
      damage,
      fc.integer({ min: 1, max: 21 }),
      fc.integer({ min: 1, max: 21 }),
      async (changes, a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const expected = await proveConsistency(ledger, first, second);
        expect(isConsistentProof(expected)).toBe(true);
        const made = await proveConsistency(await withNodes(changes), first, second);
        expect([made.firstRoot, made.secondRoot, ...made.path].map(hex)).toEqual(
          [expected.firstRoot, expected.secondRoot, ...expected.path].map(hex),
        );
        const item = await ledger.block(second + 1);
        if (item !== null && 'header' in item) expect(hex(expected.secondRoot)).toBe(item.header.history_hash);
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  test('no false tree is proven where the newest block has another leaf', async () => {
    for (let size = 1; size <= medium.blocks.length; size++) {
      const cut: MemoryMedium = { ...memoryMedium(), blocks: medium.blocks.slice(0, size) };
      const [block] = cut.blocks.splice(size - 1, 1);
      const nodes = Uint8Array.from(block!.nodes);
      nodes[0]! ^= 1;
      cut.blocks.push({ ...block!, nodes });
      const expected = await proveConsistency(ledger, Math.ceil(size / 2), size);
      const made = await proveConsistency(await openLedger(memoryStore(cut)), Math.ceil(size / 2), size);
      expect(hex(made.secondRoot), `${size}`).toBe(hex(expected.secondRoot));
    }
  });

  test('a ledger whose blocks are damaged proves nothing false', async () => {
    const property = fc.asyncProperty(fc.nat(20), fc.nat(), fc.nat(), async (at, byte, which) => {
      const tampered: MemoryMedium = { ...memoryMedium(), blocks: [...medium.blocks] };
      const block = tampered.blocks[at]!;
      const head = Uint8Array.from(block.head);
      head[byte % head.length]! ^= 1;
      tampered.blocks[at] = { ...block, head };
      const place = places[which % places.length]!;
      const made = await proveEntry(await openLedger(memoryStore(tampered)), place).catch(
        (error: { code: string }) => error.code,
      );
      if (typeof made === 'string') expect(['LEDGER_INVALID', 'ANCHOR_MISSING', 'VERSION_NEWER']).toContain(made);
      else expect(await holds(made.bytes)).toBe(true);
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
