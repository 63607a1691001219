// The proofs of the notebook's chains, looked for again.

import { expect, test } from 'vitest';
import { proofOfBlock } from '../../src/notebook/known-proofs.js';
import { findProof } from '../../src/notebook/work.js';

test('each is the least that follows from the one before', () => {
  for (let block = 1; block <= 225; block++) {
    expect(findProof(proofOfBlock(block)), `block ${block + 1}`).toBe(proofOfBlock(block + 1));
  }
});
