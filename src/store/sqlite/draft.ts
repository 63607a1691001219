import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'libsql';
import { MedsealError } from '../../errors.js';
import { publishFile, removeLeftovers, removeUnfinished, unfinishedName } from '../../files.js';
import type { StoredBlock } from '../store.js';
import type { TaggedBlock } from '../tags.js';
import { blockInserter, closeQuietly, configure, guarded, type InsertBlock, rollback } from './connection.js';
import { setDestroyed } from './counts.js';
import { APPLICATION_ID, PAGE_SIZE, SCHEMA, SCHEMA_VERSION } from './schema.js';
import { type TagWriter, tagWriter } from './tags.js';

type SaltsAndBodies = Pick<StoredBlock, 'salts' | 'bodies'>;

/** A ledger's file in the making, under another name. */
export interface Draft {
  /** Adds a block, behind the ones before where no position is given. @throws {MedsealError} `STORE_FAILED` */
  add(block: StoredBlock, position?: number): void;
  /** Adds tags to the blocks that have been added. @throws {MedsealError} `STORE_FAILED` */
  tag(blocks: readonly TaggedBlock[]): void;
  /** Puts other salts and bodies in the place of a block's, where `change` gives some. @throws {MedsealError} `STORE_FAILED` */
  replace(position: number, change: (block: SaltsAndBodies) => SaltsAndBodies | null): void;
  /** Notes how many entries have been destroyed (`Store.destroyed`). @throws {MedsealError} `STORE_FAILED` */
  destroyed(entries: number): void;
  /** Makes what was added durable and lets it appear, whole. @throws {MedsealError} `FILE_EXISTS`, `STORE_FAILED` */
  publish(): void;
  /** Removes what was not published. Must be called in the end; after `publish` it changes nothing. */
  discard(): void;
}

/**
 * Begins a new file. Nothing is seen of it under `path` before it is published.
 * @throws {MedsealError} `FILE_EXISTS`, `OUTPUT_INVALID`, `STORE_FAILED`
 */
export function createDraft(path: string): Draft {
  const exists = (): MedsealError =>
    new MedsealError('FILE_EXISTS', `${path} is there already; choose another name`, { file: path });
  // The driver ends the whole process over a NUL in a path.
  if (path.includes('\0')) throw new MedsealError('OUTPUT_INVALID', 'the name of a file cannot have a NUL in it');
  if (existsSync(path)) throw exists();
  if (!existsSync(dirname(resolve(path)))) {
    throw new MedsealError('OUTPUT_INVALID', `cannot make ${path}: there is no such folder`, { file: path });
  }
  removeLeftovers(path);
  const unfinished = unfinishedName(resolve(path));
  const { database, insert, tags: tagged } = guarded(path, () => begin(unfinished));
  let blocks = 0;
  return {
    add(block, position = blocks + 1) {
      blocks = position;
      guarded(path, () => {
        insert(position, block);
        if (block.tags !== undefined) tagged.add([{ position, tags: block.tags }]);
      });
    },
    tag(more) {
      guarded(path, () => tagged.add(more.filter(({ position }) => position <= blocks)));
    },
    replace(position, change) {
      guarded(path, () => {
        const select = database.prepare('SELECT salts, bodies FROM blocks WHERE position = ?').raw();
        const [salts, bodies] = select.get(position) as unknown as [Uint8Array, Uint8Array];
        const changed = change({ salts, bodies });
        if (changed === null) return;
        const update = database.prepare('UPDATE blocks SET salts = ?, bodies = ? WHERE position = ?');
        update.run(changed.salts, changed.bodies, position);
      });
    },
    destroyed(entries) {
      guarded(path, () => setDestroyed(database, entries));
    },
    publish() {
      guarded(path, () => {
        database.exec('COMMIT');
        database.close();
        try {
          publishFile(unfinished, path, { replace: false });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists();
          throw error;
        }
      });
    },
    discard() {
      // A transaction that is still open has a journal. Rolling back removes it, but not where a statement that failed
      // for want of room is still held by the driver.
      if (database.open) rollback(database);
      closeQuietly(database);
      removeUnfinished(unfinished);
    },
  };
}

function begin(path: string): { database: Database.Database; insert: InsertBlock; tags: TagWriter } {
  const database = new Database(path);
  try {
    database.exec(`PRAGMA page_size = ${PAGE_SIZE}`);
    configure(database);
    database.exec('BEGIN IMMEDIATE');
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec(SCHEMA.join(';'));
    return { database, insert: blockInserter(database), tags: tagWriter(database) };
  } catch (error) {
    rollback(database);
    closeQuietly(database);
    removeUnfinished(path);
    throw error;
  }
}
