import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isRunning, machine, startOf } from './processes.js';

/*
 * Files that appear under their name whole and durable, or not at all: they are written under another name beside it,
 * and then published. That name tells whose it is, so that what a killed process has left can be known and removed.
 */

/** `TARGET.MACHINE-PID-STARTED-RANDOM.tmp`, and the journal that SQLite keeps beside such a file. */
const UNFINISHED = /\.([0-9a-f]{8})-(\d{1,10})-(\d{1,20})-[0-9a-f]{8}\.tmp(-journal)?$/;
/** How long nothing must have been written to a file before its writer, who cannot be asked after, is taken for dead. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/** The name under which a file is written before it is published. */
export function unfinishedName(path: string): string {
  const { pid } = process;
  return `${path}.${machine()}-${pid}-${startOf(pid) ?? 0}-${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Removes the unfinished files of dead writers from a file's folder: they may hold plaintext, and nobody else would
 * know what they are. A file is kept while its writer runs; where that runs on another machine or in another container,
 * until nothing has been written to the file for a day. What cannot be removed stays.
 */
export function removeLeftovers(path: string): void {
  const folder = dirname(resolve(path));
  for (const name of namesIn(folder)) {
    const [, where = '', pid = '', started = ''] = UNFINISHED.exec(name) ?? [];
    if (where === '') continue;
    const file = join(folder, name);
    try {
      const { mtimeMs } = lstatSync(file);
      const dead = where === machine() ? !isRunning(Number(pid), started) : Date.now() - mtimeMs > ABANDONED_AFTER_MS;
      if (dead) rmSync(file, { force: true });
    } catch {
      // Somebody else's, or gone in the meantime.
    }
  }
}

/**
 * Removes a file that is not to be published, and its journal. That it cannot be removed changes nothing of what has been
 * done: it is a left-over then.
 */
export function removeUnfinished(unfinished: string): void {
  for (const file of [unfinished, `${unfinished}-journal`]) {
    try {
      rmSync(file, { force: true });
    } catch {
      // The next command in that folder tries again.
    }
  }
}

/** File systems that have no hard links say one of these. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Gives a finished file its name, durably.
 * @param options.replace whether a file that has the name is replaced
 * @throws {NodeJS.ErrnoException} `EEXIST` where one has it and is not to be replaced; whatever the system says
 */
export function publishFile(unfinished: string, path: string, options: { replace: boolean }): void {
  if (options.replace) renameSync(unfinished, path);
  else link(unfinished, path);
  syncFolder(dirname(resolve(path)));
}

/** Linking, unlike renaming, never replaces a file that has come in the meantime. */
function link(unfinished: string, path: string): void {
  try {
    linkSync(unfinished, path);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code)) throw error;
    if (existsSync(path)) throw Object.assign(new Error('the file exists'), { code: 'EEXIST' });
    renameSync(unfinished, path);
  }
  removeUnfinished(unfinished);
}

/** A name is durable once its folder is. */
function syncFolder(folder: string): void {
  // Windows opens no folders, and keeps names without being asked.
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** None where the folder cannot be read: whoever writes into it tells that better. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
