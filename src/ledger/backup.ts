import { throwIfAborted } from '../errors.js';
import { createDraft } from '../store/sqlite/draft.js';
import type { Store, StoredBlock } from '../store/store.js';

/**
 * Copies a store into a new file while others go on writing: what the copy holds is the ledger as it was at one moment.
 * @returns number of blocks copied
 * @throws {MedsealError} `FILE_EXISTS`, `OUTPUT_INVALID`, `STORE_FAILED`, `NOT_A_LEDGER` where a block is damaged, `ABORTED`
 */
export async function copyStore(
  source: Store,
  path: string,
  options: { signal?: AbortSignal; onProgress?: (blocks: number) => void } = {},
): Promise<number> {
  const draft = createDraft(path);
  let blocks = 0;
  try {
    for await (const { position, head, nodes, entries, salts, bodies } of source.read({ bodies: true, nodes: true })) {
      throwIfAborted(options.signal);
      const empty = new Uint8Array(0);
      // A damaged part is copied as it is found: a backup is a copy, not a judgement.
      const block: StoredBlock = {
        head: head ?? empty,
        nodes: nodes ?? empty,
        entries: entries ?? empty,
        salts: salts ?? empty,
        bodies: bodies ?? empty,
      };
      draft.add(block, position);
      options.onProgress?.(++blocks);
    }
    draft.publish();
    return blocks;
  } finally {
    draft.discard();
  }
}
