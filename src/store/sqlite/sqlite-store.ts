import { resolve } from 'node:path';
import type Database from 'libsql';
import { MedsealError } from '../../errors.js';
import type { ReadBlock, ReadOptions, Replacement, Store, StoredBlock } from '../store.js';
import type { TaggedBlock } from '../tags.js';
import {
  BUSY_TIMEOUT_MS,
  blockInserter,
  closeQuietly,
  failed,
  guarded,
  type InsertBlock,
  isBusy,
  rollback,
} from './connection.js';
import { destroyedCounter, setDestroyed } from './counts.js';
import { createDraft } from './draft.js';
import { fileIdentity } from './file.js';
import { wipeJournal } from './journal.js';
import { placesReader } from './places.js';
import { nodesReader, openDatabase, readRows } from './reading.js';
import { allTags, type TagWriter, tagWriter } from './tags.js';

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
  const database = openDatabase(path, options);
  return guarded(path, () => {
    try {
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
  let tags: TagWriter | null = null;
  let replacement: Database.Statement | null = null;
  const place = resolve(path);
  const identity = fileIdentity(place);
  const newest = database.prepare('SELECT coalesce(max(position), 0) FROM blocks').raw();
  const nodesAt = nodesReader(path, database);
  const placesOf = placesReader(path, database);
  const destroyed = destroyedCounter(database);

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

  function expectWriter(): void {
    expectOpen();
    if (!locked) throw lost ?? new MedsealError('LOCKED', 'this store has not locked the ledger', { file: path });
  }

  function insertTags(blocks: readonly TaggedBlock[]): void {
    if (blocks.length === 0) return;
    tags ??= tagWriter(database);
    tags.add(blocks);
  }

  /** Writes something and commits it, then begins the next transaction. */
  function commit(write: () => void): void {
    try {
      write();
      database.exec('COMMIT');
    } catch (error) {
      rollback(database);
      throw error;
    } finally {
      locked = false;
    }
    expectInPlace();
    lockAgain();
  }

  /** What was written is durable. Where another process has come between, the next time tells. */
  function lockAgain(): void {
    try {
      beginWriting();
      locked = true;
    } catch (error) {
      lost = error;
    }
  }

  async function* read(options: ReadOptions = {}): AsyncGenerator<ReadBlock> {
    expectOpen();
    // What is appended from here on is not read: the reader sees one state.
    const to = Math.min(options.to ?? Number.MAX_SAFE_INTEGER, size());
    yield* readRows(path, database, { ...options, to });
  }

  return {
    file: path,
    read,
    async size() {
      expectOpen();
      return size();
    },
    async nodes(position) {
      expectOpen();
      return nodesAt(position);
    },
    async lock() {
      expectOpen();
      if (locked) return;
      beginWriting();
      locked = true;
      // What a process that was killed while it destroyed something has left.
      wipeJournal(place);
    },
    async append(after, blocks) {
      expectWriter();
      guarded(path, () => {
        expectInPlace();
        const found = size();
        if (found !== after) {
          throw new MedsealError('STORE_FAILED', `${path} has ${found} blocks, not ${after}`, { file: path });
        }
        commit(() => {
          insert ??= blockInserter(database);
          for (const [i, block] of blocks.entries()) insert(after + 1 + i, block);
          insertTags(blocks.flatMap(({ tags }, i) => (tags === undefined ? [] : [{ position: after + 1 + i, tags }])));
        });
      });
    },
    async tag(blocks) {
      expectWriter();
      guarded(path, () => {
        expectInPlace();
        commit(() => insertTags(blocks));
      });
    },
    async *places(tag) {
      expectOpen();
      yield* placesOf(tag);
    },
    async *tags() {
      expectOpen();
      yield* allTags(path, database);
    },
    async destroyed() {
      expectOpen();
      return guarded(path, destroyed);
    },
    async replace(blocks, entries) {
      expectWriter();
      guarded(path, () => {
        expectInPlace();
        // Another mode of the journal can be chosen between transactions only.
        rollback(database);
        locked = false;
        try {
          database.exec('PRAGMA journal_mode = PERSIST');
          beginWriting();
          try {
            for (const block of blocks) replaceOne(block);
            tags ??= tagWriter(database);
            tags.takeAway(blocks);
            setDestroyed(database, entries);
            database.exec('COMMIT');
          } catch (error) {
            rollback(database);
            throw error;
          }
          wipeJournal(place);
        } finally {
          database.exec('PRAGMA journal_mode = DELETE');
          lockAgain();
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

  function replaceOne({ position, salts, bodies }: Replacement): void {
    replacement ??= database.prepare(
      'UPDATE blocks SET salts = ?1, bodies = ?2 WHERE position = ?3 AND octet_length(salts) = octet_length(?1) AND octet_length(bodies) = octet_length(?2)',
    );
    if (replacement.run(salts, bodies, position).changes === 1) return;
    throw new MedsealError('STORE_FAILED', `${path} has no block ${position} of this size`, { file: path });
  }

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
