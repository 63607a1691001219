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
