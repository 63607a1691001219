// Every open vector: the implementation over a memory store, and the oracle where everything opens.

import { describe, expect, test } from 'vitest';
import { isReadable } from '../../src/format/block.js';
import { decodeExport } from '../../src/format/exchange.js';
import {
  identityFromPrivateKey,
  type Ledger,
  listDatasets,
  memoryMedium,
  memoryStore,
  openDataset,
  openLedger,
  originalBytes,
} from '../../src/index.js';
import { toStored } from '../../src/ledger/stored.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { MerkleTree } from '../../src/merkle/tree.js';
import { oracleOpen } from '../oracle/open.js';
import { vectorsIn } from './files.js';

interface OpenVector {
  readonly now: string;
  readonly private_key: string;
  readonly export: readonly string[];
  readonly expect: {
    readonly datasets: readonly {
      readonly name: string;
      readonly bytes_base64: string;
      readonly left: readonly number[];
    }[];
  };
}

const vectors = vectorsIn<OpenVector>('open');

async function ledgerOf(vector: OpenVector): Promise<Ledger> {
  const medium = memoryMedium();
  const history = new MerkleTree();
  const bytes = Buffer.from(vector.export.map((line) => line + '\n').join(''));
  for await (const item of decodeExport([bytes])) {
    if (!isReadable(item)) throw item.error;
    medium.blocks.push(toStored(item, history));
  }
  return openLedger(memoryStore(medium), { clock: () => new Date(vector.now) });
}

describe('the implementation', () => {
  test.each(vectors)('%s', async (_, vector) => {
    const ledger = await ledgerOf(vector);
    expect(await verifyLedger(ledger, { now: new Date(vector.now) })).toMatchObject({ ok: true });
    const identity = await identityFromPrivateKey(Buffer.from(vector.private_key, 'hex'));
    const opened = [];
    for (const { id, name, keys } of (await listDatasets(ledger, identity)).datasets) {
      if (keys.size === 0) continue;
      const dataset = await openDataset(ledger, identity, { dataset: id });
      const parts: Uint8Array[] = [];
      for await (const part of originalBytes(dataset)) parts.push(Uint8Array.from(part));
      const left = dataset.report().left.map(({ row }) => row);
      opened.push({ name, bytes_base64: Buffer.concat(parts).toString('base64'), left });
    }
    expect(opened).toEqual(vector.expect.datasets);
  });
});

describe('the oracle', () => {
  // It gives up at a row that does not open, and it knows tables only.
  const whole = vectors.filter(
    ([
      name,
      {
        expect: { datasets },
      },
    ]) => {
      return !/^(ndjson|fhir)/.test(name) && datasets.every(({ left }) => left.length === 0);
    },
  );

  test.each(whole)('%s', (_, vector) => {
    const text = vector.export.map((line) => line + '\n').join('');
    const opened = oracleOpen(text, vector.private_key).map(({ name, bytes }) => ({
      name,
      bytes_base64: Buffer.from(bytes).toString('base64'),
      left: [],
    }));
    expect(opened).toEqual(vector.expect.datasets);
  });
});
