import { fromHex, toHex } from '../bytes.js';
import { MedsealError, throwIfAborted } from '../errors.js';
import { isReadable } from '../format/block.js';
import { hashOf } from '../format/header.js';
import {
  consistencyPath,
  inclusionPath,
  isConsistent,
  type NodeSource,
  nodesOverLeaves,
  rootFrom,
  rootFromInclusion,
} from '../merkle/proofs.js';
import { leafHash, MerkleTree } from '../merkle/tree.js';
import type { Ledger } from './ledger.js';

const HASH_LENGTH = 32;

/**
 * The nodes of the tree over all blocks' hashes as the store keeps them: one is read at a time, whatever the size of the
 * ledger. Nobody has checked them, so what is made of them must be.
 */
export function storedNodes(ledger: Ledger): NodeSource {
  return async (level, index) => {
    const position = (index + 1) * 2 ** level;
    const nodes = await ledger.nodes(position);
    const at = HASH_LENGTH * level;
    if (nodes === null || nodes.length < at + HASH_LENGTH) {
      throw new MedsealError('LEDGER_INVALID', `block ${position} is missing, or its nodes are`, { block: position });
    }
    return nodes.subarray(at, at + HASH_LENGTH);
  };
}

/**
 * The tree over the first blocks' hashes, as the nodes that they are stored with make it; null where some are not there.
 * @param nodesAt the nodes of one block
 */
export function storedTree(nodesAt: (position: number) => Uint8Array | null, size: number): MerkleTree | null {
  const edge: Uint8Array[] = [];
  let end = 0;
  for (let level = Math.floor(Math.log2(size)); level >= 0; level--) {
    const width = 2 ** level;
    if (Math.floor(size / width) % 2 === 0) continue;
    end += width;
    const node = nodesAt(end)?.subarray(HASH_LENGTH * level, HASH_LENGTH * (level + 1));
    if (node?.length !== HASH_LENGTH) return null;
    edge.push(node);
  }
  return MerkleTree.withEdge(edge, size);
}

/** The same from the blocks themselves: all of them are read, and 32 bytes of each are held. */
export async function computedNodes(ledger: Ledger, size: number, signal?: AbortSignal): Promise<NodeSource> {
  const leaves = new Uint8Array(HASH_LENGTH * size);
  let index = 0;
  for await (const item of ledger.blocks({ to: size, bodies: false })) {
    throwIfAborted(signal);
    const hash = isReadable(item) ? fromHex(hashOf(item), HASH_LENGTH) : null;
    if (hash === null) {
      throw new MedsealError('LEDGER_INVALID', `block ${index + 1} cannot be read, so nothing is proven with it`);
    }
    leaves.set(leafHash(hash), HASH_LENGTH * index++);
  }
  if (index < size) throw new MedsealError('LEDGER_INVALID', 'blocks are missing, so nothing is proven with them');
  return nodesOverLeaves((leaf) => leaves.subarray(HASH_LENGTH * leaf, HASH_LENGTH * (leaf + 1)));
}

/** What shows that a ledger of `second` blocks has grown from one of `first`. */
export interface ConsistencyProof {
  readonly first: number;
  readonly second: number;
  /** The tree hashes over so many blocks. */
  readonly firstRoot: Uint8Array;
  readonly secondRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/**
 * Proves that a state of a ledger has grown from an earlier one (spec/proofs.md, "Paths"); `isConsistent` checks it.
 * @param first number of blocks then, from 1
 * @param second number of blocks later, the newest where it is not given
 * @throws {MedsealError} `ARGUMENT_INVALID` where there are not so many blocks; `LEDGER_INVALID` where blocks are damaged
 */
export async function proveConsistency(ledger: Ledger, first: number, second?: number): Promise<ConsistencyProof> {
  const size = await ledger.size();
  const later = second ?? size;
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(later) || first < 1 || first > later || later > size) {
    throw new MedsealError('ARGUMENT_INVALID', `a ledger of ${size} blocks has no growth from ${first} to ${later}`);
  }
  const stored = await consistencyWith(storedNodes(ledger), first, later).catch(damaged);
  if (stored !== null && isConsistentProof(stored) && (await isOverBlocks(ledger, stored))) return stored;
  return consistencyWith(await computedNodes(ledger, later), first, later);
}

async function consistencyWith(nodes: NodeSource, first: number, second: number): Promise<ConsistencyProof> {
  const [firstRoot, secondRoot] = [await rootFrom(nodes, first), await rootFrom(nodes, second)];
  return { first, second, firstRoot, secondRoot, path: await consistencyPath(nodes, first, second) };
}

/**
 * Whether the later tree is the one over the ledger's blocks. A damaged node of its newest block makes another tree, which
 * has grown from the earlier one just as well; where the later one is right, the earlier one is too.
 */
async function isOverBlocks(ledger: Ledger, { second, secondRoot }: ConsistencyProof): Promise<boolean> {
  const next = await ledger.block(second + 1);
  if (next !== null) return isReadable(next) && next.header.history_hash === toHex(secondRoot);
  // No block says what the tree over all of them is: it is that of the newest's history, and the newest.
  const newest = await ledger.block(second);
  const leaf = newest !== null && isReadable(newest) ? fromHex(hashOf(newest), HASH_LENGTH) : null;
  if (newest === null || !isReadable(newest) || leaf === null) return false;
  const nodes = storedNodes(ledger);
  const root = rootFromInclusion(leafHash(leaf), second - 1, second, await inclusionPath(nodes, second - 1, second));
  const isNewest = root !== null && toHex(root) === toHex(secondRoot);
  return isNewest && (second === 1 || toHex(await rootFrom(nodes, second - 1)) === newest.header.history_hash);
}

/** Whether a consistency proof holds. */
export function isConsistentProof({ first, second, firstRoot, secondRoot, path }: ConsistencyProof): boolean {
  return isConsistent({ size: first, root: firstRoot }, { size: second, root: secondRoot }, path);
}

/** For a promise whose failure means that stored nodes are of no use. */
export function damaged(error: unknown): null {
  if (error instanceof MedsealError && error.code === 'LEDGER_INVALID') return null;
  throw error;
}
