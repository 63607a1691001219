import { fromHex, isHex, toHex, utf8 } from '../bytes.js';
import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import { MedsealError, type ProofCode } from '../errors.js';
import { type Checkpoint, isSignedBy, type LedgerHead, parseCheckpoint } from '../format/checkpoint.js';
import { type BlockHead, blockHash, headerHash, signingDigest } from '../format/header.js';
import { rootFromInclusion } from '../merkle/proofs.js';
import { leafHash } from '../merkle/tree.js';
import { proofIsSufficient } from '../work/proof-of-work.js';
import type { Anchor, Chain } from './links.js';

/** Whom a reader of a proof asks for. */
export interface VerifyProofOptions {
  /** The key that must vouch for the ledger (compressed public key, hex): its owner's. */
  readonly owner: string;
  /** A checkpoint from elsewhere, of just the state that the proof leads to. */
  readonly checkpoint?: Checkpoint;
}

/** What vouches for a block, once it has been checked. */
export interface CheckedAnchor {
  readonly kind: Anchor['kind'];
  /** The tree: number of blocks in it, and its hash (hex). */
  readonly size: number;
  readonly root: string;
  /** The time of the block that anchors; null for a checkpoint, which has none. */
  readonly timestamp: string | null;
}

/** @throws {MedsealError} `ARGUMENT_INVALID`: a mistyped key would accuse every proof */
export function expectPinned({ owner }: VerifyProofOptions, curve: Curve): void {
  if (isHex(owner, 33) && curve.isPublicKey(owner)) return;
  const message = '"owner" is no public key on secp256k1: 66 characters of hex in lower case, beginning with 02 or 03';
  throw new MedsealError('ARGUMENT_INVALID', message);
}

/**
 * Follows a proof from its block to what the pinned key has signed (spec/proofs.md, "Checking").
 * @returns the block's hash, and what vouches for it
 * @throws {MedsealError} a `ProofCode`, for the first link of the chain that does not hold
 */
export function checkChain(
  chain: Chain,
  { owner, checkpoint }: VerifyProofOptions,
  curve: Curve,
): { hash: Uint8Array; anchor: CheckedAnchor } {
  const hash = expectSound(chain.block, curve);
  const { size, root, ...tree } = expectAnchored(chain, hash, owner as PublicKey, curve);
  if (checkpoint !== undefined) expectSameState(checkpoint, { size, root, ...tree }, owner as PublicKey, curve);
  return { hash, anchor: { kind: chain.anchor.kind, size, root, timestamp: anchorTime(chain) } };
}

/** @throws {MedsealError} `DATA_MISMATCH` where an entry is not in this place of the block */
export function expectEntry(
  entry: Uint8Array,
  { position, entryPath }: { readonly position: number; readonly entryPath: readonly Uint8Array[] },
  { header }: BlockHead,
): void {
  const root = rootFromInclusion(leafHash(entry), position, header.data_size, entryPath);
  if (root === null || toHex(root) !== header.data_hash) {
    fail('DATA_MISMATCH', 'the entry is not in this place of the block');
  }
}

function anchorTime({ anchor, block }: Chain): string | null {
  if (anchor.kind === 'checkpoint') return null;
  return (anchor.kind === 'later-block' ? anchor.block : block).header.timestamp;
}

/** What a block's own signer vouches for; returns its hash. */
function expectSound({ header, proof, signature }: BlockHead, curve: Curve): Uint8Array {
  const ofHeader = headerHash(header);
  if (!curve.verify(header.signer, signingDigest(ofHeader, proof), signature)) {
    fail('SIGNATURE_INVALID', `the signature of block ${header.index} does not fit`);
  }
  if (!proofIsSufficient(ofHeader, proof, header.difficulty)) {
    fail('WORK_INSUFFICIENT', `the proof of work of block ${header.index} does not reach its difficulty`);
  }
  return blockHash(ofHeader, proof, signature);
}

/** Follows the chain from the record's block to what the owner has signed; returns the tree that was. */
function expectAnchored(proof: Chain, hash: Uint8Array, owner: PublicKey, curve: Curve): LedgerHead {
  const { anchor, ledger, block } = proof;
  const place = block.header.index - 1;
  if (anchor.kind === 'checkpoint') {
    const checkpoint = parseCheckpoint(utf8(anchor.checkpoint));
    if (checkpoint.ledger !== ledger) fail('LEDGER_MISMATCH', 'the checkpoint in the proof is of another ledger');
    if (!isSignedBy(checkpoint, owner, curve)) {
      fail('CHECKPOINT_UNSIGNED', 'the checkpoint in the proof has no valid signature of the key asked for');
    }
    expectLeaf(checkpoint, hash, place, anchor.path, HISTORY);
    return checkpoint;
  }
  const signed = anchor.kind === 'later-block' ? anchor.block : block;
  if (signed.header.signer !== owner) {
    fail('OWNER_MISMATCH', `block ${signed.header.index} is to vouch for the record, and another key has signed it`);
  }
  const tree = { ledger, size: signed.header.index - 1, root: signed.header.history_hash };
  if (anchor.kind === 'later-block') {
    expectLater(anchor.block, block, curve);
    expectLeaf(tree, hash, place, anchor.path, HISTORY);
  }
  expectLeaf(tree, fromHex(ledger, 32) ?? new Uint8Array(0), 0, anchor.genesisPath, GENESIS);
  return tree;
}

function expectLater(later: BlockHead, block: BlockHead, curve: Curve): void {
  if (later.header.index <= block.header.index)
    fail('MALFORMED', 'the block that is to vouch for the record is no later one');
  expectSound(later, curve);
  if (later.header.timestamp < block.header.timestamp) {
    fail('TIME_BACKWARDS', "the block that vouches for the record is dated earlier than the record's");
  }
}

const HISTORY = {
  code: 'HISTORY_MISMATCH',
  message: "the record's block is not in the history that was signed",
} as const;
const GENESIS = { code: 'LEDGER_MISMATCH', message: 'the history that was signed is that of another ledger' } as const;

function expectLeaf(
  { size, root }: LedgerHead,
  hash: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
  { code, message }: { code: ProofCode; message: string },
): void {
  const found = rootFromInclusion(leafHash(hash), index, size, path);
  if (found === null || toHex(found) !== root) fail(code, message);
}

/** The given checkpoint must be of the very tree that the proof leads to: between two trees it tells nothing. */
function expectSameState(checkpoint: Checkpoint, tree: LedgerHead, owner: PublicKey, curve: Curve): void {
  if (checkpoint.ledger !== tree.ledger) fail('LEDGER_MISMATCH', 'the checkpoint is of another ledger than the proof');
  if (!isSignedBy(checkpoint, owner, curve)) {
    fail('CHECKPOINT_UNSIGNED', 'the checkpoint has no valid signature of the key asked for');
  }
  if (checkpoint.size !== tree.size) {
    const message = `the checkpoint is of ${checkpoint.size} blocks, and the proof leads to ${tree.size}: have it made for this checkpoint`;
    fail('CHECKPOINT_DIFFERS', message);
  }
  if (checkpoint.root !== tree.root) {
    fail('LEDGER_REWRITTEN', 'the proof leads to another history of the ledger than the checkpoint');
  }
}

/** @throws {MedsealError} */
export function fail(code: ProofCode, message: string): never {
  throw new MedsealError(code, message);
}
