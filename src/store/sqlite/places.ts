import type Database from 'libsql';
import { TAG_LENGTH, type TaggedPlace } from '../tags.js';
import { bufferOf, guarded } from './connection.js';
import { PAGE_SIZE } from './schema.js';

/*
 * Where tags lead: a hash table that grows by one bucket at a time (W. Litwin, "Linear hashing: a new tool for file and
 * table addressing", VLDB 1980). A bucket is one or more rows, and a row a fixed number of slots that are overwritten in
 * place, so that what is taken out is nowhere in the file any more (`schema.ts`). A row fills a page: next to it SQLite has
 * no other that it could move.
 *
 * Tags come from a keyed hash, so their first bytes say which bucket they are in.
 */

/** A tag (8 bytes), and the position of a block (6 bytes) and an entry of it (2 bytes), big-endian. */
const POSITION_LENGTH = 6;
const SLOT_LENGTH: number = TAG_LENGTH + POSITION_LENGTH + 2;
/** What SQLite puts before a row takes less than the rest of the page. */
const SLOTS: number = Math.floor((PAGE_SIZE - 48) / SLOT_LENGTH);
const ROW_LENGTH: number = SLOTS * SLOT_LENGTH;
const TAG_HASHES = 2 ** 32;

/** One row of a bucket. */
type Row = readonly [number: number, slots: Buffer];

export interface Places {
  /** Adds slots that are not there yet. */
  add(slots: readonly Buffer[]): void;
  /** Overwrites slots with zeros. */
  wipe(slots: readonly Buffer[]): void;
}

export function slotOf(tag: Uint8Array, { position, entry }: TaggedPlace): Buffer {
  const slot = Buffer.alloc(SLOT_LENGTH);
  slot.set(tag, 0);
  slot.writeUIntBE(position, TAG_LENGTH, POSITION_LENGTH);
  slot.writeUInt16BE(entry, TAG_LENGTH + POSITION_LENGTH);
  return slot;
}

function placeIn(slots: Buffer, at: number): TaggedPlace {
  return {
    position: slots.readUIntBE(at + TAG_LENGTH, POSITION_LENGTH),
    entry: slots.readUInt16BE(at + TAG_LENGTH + POSITION_LENGTH),
  };
}

/** Blocks are counted from 1: where there is no position, there is nothing. */
function isFree(slots: Buffer, at: number): boolean {
  for (let i = at + TAG_LENGTH + POSITION_LENGTH - 1; i >= at + TAG_LENGTH; i--) if (slots[i] !== 0) return false;
  return true;
}

/** How many buckets there are, and the largest power of two that is no more. */
interface Buckets {
  readonly count: number;
  readonly power: number;
}

function bucketsOf(count: number): Buckets {
  return { count, power: 2 ** Math.floor(Math.log2(count)) };
}

/** The bucket of a tag: those that have not been split yet hold what will be in two. */
function bucketOf(tag: Uint8Array, { count, power }: Buckets): number {
  const hash = (tag[0] ?? 0) * 2 ** 24 + (tag[1] ?? 0) * 2 ** 16 + (tag[2] ?? 0) * 2 ** 8 + (tag[3] ?? 0);
  const bucket = hash % (2 * power);
  return bucket < count ? bucket : bucket - power;
}

/** Where a tag leads, in no order; a place can come twice where another process adds tags meanwhile. */
export function placesReader(path: string, database: Database.Database): (tag: Uint8Array) => Generator<TaggedPlace> {
  const [buckets, rows] = guarded(path, () => [bucketCounter(database), rowReader(database)] as const);
  function* inBucket(bucket: number, tag: Uint8Array): Generator<TaggedPlace> {
    // In a damaged file the rows can lead round in a circle.
    for (let last = 0; ; ) {
      const row = guarded(path, () => rows(bucket, last));
      if (row === null || row[0] <= last) return;
      yield* placesOf(tag, row[1]);
      last = row[0];
    }
  }
  return function* (tag) {
    // Where buckets have been split while one was read, what was in it can be in another now.
    for (let before = guarded(path, buckets); ; ) {
      yield* inBucket(bucketOf(tag, before), tag);
      const after = guarded(path, buckets);
      if (after.count === before.count) return;
      before = after;
    }
  };
}

