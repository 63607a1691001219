import { MedsealError } from '../errors.js';
import { type Entry, entryKind } from './entry.js';
import type { BlockHead } from './header.js';
import { MAX_BLOCK_BYTES, MAX_BODY_BYTES, MAX_ENTRIES } from './limits.js';

/** A block as a reader has it: its head, and its entries with what is kept beside them. */
export interface Block extends BlockHead {
  readonly entries: readonly Entry[];
}

/** A place in a stream of blocks where none could be read. */
export interface Unreadable {
  readonly error: MedsealError;
}

export type BlockItem = Block | Unreadable;

export function isReadable(item: BlockItem): item is Block {
  return !('error' in item);
}

/** The bytes of entries, bodies and salts: what the limit of a block's size counts. */
export function entryBytes(entry: Entry): number {
  if (entry.kind === 'statement') return entry.bytes.length;
  return entry.bytes.length + (entry.body?.length ?? 0) + (entry.salt?.length ?? 0);
}

/**
 * Makes an entry of its bytes and what is kept beside it.
 * @throws {MedsealError} `MALFORMED`, `TOO_LARGE`
 */
export function makeEntry(bytes: Uint8Array, body: Uint8Array | null, salt: Uint8Array | null): Entry {
  const kind = entryKind(bytes);
  if (kind === 'statement') {
    if (body !== null || salt !== null) throw new MedsealError('MALFORMED', 'a statement has a body or a salt');
    return { kind, bytes };
  }
  if (body !== null && body.length > MAX_BODY_BYTES) {
    throw new MedsealError('TOO_LARGE', 'a body is larger than 32 MiB');
  }
  return { kind, bytes, body, salt };
}

/**
 * Runs a reader over each of a block's entries in order, within the limits of a block.
 * @param items what the entries are made of, taken one by one, so that no more than a block is ever held
 * @throws {MedsealError} `TOO_LARGE`, and what the reader throws, with the entry's position
 */
export function readEntries<T>(count: number, items: Iterable<T>, read: (item: T, position: number) => Entry): Entry[] {
  if (count < 1) throw new MedsealError('MALFORMED', 'the block has no entries');
  if (count > MAX_ENTRIES) throw new MedsealError('TOO_LARGE', `the block has more than ${MAX_ENTRIES} entries`);
  const entries: Entry[] = [];
  let size = 0;
  for (const item of items) {
    const entry = atEntry(item, entries.length, read);
    size += entryBytes(entry);
    if (size > MAX_BLOCK_BYTES) throw new MedsealError('TOO_LARGE', 'the block is larger than 64 MiB');
    entries.push(entry);
  }
  return entries;
}

function atEntry<T>(item: T, position: number, read: (item: T, position: number) => Entry): Entry {
  try {
    return read(item, position);
  } catch (error) {
    if (!(error instanceof MedsealError)) throw error;
    throw new MedsealError(error.code, error.message, { ...error.place, entry: position });
  }
}
