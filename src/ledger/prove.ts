import { MedsealError } from '../errors.js';
import { type Block, isReadable } from '../format/block.js';
import type { Checkpoint } from '../format/checkpoint.js';
import { hashOf } from '../format/header.js';
import type { LedgerStatement } from '../format/statement.js';
import { parseStatement } from '../format/statement.js';
import { inclusionPath, type NodeSource, nodesOverLeaves } from '../merkle/proofs.js';
import { leafHash } from '../merkle/tree.js';
import type { Anchor, Chain } from '../proof/links.js';
import { type Disclosure, encodeProof, type RecordProof } from '../proof/record-proof.js';
import { type ProofVerdict, type ProvenRecord, verifyProof } from '../proof/verify-proof.js';
import { computedNodes, damaged, storedNodes } from './history-nodes.js';
import type { Ledger } from './ledger.js';

/** Where a record lies. */
export interface RecordPlace {
  /** Number of its block. */
  readonly block: number;
  /** Its place among the block's entries, from 0. */
  readonly entry: number;
}

export interface ProveEntryOptions {
  /** The key that those who check the proof will ask for; the owner that the genesis block names where it is not given. */
  readonly owner?: string;
  /** A checkpoint by that key, to which the proof is to lead; otherwise the newest block that the key has signed. */
  readonly checkpoint?: Checkpoint;
  readonly disclosed?: Disclosure;
  readonly signal?: AbortSignal;
}

/** A proof as it was made, and what it shows. */
export interface MadeProof {
  /** The proof's file. */
  readonly bytes: Uint8Array;
  readonly record: ProvenRecord;
}

/**
 * Proves that a sealed record is in a ledger. Needs no key. What comes out has been checked as its readers will check it,
 * so nothing that the store says needs to be trusted.
 * @throws {MedsealError} `ANCHOR_MISSING` where the key has signed neither the record's block nor a later one, or where
 *   the checkpoint is older; `LEDGER_INVALID` where blocks are damaged, so that no proof holds; `ABORTED`
 */
export async function proveEntry(
  ledger: Ledger,
  place: RecordPlace,
  options: ProveEntryOptions = {},
): Promise<MadeProof> {
  return proveWith(ledger, place.block, options, async ({ block, owner, ...chain }) => {
    const bytes = encodeProof({
      ...chain,
      ...(await entryPart(block, place.entry)),
      disclosed: options.disclosed ?? null,
    });
    const { record, problem } = await verifyProof(bytes, { owner });
    return record === null ? { problem } : { made: { bytes, record } };
  });
}

/** The part of a proof that leads from a block to what vouches for it. */
export interface ProofParts extends Omit<Chain, 'block'> {
  readonly block: Block;
  /** The key that vouches for it. */
  readonly owner: string;
}

/** A proof, checked as its readers will check it; or why it does not hold. */
type Attempt<Made> = { readonly made: Made } | { readonly problem: ProofVerdict['problem'] };

/**
 * Makes a proof of what a block holds, first from the nodes that the store keeps, and where it does not hold, from the
 * blocks themselves.
 * @throws {MedsealError} as `proveEntry`
 */
export async function proveWith<Made>(
  ledger: Ledger,
  number: number,
  options: Omit<ProveEntryOptions, 'disclosed'>,
  attempt: (parts: ProofParts) => Promise<Attempt<Made>>,
): Promise<Made> {
  const genesis = await readBlock(ledger, 1);
  const block = await readBlock(ledger, number);
  const owner = options.owner ?? ownerOf(genesis);
  const anchoring = await findAnchor(ledger, number, owner, options.checkpoint);
  const from = async (nodes: NodeSource): Promise<Attempt<Made>> =>
    attempt({ ledger: hashOf(genesis), block, owner, anchor: await anchorPart(nodes, number, anchoring) });
  const first = await from(storedNodes(ledger)).catch(damaged);
  if (first !== null && 'made' in first) return first.made;
  const second = await from(await computedNodes(ledger, anchoring.size, options.signal));
  if ('made' in second) return second.made;
  const { code, message } = second.problem ?? { code: 'MALFORMED', message: '' };
  throw new MedsealError('LEDGER_INVALID', `no proof of this block holds: ${code}: ${message}`, { block: number });
}

