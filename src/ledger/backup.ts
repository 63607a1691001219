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
  for (;;) {
    const destroyed = await source.destroyed();
    const draft = createDraft(path);
    try {
      const blocks = await copyBlocks(source, draft, options);
      await copyTags(source, draft, options.signal);
      // What was destroyed meanwhile may be missing in the copy without the statement that it was to be.
      if ((await source.destroyed()) !== destroyed) continue;
      draft.destroyed(destroyed);
      draft.publish();
      return blocks;
    } finally {
      draft.discard();
    }
  }
}

async function copyBlocks(
  source: Store,
  draft: Draft,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (blocks: number) => void },
): Promise<number> {
  let blocks = 0;
  for await (const { position, head, nodes, entries, salts, bodies } of source.read({ bodies: true, nodes: true })) {
    throwIfAborted(signal);
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
    blocks++;
    onProgress?.(blocks);
  }
  return blocks;
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
