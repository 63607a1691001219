import type { DuckDBResult } from '@duckdb/node-api';
import { type ReadingTerms, recordReading, recordRefusal } from '../../access/accesses.js';
import type { Identity } from '../../crypto/identity.js';
import { MedsealError, throwIfAborted } from '../../errors.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { DatasetInfo, VerifiedDirectory } from '../directory.js';
import { chosen, type OpenedDataset, type OpenReport, openVerified, readingOf, verifiedLedger } from '../open.js';
import type { ReadableTable } from '../typed/batches.js';
import { readTable } from '../typed/table.js';
import { type Engine, openEngine } from './engine.js';
import { valueReader } from './engine-values.js';
import { failedSql } from './failure.js';
import { askedFor, folded, mentioned } from './names.js';
import { namedTables, neededColumns } from './planner.js';
import { createTable, fillTable, type SqlTable } from './tables.js';
import type { QueryValue } from './values.js';

export interface QueryOptions extends ReadingTerms {
  /** Names or ids of the data sets that SQL may read. Default: all that the key opens. */
  readonly datasets?: readonly string[];
  /** The owner that the genesis block must name (hex). */
  readonly owner?: string;
  /** Bytes that the records and the work on them may take in the engine. Default: 2 GB. */
  readonly memory?: number;
  /** Threads that verify, decrypt and query. Default: all cores. */
  readonly threads?: number;
  /** Called while records are read, with the number of blocks read and of all; once for each reading of a data set. */
  readonly onProgress?: (blocks: number, total: number) => void;
}

/** The answer to a query: its rows come as they are asked for, once. */
export interface QueryResult {
  /** Names, and types as the engine calls them, such as `BIGINT`. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** What was read, and what could not be. */
  readonly tables: readonly QueriedTable[];
  /** @throws {MedsealError} `SQL_FAILED`, `MEMORY_EXCEEDED`, `ABORTED` */
  rows(): AsyncGenerator<readonly (readonly QueryValue[])[]>;
  /** Lets go of the records. `rows` does that at its end, wherever that is. */
  close(): void;
}

/** A data set that SQL has named. */
export interface QueriedTable {
  readonly info: DatasetInfo;
  /** The columns that were in memory. */
  readonly columns: readonly string[];
  readonly rows: number;
  readonly report: OpenReport;
}

const DEFAULT_MEMORY: number = 2_000_000_000;
/** With less, the engine has no room to work. */
const LEAST_MEMORY = 32_000_000;
/** Rows of an answer that are values here at the same time. */
const ROWS_AT_ONCE = 64;

/**
 * Answers SQL over what a key opens of a ledger. The chain is verified; records of blocks that verified are decrypted into the
 * memory of this process and nowhere else, of each data set that the SQL names only the columns that it reads. A data set is a
 * table under its name (docs/query.md); column groups that are not granted are no columns, and what has been erased is NULL, or
 * no row where nothing is left of it.
 *
 * Where the ledger has reading recorded, that is done first: of each data set that is named, all rows.
 * @param sql one SELECT, in DuckDB's dialect
 * @throws {MedsealError} `SQL_INVALID` before a record is read; `SQL_FAILED`, `MEMORY_EXCEEDED`; `MODULE_UNAVAILABLE` without
 *   DuckDB; `ARGUMENT_INVALID`; `TYPE_MISMATCH`; what `openDataset` throws
 */
export async function query(
  ledger: Ledger,
  identity: Identity,
  sql: string,
  options: QueryOptions = {},
): Promise<QueryResult> {
  const { memory = DEFAULT_MEMORY, threads, signal } = options;
  if (!Number.isSafeInteger(memory) || memory < LEAST_MEMORY) {
    throw new MedsealError('ARGUMENT_INVALID', `memory is a number of bytes from ${LEAST_MEMORY / 1e6} MB`);
  }
  const asked = await namedTables(sql);
  const sources = await openSources(ledger, identity, { sql, asked }, options);
  const tables: ReadTable[] = [];
  for (const { views, dataset } of sources.named) {
    const { columns, only } = await readTable(dataset);
    tables.push({ dataset, views, columns, only });
  }
  const needed = await planned(sql, tables, sources);
  throwIfAborted(signal);
  const engine = await openEngine({ memory, ...(threads === undefined ? {} : { threads }) });
  const stopListening = interruptWhen(signal, engine);
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    stopListening();
    engine.close();
  };
  try {
    const queried: QueriedTable[] = [];
    for (const [number, table] of tables.entries()) {
      queried.push(await load(engine, number, table, needed[number] ?? [], signal));
    }
    throwIfAborted(signal);
    const result = await engine.connection.stream(sql);
    const columns = result.columnNames().map((name, i) => ({ name, type: String(result.columnType(i)) }));
    return { columns, tables: queried, rows: () => rowsOf(engine, result, sql, memory, close), close };
  } catch (error) {
    close();
    throw failedSql(error, sql, memory);
  }
}

