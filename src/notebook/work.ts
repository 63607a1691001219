import { hash } from 'node:crypto';

/**
 * Whether a proof does the notebook's work: SHA-256 of the decimal text of proof² − previous² begins with 16 zero bits.
 * Nothing of a block goes into it, so that all proofs of all chains follow from the first.
 */
export function isProof(proof: bigint, previous: bigint): boolean {
  const text = String(proof * proof - previous * previous);
  return text.length <= MOST_DIGITS && hasWork(text);
}

/** Python writes no longer numbers out. */
const MOST_DIGITS = 4300;

/** Above this, squares are no longer exact as numbers. */
const EXACT = 94_906_265;

/** The smallest proof of at least 1, which is the one that the notebook finds. */
export function findProof(previous: bigint): bigint {
  if (previous > BigInt(EXACT) || previous < 0n) return findLargeProof(previous);
  const square = Number(previous) ** 2;
  for (let proof = 1; proof < EXACT; proof++) if (hasWork(String(proof * proof - square))) return BigInt(proof);
  return findLargeProof(previous, BigInt(EXACT));
}

function findLargeProof(previous: bigint, from = 1n): bigint {
  let proof = from;
  while (!isProof(proof, previous)) proof++;
  return proof;
}

/** As text, two bytes of a hash are compared fastest. */
function hasWork(text: string): boolean {
  return hash('sha256', text, 'hex').startsWith('0000');
}
