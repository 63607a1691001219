import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import type { Block } from '../format/block.js';
import type { Entry } from '../format/entry.js';
import { FORMAT_VERSION, type Header, headerHash, signingDigest } from '../format/header.js';
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
  const header: Header = {
    ...place,
    version: FORMAT_VERSION,
    data_hash: toHex(treeHash(entries.map((entry) => entry.bytes))),
    data_size: entries.length,
    signer: signer.publicKey,
  };
  const hash = headerHash(header);
  const proof = await miner.mine(hash, header.difficulty, signal);
  const signature = await signer.sign(signingDigest(hash, proof));
  return { header, proof, signature, entries };
}
