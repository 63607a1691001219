import { fromHex, toHex } from '../bytes.js';
import { loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import { type Block, isReadable } from '../format/block.js';
import { hashOf, headerHash } from '../format/header.js';
import { type LedgerStatement, parseStatement } from '../format/statement.js';
import { inclusionPath, type NodeSource, rootFromInclusion } from '../merkle/proofs.js';
import { leafHash } from '../merkle/tree.js';
import { inspectContent, inspectHead } from '../verify/inspect.js';
import { computedNodes, damaged, storedNodes } from './history-nodes.js';
import type { Ledger } from './ledger.js';

/** What a signature says of the blocks before it, looked at block by block: a few hashes each, however many there are. */
export interface Voucher {
  /** The ledger's id, hex, and the owner that its genesis block names. */
  readonly ledger: string;
  readonly owner: PublicKey;
  /** The last block that it says something of: the signer's own. */
  readonly upTo: number;
  /** Whether the block at a position is the one that stood there when the signer signed. */
  has(position: number, block: Block): Promise<boolean>;
}

/** It is looked for so many of the signer's blocks among the newest; nearly always the newest of all is one. */
const SEARCHED = 4096;

/**
 * The newest block by the first owner or by another signer, who have verified all before it when they signed: as a quick
 * verification, it vouches for them.
 * @param signer a key that is trusted whatever the ledger says of it, such as the caller's own
 * @returns null where neither has signed one of the newest blocks, or where the genesis block is not in the history that it signed
 * @throws {MedsealError} `STORE_FAILED`
 */
export async function voucherBy(ledger: Ledger, signer: PublicKey): Promise<Voucher | null> {
  const genesis = await ledger.block(1);
  const owner = genesis === null || !isReadable(genesis) ? null : await ownerNamedBy(genesis);
  const anchor = owner === null ? null : await newestBy(ledger, new Set([owner, signer]));
  if (owner === null || anchor === null || genesis === null || !isReadable(genesis)) return null;
  const nodes = storedNodes(ledger);
  let computed: Promise<NodeSource | null> | null = null;
  const voucher: Voucher = {
    ledger: hashOf(genesis),
    owner,
    upTo: anchor.header.index,
    has: async (position, block) => {
      if (await isIn(nodes, anchor, position, block)) return true;
      if (block.header.index !== position || position >= anchor.header.index) return false;
      // Where the nodes are damaged, the blocks themselves say what they should be.
      computed ??= computedNodes(ledger, anchor.header.index - 1).catch(damaged);
      const made = await computed;
      return made !== null && (await isIn(made, anchor, position, block));
    },
  };
  return (await voucher.has(1, genesis)) ? voucher : null;
}

/** The owner that a genesis block names, in entries that its hash stands for. */
async function ownerNamedBy(genesis: Block): Promise<PublicKey | null> {
  const [first] = genesis.entries;
  const { entries } = inspectContent(genesis, await loadCurve(), { bodies: false });
  const statement = entries === null || first?.kind !== 'statement' ? null : parseStatement(first.bytes);
  return statement?.kind === 'ledger' ? (statement as LedgerStatement).owner : null;
}

async function newestBy(ledger: Ledger, signers: ReadonlySet<string>): Promise<Block | null> {
  const curve = await loadCurve();
  const size = await ledger.size();
  let step = 1;
  for (let to = size; to > Math.max(0, size - SEARCHED); to -= step, step = Math.min(2 * step, 512)) {
    let newest: Block | null = null;
    for await (const { position, item } of ledger.numbered({ from: Math.max(1, to - step + 1), to, bodies: false })) {
      // One that is not in its place could claim any number of blocks before it.
      if (!isReadable(item) || !signers.has(item.header.signer) || item.header.index !== position) continue;
      newest = item;
    }
    if (newest !== null) return inspectHead(newest, headerHash(newest.header), curve) === null ? newest : null;
  }
  return null;
}

async function isIn(nodes: NodeSource, anchor: Block, position: number, block: Block): Promise<boolean> {
  const { index, history_hash } = anchor.header;
  if (block.header.index !== position || position > index) return false;
  if (position === index) return hashOf(block) === hashOf(anchor);
  const path = await inclusionPath(nodes, position - 1, index - 1).catch(damaged);
  const leaf = fromHex(hashOf(block), 32);
  if (path === null || leaf === null) return false;
  const root = rootFromInclusion(leafHash(leaf), position - 1, index - 1, path);
  return root !== null && toHex(root) === history_hash;
}
