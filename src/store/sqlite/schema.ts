/** `MSL1` in the file's header: file(1) and any SQLite tool show it. */
export const APPLICATION_ID = 0x4d534c31;
export const SCHEMA_VERSION = 4;

/*
 * What may have to be destroyed one day must lie in one place of the file, and stay there. SQLite overwrites what is deleted,
 * but when it moves a row to another page it leaves the row's bytes behind on the first one. So the rows of every table that
 * holds such bytes are only ever added behind the last one, and are changed only into what is as long: then SQLite writes
 * over the bytes that were there, and moves nothing.
 */

/**
 * One row a block. `head` is JSON that any tool can show; `nodes` are hashes, one behind the other; `entries`, `salts`
 * and `bodies` are packed lists. SQLite reads a row only as far as it must: what is small and read by itself comes first,
 * bodies come last.
 */
export const CREATE_BLOCKS = `CREATE TABLE blocks (
  position INTEGER PRIMARY KEY,
  head TEXT NOT NULL,
  nodes BLOB NOT NULL,
  entries BLOB NOT NULL,
  salts BLOB NOT NULL,
  bodies BLOB NOT NULL
) STRICT`;

/** What leads to the entries of a block, as `packTags` packs it: to be copied, and to be found when they are destroyed. */
const CREATE_TAGS = `CREATE TABLE tags (
  number INTEGER PRIMARY KEY,
  position INTEGER NOT NULL,
  tags BLOB NOT NULL
) STRICT`;

/** The same by tag: buckets of a hash table (`places.ts`), each of as many rows as it takes. */
const CREATE_PLACES = `CREATE TABLE places (
  number INTEGER PRIMARY KEY,
  bucket INTEGER NOT NULL,
  slots BLOB NOT NULL
) STRICT`;

/** A number that the ledger keeps beside the blocks: how many entries have been destroyed. */
const CREATE_COUNTS = `CREATE TABLE counts (
  name TEXT PRIMARY KEY,
  number INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

/** All that a ledger's file has, in the order in which it is made. */
export const SCHEMA: readonly string[] = [
  CREATE_BLOCKS,
  CREATE_TAGS,
  'CREATE INDEX tags_by_position ON tags (position)',
  CREATE_PLACES,
  'CREATE INDEX places_by_bucket ON places (bucket)',
  CREATE_COUNTS,
];

/** A page of 8 KiB wastes less than SQLite's 4 KiB at the size of a record, and no more at the size of a big block. */
export const PAGE_SIZE = 8192;
