// All vectors, made anew: fixed keys, a fixed clock, seeded randomness, and the oracle's writer instead of the
// implementation's, so that the vectors judge it and not the other way round.

import { certificateVectors } from './generate/certificates.js';
import { csvVectors } from './generate/csv.js';
import { hashVectors } from './generate/hashes.js';
import { keyVectors } from './generate/keys.js';
import { openVectors } from './generate/open.js';
import { checkpointVectors, proofVectors } from './generate/proofs.js';
import { recordVectors } from './generate/records.js';
import { storeVectors } from './generate/store.js';
import { tagVectors } from './generate/tags.js';
import { typeVectors } from './generate/types.js';
import { approvalCases } from './generate/verify-approvals.js';
import { blockCases } from './generate/verify-blocks.js';
import { chainCases } from './generate/verify-chain.js';
import { checkpointCases } from './generate/verify-checkpoint.js';
import { erasureCases } from './generate/verify-erasure.js';
import { formCases } from './generate/verify-form.js';
import { goodCases } from './generate/verify-good.js';
import { keyCases } from './generate/verify-keys.js';
import { newerCases } from './generate/verify-newer.js';
import { quickCases } from './generate/verify-quick.js';
import { rightsCases } from './generate/verify-rights.js';
import { statementCases } from './generate/verify-statements.js';
import { successionCases } from './generate/verify-succession.js';
import { trailCases } from './generate/verify-trail.js';
import { type Vector, verifyVector } from './generate/verify-vector.js';

/** The text of every vector file, by its path below `vectors/`. */
export function generateVectors(): Map<string, string> {
  const cases = [
    ...goodCases(),
    ...formCases(),
    ...newerCases(),
    ...blockCases(),
    ...chainCases(),
    ...statementCases(),
    ...checkpointCases(),
    ...quickCases(),
    ...keyCases(),
    ...approvalCases(),
    ...rightsCases(),
    ...successionCases(),
    ...erasureCases(),
    ...trailCases(),
  ];
  const vectors: Vector[] = [
    ...cases.map(verifyVector),
    ...openVectors(),
    ...storeVectors(),
    ...recordVectors(),
    ...tagVectors(),
    ...typeVectors(),
    ...keyVectors(),
    ...hashVectors(),
    ...csvVectors(),
    ...checkpointVectors(),
    ...proofVectors(),
    ...certificateVectors(),
  ];
  const files = new Map<string, string>();
  for (const { path, content } of vectors) {
    if (files.has(`${path}.json`)) throw new Error(`two vectors are named ${path}`);
    files.set(`${path}.json`, `${JSON.stringify(content, null, 2)}\n`);
  }
  return files;
}
