import type Database from 'libsql';
import { MedsealError } from '../../errors.js';
import type { StoredBlock } from '../store.js';

/** How long a statement waits for another process's commit: commits are short, so this is never reached in peace. */
export const BUSY_TIMEOUT_MS = 10_000;

/** What every connection to a ledger's file is set to. */
export function configure(database: Database.Database): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  // EXTRA also syncs the folder after the journal is gone: without it a commit could be rolled back by a power cut.
  database.exec('PRAGMA synchronous = EXTRA');
  database.exec('PRAGMA secure_delete = ON');
  // Functions in a foreign file's schema must not run; `expectSchema` then refuses any schema but ours.
  database.exec('PRAGMA trusted_schema = OFF');
  database.exec('PRAGMA cell_size_check = ON');
}

export type InsertBlock = (position: number, block: StoredBlock) => void;

/**
 * Makes what adds blocks, once for a connection: the driver keeps what was bound to a statement for as long as it keeps
 * the statement, which is until a pause that a busy loop does not make.
 */
export function blockInserter(database: Database.Database): InsertBlock {
  const insert = database.prepare(
    'INSERT INTO blocks (position, head, nodes, entries, salts, bodies) VALUES (?, CAST(? AS TEXT), ?, ?, ?, ?)',
  );
  return (position, { head, nodes, entries, salts, bodies }) =>
    void insert.run(position, head, nodes, entries, salts, bodies);
}

export function rollback(database: Database.Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // The failure that led here has ended the transaction already.
  }
}

/** Closes a connection whose work is to be dropped: why it cannot be closed matters less than what led here. */
export function closeQuietly(database: Database.Database): void {
  try {
    if (database.open) database.close();
  } catch {
    // It is closed with the process.
  }
}

export function isBusy(error: unknown): boolean {
  return String((error as { code?: string }).code).startsWith('SQLITE_BUSY');
}

/** Runs database work; what goes wrong comes out as an error that a person can act on. */
export function guarded<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof MedsealError) throw error;
    throw failed(path, error);
  }
}

/** SQLite's failures as a person can act on them. */
export function failed(path: string, cause: unknown): MedsealError {
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

/** The same bytes, with what a Buffer can do. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