function* placesOf(tag: Uint8Array, slots: Buffer): Generator<TaggedPlace> {
  for (let at = slots.indexOf(tag); at >= 0; at = slots.indexOf(tag, at + 1)) {
    if (at % SLOT_LENGTH === 0 && !isFree(slots, at)) yield placeIn(slots, at);
  }
}

/**
 * Reads whatever is in the table: each tag and where it leads, and null for a row, or a slot, that is not where it would be
 * looked for.
 */
export function* everyPlace(database: Database.Database): Generator<(TaggedPlace & { readonly tag: Buffer }) | null> {
  const buckets = bucketCounter(database)();
  const rows = database.prepare(`SELECT bucket, CASE WHEN ${WHOLE} THEN CAST(slots AS BLOB) END FROM places`).raw();
  for (const [bucket, bytes] of rows.iterate() as unknown as Iterable<[unknown, Uint8Array | null]>) {
    if (bytes === null) yield null;
    else {
      for (const slot of slotsOf(bufferOf(bytes))) {
        const tag = slot.subarray(0, TAG_LENGTH);
        yield bucketOf(tag, buckets) === bucket ? { tag, ...placeIn(slot, 0) } : null;
      }
    }
  }
}

/** There is a first bucket, even where it has no row yet. */
function bucketCounter(database: Database.Database): () => Buckets {
  const newest = database
    .prepare(`SELECT min(coalesce(CAST(max(bucket) AS INTEGER), 0), ${TAG_HASHES - 1}) FROM places`)
    .raw();
  return () => bucketsOf(Math.max(1, (newest.get() as unknown as [number])[0] + 1));
}

/** In a damaged file a column can hold anything. */
const WHOLE = `octet_length(slots) = ${ROW_LENGTH}`;
const ROW = 'number, CAST(slots AS BLOB)';

/** Reads the first row of a bucket behind another. */
function rowReader(database: Database.Database): (bucket: number, after: number) => Row | null {
  const select = database
    .prepare(`SELECT ${ROW} FROM places WHERE bucket = ? AND number > ? AND ${WHOLE} ORDER BY bucket, number LIMIT 1`)
    .raw();
  return (bucket, after) => rowOf(select.get(bucket, after));
}

function rowOf(found: unknown): Row | null {
  if (found === undefined) return null;
  const [number, slots] = found as [number, Uint8Array];
  return [number, bufferOf(slots)];
}

