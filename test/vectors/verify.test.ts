// Every verify vector against the implementation and against the oracle.

import { describe, expect, test } from 'vitest';
import { parseCheckpoint } from '../../src/format/checkpoint.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import {
  type BlockItem,
  decodeExport,
  type Verdict,
  type VerifyOptions,
  verifyBlocks,
} from '../../src/verify/index.js';
import { temporaryFolder } from '../helpers/dataset-fixture.js';
import { verifySurveyed } from '../helpers/ledgers.js';
import { oracleVerify } from '../oracle/verify.js';
import { vectorsIn } from './files.js';
import type { ExpectedVerdict } from './generate/verify-vector.js';

interface VerifyVector {
  readonly description: string;
  readonly now: string;
  readonly owner?: string;
  readonly ledger?: string;
  readonly withoutBodies?: boolean;
  readonly quick?: boolean;
  readonly checkpoint?: string;
  readonly export?: readonly string[];
  readonly export_base64?: string;
  readonly expect: Partial<ExpectedVerdict> & { readonly ok: boolean };
}

const vectors = vectorsIn<VerifyVector>('verify');

function exportOf(vector: VerifyVector): Uint8Array {
  if (vector.export_base64 !== undefined) return Buffer.from(vector.export_base64, 'base64');
  return Buffer.from((vector.export ?? []).map((line) => line + '\n').join(''));
}

function optionsOf({ now, owner, ledger, withoutBodies, checkpoint }: VerifyVector): VerifyOptions {
  return {
    now: new Date(now),
    ...(owner === undefined ? {} : { owner }),
    ...(ledger === undefined ? {} : { ledger }),
    ...(withoutBodies === undefined ? {} : { withoutBodies }),
    ...(checkpoint === undefined ? {} : { checkpoint: parseCheckpoint(Buffer.from(checkpoint)) }),
  };
}

function verify(vector: VerifyVector, chunkSize: number): Promise<Verdict> {
  return verifyBlocks(decodeExport(chunks(exportOf(vector), chunkSize)), optionsOf(vector));
}

async function itemsOf(vector: VerifyVector): Promise<BlockItem[]> {
  const items: BlockItem[] = [];
  for await (const item of decodeExport([exportOf(vector)])) items.push(item);
  return items;
}

function* chunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What a vector speaks of: codes and places, not the sentences for people. */
function comparable(verdict: Verdict): Omit<ExpectedVerdict, 'notices'> & { notices: string[] } {
  const { problems, notices, ...figures } = verdict;
  return {
    ...figures,
    problems: problems.map(({ block, entry, code }) => ({ block, entry, code })),
    notices: notices.map(({ block, code }) => `${code} ${block}`).sort(),
  };
}

describe('the implementation', () => {
  for (const [name, vector] of vectors.filter(([, { quick }]) => quick === undefined)) {
    test(name, async () => {
      const { notices = [], ...expected } = vector.expect;
      const sorted = notices.map(({ block, code }) => `${code} ${block}`).sort();
      for (const size of [7, 1 << 20]) {
        const verdict = await verify(vector, size);
        expect(comparable(verdict)).toMatchObject({ ...expected, notices: sorted });
        expect(await verifySurveyed(await itemsOf(vector), optionsOf(vector), size)).toEqual(verdict);
      }
    });
  }
});

describe('quickly, the implementation', () => {
  const temporary = temporaryFolder();

  test.each(vectors.filter(([, { quick }]) => quick === true))('%s', async (_, vector) => {
    const path = temporary.file('export.ndjson', exportOf(vector));
    const { notices = [], ...expected } = vector.expect;
    for (const threads of [1, 2]) {
      const verdict = comparable(await verifyLedger(path, { ...optionsOf(vector), quick: true, threads }));
      expect(verdict).toMatchObject({
        ...expected,
        notices: notices.map(({ block, code }) => `${code} ${block}`).sort(),
      });
      expect(verdict.anchor).toBe(expected.anchor);
    }
  });
});

describe('the oracle', () => {
  // It checks every signature.
  const whole = vectors.filter(([name]) => name !== 'ok-quick-vouched');

  test.each(whole)('%s', (_, vector) => {
    const { now, owner, ledger, checkpoint, withoutBodies = false } = vector;
    const text = Buffer.from(exportOf(vector)).toString('utf8');
    const pins = {
      ...(owner === undefined ? {} : { owner }),
      ...(ledger === undefined ? {} : { ledger }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
    const verdict = oracleVerify(text, { now, withoutBodies, ...pins });
    expect(verdict.ok).toBe(vector.expect.ok);
    if (!verdict.ok) return;
    const { ledger: id, owner: whose, blocks, records, erased, withheld, head } = vector.expect;
    expect(verdict).toMatchObject({ ledger: id, owner: whose, blocks, records, erased, withheld, head });
  });
});
