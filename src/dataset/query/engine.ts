import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { optional } from '../typed/optional.js';

/** The version that the tests run with. */
const VERSION = '1.5.6-r.1';

export type DuckDB = typeof import('@duckdb/node-api');

/** A database in memory that reads and writes nothing else. */
export interface Engine {
  readonly duckdb: DuckDB;
  readonly connection: DuckDBConnection;
  close(): void;
}

export interface EngineOptions {
  /** Bytes that it may take for its tables and for the work on them. */
  readonly memory: number;
  readonly threads?: number;
  /** Whether its plans are to show what SQL reads, rather than be fast. */
  readonly isPlanner?: boolean;
}

/** No path: with `:memory:` a file of that name in the working folder could be read. */
const IN_MEMORY = undefined;

/** What no SQL can change any more, once it is set (docs/design/0019-sql-engine.md). */
const SETTINGS: Readonly<Record<string, string>> = {
  // Without a folder for what does not fit into memory, a query fails that needs one.
  temp_directory: '',
  // No file, no network, no other database.
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  errors_as_json: 'true',
};

/** @throws {MedsealError} `MODULE_UNAVAILABLE` where DuckDB is not installed */
export async function openEngine({ memory, threads, isPlanner = false }: EngineOptions): Promise<Engine> {
  const duckdb = await loadDuckDB();
  const instance: DuckDBInstance = await duckdb.DuckDBInstance.create(IN_MEMORY, {
    ...SETTINGS,
    memory_limit: `${memory}B`,
    ...(threads === undefined ? {} : { threads: String(threads) }),
  });
  const connection = await instance.connect();
  // Whatever the machine's: points in time read the same everywhere.
  await connection.run("SET TimeZone = 'UTC'");
  if (isPlanner) await disableOptimizers(connection);
  await connection.run('SET lock_configuration = true');
  return {
    duckdb,
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function loadDuckDB(): Promise<DuckDB> {
  return optional('@duckdb/node-api', VERSION, () => import('@duckdb/node-api'));
}

/** All but the one that leaves out what is not read: others know that tables are empty, and leave out all of them. */
async function disableOptimizers(connection: DuckDBConnection): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT name FROM duckdb_optimizers()');
  const names = reader.getRows().map(([name]) => String(name));
  const others = names.filter((name) => name !== 'unused_columns');
  await connection.run(`SET disabled_optimizers = '${others.join(',')}'`);
}

/** A name as SQL quotes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
