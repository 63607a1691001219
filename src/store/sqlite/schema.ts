/** `MSL1` in the file's header: file(1) and any SQLite tool show it. */
export const APPLICATION_ID = 0x4d534c31;
export const SCHEMA_VERSION = 3;

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

/**
 * What leads to entries: each tag (8 bytes), and behind it where it leads, the position of a block (6 bytes) and an entry of
 * it (2 bytes), big-endian. As one value a tag takes a third less of the file, and many are added at once.
 */
export const CREATE_TAGS = `CREATE TABLE tags (
  place BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID`;

/** A page of 8 KiB wastes less than SQLite's 4 KiB at the size of a record, and no more at the size of a big block. */
export const PAGE_SIZE = 8192;
