import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { MedsealError } from '../../errors.js';
import type { ReadBlock, ReadOptions } from '../store.js';
import { closeQuietly, configure, guarded } from './connection.js';
import { canWrite, expectSchema, expectSqliteFile } from './file.js';

/** Small rows are read in batches of at most this many: 16 MiB. Larger ones come one by one. */
const BATCH_ROWS = 512;
const SMALL_ROW_BYTES = 32 * 1024;
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
  const apart = rowReader(path, database, parts);
  // Most rows are small, and what they cost is the number of values that come out of SQLite: so their parts come as one.
  const sizes = parts.map((part) => `coalesce(octet_length(${part}), 0)`).join(', ');
  const whole = parts.map((part) => `CAST(${part} AS BLOB)`).join(' || ');
  const together = `CASE WHEN ${lengths(parts)} <= ${SMALL_ROW_BYTES} THEN CAST(${whole} AS BLOB) END`;
  const columns = `position, ${nodes ? NODES : 'NULL'}, ${together}, ${sizes}`;
  const range = 'FROM blocks WHERE position BETWEEN ? AND ? ORDER BY position LIMIT';
  const rows = guarded(path, () => database.prepare(`SELECT ${columns} ${range} ${BATCH_ROWS}`).raw());
  for (let next = from; next <= to; ) {
    const batch = guarded(path, () => rows.all(next, to) as Row[]);
    if (batch.length === 0) return;
    expectAscending(path, batch, next);
    for (const [position, hashes, bytes, ...measured] of batch) {
      next = position + 1;
      yield { position, nodes: hashes, ...(cutApart(bytes, measured) ?? apart(position, measured)) };
    }
  }
}

type Row = [position: number, nodes: Uint8Array | null, together: Uint8Array | null, ...sizes: number[]];
type Parts = Omit<ReadBlock, 'position' | 'nodes'>;

/** The parts of a row that came as one; null where they did not, or are not as long as they should be. */
function cutApart(bytes: Uint8Array | null, [head = 0, entries = 0, salts, bodies]: number[]): Parts | null {
  if (bytes === null || bytes.length !== head + entries + (salts ?? 0) + (bodies ?? 0)) return null;
  const end = head + entries;
  return {
    head: bytes.subarray(0, head),
    entries: bytes.subarray(head, end),
    salts: salts === undefined ? null : bytes.subarray(end, end + salts),
    bodies: salts === undefined ? null : bytes.subarray(end + salts),
  };
}

/** Reads the parts of one row that is too large to be read with others, or damaged. */
function rowReader(
  path: string,
  database: Database.Database,
  parts: readonly string[],
): (position: number, sizes: readonly number[]) => Parts {
  // CAST gives bytes or null whatever a damaged file holds in a column.
  const columns = parts.map((part) => `CAST(${part} AS BLOB)`).join(', ');
  const one = guarded(path, () => database.prepare(`SELECT ${columns} FROM blocks WHERE position = ?`).raw());
  return (position, sizes) => {
    const nothing = { head: null, entries: null, salts: null, bodies: null };
    if (sizes.reduce((sum, size) => sum + size, 0) > MAX_ROW_BYTES) return { ...nothing, oversized: true };
    const row = guarded(path, () => one.get(position) as unknown as (Uint8Array | null)[] | undefined);
    const [head = null, entries = null, salts = null, bodies = null] = row ?? [];
    return { head, entries, salts, bodies };
  };
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

/** In a damaged file the pages can lead round in a circle: positions that do not ascend would be read without end. */
function expectAscending(path: string, batch: readonly Row[], from: number): void {
  let least = from;
  for (const [position] of batch) {
    if (position < least) throw outOfOrder(path);
    least = position + 1;
  }
}

function outOfOrder(path: string): MedsealError {
  return new MedsealError('NOT_A_LEDGER', `${path} is damaged: its blocks are not in order`, { file: path });
}
