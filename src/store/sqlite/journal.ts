import { closeSync, fstatSync, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

/*
 * SQLite's rollback journal holds the pages of the file as they were before a transaction. When what was in them is to be
 * destroyed, the journal must not be deleted as it is: its bytes would stay on the medium, in no file.
 */

const CHUNK = new Uint8Array(1 << 16);
/** How a journal begins that still has a transaction to roll back. */
const HOT = Buffer.from('d9d505f920a163d7', 'hex');

function journalOf(path: string): string {
  return `${path}-journal`;
}

/**
 * Overwrites a journal that SQLite has left behind (`journal_mode = PERSIST`) with zeros, durably, and removes it. One
 * that a killed process has left before its transaction was committed is SQLite's business, and stays.
 * Only for the writer, between two transactions.
 */
export function wipeJournal(path: string): void {
  const journal = journalOf(path);
  let file: number;
  try {
    file = openSync(journal, 'r+');
  } catch {
    return;
  }
  try {
    const start = Buffer.alloc(HOT.length);
    readSync(file, start, 0, start.length, 0);
    if (start.equals(HOT)) return;
    const { size } = fstatSync(file);
    for (let at = 0; at < size; at += CHUNK.length) writeSync(file, CHUNK, 0, Math.min(CHUNK.length, size - at), at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  rmSync(journal, { force: true });
}
