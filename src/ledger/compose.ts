import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import type { Block } from '../format/block.js';
import type { Entry } from '../format/entry.js';
import { type BlockHead, FORMAT_VERSION, type Header, headerHash, signingDigest } from '../format/header.js';
import { treeHash } from '../merkle/tree.js';
import type { Miner } from '../work/miner.js';

/** What a header says of the block's place; the rest follows from its entries and its signer. */
export type BlockPlace = Pick<Header, 'index' | 'timestamp' | 'previous_hash' | 'history_hash' | 'difficulty'>;

/** Makes a block: commits to the entries, does the work, signs. */
export async function composeBlock(
  place: BlockPlace,
  entries: readonly Entry[],
  signer: Identity,
  miner: Miner,
  signal: AbortSignal | undefined,
): Promise<Block> {
  const header = headerOf(place, { hash: dataHash(entries), size: entries.length }, signer);
  return { ...(await signHeader(header, signer, miner, signal)), entries };
}

/** RFC 6962's tree hash over the entries: what `data_hash` says. */
export function dataHash(entries: readonly Entry[]): Uint8Array {
  return treeHash(entries.map((entry) => entry.bytes));
}

export function headerOf(place: BlockPlace, data: { hash: Uint8Array; size: number }, signer: Identity): Header {
  return {
    ...place,
    version: FORMAT_VERSION,
    data_hash: toHex(data.hash),
    data_size: data.size,
    signer: signer.publicKey,
  };
}

/** Does the work for a header, and signs both. */
export async function signHeader(
  header: Header,
  signer: Identity,
  miner: Miner,
  signal: AbortSignal | undefined,
): Promise<BlockHead> {
  const hash = headerHash(header);
  const proof = await miner.mine(hash, header.difficulty, signal);
  return { header, proof, signature: await signer.sign(signingDigest(hash, proof)) };
}
