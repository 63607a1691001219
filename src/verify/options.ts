import { isHex } from '../bytes.js';
import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import type { Block } from '../format/block.js';
import type { Checkpoint } from '../format/checkpoint.js';
import type { InspectedEntry, InspectOptions } from './inspect.js';
import type { SavedState } from './saved.js';
import type { Problem } from './verdict.js';

export interface VerifyOptions extends InspectOptions {
  /** The verifier's clock: a block may be at most 5 minutes ahead of it. */
  readonly now: Date;
  /** A key that must be the ledger's owner, or have been, and have signed for it (compressed public key, hex). */
  readonly owner?: string;
  /** Taken for the owner where the genesis block cannot be read and no owner is pinned: a reader's own key. */
  readonly presumedOwner?: PublicKey;
  /** The id that the ledger must have (hash of its genesis block, hex). */
  readonly ledger?: string;
  /** An earlier state, signed by the owner, that the ledger must have grown from. Its ledger is pinned with it. */
  readonly checkpoint?: Checkpoint;
  /** Where an earlier verification ended: the blocks up to there are taken as verified, and not handed in again. */
  readonly since?: SavedState;
  /** Whether records may lack salt and body because the export withholds them. Default false. */
  readonly withoutBodies?: boolean;
}

/**
 * What is pinned must be something that a ledger can have: a mistyped key would accuse every ledger.
 * @throws {MedsealError} `ARGUMENT_INVALID`
 */
export function expectPins(
  { owner, presumedOwner, ledger }: Pick<VerifyOptions, 'owner' | 'presumedOwner' | 'ledger'>,
  curve: Curve,
): void {
  for (const [name, key] of Object.entries({ owner, presumedOwner })) {
    if (key === undefined) continue;
    if (isHex(key, 33) && curve.isPublicKey(key)) continue;
    const message = `"${name}" is no public key on secp256k1: 66 characters of hex in lower case, beginning with 02 or 03`;
    throw new MedsealError('ARGUMENT_INVALID', message);
  }
  if (ledger === undefined || isHex(ledger, 32)) return;
  throw new MedsealError('ARGUMENT_INVALID', '"ledger" is no id of a ledger: 64 characters of hex in lower case');
}

/** What one block turned out to be, as soon as it has been looked at. */
export interface BlockReport {
  /** The block's number. */
  readonly number: number;
  readonly problems: readonly Problem[];
  /** The block where it is part of the chain and everything about it is good, but for the records in `badEntries`. */
  readonly accepted: {
    readonly block: Block;
    readonly entries: readonly InspectedEntry[];
    readonly hash: string;
  } | null;
  /** Positions of records whose body or salt is bad or missing. */
  readonly badEntries: ReadonlySet<number>;
}

/** Told of each block of a survey whether it was accepted. */
export type OnJudged = (accepted: BlockReport['accepted']) => void;