/** What anchors: a checkpoint or a block, and the number of blocks in its tree. */
type Anchoring =
  | { readonly kind: 'checkpoint'; readonly size: number; readonly checkpoint: Checkpoint }
  | { readonly kind: 'block'; readonly size: number; readonly block: Block };

async function findAnchor(
  ledger: Ledger,
  record: number,
  owner: string,
  checkpoint: Checkpoint | undefined,
): Promise<Anchoring> {
  if (checkpoint !== undefined) {
    const { size } = checkpoint;
    if (size >= record && size <= (await ledger.size())) return { kind: 'checkpoint', size, checkpoint };
    const message = `the checkpoint is of ${size} blocks, the record is in block ${record}, and the ledger has ${await ledger.size()}`;
    throw new MedsealError('ANCHOR_MISSING', message, { block: record });
  }
  const block = await newestSignedBy(ledger, owner, record);
  if (block !== null) return { kind: 'block', size: block.header.index - 1, block };
  const message =
    'the key that is to vouch for the record has signed neither its block nor a later one. Have its holder sign a ' +
    'checkpoint ("medseal checkpoint"), and give that with --checkpoint';
  throw new MedsealError('ANCHOR_MISSING', message, { block: record });
}

/** The newest block by a signer, at or behind a place. The newest of all is nearly always it. */
async function newestSignedBy(ledger: Ledger, signer: string, least: number): Promise<Block | null> {
  let step = 1;
  for (let to = await ledger.size(); to >= least; to -= step, step = Math.min(2 * step, 512)) {
    let newest: Block | null = null;
    const range = { from: Math.max(least, to - step + 1), to, bodies: false };
    for await (const { position, item } of ledger.numbered(range)) {
      // One that is not in its place could claim any number of blocks before it.
      if (isReadable(item) && item.header.signer === signer && item.header.index === position) newest = item;
    }
    if (newest !== null) return newest;
  }
  return null;
}

async function entryPart(
  block: Block,
  position: number,
): Promise<Pick<RecordProof, 'block' | 'entry' | 'position' | 'entryPath'>> {
  const { header, proof, signature, entries } = block;
  const entry = entries[position];
  if (entry?.kind !== 'sealed') {
    throw new MedsealError('ARGUMENT_INVALID', 'there is no sealed record at this place', {
      block: header.index,
      entry: position,
    });
  }
  const entryPath = await entryPathOf(block, position);
  return { block: { header, proof, signature }, entry: entry.bytes, position, entryPath };
}

/** The path of an entry in the tree of its block. */
export function entryPathOf({ entries }: Block, position: number): Promise<Uint8Array[]> {
  const leaves = entries.map(({ bytes }) => leafHash(bytes));
  const nodes = nodesOverLeaves((index) => leaves[index] ?? new Uint8Array(32));
  return inclusionPath(nodes, position, leaves.length);
}

async function anchorPart(nodes: NodeSource, record: number, anchoring: Anchoring): Promise<Anchor> {
  const { size } = anchoring;
  if (anchoring.kind === 'checkpoint') {
    return {
      kind: 'checkpoint',
      checkpoint: anchoring.checkpoint.text,
      path: await inclusionPath(nodes, record - 1, size),
    };
  }
  const genesisPath = await inclusionPath(nodes, 0, size);
  if (anchoring.block.header.index === record) return { kind: 'own-block', genesisPath };
  const { header, proof, signature } = anchoring.block;
  const path = await inclusionPath(nodes, record - 1, size);
  return { kind: 'later-block', block: { header, proof, signature }, path, genesisPath };
}

async function readBlock(ledger: Ledger, index: number): Promise<Block> {
  for await (const item of ledger.blocks({ from: index, to: index, bodies: false })) {
    if (isReadable(item)) return item;
  }
  throw new MedsealError('LEDGER_INVALID', `block ${index} is missing or cannot be read`, { block: index });
}

function ownerOf({ entries }: Block): string {
  const [first] = entries;
  const statement = first?.kind === 'statement' ? parseStatement(first.bytes) : null;
  if (statement?.kind !== 'ledger') {
    throw new MedsealError('LEDGER_INVALID', 'the genesis block names no owner', { block: 1 });
  }
  return (statement as LedgerStatement).owner;
}
