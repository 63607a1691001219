import { randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, existsSync, linkSync, openSync, readSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { MedsealError } from '../../errors.js';
import type { ReadBlock, ReadOptions, Store, StoredBlock } from '../store.js';
import { APPLICATION_ID, CREATE_BLOCKS, PAGE_SIZE, SCHEMA_VERSION } from './schema.js';

/** How long a statement waits for another process's commit: commits are short, so this is never reached in peace. */
const BUSY_TIMEOUT_MS = 10_000;
/** Blocks are read in batches of at most this many rows, and of about this many bytes. */
const BATCH_ROWS = 512;
const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Makes a new store that holds these blocks. The file appears under its name only when it is whole.
 * @throws {MedsealError} `FILE_EXISTS`, `OUTPUT_INVALID`, `STORE_FAILED`
 */
export function createSqliteStore(path: string, blocks: readonly StoredBlock[]): Store {
  const exists = (): MedsealError =>
    new MedsealError('FILE_EXISTS', `${path} is there already; choose another name`, { file: path });
  if (existsSync(path)) throw exists();
  if (!existsSync(dirname(resolve(path)))) {
    throw new MedsealError('OUTPUT_INVALID', `cannot make ${path}: there is no such folder`, { file: path });
  }
  const unfinished = `${resolve(path)}.${randomUUID()}.tmp`;
  guarded(path, () => {
    try {
      writeFile(unfinished, blocks);
      // Linking, unlike renaming, never replaces a file that has come in the meantime.
      linkSync(unfinished, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists();
      throw error;
    } finally {
      rmSync(unfinished, { force: true });
    }
  });
  return openSqliteStore(path, { readOnly: false });
}

function writeFile(path: string, blocks: readonly StoredBlock[]): void {
  const database = new Database(path);
  try {
    database.exec(`PRAGMA page_size = ${PAGE_SIZE}`);
    configure(database);
    database.exec('BEGIN IMMEDIATE');
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec(CREATE_BLOCKS);
    insertBlocks(database, 0, blocks);
    database.exec('COMMIT');
  } catch (error) {
    // Takes its journal away as well.
    rollback(database);
    throw error;
  } finally {
    database.close();
  }
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
    } catch (error) {
      database.close();
      throw error;
    }
    return sqliteStore(path, database);
  });
}

/** Whether a file begins as a SQLite database does. @throws {MedsealError} `FILE_UNREADABLE` */
export function isSqliteFile(path: string): boolean {
  const magic = Buffer.from('SQLite format 3\0', 'latin1');
  const start = Buffer.alloc(magic.length);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, start, 0, start.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return start.equals(magic);
}

function expectSqliteFile(path: string): void {
  if (!isSqliteFile(path)) {
    throw new MedsealError('NOT_A_LEDGER', `${path} is not a Medseal ledger (no SQLite file)`, { file: path });
  }
}

function unreadable(path: string, cause: unknown): MedsealError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : `(${code})`;
  return new MedsealError('FILE_UNREADABLE', `cannot read ${path}: ${why}`, { file: path }, { cause });
}

/** A reader opens for writing where it can, because only then can it roll back what a killed writer left half done. */
function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    accessSync(dirname(resolve(path)), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function configure(database: Database.Database): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  // EXTRA also syncs the folder after the journal is gone: without it a commit could be rolled back by a power cut.
  database.exec('PRAGMA synchronous = EXTRA');
  database.exec('PRAGMA secure_delete = ON');
  // Functions in a foreign file's schema must not run; `expectSchema` then refuses any schema but ours.
  database.exec('PRAGMA trusted_schema = OFF');
  database.exec('PRAGMA cell_size_check = ON');
}

function expectSchema(path: string, database: Database.Database): void {
  const place = { file: path };
  const application = pragma(database, 'application_id');
  if (application !== APPLICATION_ID) {
    throw new MedsealError('NOT_A_LEDGER', `${path} is a SQLite file, but not a Medseal ledger`, place);
  }
  const version = pragma(database, 'user_version');
  if (version !== SCHEMA_VERSION) {
    throw new MedsealError(
      'STORE_VERSION',
      `${path} is a ledger file of version ${version}; this version of Medseal reads version ${SCHEMA_VERSION}`,
      place,
    );
  }
  const schema = database.prepare('SELECT sql FROM sqlite_schema').raw().all() as unknown[][];
  if (schema.length !== 1 || schema[0]?.[0] !== CREATE_BLOCKS) {
    throw new MedsealError(
      'NOT_A_LEDGER',
      `${path} has tables, triggers or views that a Medseal ledger has not`,
      place,
    );
  }
}

function pragma(database: Database.Database, name: string): unknown {
  return (database.prepare(`PRAGMA ${name}`).raw().get() as unknown[])[0];
}

function insertBlocks(database: Database.Database, after: number, blocks: readonly StoredBlock[]): void {
  const insert = database.prepare(
    'INSERT INTO blocks (position, head, entries, salts, bodies) VALUES (?, CAST(? AS TEXT), ?, ?, ?)',
  );
  blocks.forEach((block, i) => {
    insert.run(after + 1 + i, block.head, block.entries, block.salts, block.bodies);
  });
}

