import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { MedsealError } from '../../errors.js';
import type { ReadBlock, ReadOptions } from '../store.js';
import { closeQuietly, configure, guarded } from './connection.js';
import { canWrite, expectSchema, expectSqliteFile } from './file.js';

/** Small rows are read in batches of at most this many: 8 MiB. Larger ones come one by one. */
const BATCH_ROWS = 256;
const SMALL_ROW_BYTES = 32 * 1024;
/** A row larger than this holds no block (64 MiB, and what packing adds), and is not loaded into memory. */
const MAX_ROW_BYTES = 80 * 1024 * 1024;
/** More than any head has. */
const MAX_HEAD_BYTES = 4096;
/** 32 bytes for each level of a tree. Whatever else stands in their place is not loaded, and hides no block. */
const MAX_NODES_BYTES = 64 * 32;
const NODES: string = `CASE WHEN octet_length(nodes) <= ${MAX_NODES_BYTES} THEN CAST(nodes AS BLOB) END`;

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
  const { from = 1, to } = options;
  const parts = partsOf(options);
  const apart = rowReader(path, database, parts);
  const batches = guarded(path, () => database.prepare(batchQuery(parts, options)).raw());
  for (let next = from; next <= to; ) {
    const batch = guarded(path, () => batches.get(next, to) as unknown as Batch);
    const positions = JSON.parse(batch[0]) as number[];
    if (positions.length === 0) return expectGap(path, database, { from: next, to });
    expectAscending(path, positions, next);
    const rows = cutApart(batch, parts.length);
    const nodes = batch[4] === undefined ? [] : (JSON.parse(batch[4]) as (string | null)[]);
    for (const [i, position] of positions.entries()) {
      if (position > next) expectGap(path, database, { from: next, to: position - 1 });
      next = position + 1;
      const hex = nodes[i] ?? null;
      yield { position, nodes: hex === null ? null : Buffer.from(hex, 'hex'), ...(rows[i] ?? apart(position)) };
    }
  }
}

/** Rows that came as one. All but the bytes are lists (JSON) with a member for each row, null for what it has not. */
type Batch = [positions: string, lengths: string, sizes: string, together: Uint8Array | null, nodes?: string];
type Parts = Omit<ReadBlock, 'position' | 'nodes'>;

/**
 * Most rows are small, and what they cost is the number of values that come out of SQLite: so the bytes of all small rows
 * of a batch come as one, with the length of each, and the sizes of its first parts in one number.
 */
function batchQuery(parts: readonly string[], { nodes = false }: ReadOptions): string {
  const whole = parts.map((part) => `CAST(${part} AS BLOB)`).join(' || ');
  const sizes = parts.slice(0, 3).map((part, i) => `octet_length(${part}) * ${SMALL_ROW_BYTES ** i}`);
  const [listed, listing] = nodes
    ? [`, CASE WHEN ${NODES} NOTNULL THEN hex(${NODES}) END AS nodes`, ', json_group_array(nodes)']
    : ['', ''];
  return (
    'SELECT json_group_array(position), json_group_array(octet_length(whole)), json_group_array(sizes), ' +
    `CAST(group_concat(whole, '') AS BLOB)${listing} FROM (SELECT position, ${sizes.join(' + ')} AS sizes, ` +
    `CASE WHEN ${lengths(parts)} < ${SMALL_ROW_BYTES} THEN ${whole} END AS whole${listed} ` +
    `FROM blocks WHERE position BETWEEN ? AND ? ORDER BY position LIMIT ${BATCH_ROWS})`
  );
}

/** The parts of the rows that came as one; null for a row that did not, or is not as long as it should be. */
function cutApart([, lengths, sizes, together]: Batch, parts: number): (Parts | null)[] {
  const ends: number[] = [];
  let end = 0;
  const whole = JSON.parse(lengths) as (number | null)[];
  for (const length of whole) {
    end += length ?? 0;
    ends.push(end);
  }
  // In a damaged file what SQLite says of a text's length need not be what it gives.
  if (together === null || together.length !== end) return [];
  const packed = JSON.parse(sizes) as (number | null)[];
  return whole.map((length, i) => {
    const size = packed[i] ?? null;
    if (length === null || size === null) return null;
    return partsIn(together.subarray((ends[i] ?? 0) - length, ends[i]), size, parts);
  });
}

