import type Database from 'libsql';

const DESTROYED = 'destroyed';

/** Reads how many entries have been destroyed, as the file says; 0 where it says nothing. */
export function destroyedCounter(database: Database.Database): () => number {
  const select = database
    .prepare(`SELECT number FROM counts WHERE name = '${DESTROYED}' AND typeof(number) = 'integer'`)
    .raw();
  return () => (select.get() as unknown as [number] | undefined)?.[0] ?? 0;
}

export function setDestroyed(database: Database.Database, entries: number): void {
  database.prepare(`INSERT OR REPLACE INTO counts VALUES ('${DESTROYED}', ?)`).run(entries);
}
