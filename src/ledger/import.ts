import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError, throwIfAborted } from '../errors.js';
import { type BlockItem, isReadable } from '../format/block.js';
import { decodeExport } from '../format/exchange.js';
import { MerkleTree } from '../merkle/tree.js';
import { createDraft, type Draft } from '../store/sqlite/draft.js';
import { isSqliteFile } from '../store/sqlite/file.js';
import { judgeBlocks } from '../verify/judging.js';
import type { Verdict } from '../verify/verdict.js';
import { Verifier } from '../verify/verifier.js';
import { pendingByBlock } from './erasure.js';
import { toStored, withoutRecords } from './stored.js';
import { exportChunks, type VerifyLedgerOptions } from './verify.js';

export interface ImportOptions extends Omit<VerifyLedgerOptions, 'onBlock'> {
  /** Called after each block with the number of blocks read. */
  readonly onProgress?: (blocks: number) => void;
}

/**
 * Makes a ledger of an export. Every block is verified as it is read, and the ledger appears under its name only when
 * all of them have come and the verdict is good; otherwise nothing is kept. Records that have been erased are not kept.
 * @param source path of an export, or its bytes
 * @param path the file to make
 * @returns the verdict; where it is not ok, no ledger has been made
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_A_LEDGER`, `FILE_EXISTS`, `OUTPUT_INVALID`, `STORE_FAILED`, `ABORTED`
 */
export async function importLedger(
  source: string | AsyncIterable<Uint8Array>,
  path: string,
  options: ImportOptions = {},
): Promise<Verdict> {
  const { signal, onProgress, ...pins } = options;
  if (typeof source === 'string' && isSqliteFile(source)) {
    const message = `${source} is a ledger, not an export of one; "medseal backup" copies a ledger`;
    throw new MedsealError('NOT_A_LEDGER', message, { file: source });
  }
  const draft = createDraft(path);
  try {
    const items = keeping(decodeExport(exportChunks(source)), draft, signal, onProgress);
    const verifier = new Verifier(await loadCurve(), { now: new Date(), ...pins, bodies: true });
    for await (const _ of judgeBlocks(verifier, items)) {
      // Judging is all that is asked for.
    }
    const verdict = verifier.finish();
    if (!verdict.ok) return verdict;
    // The export may hold what an erasure in it covers: it was made before the destruction, or from another copy.
    for (const [block, positions] of pendingByBlock(verifier.state)) {
      draft.replace(block, (stored) => withoutRecords(stored, positions));
    }
    draft.destroyed(verifier.state.erased);
    draft.publish();
    return verdict;
  } finally {
    draft.discard();
  }
}

/** Passes blocks on and keeps each in the draft. After one that cannot be read, nothing more needs to be kept. */
async function* keeping(
  items: AsyncIterable<BlockItem>,
  draft: Draft,
  signal: AbortSignal | undefined,
  onProgress: ((blocks: number) => void) | undefined,
): AsyncGenerator<BlockItem> {
  const history = new MerkleTree();
  let whole = true;
  let blocks = 0;
  for await (const item of items) {
    throwIfAborted(signal);
    whole &&= isReadable(item);
    if (whole && isReadable(item)) draft.add(toStored(item, history));
    yield item;
    onProgress?.(++blocks);
  }
}
