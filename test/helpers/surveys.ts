// Surveys of a few blocks each, as threads make them.

import type { Curve } from '../../src/crypto/secp256k1.js';
import { type BlockItem, isReadable } from '../../src/format/block.js';
import { blockHashHex, headerHash } from '../../src/format/header.js';
import { MerkleTree } from '../../src/merkle/tree.js';
import type { InspectOptions } from '../../src/verify/inspect.js';
import { type Survey, surveyBlocks } from '../../src/verify/survey.js';

/** Which tree the surveyors have over the blocks before theirs: that is for whoever stores the ledger to say. */
export const TREES = ['none', 'right', 'wrong'] as const;
export type TreeBefore = (typeof TREES)[number];

export function surveysOf(
  items: readonly BlockItem[],
  curve: Curve,
  options: InspectOptions,
  { size, before }: { size: number; before: TreeBefore },
): Survey[] {
  const surveys: Survey[] = [];
  for (let at = 0; at < items.length; at += size) {
    const tree = before === 'none' ? null : treeOf(items.slice(0, at), before === 'right');
    surveys.push(surveyBlocks(items.slice(at, at + size), curve, options, tree));
  }
  return surveys;
}

/** Over as many blocks, theirs or others; null where one of them cannot be read. */
function treeOf(items: readonly BlockItem[], right: boolean): MerkleTree | null {
  const tree = new MerkleTree();
  for (const item of items) {
    if (!isReadable(item)) return null;
    const hash = Buffer.from(blockHashHex(headerHash(item.header), item.proof, item.signature), 'hex');
    tree.add(right ? hash : new Uint8Array(32));
  }
  return tree;
}