/** Interrupts the engine when a signal says so, again and again: what has not begun yet would not notice once. */
function interruptWhen(signal: AbortSignal | undefined, { connection }: Engine): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    timer ??= setInterval(() => connection.interrupt(), 100);
  };
  signal?.addEventListener('abort', interrupt);
  return () => {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(timer);
  };
}

/** What SQL can read, and what it names of that. */
interface Sources {
  readonly all: readonly DatasetInfo[];
  readonly named: readonly { readonly views: readonly string[]; readonly dataset: OpenedDataset }[];
  /** Names that no data set has. */
  readonly unknown: readonly string[];
}

/** Verifies the ledger once, records what is going to be read, and opens it. */
async function openSources(
  ledger: Ledger,
  identity: Identity,
  { sql, asked }: { readonly sql: string; readonly asked: readonly string[] },
  options: QueryOptions,
): Promise<Sources> {
  const verified = await verifiedLedger(ledger, identity, options);
  const all = await readable(ledger, identity, verified, options);
  const found = askedFor(all, asked.length > 0 ? asked : mentioned(all, sql));
  const infos = [...new Set(found.map(({ info }) => info))];
  const readings = infos.map((info) => readingOf(info, { from: 1, to: info.rows }));
  if (readings.length > 0) await recordReading(ledger, identity, verified.state, readings, options);
  const { blocks, accepted, state } = verified;
  const named = [];
  for (const info of infos) {
    const views = found.filter((each) => each.info === info).map(({ table }) => table);
    const dataset = await openVerified({ ledger, info, blocks, accepted, state }, identity, options);
    named.push({ views, dataset });
  }
  const names = new Set(found.map(({ table }) => folded(table)));
  return { all, named, unknown: asked.filter((name) => !names.has(folded(name))) };
}

/** @throws {MedsealError} as `chooseDataset` */
async function readable(
  ledger: Ledger,
  identity: Identity,
  directory: VerifiedDirectory,
  options: QueryOptions,
): Promise<readonly DatasetInfo[]> {
  const { datasets: wanted = [] } = options;
  const refused = (dataset: string | undefined): Promise<void> =>
    recordRefusal(ledger, identity, directory.state, dataset, options);
  const infos: DatasetInfo[] = [];
  for (const dataset of wanted) infos.push(await chosen(directory, { dataset }, refused));
  if (wanted.length > 0) return infos;
  const open = directory.datasets.filter(({ manifest }) => manifest !== null);
  // Where nothing opens, it is said why.
  if (open.length === 0) await chosen(directory, {}, refused);
  return open;
}

/** Which columns are needed; what is wrong with the SQL is told with the names of the tables that there are. */
async function planned(
  sql: string,
  tables: readonly SqlTable[],
  { all, named, unknown }: Sources,
): Promise<readonly (readonly number[])[]> {
  try {
    return await neededColumns(sql, tables);
  } catch (error) {
    if (!(error instanceof MedsealError) || error.code !== 'SQL_INVALID') throw error;
    if (unknown.length === 0 && named.length > 0) throw error;
    const names = all.map(({ name, id }) => name ?? id).join(', ');
    const [what = ''] = error.message.split('\n');
    throw new MedsealError('SQL_INVALID', `${what.replace(/[^.!?]$/, '$&.')} The data sets are: ${names}`, error.place);
  }
}

/** A data set that SQL names, and what its columns are. */
interface ReadTable extends SqlTable, Pick<ReadableTable, 'only'> {
  readonly dataset: OpenedDataset;
}

async function load(
  engine: Engine,
  number: number,
  table: ReadTable,
  places: readonly number[],
  signal: AbortSignal | undefined,
): Promise<QueriedTable> {
  await createTable(engine, number, table, places);
  const read = table.only(places);
  const rows = await fillTable(engine, number, read, signal);
  const { info, report } = table.dataset;
  return { info, columns: read.columns.map(({ name }) => name), rows, report: report() };
}

async function* rowsOf(
  { duckdb }: Engine,
  result: DuckDBResult,
  sql: string,
  memory: number,
  close: () => void,
): AsyncGenerator<readonly (readonly QueryValue[])[]> {
  const types = result.columnTypes();
  const read = valueReader(duckdb);
  try {
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      // A few at a time: of large values a whole chunk would be another copy of all.
      for (let from = 0; from < chunk.rowCount; from += ROWS_AT_ONCE) {
        const count = Math.min(ROWS_AT_ONCE, chunk.rowCount - from);
        yield Array.from({ length: count }, (_, i) =>
          chunk.getRowValues(from + i).map((value, column) => read(value, types[column] ?? duckdb.VARCHAR)),
        );
      }
    }
  } catch (error) {
    throw failedSql(error, sql, memory);
  } finally {
    close();
  }
}
