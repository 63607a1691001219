import type Database from 'libsql';
import { MedsealError } from '../../errors.js';
import { PACKED_LENGTH, TAG_LENGTH } from '../tags.js';
import { bufferOf, closeQuietly, guarded } from './connection.js';
import { everyPlace } from './places.js';
import { openDatabase, outOfOrder } from './reading.js';
import { isGone, MOST_BYTES } from './tags.js';

/*
 * No signature covers what leads to entries. But a file has it twice, by block and by tag: where a disk or a copy has damaged
 * either, the two differ. Whoever changes both is not found by this.
 */

/** So often it is looked again where another process writes meanwhile. */
const TRIES = 5;

/** What is wrong with the tags of a file: they are damaged, or lead to blocks behind the newest, which must have been there. */
export type TagFault = 'damaged' | 'beyond';

/**
 * Looks whether a ledger's file is whole where no signature tells: each block is found by its number too, and what is kept
 * beside the blocks is whole. The tags by block and those by tag are the same, SQLite finds each of them where it looks, and
 * they lead to blocks that are there.
 * @returns what is wrong with the tags, null for nothing
 * @throws {MedsealError} `NOT_A_LEDGER` where a block is not found; as `openSqliteStore`
 */
export function soundnessOf(path: string): TagFault | null {
  const database = openDatabase(path);
  try {
    expectFound(path, database);
    return faultOfTags(path, database);
  } finally {
    closeQuietly(database);
  }
}

/** In a damaged file a row that comes in its order need not be found by its number. */
function expectFound(path: string, database: Database.Database): void {
  const count =
    'SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM blocks AS found WHERE found.position = each.position)), 0) ' +
    'FROM (SELECT position FROM blocks LIMIT (SELECT max(position) + 1 FROM blocks)) AS each';
  const [blocks, found] = guarded(path, () => database.prepare(count).raw().get()) as unknown as [number, number];
  if (found !== blocks) throw outOfOrder(path);
}

function faultOfTags(path: string, database: Database.Database): TagFault | null {
  const version = (): string => String(guarded(path, () => database.prepare('PRAGMA data_version').raw().get()));
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = version();
      const fault = guarded(path, () => faultIn(database));
      if (fault === null || version() === before) return fault;
    }
    // It cannot be told while others go on writing.
    return null;
  } catch (error) {
    if (error instanceof MedsealError && error.code === 'NOT_A_LEDGER') return 'damaged';
    throw error;
  }
}

function faultIn(database: Database.Database): TagFault | null {
  const sound = ['tags', 'places', 'counts'].every((table) => {
    const [said] = (database.prepare(`PRAGMA integrity_check(${table})`).raw().get() ?? []) as unknown[];
    return said === 'ok';
  });
  const [byBlock, byTag] = sound ? [sumByBlock(database), sumByTag(database)] : [null, null];
  if (byBlock === null || byTag === null || !byBlock.every((sum, i) => sum === byTag[i])) return 'damaged';
  const [beyond] = database
    .prepare('SELECT coalesce((SELECT max(position) FROM tags), 0) > coalesce((SELECT max(position) FROM blocks), 0)')
    .raw()
    .get() as unknown as [number];
  return beyond === 1 ? 'beyond' : null;
}

/** How many there are, and sums over what they are, in any order: 32 bits each. */
type Sums = Uint32Array;
const noSums = (): Sums => new Uint32Array(7);

function add(sums: Sums, tag: Buffer, position: number, entry: number): void {
  const [high, low] = [tag.readUInt32BE(0), tag.readUInt32BE(TAG_LENGTH / 2)];
  // A position has 48 bits. What is multiplied tells which of these parts go together.
  const parts = [1, high, low, position / 2 ** 32, position, entry, Math.imul(high ^ position, (low + entry) | 1)];
  for (const [i, part] of parts.entries()) sums[i] = (sums[i] ?? 0) + part;
}

/** @returns null where a row is not as one is written */
function sumByBlock(database: Database.Database): Sums | null {
  const sums = noSums();
  const rows = database
    .prepare(`SELECT position, CASE WHEN octet_length(tags) <= ${MOST_BYTES} THEN CAST(tags AS BLOB) END FROM tags`)
    .raw();
  for (const [position, bytes] of rows.iterate() as unknown as Iterable<[unknown, Uint8Array | null]>) {
    if (typeof position !== 'number' || bytes === null || bytes.length % PACKED_LENGTH !== 0) return null;
    const packed = bufferOf(bytes);
    for (let at = 0; at < packed.length; at += PACKED_LENGTH) {
      const piece = packed.subarray(at, at + PACKED_LENGTH);
      if (!isGone(piece)) add(sums, piece, position, piece.readUInt16BE(TAG_LENGTH));
    }
  }
  return sums;
}

/** @returns null where a row is not as one is written, or holds what is looked for in another */
function sumByTag(database: Database.Database): Sums | null {
  const sums = noSums();
  for (const place of everyPlace(database)) {
    if (place === null) return null;
    add(sums, place.tag, place.position, place.entry);
  }
  return sums;
}