/**
 * A ledger in one SQLite file, with SQLite's rollback journal: between commits the file is whole by itself, and it
 * can be read from a folder that cannot be written. Readers wait only while a commit is written.
 */
function sqliteStore(path: string, database: Database.Database): Store {
  let locked = false;
  let closed = false;
  const newest = database.prepare('SELECT coalesce(max(position), 0) FROM blocks').raw();

  const size = (): number => guarded(path, () => (newest.get() as unknown as [number])[0]);

  // A prepared statement outlives its connection, so that a closed store would go on answering.
  function expectOpen(): void {
    if (closed) throw new MedsealError('STORE_FAILED', 'the store is closed', { file: path });
  }

  async function* read({ from = 1, to, bodies = false }: ReadOptions = {}): AsyncGenerator<ReadBlock> {
    expectOpen();
    // CAST gives bytes or null whatever a damaged file holds in a column.
    const parts = ['head', 'entries', ...(bodies ? ['salts', 'bodies'] : [])];
    const columns = parts.map((part) => `CAST(${part} AS BLOB)`).join(', ');
    const sizes = database
      .prepare(
        `SELECT position, ${parts.map((part) => `length(${part})`).join(' + ')} FROM blocks WHERE position BETWEEN ? AND ? ORDER BY position LIMIT ${BATCH_ROWS}`,
      )
      .raw();
    const rows = database
      .prepare(`SELECT position, ${columns} FROM blocks WHERE position BETWEEN ? AND ? ORDER BY position`)
      .raw();
    // What is appended from here on is not read: the reader sees one state.
    const last = Math.min(to ?? Number.MAX_SAFE_INTEGER, size());
    for (let next = from; next <= last; ) {
      const batch = guarded(path, () => sizes.all(next, last) as [number, number | null][]);
      const end = endOfBatch(batch);
      if (end === null) return;
      for (const row of guarded(path, () => rows.all(next, end) as [number, ...(Uint8Array | null)[]][])) {
        const [position, head = null, entries = null, salts = null, bodies = null] = row;
        yield { position, head, entries, salts, bodies };
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
    async lock() {
      expectOpen();
      if (locked) return;
      beginWriting();
      locked = true;
    },
    async append(after, blocks) {
      expectOpen();
      if (!locked) throw new MedsealError('LOCKED', 'this store has not locked the ledger', { file: path });
      guarded(path, () => {
        const found = size();
        if (found !== after) {
          throw new MedsealError('STORE_FAILED', `${path} has ${found} blocks, not ${after}`, { file: path });
        }
        try {
          insertBlocks(database, after, blocks);
          database.exec('COMMIT');
        } catch (error) {
          rollback(database);
          throw error;
        } finally {
          locked = false;
        }
        beginWriting();
        locked = true;
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      if (locked) rollback(database);
      database.close();
    },
  };

  /**
   * An open write transaction is the lock: SQLite gives it to one connection only and the system takes it back when
   * the process dies. It holds nothing until `append`, which commits and begins the next.
   */
  function beginWriting(): void {
    database.exec('PRAGMA busy_timeout = 0');
    try {
      database.exec('BEGIN IMMEDIATE');
      // In a file that cannot be written SQLite takes the line above for the begin of a reading.
      database.exec('UPDATE blocks SET position = position WHERE false');
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
    } finally {
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }
}

function rollback(database: Database.Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // The failure that led here has ended the transaction already.
  }
}

/** The last position of a batch that stays within its bytes: at least one row, null where there is none. */
function endOfBatch(batch: [number, number | null][]): number | null {
  let bytes = 0;
  let end: number | null = null;
  for (const [position, length] of batch) {
    bytes += length ?? 0;
    if (end !== null && bytes > BATCH_BYTES) break;
    end = position;
  }
  return end;
}

function isBusy(error: unknown): boolean {
  return String((error as { code?: string }).code).startsWith('SQLITE_BUSY');
}

function guarded<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof MedsealError) throw error;
    throw failed(path, error);
  }
}

/** SQLite's failures as a person can act on them. */
function failed(path: string, cause: unknown): MedsealError {
  const { code, message } = cause as { code?: string; message?: string };
  const place = { file: path };
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return new MedsealError('NOT_A_LEDGER', `${path} is damaged: SQLite cannot read it`, place, { cause });
  }
  const why =
    code === 'SQLITE_FULL'
      ? 'the disk is full'
      : code === 'SQLITE_READONLY'
        ? 'the file or its folder cannot be written'
        : isBusy(cause)
          ? 'another process keeps it locked'
          : /unable to open/i.test(String(message))
            ? 'it cannot be opened for writing; look at the permissions of the file and its folder'
            : String(message);
  return new MedsealError('STORE_FAILED', `cannot use ${path}: ${why}`, place, { cause });
}
