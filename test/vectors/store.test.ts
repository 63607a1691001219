// What only a store can show: bodies and salts that were lost or changed beside entries that are good.

import { expect, test } from 'vitest';
import { isReadable } from '../../src/format/block.js';
import type { Entry } from '../../src/format/entry.js';
import { decodeExport } from '../../src/format/exchange.js';
import { fromStored, toStored } from '../../src/ledger/stored.js';
import { MerkleTree } from '../../src/merkle/tree.js';
import { type BlockItem, verifyBlocks } from '../../src/verify/index.js';
import { vectorsIn } from './files.js';
import type { ExpectedProblem } from './generate/verify-vector.js';

interface Damage {
  readonly block: number;
  readonly entry: number;
  readonly body?: string | null;
  readonly salt?: string | null;
}

interface StoreVector {
  readonly now: string;
  readonly owner: string;
  readonly withoutBodies?: boolean;
  readonly export: readonly string[];
  readonly damage: readonly Damage[];
  readonly expect: { readonly ok: false; readonly problems: readonly ExpectedProblem[] };
}

function damaged(entry: Entry, damage: Damage | undefined): Entry {
  if (damage === undefined || entry.kind !== 'sealed') return entry;
  const given = (text: string | null | undefined, there: Uint8Array | null): Uint8Array | null =>
    text === undefined ? there : text === null ? null : Buffer.from(text, 'base64');
  return { ...entry, body: given(damage.body, entry.body), salt: given(damage.salt, entry.salt) };
}

test.each(vectorsIn<StoreVector>('store'))('%s', async (_, vector) => {
  const items: BlockItem[] = [];
  const history = new MerkleTree();
  for await (const item of decodeExport([Buffer.from(vector.export.map((line) => line + '\n').join(''))])) {
    if (!isReadable(item)) throw item.error;
    const entries = item.entries.map((entry, position) =>
      damaged(
        entry,
        vector.damage.find(({ block, entry: at }) => block === item.header.index && at === position),
      ),
    );
    // Through the form that a store keeps, as every read goes.
    items.push(fromStored({ position: item.header.index, ...toStored({ ...item, entries }, history) }));
  }
  const { now, owner, withoutBodies = false, expect: expected } = vector;
  const verdict = await verifyBlocks(items, { now: new Date(now), owner, withoutBodies });
  const problems = verdict.problems.map(({ block, entry, code }) => ({ block, entry, code }));
  expect({ ok: verdict.ok, problems }).toEqual(expected);
});
