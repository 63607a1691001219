// Each vector of `verify` once, so that all of them can be tried for each of many changes in the code: it loads what it
// needs and no more. `test/vectors/verify.test.ts` asks more of them, and tries those of quick verification too.

import { expect, test } from 'vitest';
import { loadCurve } from '../../src/crypto/secp256k1.js';
import type { Verdict, VerifyOptions } from '../../src/verify/index.js';
import { surveyBlocks } from '../../src/verify/survey.js';
import { judgeSurveys, Verifier, verifyBlocks } from '../../src/verify/verifier.js';
import { vectorsIn } from '../vectors/files.js';
import { comparable, expectedOf, itemsOf, optionsOf, type VerifyVector } from '../vectors/verify-vectors.js';

const SURVEYED = [1, 1000, 2, 5];

for (const [at, [name, vector]] of vectorsIn<VerifyVector>('verify').entries()) {
  if (vector.quick === true) continue;
  test(`the vector ${name}`, async () => {
    const verdict = await verifyBlocks(await itemsOf(vector), optionsOf(vector));
    expect(comparable(verdict)).toMatchObject(expectedOf(vector));
    expect(await surveyed(vector, optionsOf(vector), SURVEYED[at % SURVEYED.length] ?? 1)).toEqual(verdict);
  });
}

async function surveyed(vector: VerifyVector, options: VerifyOptions, size: number): Promise<Verdict> {
  const curve = await loadCurve();
  const items = await itemsOf(vector);
  const verifier = new Verifier(curve, options);
  const starts = items.flatMap((_, at) => (at % size === 0 ? [at] : []));
  const surveys = starts.map((at) => surveyBlocks(items.slice(at, at + size), curve, options));
  for await (const _ of judgeSurveys(verifier, surveys));
  return verifier.finish();
}
