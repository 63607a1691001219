import type Database from 'libsql';
import type { Replacement } from '../store.js';
import { PACKED_LENGTH, packTags, TAG_LENGTH, type TaggedBlock, type TaggedPlace } from '../tags.js';
import { guarded } from './connection.js';

const POSITION_LENGTH = 6;
const PLACE_LENGTH: number = TAG_LENGTH + POSITION_LENGTH + 2;
/** Tags come out of SQLite in batches of so many. */
const BATCH_TAGS = 4096;
/** Many tags at a time lie all over their table, so that more of it is kept at hand than usual, in KiB. */
const CACHE_KIB = 32 * 1024;
const MANY_TAGS = 1000;

export type InsertTags = (blocks: readonly TaggedBlock[]) => void;

/** Makes what adds tags, once for a connection. Those of a call are put in order first: neighbours cost less. */
export function tagInserter(database: Database.Database): InsertTags {
  let insert: Database.Statement | null = null;
  let hasCache = false;
  return (blocks) => {
    const places = placesIn(blocks);
    const count = places.length / PLACE_LENGTH;
    if (count === 0) return;
    if (count >= MANY_TAGS && !hasCache) database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    hasCache ||= count >= MANY_TAGS;
    insert ??= database.prepare(
      `WITH RECURSIVE each (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM each WHERE i + 1 < ?2)
       INSERT OR IGNORE INTO tags SELECT substr(?1, ${PLACE_LENGTH} * i + 1, ${PLACE_LENGTH}) AS place FROM each ORDER BY place`,
    );
    insert.run(places, count);
  };
}

function placesIn(blocks: readonly TaggedBlock[]): Uint8Array {
  const count = blocks.reduce((total, { tags }) => total + Math.floor(tags.length / PACKED_LENGTH), 0);
  const places = new Uint8Array(count * PLACE_LENGTH);
  let at = 0;
  for (const { position, tags } of blocks) {
    const where = whereBytes(position, 0);
    for (let from = 0; from + PACKED_LENGTH <= tags.length; from += PACKED_LENGTH) {
      for (let i = 0; i < TAG_LENGTH; i++) places[at++] = tags[from + i] ?? 0;
      for (let i = 0; i < POSITION_LENGTH; i++) places[at++] = where[i] ?? 0;
      for (let i = TAG_LENGTH; i < PACKED_LENGTH; i++) places[at++] = tags[from + i] ?? 0;
    }
  }
  return places;
}

/** Where a tag leads, as it stands behind the tag. */
function whereBytes(position: number, entry: number): Buffer {
  const where = Buffer.alloc(PLACE_LENGTH - TAG_LENGTH);
  where.writeUIntBE(position, 0, POSITION_LENGTH);
  where.writeUInt16BE(entry, POSITION_LENGTH);
  return where;
}

/** Where a tag leads, in order. */
export function* placesOf(path: string, database: Database.Database, tag: Uint8Array): Generator<TaggedPlace> {
  const end = Buffer.concat([tag, Buffer.alloc(PLACE_LENGTH - TAG_LENGTH, 0xff)]);
  for (const place of placesBetween(path, database, Buffer.from(tag), end)) yield whereOf(place);
}

/** All tags, each by itself. */
export function* allTags(path: string, database: Database.Database): Generator<TaggedBlock> {
  const end = Buffer.alloc(PLACE_LENGTH, 0xff);
  for (const place of placesBetween(path, database, Buffer.alloc(0), end)) {
    const { position, entry } = whereOf(place);
    yield { position, tags: packTags([{ tag: place.subarray(0, TAG_LENGTH), entry }]) };
  }
}

function whereOf(place: Buffer): TaggedPlace {
  return {
    position: place.readUIntBE(TAG_LENGTH, POSITION_LENGTH),
    entry: place.readUInt16BE(TAG_LENGTH + POSITION_LENGTH),
  };
}

/** What lies behind one place, up to another. In a damaged file it can lead round in a circle, or be of any length. */
function* placesBetween(path: string, database: Database.Database, after: Buffer, to: Buffer): Generator<Buffer> {
  const select = guarded(path, () =>
    database
      .prepare(
        `SELECT place FROM tags WHERE place > ? AND place <= ? AND length(place) = ${PLACE_LENGTH} ORDER BY place LIMIT ${BATCH_TAGS}`,
      )
      .raw(),
  );
  for (let last = after; ; ) {
    const batch = guarded(path, () => select.all(last, to) as [Uint8Array][]);
    if (batch.length === 0) return;
    for (const [bytes] of batch) {
      const place = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      if (Buffer.compare(place, last) <= 0) return;
      yield place;
      last = place;
    }
  }
}

/**
 * Takes away what leads to some entries, within the transaction that destroys them. The other tags are written anew:
 * SQLite wipes what is deleted, but not what it has left behind on a page when it moved it to another one.
 */
export function takeTagsAway(database: Database.Database, blocks: readonly Replacement[]): void {
  const gone = blocks.flatMap(({ position, untagged = [] }) =>
    untagged.map((entry) => whereBytes(position, entry).toString('hex').toUpperCase()),
  );
  if (gone.length === 0) return;
  const list = JSON.stringify(gone);
  const within = `hex(substr(place, ${TAG_LENGTH + 1})) IN (SELECT value FROM json_each(?))`;
  const [some] = database.prepare(`SELECT EXISTS (SELECT 1 FROM tags WHERE ${within})`).raw().get(list) as unknown as [
    number,
  ];
  if (some === 0) return;
  database.exec('CREATE TABLE kept (place BLOB PRIMARY KEY) STRICT, WITHOUT ROWID');
  database.prepare(`INSERT INTO kept SELECT place FROM tags WHERE NOT ${within}`).run(list);
  database.exec('DELETE FROM tags; INSERT INTO tags SELECT place FROM kept; DROP TABLE kept');
}
