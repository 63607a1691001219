import { concat, fromU32, utf8 } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { type Block, type BlockItem, makeEntry, readEntries } from '../format/block.js';
import type { Entry } from '../format/entry.js';
import { blockHash, headerHash, headJson, readHead } from '../format/header.js';
import { MAX_ENTRIES } from '../format/limits.js';
import type { MerkleTree } from '../merkle/tree.js';
import type { ReadBlock, StoredBlock } from '../store/store.js';
import { packTags, TAG_LENGTH, type Tag } from '../store/tags.js';

/** In place of a length: the item is not there (a statement has no body). */
const ABSENT = 0xffff_ffff;
/** Added to a length: the item was destroyed. Zeros stand in its place, so that nothing behind it has to move. */
const DESTROYED = 0x8000_0000;

/** What a block holds, as a store keeps it. */
export type PackedEntries = Pick<StoredBlock, 'entries' | 'salts' | 'bodies'>;

/**
 * Leads to the blocks that hold statements: what a ledger says is found without its records. Accesses are not marked; there
 * can be as many of them as of records.
 */
export const STATEMENTS_TAG: Uint8Array = new Uint8Array(TAG_LENGTH);
const ACCESS = utf8('"kind":"access"');

/**
 * A block as byte strings for a store.
 * @param history the tree over the hashes of all blocks before it; the block is added to it
 * @param packed its entries, where they have been packed before
 * @param tags what leads to its records
 */
export function toStored(
  block: Block,
  history: MerkleTree,
  { entries, salts, bodies }: PackedEntries = packEntries(block.entries),
  tags: Uint8Array = new Uint8Array(0),
): StoredBlock {
  const { header, proof, signature } = block;
  const nodes = concat(...history.append(blockHash(headerHash(header), proof, signature)));
  const mark = packTags(statementMark(block.entries));
  return { head: utf8(headJson(block)), nodes, entries, salts, bodies, tags: concat(tags, mark) };
}

/** What is to lead to entries, as a store takes it. */
export function tagsOf(entries: readonly Entry[]): Uint8Array {
  return packTags(entries.flatMap(({ tags = [] }, entry) => tags.map((tag) => ({ tag, entry }))));
}

/** The tag of a block that holds statements. */
export function statementMark(entries: readonly Entry[]): Tag[] {
  const entry = entries.findIndex(({ kind, bytes }) => kind === 'statement' && !isAccess(bytes));
  return entry < 0 ? [] : [{ tag: STATEMENTS_TAG, entry }];
}

/** Of canonical JSON, whose free texts hold no quotes but escaped ones. */
function isAccess(statement: Uint8Array): boolean {
  return Buffer.from(statement).includes(Buffer.from(ACCESS));
}

export function packEntries(entries: readonly Entry[]): PackedEntries {
  const sealed = entries.map((entry) => (entry.kind === 'sealed' ? entry : { salt: null, body: null }));
  return {
    entries: pack(entries.map((entry) => entry.bytes)),
    salts: pack(sealed.map((entry) => entry.salt)),
    bodies: pack(sealed.map((entry) => entry.body)),
  };
}

/**
 * A block as a store gave it back. Where salts and bodies were not asked for, its records have none.
 * Anything that is no block becomes an unreadable item.
 */
export function fromStored(stored: ReadBlock): BlockItem {
  try {
    if (stored.oversized) throw new MedsealError('TOO_LARGE', 'the block is larger than 64 MiB');
    if (stored.head === null || stored.entries === null) throw new MedsealError('MALFORMED', 'the block has no data');
    const head = readHead(stored.head);
    const { entries, salts, bodies } = stored;
    return { ...head, entries: unpackEntries({ entries, salts, bodies }) };
  } catch (error) {
    if (error instanceof MedsealError) return { error };
    throw error;
  }
}

/**
 * @param packed its salts and bodies null where they were not asked for
 * @throws {MedsealError} `MALFORMED`, `TOO_LARGE`
 */
export function unpackEntries(packed: {
  readonly entries: Uint8Array;
  readonly salts: Uint8Array | null;
  readonly bodies: Uint8Array | null;
}): Entry[] {
  const entries = unpack(packed.entries);
  const salts = packed.salts === null ? null : unpack(packed.salts);
  const bodies = packed.bodies === null ? null : unpack(packed.bodies);
  for (const beside of [salts, bodies]) {
    if (beside !== null && beside.length !== entries.length) {
      throw new MedsealError('MALFORMED', 'the block has salts or bodies for another number of entries');
    }
  }
  return readEntries(entries.length, entries, (bytes, i) =>
    makeEntry(bytes ?? new Uint8Array(0), bodies?.[i] ?? null, salts?.[i] ?? null),
  );
}

/** Salts and bodies of a block, as a store has them. */
export type SaltsAndBodies = Pick<StoredBlock, 'salts' | 'bodies'>;

/**
 * Salts and bodies as long as they are, without those of some entries.
 * @param positions of the entries, from 0
 * @returns with the positions of those that were still there; null where none of them is
 */
export function withoutRecords(
  { salts, bodies }: SaltsAndBodies,
  positions: ReadonlySet<number>,
): (SaltsAndBodies & { readonly destroyed: readonly number[] }) | null {
  const left = { salts: Uint8Array.from(salts), bodies: Uint8Array.from(bodies) };
  const [saltList, bodyList] = [unpack(left.salts), unpack(left.bodies)];
  const destroyed: number[] = [];
  for (const at of positions) {
    const gone = [wipe(left.salts, saltList[at]), wipe(left.bodies, bodyList[at])];
    if (gone.includes(true)) destroyed.push(at);
  }
  return destroyed.length === 0 ? null : { ...left, destroyed };
}

/** Overwrites an item of a packed list. Returns whether it was there. */
function wipe(packed: Uint8Array, item: Uint8Array | null | undefined): boolean {
  if (item === null || item === undefined) return false;
  new DataView(packed.buffer).setUint32(item.byteOffset - 4, DESTROYED + item.length);
  item.fill(0);
  return true;
}

/** Each item behind its length (four bytes, big-endian). */
function pack(items: (Uint8Array | null)[]): Uint8Array {
  let length = 0;
  for (const item of items) length += 4 + (item?.length ?? 0);
  const packed = new Uint8Array(length);
  const view = new DataView(packed.buffer);
  let offset = 0;
  for (const item of items) {
    view.setUint32(offset, item?.length ?? ABSENT);
    offset += 4;
    if (item !== null) packed.set(item, offset);
    offset += item?.length ?? 0;
  }
  return packed;
}

function unpack(packed: Uint8Array): (Uint8Array | null)[] {
  const items: (Uint8Array | null)[] = [];
  for (let offset = 0; offset < packed.length; ) {
    if (items.length === MAX_ENTRIES) throw new MedsealError('TOO_LARGE', 'the block has too many entries');
    const word = offset + 4 <= packed.length ? fromU32(packed, offset) : 0;
    const isThere = word < DESTROYED;
    const end = offset + 4 + (word === ABSENT ? 0 : isThere ? word : word - DESTROYED);
    if (offset + 4 > packed.length || end > packed.length) {
      throw new MedsealError('MALFORMED', 'the block is cut off');
    }
    items.push(isThere ? packed.subarray(offset + 4, end) : null);
    offset = end;
  }
  return items;
}
