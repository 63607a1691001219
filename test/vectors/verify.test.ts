// Every verify vector against the implementation and against the oracle.

import { describe, expect, test } from 'vitest';
import { verifyLedger } from '../../src/ledger/verify.js';
import { decodeExport, type Verdict, verifyBlocks } from '../../src/verify/index.js';
import { temporaryFolder } from '../helpers/dataset-fixture.js';
import { verifySurveyed } from '../helpers/ledgers.js';
import { oracleVerify } from '../oracle/verify.js';
import { vectorsIn } from './files.js';
import { comparable, expectedOf, exportOf, itemsOf, optionsOf, type VerifyVector } from './verify-vectors.js';

const vectors = vectorsIn<VerifyVector>('verify');

function verify(vector: VerifyVector, chunkSize: number): Promise<Verdict> {
  return verifyBlocks(decodeExport(chunks(exportOf(vector), chunkSize)), optionsOf(vector));
}

function* chunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('the implementation', () => {
  for (const [name, vector] of vectors.filter(([, { quick }]) => quick === undefined)) {
    test(name, async () => {
      for (const size of [7, 1 << 20]) {
        const verdict = await verify(vector, size);
        expect(comparable(verdict)).toMatchObject(expectedOf(vector));
        expect(await verifySurveyed(await itemsOf(vector), optionsOf(vector), size)).toEqual(verdict);
      }
    });
  }
});

describe('quickly, the implementation', () => {
  const temporary = temporaryFolder();

  test.each(vectors.filter(([, { quick }]) => quick === true))('%s', async (_, vector) => {
    const path = temporary.file('export.ndjson', exportOf(vector));
    for (const threads of [1, 2]) {
      const verdict = comparable(await verifyLedger(path, { ...optionsOf(vector), quick: true, threads }));
      expect(verdict).toMatchObject(expectedOf(vector));
      expect(verdict.anchor).toBe(vector.expect.anchor);
    }
  });
});

describe('the oracle', () => {
  // It checks every signature.
  const vouched = ['ok-quick-vouched', 'ok-quick-checkpoint'];
  const whole = vectors.filter(([name]) => !vouched.includes(name));

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
