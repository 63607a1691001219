import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { MedsealError } from '../../errors.js';
import type { ReadBlock, ReadOptions, Store, StoredBlock } from '../store.js';
import {
  BUSY_TIMEOUT_MS,
  blockInserter,
  closeQuietly,
  configure,
  failed,
  guarded,
  type InsertBlock,
  isBusy,
  rollback,
} from './connection.js';
import { createDraft } from './draft.js';
import { canWrite, expectSchema, expectSqliteFile, fileIdentity } from './file.js';

/** Blocks are read in batches of at most this many rows, and of about this many bytes. */
const BATCH_ROWS = 512;
const BATCH_BYTES = 16 * 1024 * 1024;
/** A row larger than this holds no block (64 MiB, and what packing adds), and is not loaded into memory. */
const MAX_ROW_BYTES = 80 * 1024 * 1024;
/** 32 bytes for each level of a tree. Whatever else stands in their place is not loaded, and hides no block. */
const MAX_NODES_BYTES = 64 * 32;
const NODES = `CASE WHEN octet_length(nodes) <= ${MAX_NODES_BYTES} THEN CAST(nodes AS BLOB) END`;

/**
 * Makes a new store that holds these blocks. The file appears under its name only when it is whole.
 * @throws {MedsealError} `FILE_EXISTS`, `OUTPUT_INVALID`, `STORE_FAILED`
 */
export function createSqliteStore(path: string, blocks: readonly StoredBlock[]): Store {
  const draft = createDraft(path);
  try {
    for (const block of blocks) draft.add(block);
    draft.publish();
  } finally {
    draft.discard();
  }
  return openSqliteStore(path, { readOnly: false });
}

/**
 * Opens a store that is there.
 * @throws {MedsealError} `FILE_UNREADABLE`, `NOT_A_LEDGER`, `STORE_VERSION`, `STORE_FAILED`
 */
export function openSqliteStore(path: string, options: { readOnly?: boolean } = {}): Store {
  expectSqliteFile(path);
  const readOnly = (options.readOnly ?? true) && !canWrite(path);
  return guarded(path, () => {
    const database = new Database(readOnly ? `${pathToFileURL(resolve(path)).href}?mode=ro` : resolve(path));
    try {
      configure(database);
      expectSchema(path, database);
      return sqliteStore(path, database);
    } catch (error) {
      closeQuietly(database);
      throw error;
    }
  });
}

/**
 * A ledger in one SQLite file, with SQLite's rollback journal: between commits the file is whole by itself, and it
 * can be read from a folder that cannot be written. Readers wait only while a commit is written.
 */
function sqliteStore(path: string, database: Database.Database): Store {
  let locked = false;
  /** Why the lock could not be taken again after a commit. */
  let lost: unknown = null;
  let closed = false;
  let insert: InsertBlock | null = null;
  const place = resolve(path);
  const identity = fileIdentity(place);
  const newest = database.prepare('SELECT coalesce(max(position), 0) FROM blocks').raw();
  const nodesAt = database.prepare(`SELECT ${NODES} FROM blocks WHERE position = ?`).raw();

  const size = (): number => guarded(path, () => (newest.get() as unknown as [number])[0]);

  /** What is written into a file that has lost its name would be acknowledged, and gone. */
  function expectInPlace(): void {
    if (fileIdentity(place) === identity) return;
    const message = `${path} was replaced or removed while it was being written to; what was added is in the old file`;
    throw new MedsealError('STORE_FAILED', message, { file: path });
  }

  // A prepared statement outlives its connection, so that a closed store would go on answering.
  function expectOpen(): void {
    if (closed) throw new MedsealError('STORE_FAILED', 'the store is closed', { file: path });
  }

  async function* read({ from = 1, to, bodies = false, nodes = false }: ReadOptions = {}): AsyncGenerator<ReadBlock> {
    expectOpen();
    // CAST gives bytes or null whatever a damaged file holds in a column.
    const parts = ['head', 'entries', ...(bodies ? ['salts', 'bodies'] : [])];
    const columns = [nodes ? NODES : 'NULL', ...parts.map((part) => `CAST(${part} AS BLOB)`)].join(', ');
    const bytes = parts.map((part) => `coalesce(octet_length(${part}), 0)`).join(' + ');
    const select = (what: string, limit: string): Database.Statement => {
      const range = 'FROM blocks WHERE position BETWEEN ? AND ? ORDER BY position';
      return guarded(path, () => database.prepare(`SELECT position, ${what} ${range} LIMIT ${limit}`).raw());
    };
    const sizes = select(bytes, String(BATCH_ROWS));
    const rows = select(columns, '?');
    // What is appended from here on is not read: the reader sees one state.
    const last = Math.min(to ?? Number.MAX_SAFE_INTEGER, size());
    for (let next = from; next <= last; ) {
      const batch = guarded(path, () => sizes.all(next, last) as [number, number][]);
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
      const end = batch[count - 1]?.[0] ?? last;
      for (const row of guarded(path, () => rows.all(next, end, count) as [number, ...(Uint8Array | null)[]][])) {
        const [position, hashes = null, head = null, entries = null, salts = null, bodies = null] = row;
        yield { position, head, nodes: hashes, entries, salts, bodies };
      }
      next = end + 1;
    }
  }

  return {
    read,
    async size() {
      expectOpen();
      return size();
    },
    async nodes(position) {
      expectOpen();
      const row = guarded(path, () => nodesAt.get(position) as unknown as [Uint8Array | null] | undefined);
      return row?.[0] ?? null;
    },
    async lock() {
      expectOpen();
      if (locked) return;
      beginWriting();
      locked = true;
    },
    async append(after, blocks) {
      expectOpen();
      if (!locked) throw lost ?? new MedsealError('LOCKED', 'this store has not locked the ledger', { file: path });
      guarded(path, () => {
        expectInPlace();
        const found = size();
        if (found !== after) {
          throw new MedsealError('STORE_FAILED', `${path} has ${found} blocks, not ${after}`, { file: path });
        }
        try {
          insert ??= blockInserter(database);
          for (const [i, block] of blocks.entries()) insert(after + 1 + i, block);
          database.exec('COMMIT');
        } catch (error) {
          rollback(database);
          throw error;
        } finally {
          locked = false;
        }
        expectInPlace();
        // The blocks are durable. Where another process has come between, the next append tells.
        try {
          beginWriting();
          locked = true;
        } catch (error) {
          lost = error;
        }
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      if (locked) rollback(database);
      guarded(path, () => database.close());
    },
  };

  /**
   * An open write transaction is the lock: SQLite gives it to one connection only and the system takes it back when
   * the process dies. It holds nothing until `append`, which commits and begins the next.
   */
  function beginWriting(): void {
    try {
      database.exec('PRAGMA busy_timeout = 0');
      try {
        database.exec('BEGIN IMMEDIATE');
        // In a file that cannot be written SQLite takes the line above for the begin of a reading.
        database.exec('UPDATE blocks SET position = position WHERE false');
      } finally {
        database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      }
    } catch (error) {
      rollback(database);
      if (isBusy(error)) {
        throw new MedsealError(
          'LOCKED',
          `another process is writing to ${path}; try again when it has finished`,
          { file: path },
          { cause: error },
        );
      }
      throw failed(path, error);
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
    if (position < least) {
      throw new MedsealError('NOT_A_LEDGER', `${path} is damaged: its blocks are not in order`, { file: path });
    }
    least = position + 1;
  }
}
