import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { MedsealError } from '../../errors.js';
import type { ReadBlock, ReadOptions } from '../store.js';
import { closeQuietly, configure, guarded } from './connection.js';
import { canWrite, expectSchema, expectSqliteFile } from './file.js';

/** Blocks are read in batches of at most this many rows, and of about this many bytes. */
const BATCH_ROWS = 512;
const BATCH_BYTES = 16 * 1024 * 1024;
/** A row larger than this holds no block (64 MiB, and what packing adds), and is not loaded into memory. */
const MAX_ROW_BYTES = 80 * 1024 * 1024;
/** More than any head has. */
const MAX_HEAD_BYTES = 4096;
/** 32 bytes for each level of a tree. Whatever else stands in their place is not loaded, and hides no block. */
const MAX_NODES_BYTES = 64 * 32;
export const NODES: string = `CASE WHEN octet_length(nodes) <= ${MAX_NODES_BYTES} THEN CAST(nodes AS BLOB) END`;

/**
 * A connection to a ledger's file.
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_A_LEDGER`, `STORE_VERSION`, `STORE_FAILED`
 */
export function openDatabase(path: string, options: { readOnly?: boolean } = {}): Database.Database {
  expectSqliteFile(path);
  const readOnly = (options.readOnly ?? true) && !canWrite(path);
  return guarded(path, () => {
    const database = new Database(readOnly ? `${pathToFileURL(resolve(path)).href}?mode=ro` : resolve(path));
    try {
      configure(database);
      expectSchema(path, database);
    } catch (error) {
      closeQuietly(database);
      throw error;
    }
    return database;
  });
}

/** The bytes of these columns, of whatever type a damaged file holds in them. */
function lengths(parts: readonly string[]): string {
  return parts.map((part) => `coalesce(octet_length(${part}), 0)`).join(' + ');
}

function partsOf({ bodies = false }: ReadOptions): string[] {
  return ['head', 'entries', ...(bodies ? ['salts', 'bodies'] : [])];
}

/** The blocks of a range, in order of position. */
export function* readRows(
  path: string,
  database: Database.Database,
  options: ReadOptions & { readonly to: number },
): Generator<ReadBlock> {
  const { from = 1, to, nodes = false } = options;
  const parts = partsOf(options);
  // CAST gives bytes or null whatever a damaged file holds in a column.
  const columns = [nodes ? NODES : 'NULL', ...parts.map((part) => `CAST(${part} AS BLOB)`)].join(', ');
  const range = 'FROM blocks WHERE position BETWEEN ? AND ? ORDER BY position LIMIT';
  const prepare = (what: string, limit: string): Database.Statement =>
    guarded(path, () => database.prepare(`SELECT position, ${what} ${range} ${limit}`).raw());
  const sizes = prepare(lengths(parts), String(BATCH_ROWS));
  const rows = prepare(columns, '?');
  for (let next = from; next <= to; ) {
    const batch = guarded(path, () => sizes.all(next, to) as [number, number][]);
    const [first] = batch;
    if (first === undefined) return;
    expectAscending(path, batch, next);
    if (first[1] > MAX_ROW_BYTES) {
      const nothing = { head: null, nodes: null, entries: null, salts: null, bodies: null };
      yield { position: first[0], ...nothing, oversized: true };
      next = first[0] + 1;
      continue;
    }
    const count = batchLength(batch);
    const end = batch[count - 1]?.[0] ?? to;
    for (const row of guarded(path, () => rows.all(next, end, count) as [number, ...(Uint8Array | null)[]][])) {
      const [position, hashes = null, head = null, entries = null, salts = null, bodies = null] = row;
      yield { position, head, nodes: hashes, entries, salts, bodies };
    }
    next = end + 1;
  }
}

/** Positions of neighbouring blocks. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a range of positions into smaller ones that hold together what it holds: each of at most so many blocks, and of
 * about so many bytes, or of one block.
 */
export function* cutRange(
  path: string,
  database: Database.Database,
  { from = 1, to, blocks, bytes, ...options }: ReadOptions & { to: number; blocks: number; bytes: number },
): Generator<Range> {
  const measured = guarded(path, () =>
    database
      .prepare(
        `SELECT count(*), max(position), sum(length) FROM (SELECT position, ${lengths(partsOf(options))} AS length FROM blocks WHERE position BETWEEN ? AND ? ORDER BY position LIMIT ?)`,
      )
      .raw(),
  );
  let limit = blocks;
  for (let next = from; next <= to; ) {
    const [count, last, length] = guarded(path, () => measured.get(next, to, limit) as unknown as number[]) as [
      number,
      number | null,
      number,
    ];
    if (last === null) return;
    if (last < next) throw outOfOrder(path);
    if (count > 1 && length > bytes) {
      limit = Math.max(1, Math.min(count - 1, Math.floor((count * bytes) / length)));
      continue;
    }
    yield { from: next, to: last };
    next = last + 1;
    limit = Math.min(blocks, 2 * limit);
  }
}

/** The heads of the blocks up to a position, the newest first; null in place of one that no block has. */
export function* headsBackwards(
  path: string,
  database: Database.Database,
  to: number,
): Generator<{ position: number; head: Uint8Array | null }> {
  const heads = guarded(path, () =>
    database
      .prepare(
        `SELECT position, CASE WHEN octet_length(head) <= ${MAX_HEAD_BYTES} THEN CAST(head AS BLOB) END FROM blocks WHERE position <= ? ORDER BY position DESC LIMIT ${BATCH_ROWS}`,
      )
      .raw(),
  );
  for (let next = to; ; ) {
    const batch = guarded(path, () => heads.all(next) as [number, Uint8Array | null][]);
    if (batch.length === 0) return;
    for (const [position, head] of batch) {
      if (position > next) throw outOfOrder(path);
      yield { position, head };
      next = position - 1;
    }
  }
}

/** How many rows of a batch stay within its bytes: at least one. */
function batchLength(batch: readonly [number, number][]): number {
  let bytes = 0;
  let count = 0;
  for (const [, length] of batch) {
    bytes += length;
    if (count > 0 && bytes > BATCH_BYTES) break;
    count++;
  }
  return count;
}

/** In a damaged file the pages can lead round in a circle: positions that do not ascend would be read without end. */
function expectAscending(path: string, batch: readonly [number, number][], from: number): void {
  let least = from;
  for (const [position] of batch) {
    if (position < least) throw outOfOrder(path);
    least = position + 1;
  }
}

function outOfOrder(path: string): MedsealError {
  return new MedsealError('NOT_A_LEDGER', `${path} is damaged: its blocks are not in order`, { file: path });
}
