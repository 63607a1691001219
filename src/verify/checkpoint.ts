import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import { type Checkpoint, isSignedBy } from '../format/checkpoint.js';

/** What a verification has found of a ledger, as far as a checkpoint is concerned. */
export interface FoundState {
  /** Null where it is not known. */
  readonly ledger: string | null;
  /** The owner when there were as many blocks as the checkpoint says; null where it is not known. */
  readonly owner: PublicKey | null;
  readonly blocks: number;
  /** Whether more may follow that was not judged. */
  readonly open: boolean;
  /** The tree hash over as many blocks as the checkpoint says, hex; null where it is not known. */
  readonly root: string | null;
}

export interface Finding {
  readonly block: number;
  readonly code:
    | 'LEDGER_MISMATCH'
    | 'CHECKPOINT_UNSIGNED'
    | 'LEDGER_ROLLED_BACK'
    | 'LEDGER_REWRITTEN'
    | 'CHECKPOINT_UNCHECKED';
  readonly message: string;
}

/**
 * Whether a ledger has grown from the state that a checkpoint names: null where it has. Otherwise the checkpoint is no
 * evidence, or the ledger is older (a rollback), or it has another history (a rewrite), or that cannot be told.
 */
export function checkAgainst(checkpoint: Checkpoint, curve: Curve, found: FoundState): Finding | null {
  const { ledger, size, root } = checkpoint;
  if (found.ledger !== null && found.ledger !== ledger) {
    return { block: 1, code: 'LEDGER_MISMATCH', message: 'the checkpoint is of another ledger' };
  }
  if (found.owner !== null && !isSignedBy(checkpoint, found.owner, curve)) {
    const message = "the checkpoint has no valid signature of the ledger's owner, so it is no evidence of anything";
    return { block: size, code: 'CHECKPOINT_UNSIGNED', message };
  }
  if (found.blocks < size && !found.open) {
    const message = `the ledger ends here, and the checkpoint was signed over ${size} blocks: newer blocks have been cut off, or this is an older copy`;
    return { block: found.blocks, code: 'LEDGER_ROLLED_BACK', message };
  }
  if (found.root === null || found.owner === null) {
    const message = 'whether the ledger up to here is what the checkpoint was signed over cannot be told';
    return { block: size, code: 'CHECKPOINT_UNCHECKED', message };
  }
  if (found.root !== root) {
    const message =
      'the blocks up to here are not those that the checkpoint was signed over: the ledger has been rewritten, or it is a copy with another history';
    return { block: size, code: 'LEDGER_REWRITTEN', message };
  }
  return null;
}
