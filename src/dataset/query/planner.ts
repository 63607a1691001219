import { MedsealError } from '../../errors.js';
import { type Engine, openEngine } from './engine.js';
import { ONLY_DATASETS, refusedSql } from './failure.js';
import { createTable, type SqlTable } from './tables.js';

/*
 * What SQL needs is found out with empty tables, in an engine that never sees a record: so whatever it says of the SQL can be
 * told, and of the records only those columns have to be in memory that the SQL reads.
 */

/** Enough for empty tables. */
const MEMORY = 256 * 1024 * 1024;

const ONLY_SELECT = 'a query is a SELECT; nothing can be changed by it, or set';

/**
 * Functions that give rows and are no more than their arguments. Others tell of the machine, or switch on what would write
 * records where they do not belong, such as `enable_logging`.
 */
const PURE_FUNCTIONS: ReadonlySet<string> = new Set([
  'GENERATE_SERIES',
  'JSON_EACH',
  'JSON_TREE',
  'RANGE',
  'REPEAT',
  'REPEAT_ROW',
  'UNNEST',
]);

/** What begins like this is said to be no query before it fails for another reason. */
const CHANGES = /^\s*(INSERT|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER|COPY|SET|ATTACH|INSTALL|LOAD|EXPORT|CALL|BEGIN)\b/i;

/**
 * The tables that SQL names, and nothing wrong found with it so far.
 * @throws {MedsealError} `SQL_INVALID`, `MODULE_UNAVAILABLE`
 */
export async function namedTables(sql: string): Promise<readonly string[]> {
  return withEngine(async (engine) => {
    await expectOneStatement(engine, sql);
    return guarded(sql, () => engine.connection.getTableNames(sql, false));
  });
}

/**
 * The places of the columns that SQL reads of each table.
 * @throws {MedsealError} `SQL_INVALID`, with line and column
 */
export async function neededColumns(sql: string, tables: readonly SqlTable[]): Promise<readonly (readonly number[])[]> {
  return withEngine(async (engine) => {
    const { connection } = engine;
    for (const [number, table] of tables.entries()) {
      await createTable(
        engine,
        number,
        table,
        table.columns.map((_, place) => place),
      );
    }
    await expectSelect(engine, sql);
    return guarded(sql, async () => {
      const reader = await connection.runAndReadAll(`EXPLAIN (FORMAT JSON) ${sql}`);
      const plan: unknown = JSON.parse(String(reader.getRows()[0]?.[1]));
      const needed = tables.map(() => new Set<number>());
      collect(plan, needed);
      return needed.map((places) => [...places].sort((a, b) => a - b));
    });
  });
}

async function withEngine<T>(run: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine({ memory: MEMORY, threads: 1, isPlanner: true });
  try {
    return await run(engine);
  } finally {
    engine.close();
  }
}

async function expectOneStatement({ connection }: Engine, sql: string): Promise<void> {
  if (/^[\s;]*$/.test(sql)) throw new MedsealError('SQL_INVALID', 'there is no SQL');
  if (CHANGES.test(sql)) throw new MedsealError('SQL_INVALID', ONLY_SELECT);
  const { count } = await guarded(sql, () => connection.extractStatements(sql));
  if (count === 1) return;
  throw new MedsealError('SQL_INVALID', 'a query is one statement, SELECT …; a PIVOT has to name its columns: IN (…)');
}

async function expectSelect({ connection, duckdb: { StatementType } }: Engine, sql: string): Promise<void> {
  const statement = await guarded(sql, () => connection.prepare(sql));
  const { statementType, parameterCount } = statement;
  statement.destroySync();
  if (statementType !== StatementType.SELECT) {
    throw new MedsealError('SQL_INVALID', ONLY_SELECT);
  }
  if (parameterCount > 0) throw new MedsealError('SQL_INVALID', 'the SQL has parameters, which nothing is given for');
}

async function guarded<T>(sql: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof MedsealError ? error : refusedSql(error, sql);
  }
}

/**
 * Adds up what the scans in a plan read: of `medseal.t<number>` the columns `c<place>`.
 * @throws {MedsealError} `SQL_INVALID` where rows come from anything else
 */
function collect(plan: unknown, needed: readonly Set<number>[]): void {
  if (Array.isArray(plan)) {
    for (const node of plan) collect(node, needed);
    return;
  }
  if (typeof plan !== 'object' || plan === null) return;
  const { extra_info: info, children } = plan as { extra_info?: Record<string, unknown>; children?: unknown };
  collect(children, needed);
  if (info?.Function !== undefined && !PURE_FUNCTIONS.has(String(info.Function).toUpperCase())) {
    throw new MedsealError('SQL_INVALID', ONLY_DATASETS);
  }
  const table = /\bmedseal\.t(\d+)$/.exec(String(info?.Table ?? ''))?.[1];
  if (table === undefined) return;
  // One column comes as a text, several as a list.
  for (const column of [info?.Projections ?? []].flat()) {
    const place = /^c(\d+)$/.exec(String(column))?.[1];
    if (place !== undefined) needed[Number(table)]?.add(Number(place));
  }
}