/** Writes to the table, within a transaction of the caller's. */
export function placesWriter(database: Database.Database): Places {
  const buckets = bucketCounter(database);
  const rows = rowReader(database);
  const newest = database
    .prepare(`SELECT ${ROW} FROM places WHERE bucket = ? AND ${WHOLE} ORDER BY bucket DESC, number DESC LIMIT 1`)
    .raw();
  const insert = database.prepare('INSERT INTO places (bucket, slots) VALUES (?, ?)');
  const update = database.prepare('UPDATE places SET slots = ? WHERE number = ?');
  const move = database.prepare('UPDATE places SET bucket = ?, slots = ? WHERE number = ?');

  /** Fills the free slots of a bucket's newest row, and then rows behind it. Returns by how many it has outgrown its rows. */
  function fill(bucket: number, slots: readonly Buffer[]): number {
    let row = rowOf(newest.get(bucket));
    let outgrown = 0;
    for (let done = 0; done < slots.length; ) {
      const page = row?.[1] ?? Buffer.alloc(ROW_LENGTH);
      const left = fillRow(page, slots.slice(done));
      if (row === null) insert.run(bucket, page);
      else update.run(page, row[0]);
      done = slots.length - left;
      // Where all of a row lead from one tag, no split would part them.
      if (left > 0 && !isOfOneTag(page)) outgrown++;
      row = null;
    }
    return outgrown;
  }

  function rowsOf(bucket: number): Row[] {
    const found: Row[] = [];
    for (let row = rows(bucket, 0); row !== null; row = rows(bucket, row[0])) found.push(row);
    return found;
  }

  /** Parts the next bucket in line: into itself, and a new one behind the last. */
  function split(): void {
    const { count: added, power } = buckets();
    const [bucket, after] = [added - power, bucketsOf(added + 1)];
    const found = rowsOf(bucket);
    const slots = found.flatMap(([, page]) => slotsOf(page));
    const stay = slots.filter((slot) => bucketOf(slot, after) === bucket);
    const go = slots.filter((slot) => bucketOf(slot, after) === added);
    for (const [of, list] of [[bucket, stay] as const, [added, go] as const]) {
      for (const page of pagesOf(list)) {
        const row = found.shift();
        if (row === undefined) insert.run(of, page);
        else move.run(of, page, row[0]);
      }
    }
    for (const [number] of found) move.run(added, Buffer.alloc(ROW_LENGTH), number);
  }

  return {
    add(slots) {
      let splits = 0;
      for (const [bucket, those] of byBucket(slots, buckets())) splits += fill(bucket, those);
      for (; splits > 0; splits--) split();
    },
    wipe(slots) {
      for (const [bucket, those] of byBucket(slots, buckets())) {
        const gone = new Set(those.map(nameOf));
        for (const [number, page] of rowsOf(bucket)) if (wipeIn(page, gone)) update.run(page, number);
      }
    },
  };
}

/** In the order of buckets: neighbours cost less. */
function byBucket(slots: readonly Buffer[], buckets: Buckets): [bucket: number, slots: Buffer[]][] {
  const found = new Map<number, Buffer[]>();
  for (const slot of slots) {
    const bucket = bucketOf(slot, buckets);
    const those = found.get(bucket);
    if (those === undefined) found.set(bucket, [slot]);
    else those.push(slot);
  }
  return [...found].sort(([a], [b]) => a - b);
}

/** Returns how many found no room. */
function fillRow(page: Buffer, slots: readonly Buffer[]): number {
  let done = 0;
  for (let at = 0; at < page.length && done < slots.length; at += SLOT_LENGTH) {
    if (isFree(page, at)) page.set(slots[done++] ?? [], at);
  }
  return slots.length - done;
}

function isOfOneTag(page: Buffer): boolean {
  const tag = page.subarray(0, TAG_LENGTH);
  return slotsOf(page).every((slot) => slot.subarray(0, TAG_LENGTH).equals(tag));
}

function slotsOf(page: Buffer): Buffer[] {
  const slots: Buffer[] = [];
  for (let at = 0; at < page.length; at += SLOT_LENGTH) {
    if (!isFree(page, at)) slots.push(page.subarray(at, at + SLOT_LENGTH));
  }
  return slots;
}

/** One at least. */
function pagesOf(slots: readonly Buffer[]): Buffer[] {
  const pages: Buffer[] = [];
  for (let from = 0; from === 0 || from < slots.length; from += SLOTS) {
    const page = Buffer.alloc(ROW_LENGTH);
    fillRow(page, slots.slice(from, from + SLOTS));
    pages.push(page);
  }
  return pages;
}

/** Bytes as a key of a set. */
export function nameOf(bytes: Buffer): string {
  return bytes.toString('latin1');
}

function wipeIn(page: Buffer, gone: ReadonlySet<string>): boolean {
  let changed = false;
  for (const slot of slotsOf(page)) {
    if (!gone.has(nameOf(slot))) continue;
    slot.fill(0);
    changed = true;
  }
  return changed;
}
