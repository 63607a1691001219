import { MedsealError } from '../errors.js';
import type { ReadBlock, ReadOptions, Replacement, Store, StoredBlock } from './store.js';
import { packTags, type TaggedBlock, type TaggedPlace, unpackTags } from './tags.js';

/** The medium of memory stores: hand the same one to several stores to share a ledger between them. */
export interface MemoryMedium {
  readonly blocks: StoredBlock[];
  /** Where each tag (hex) leads: `position × 2^16 + entry`. */
  readonly tags: Map<string, Set<number>>;
  writer: Store | null;
  destroyed: number;
}

const SPAN = 0x1_0000;

function placeOf(place: number): TaggedPlace {
  return { position: Math.floor(place / SPAN), entry: place % SPAN };
}

function fits({ salts, bodies }: Replacement, block: StoredBlock | undefined): boolean {
  return block?.salts.length === salts.length && block.bodies.length === bodies.length;
}

export function memoryMedium(): MemoryMedium {
  return { blocks: [], tags: new Map(), writer: null, destroyed: 0 };
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

  function addTags({ position, tags }: TaggedBlock): void {
    for (const { tag, entry } of unpackTags(tags)) {
      const name = Buffer.from(tag).toString('hex');
      const places = medium.tags.get(name) ?? new Set();
      medium.tags.set(name, places.add(position * SPAN + entry));
    }
  }

  function expectWriter(): void {
    expectOpen();
    if (medium.writer !== store) throw new MedsealError('LOCKED', 'this store has not locked the ledger');
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
      expectWriter();
      if (medium.blocks.length !== after) {
        throw new MedsealError('STORE_FAILED', `the ledger has ${medium.blocks.length} blocks, not ${after}`);
      }
      for (const { tags, ...block } of blocks) {
        medium.blocks.push(block);
        if (tags !== undefined) addTags({ position: medium.blocks.length, tags });
      }
    },
    async destroyed() {
      expectOpen();
      return medium.destroyed;
    },
    async replace(replacements, destroyed) {
      expectWriter();
      const missing = replacements.find((replacement) => !fits(replacement, medium.blocks[replacement.position - 1]));
      if (missing !== undefined) {
        throw new MedsealError('STORE_FAILED', `there is no block ${missing.position} of this size`);
      }
      medium.destroyed = destroyed;
      for (const { position, salts, bodies } of replacements) {
        const block = medium.blocks[position - 1] as StoredBlock;
        block.salts.fill(0);
        block.bodies.fill(0);
        medium.blocks[position - 1] = { ...block, salts, bodies };
      }
      const untagged = replacements.flatMap(({ position, untagged = [] }) =>
        untagged.map((entry) => position * SPAN + entry),
      );
      for (const [name, places] of medium.tags) {
        for (const place of untagged) places.delete(place);
        if (places.size === 0) medium.tags.delete(name);
      }
    },
    async *places(tag) {
      expectOpen();
      const places = medium.tags.get(Buffer.from(tag).toString('hex')) ?? [];
      yield* [...places].map(placeOf);
    },
    async *tags() {
      expectOpen();
      for (const [name, places] of medium.tags) {
        const tag = Buffer.from(name, 'hex');
        for (const { position, entry } of [...places].map(placeOf))
          yield { position, tags: packTags([{ tag, entry }]) };
      }
    },
    async tag(blocks) {
      expectWriter();
      for (const block of blocks) addTags(block);
    },
    async close() {
      if (medium.writer === store) medium.writer = null;
      closed = true;
    },
  };
  return store;
}