function partsIn(bytes: Uint8Array, sizes: number, parts: number): Parts | null {
  const head = sizes % SMALL_ROW_BYTES;
  const entries = head + (Math.floor(sizes / SMALL_ROW_BYTES) % SMALL_ROW_BYTES);
  const salts = entries + Math.floor(sizes / SMALL_ROW_BYTES ** 2);
  if (salts > bytes.length || (parts === 2 && salts !== bytes.length)) return null;
  return {
    head: bytes.subarray(0, head),
    entries: bytes.subarray(head, entries),
    salts: parts === 2 ? null : bytes.subarray(entries, salts),
    bodies: parts === 2 ? null : bytes.subarray(salts),
  };
}

/** Reads the parts of one row that is too large to be read with others, or damaged. */
function rowReader(path: string, database: Database.Database, parts: readonly string[]): (position: number) => Parts {
  // CAST gives bytes or null whatever a damaged file holds in a column.
  const columns = parts.map((part) => `CAST(${part} AS BLOB)`).join(', ');
  const at = (what: string): Database.Statement =>
    guarded(path, () => database.prepare(`SELECT ${what} FROM blocks WHERE position = ?`).raw());
  const [length, row] = [at(lengths(parts)), at(columns)];
  return (position) => {
    const [bytes = 0] = guarded(path, () => length.get(position) as unknown as [number] | undefined) ?? [];
    if (bytes > MAX_ROW_BYTES) return { head: null, entries: null, salts: null, bodies: null, oversized: true };
    const found = guarded(path, () => row.get(position) as unknown as (Uint8Array | null)[] | undefined);
    const [head = null, entries = null, salts = null, bodies = null] = found ?? [];
    return { head, entries, salts, bodies };
  };
}

/** Reads the nodes of one row; null where there are none, or far more than any row has. */
export function nodesReader(path: string, database: Database.Database): (position: number) => Uint8Array | null {
  const nodes = guarded(path, () => database.prepare(`SELECT ${NODES} FROM blocks WHERE position = ?`).raw());
  return (position) =>
    guarded(path, () => nodes.get(position) as unknown as [Uint8Array | null] | undefined)?.[0] ?? null;
}

/** Positions of neighbouring blocks. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** No row takes less of a file than this. */
const LEAST_ROW_BYTES = 64;

/**
 * Cuts positions into ranges that are likely to hold so many bytes each, and hold at most so many blocks; where positions
 * are too far apart for that, into one.
 * @param size the file's, in bytes: it tells how large the rows are on average
 */
export function* cutRange(
  size: number,
  { from, to, blocks, bytes }: Range & { readonly blocks: number; readonly bytes: number },
): Generator<Range> {
  const step = to > size / LEAST_ROW_BYTES ? to : Math.max(1, Math.min(blocks, Math.floor((bytes * to) / size)));
  for (let first = from; first <= to; first += step) yield { from: first, to: Math.min(to, first + step - 1) };
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
function expectAscending(path: string, positions: readonly number[], from: number): void {
  let least = from;
  for (const position of positions) {
    if (position < least) throw outOfOrder(path);
    least = position + 1;
  }
}

/**
 * In a damaged file a row can be found from one side and not from the other. Were it passed over, blocks would seem to be
 * missing, or cut off, that another reader finds.
 */
function expectGap(path: string, database: Database.Database, { from, to: last }: Range): void {
  // Numbers beyond are no blocks' numbers, and are not told apart here.
  const to = Math.min(last, Number.MAX_SAFE_INTEGER);
  if (from > to) return;
  const neighbours = guarded(path, () =>
    database
      .prepare(
        'SELECT (SELECT max(position) FROM blocks WHERE position <= ?), (SELECT min(position) FROM blocks WHERE position >= ?)',
      )
      .raw()
      .get(to, from),
  ) as unknown as [before: number | null, behind: number | null];
  const [before, behind] = neighbours;
  if ((before !== null && before >= from) || (behind !== null && behind <= to)) throw outOfOrder(path);
}

/** A file whose blocks are not found where they should be. */
export function outOfOrder(path: string): MedsealError {
  return new MedsealError('NOT_A_LEDGER', `${path} is damaged: its blocks are not in order`, { file: path });
}
