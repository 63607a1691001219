import { toHex } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError, throwIfAborted } from '../errors.js';
import { type LedgerHead, signCheckpoint } from '../format/checkpoint.js';
import { Verifier } from '../verify/verifier.js';
import type { Ledger, WriteOptions } from './ledger.js';
import { expectNewest } from './writer.js';

export interface CheckpointOptions extends Pick<WriteOptions, 'signal' | 'heads' | 'acceptRollback'> {
  /** Called with the number of blocks verified. */
  readonly onProgress?: (blocks: number) => void;
}

/** A checkpoint as it was made. */
export interface MadeCheckpoint extends LedgerHead {
  /** The newest block's time. */
  readonly timestamp: string;
  /** The signed note, to be given away. */
  readonly text: string;
}

/**
 * Signs the state of a ledger now. What is signed is vouched for, so the chain is verified first, as for a new block.
 * @param owner the ledger's owner; nobody else's checkpoint is worth anything to a verifier
 * @throws {MedsealError} `LEDGER_INVALID` where the chain does not verify; `SIGNER_UNAUTHORISED` where the key is not the
 *   owner's; `LEDGER_ROLLED_BACK` where the signer knows a newer state; `OUTPUT_FAILED` where the head cannot be
 *   remembered; `ABORTED`
 */
export async function makeCheckpoint(
  ledger: Ledger,
  owner: Identity,
  options: CheckpointOptions = {},
): Promise<MadeCheckpoint> {
  const size = await ledger.size();
  const verifier = new Verifier(await loadCurve(), { now: ledger.clock(), bodies: false });
  let blocks = 0;
  for await (const item of ledger.blocks({ to: size, bodies: false })) {
    throwIfAborted(options.signal);
    verifier.push(item);
    options.onProgress?.(++blocks);
  }
  const head = verifiedHead(verifier, size);
  if (verifier.state.owner !== owner.publicKey) {
    throw new MedsealError('SIGNER_UNAUTHORISED', "this key is not the ledger's owner, whose word a checkpoint is");
  }
  const heads = options.heads ?? null;
  if (!options.acceptRollback) await expectNewest(ledger, head.ledger, heads);
  const text = await signCheckpoint(head, owner);
  const timestamp = String(verifier.next?.time);
  // Another process may have added blocks meanwhile, and remembered a newer one.
  if ((heads?.get(head.ledger)?.index ?? 0) < size || options.acceptRollback) {
    heads?.set(head.ledger, { index: size, hash: String(verifier.head), timestamp });
  }
  return { ...head, timestamp, text };
}

function verifiedHead(verifier: Verifier, size: number): LedgerHead {
  const [problem] = verifier.finish().problems;
  const tree = verifier.historyTree();
  if (problem === undefined && tree !== null && tree.size === size && verifier.ledger !== null) {
    return { ledger: verifier.ledger, size, root: toHex(tree.root()) };
  }
  const where = problem === undefined ? '' : `: block ${problem.block}, ${problem.code}, ${problem.message}`;
  const message = `the ledger does not verify, so no checkpoint of it is signed${where}. "medseal verify" tells all`;
  throw new MedsealError('LEDGER_INVALID', message, problem === undefined ? {} : { block: problem.block });
}
