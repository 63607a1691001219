// RFC 6962 section 2.1, the recursive definition as it stands there.

import { type Bytes, H } from './bytes.js';

const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** MTH(D[n]) */
export function treeHash(leaves: readonly Uint8Array[]): Bytes {
  const n = leaves.length;
  if (n === 0) return H();
  if (n === 1) return H(LEAF, leaves[0]!);
  const k = largestPowerOfTwoBelow(n);
  return H(NODE, treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** k < n <= 2k */
function largestPowerOfTwoBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** PATH(m, D[n]), section 2.1.1 */
export function inclusionProof(m: number, leaves: readonly Uint8Array[]): Bytes[] {
  const n = leaves.length;
  if (n === 1) return [];
  const k = largestPowerOfTwoBelow(n);
  return m < k
    ? [...inclusionProof(m, leaves.slice(0, k)), treeHash(leaves.slice(k))]
    : [...inclusionProof(m - k, leaves.slice(k)), treeHash(leaves.slice(0, k))];
}

/** PROOF(m, D[n]), section 2.1.2 */
export function consistencyProof(m: number, leaves: readonly Uint8Array[]): Bytes[] {
  return subProof(m, leaves, true);
}

function subProof(m: number, leaves: readonly Uint8Array[], whole: boolean): Bytes[] {
  const n = leaves.length;
  if (m === n) return whole ? [] : [treeHash(leaves)];
  const k = largestPowerOfTwoBelow(n);
  return m <= k
    ? [...subProof(m, leaves.slice(0, k), whole), treeHash(leaves.slice(k))]
    : [...subProof(m - k, leaves.slice(k), false), treeHash(leaves.slice(0, k))];
}
