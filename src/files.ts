import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/*
 * Files that appear under their name whole and durable, or not at all: they are written under another name beside it,
 * and then published.
 */

/** The name under which a file is written before it is published. */
export function unfinishedName(path: string): string {
  return `${path}.${randomUUID()}.tmp`;
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
  rmSync(unfinished, { force: true });
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
