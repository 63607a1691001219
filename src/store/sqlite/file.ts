import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type Database from 'libsql';
import { MedsealError } from '../../errors.js';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.js';

/** Whether a file begins as a SQLite database does. @throws {MedsealError} `FILE_UNREADABLE` */
export function isSqliteFile(path: string): boolean {
  const magic = Buffer.from('SQLite format 3\0', 'latin1');
  const start = Buffer.alloc(magic.length);
  try {
    const kind = statSync(path);
    // What is read of a pipe is gone for whoever reads it next.
    if (kind.isFIFO() || kind.isCharacterDevice()) return false;
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

/** Tells one file from another that takes its name later; null for none. */
export function fileIdentity(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev} ${stats.ino}`;
}

/** @throws {MedsealError} `FILE_UNREADABLE`, `NOT_A_LEDGER` */
export function expectSqliteFile(path: string): void {
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
export function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    accessSync(dirname(resolve(path)), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws {MedsealError} `NOT_A_LEDGER`, `STORE_VERSION` */
export function expectSchema(path: string, database: Database.Database): void {
  const place = { file: path };
  const application = pragma(database, 'application_id');
  if (application !== APPLICATION_ID) {
    throw new MedsealError('NOT_A_LEDGER', `${path} is a SQLite file, but not a Medseal ledger`, place);
  }
  const version = pragma(database, 'user_version');
  if (version !== SCHEMA_VERSION) {
    throw new MedsealError(
      'STORE_VERSION',
      `${path} is a ledger file of version ${version}; this version of Medseal reads version ${SCHEMA_VERSION}. The version ` +
        'that wrote it can export it ("medseal export"), and any version imports that ("medseal import")',
      place,
    );
  }
  // As bytes: over text that is not UTF-8 the driver ends the process.
  const found = database
    .prepare(`SELECT CAST(sql AS BLOB) FROM sqlite_schema LIMIT ${SCHEMA.length + 1}`)
    .raw()
    .all() as (Uint8Array | null)[][];
  const made = found.map(([sql]) => Buffer.from(sql ?? []).toString('latin1'));
  if (made.length !== SCHEMA.length || !made.every((sql, i) => sql === SCHEMA[i])) {
    throw new MedsealError(
      'NOT_A_LEDGER',
      `${path} is a SQLite file, but its tables are not those of a Medseal ledger`,
      place,
    );
  }
}

function pragma(database: Database.Database, name: string): unknown {
  return (database.prepare(`PRAGMA ${name}`).raw().get() as unknown[])[0];
}
