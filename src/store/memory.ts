import { MedsealError } from '../errors.js';
import type { ReadBlock, ReadOptions, Store, StoredBlock } from './store.js';

/** The medium of memory stores: hand the same one to several stores to share a ledger between them. */
export interface MemoryMedium {
  readonly blocks: StoredBlock[];
  writer: Store | null;
}

export function memoryMedium(): MemoryMedium {
  return { blocks: [], writer: null };
}

/** A store that lives as long as its medium: for tests, and for ledgers that are only passing through. */
export function memoryStore(medium: MemoryMedium = memoryMedium()): Store {
  let closed = false;

  function expectOpen(): void {
    if (closed) throw new MedsealError('STORE_FAILED', 'the store is closed');
  }

  async function* read({ from = 1, to, bodies = false, nodes = false }: ReadOptions = {}): AsyncGenerator<ReadBlock> {
    expectOpen();
    const last = Math.min(to ?? Number.POSITIVE_INFINITY, medium.blocks.length);
    for (let position = from; position <= last; position++) {
      const block = medium.blocks[position - 1];
      if (block === undefined) continue;
      yield {
        position,
        head: block.head,
        nodes: nodes ? block.nodes : null,
        entries: block.entries,
        salts: bodies ? block.salts : null,
        bodies: bodies ? block.bodies : null,
      };
    }
  }

  const store: Store = {
    read,
    async size() {
      expectOpen();
      return medium.blocks.length;
    },
    async nodes(position) {
      expectOpen();
      return medium.blocks[position - 1]?.nodes ?? null;
    },
    async lock() {
      expectOpen();
      if (medium.writer !== null && medium.writer !== store) {
        throw new MedsealError('LOCKED', 'another writer has this ledger open');
      }
      medium.writer = store;
    },
    async append(after, blocks) {
      expectOpen();
      if (medium.writer !== store) throw new MedsealError('LOCKED', 'this store has not locked the ledger');
      if (medium.blocks.length !== after) {
        throw new MedsealError('STORE_FAILED', `the ledger has ${medium.blocks.length} blocks, not ${after}`);
      }
      medium.blocks.push(...blocks);
    },
    async replace(replacements) {
      expectOpen();
      if (medium.writer !== store) throw new MedsealError('LOCKED', 'this store has not locked the ledger');
      const missing = replacements.find(({ position }) => medium.blocks[position - 1] === undefined);
      if (missing !== undefined) throw new MedsealError('STORE_FAILED', `there is no block ${missing.position}`);
      for (const { position, salts, bodies } of replacements) {
        const block = medium.blocks[position - 1] as StoredBlock;
        block.salts.fill(0);
        block.bodies.fill(0);
        medium.blocks[position - 1] = { ...block, salts, bodies };
      }
    },
    async close() {
      if (medium.writer === store) medium.writer = null;
      closed = true;
    },
  };
  return store;
}
