import type Database from 'libsql';
import type { Replacement } from '../store.js';
import { PACKED_LENGTH, TAG_LENGTH, type Tag, type TaggedBlock, unpackTags } from '../tags.js';
import { bufferOf, guarded } from './connection.js';
import { nameOf, placesWriter, slotOf } from './places.js';

/** Many tags at a time lie all over their table, so that more of it is kept at hand than usual, in KiB. */
const CACHE_KIB = 32 * 1024;
const MANY_TAGS = 1000;
/** In the place of a tag that was taken away. No block has such an entry. */
const GONE: Buffer = Buffer.alloc(PACKED_LENGTH, 0xff);

/** In a damaged file a column can hold anything. What is far more than any block has is not loaded. */
export const MOST_BYTES: number = 64 * 1024 * 1024;
const SOUND = `typeof(position) = 'integer' AND position BETWEEN 1 AND ${2 ** 48 - 1} AND octet_length(tags) BETWEEN 1 AND ${MOST_BYTES}`;

export function isGone(piece: Buffer): boolean {
  return piece.equals(GONE);
}

export interface TagWriter {
  /** Adds tags to blocks. Those that are there stay. */
  add(blocks: readonly TaggedBlock[]): void;
  /** Takes away what leads to entries that are destroyed, for good. */
  takeAway(blocks: readonly Replacement[]): void;
}

/** Makes what writes tags, once for a connection, within transactions of the caller's. */
export function tagWriter(database: Database.Database): TagWriter {
  const places = placesWriter(database);
  const insert = database.prepare('INSERT INTO tags (position, tags) VALUES (?, ?)');
  const update = database.prepare('UPDATE tags SET tags = ? WHERE number = ?');
  const select = database.prepare(`SELECT number, CAST(tags AS BLOB) FROM tags WHERE position = ? AND ${SOUND}`).raw();
  let hasCache = false;

  const rowsAt = (position: number): [number, Buffer][] =>
    (select.all(position) as [number, Uint8Array][]).map(([number, tags]) => [number, bufferOf(tags)]);

  /** Those of a block's tags that it has not got, each once. */
  function missing({ position, tags }: TaggedBlock): Buffer[] {
    const there = new Set(rowsAt(position).flatMap(([, packed]) => piecesOf(packed).map(nameOf)));
    return piecesOf(bufferOf(tags)).filter((piece) => {
      const name = nameOf(piece);
      return !there.has(name) && there.add(name);
    });
  }

  return {
    add(blocks) {
      const slots: Buffer[] = [];
      for (const block of blocks) {
        const pieces = missing(block);
        if (pieces.length === 0) continue;
        const packed = Buffer.concat(pieces);
        insert.run(block.position, packed);
        for (const { tag, entry } of unpackTags(packed)) slots.push(slotOf(tag, { position: block.position, entry }));
      }
      if (slots.length >= MANY_TAGS && !hasCache) database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
      hasCache ||= slots.length >= MANY_TAGS;
      places.add(slots);
    },
    takeAway(blocks) {
      const slots: Buffer[] = [];
      for (const { position, untagged = [] } of blocks) {
        const entries = new Set(untagged);
        for (const [number, packed] of entries.size === 0 ? [] : rowsAt(position)) {
          const gone = wipeEntries(packed, entries);
          if (gone.length > 0) update.run(packed, number);
          for (const { tag, entry } of gone) slots.push(slotOf(tag, { position, entry }));
        }
      }
      places.wipe(slots);
    },
  };
}

function piecesOf(packed: Buffer): Buffer[] {
  return Array.from({ length: Math.floor(packed.length / PACKED_LENGTH) }, (_, i) =>
    packed.subarray(i * PACKED_LENGTH, (i + 1) * PACKED_LENGTH),
  );
}

/** Overwrites the tags that lead to some entries; returns what they were. */
function wipeEntries(packed: Buffer, entries: ReadonlySet<number>): Tag[] {
  const gone: Tag[] = [];
  for (const piece of piecesOf(packed)) {
    const entry = piece.readUInt16BE(TAG_LENGTH);
    if (!entries.has(entry)) continue;
    gone.push({ tag: Buffer.from(piece.subarray(0, TAG_LENGTH)), entry });
    piece.set(GONE);
  }
  return gone;
}

/** All tags. A block can come several times. */
export function* allTags(path: string, database: Database.Database): Generator<TaggedBlock> {
  const select = guarded(path, () =>
    database
      .prepare(
        `SELECT number, position, CAST(tags AS BLOB) FROM tags WHERE number > ? AND ${SOUND} ORDER BY number LIMIT 1`,
      )
      .raw(),
  );
  // In a damaged file the rows can lead round in a circle.
  for (let last = 0; ; ) {
    const row = guarded(path, () => select.get(last) as unknown as [number, number, Uint8Array] | undefined);
    if (row === undefined || row[0] <= last) return;
    const [number, position, packed] = row;
    const tags = Buffer.concat(piecesOf(bufferOf(packed)).filter((piece) => !isGone(piece)));
    if (tags.length > 0) yield { position, tags };
    last = number;
  }
}
