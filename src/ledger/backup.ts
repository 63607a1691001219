import { throwIfAborted } from '../errors.js';
import { createDraft, type Draft } from '../store/sqlite/draft.js';
import type { Store, StoredBlock } from '../store/store.js';
import type { TaggedBlock } from '../store/tags.js';

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
    await copyTags(source, draft, options.signal);
    draft.publish();
    return blocks;
  } finally {
    draft.discard();
  }
}

/** Tags are added many at a time. */
const BATCH_TAGS = 10_000;

/** What leads to the blocks that have been copied. */
async function copyTags(source: Store, draft: Draft, signal: AbortSignal | undefined): Promise<void> {
  let batch: TaggedBlock[] = [];
  for await (const tagged of source.tags()) {
    batch.push(tagged);
    if (batch.length < BATCH_TAGS) continue;
    throwIfAborted(signal);
    draft.tag(batch);
    batch = [];
  }
  draft.tag(batch);
}
