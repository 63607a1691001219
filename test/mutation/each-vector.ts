// Each vector of `verify` once, so that all of them can be tried for each of many changes in the code: it loads what it
// needs and no more. `test/vectors/verify.test.ts` asks more of them, and tries those of quick verification too.

import { expect, test } from 'vitest';
import { loadCurve } from '../../src/crypto/secp256k1.js';
import type { Verdict } from '../../src/verify/index.js';
import { judgeSurveys, verifyBlocks } from '../../src/verify/judging.js';
import { Verifier } from '../../src/verify/verifier.js';
import { surveysOf, TREES } from '../helpers/surveys.js';
import { vectorsIn } from '../vectors/files.js';
import { comparable, expectedOf, itemsOf, optionsOf, type VerifyVector } from '../vectors/verify-vectors.js';

const SIZES = [1, 1000, 2, 5];

for (const [at, [name, vector]] of vectorsIn<VerifyVector>('verify').entries()) {
  if (vector.quick === true) continue;
  test(`the vector ${name}`, async () => {
    const verdict = await verifyBlocks(await itemsOf(vector), optionsOf(vector));
    expect(comparable(verdict)).toMatchObject(expectedOf(vector));
    expect(await surveyed(vector, at)).toEqual(verdict);
  });
}

async function surveyed(vector: VerifyVector, at: number): Promise<Verdict> {
  const curve = await loadCurve();
  const options = optionsOf(vector);
  const how = { size: SIZES[at % SIZES.length] ?? 1, before: TREES[at % TREES.length] ?? 'none' };
  const verifier = new Verifier(curve, options);
  for await (const _ of judgeSurveys(verifier, surveysOf(await itemsOf(vector), curve, options, how)));
  return verifier.finish();
}
