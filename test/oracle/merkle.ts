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

/**
 * The root of a tree of n leaves of which the one at m has this hash and path, by the recursion of PATH turned round; null
 * where the path has another length.
 */
export function rootOfInclusion(leaf: Uint8Array, m: number, n: number, path: readonly Uint8Array[]): Bytes | null {
  if (m >= n) return null;
  if (n === 1) return path.length === 0 ? new Uint8Array(leaf) : null;
  const sibling = path.at(-1);
  if (sibling === undefined) return null;
  const k = largestPowerOfTwoBelow(n);
  const below =
    m < k ? rootOfInclusion(leaf, m, k, path.slice(0, -1)) : rootOfInclusion(leaf, m - k, n - k, path.slice(0, -1));
  if (below === null) return null;
  return m < k ? H(NODE, below, sibling) : H(NODE, sibling, below);
}
