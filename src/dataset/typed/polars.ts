import type { Identity } from '../../crypto/identity.js';
import { MedsealError } from '../../errors.js';
import type { Ledger } from '../../ledger/ledger.js';
import { type OpenOptions, type OpenReport, openDataset } from '../open.js';
import { type SealOptions, type SealResult, sealDataset } from '../seal.js';
import { optional } from './optional.js';
import { parquetBytes } from './parquet.js';
import type { Polars, PolarsFrame, PolarsSeries } from './polars-frame.js';
import { examineTyped } from './source.js';
import { readTable, type TableOptions } from './table.js';
import type { ColumnType, TypedBatch, TypedTable, Value } from './types.js';

/** Rows of a frame that are looked at together. */
const SLICE_ROWS = 10_000;

export interface FrameOptions extends OpenOptions, TableOptions {
  /** Called with what opening came to. Without it, a data set of which rows do not open is refused. */
  readonly onReport?: (report: OpenReport) => void;
}

/**
 * Opens a data set as a DataFrame of polars, with the columns that the key was granted, typed as `readTable` says. Rows that have
 * been erased are not in it; fields of column groups that have been erased, or are closed to the key, are null.
 * @template Frame `DataFrame` of the package, which the caller imports
 * @throws {MedsealError} `MODULE_UNAVAILABLE` without the package `nodejs-polars`; what `openDataset` and `readTable` throw; where
 *   nobody takes the report, `LEDGER_INVALID` or `CANNOT_OPEN` for rows that do not verify or do not open, and
 *   `DATASET_INCOMPLETE`
 */
export async function toDataFrame<Frame extends PolarsFrame>(
  ledger: Ledger,
  identity: Identity,
  { onReport, ...options }: FrameOptions = {},
): Promise<Frame> {
  const polars = await loadPolars();
  const dataset = await openDataset(ledger, identity, options);
  const chunks: Uint8Array[] = [];
  for await (const chunk of parquetBytes(await readTable(dataset, options))) chunks.push(chunk);
  const report = dataset.report();
  if (onReport === undefined) expectWhole(report);
  else onReport(report);
  return polars.readParquet(Buffer.concat(chunks)) as Frame;
}

/** @throws {MedsealError} `LEDGER_INVALID`, `CANNOT_OPEN`, `DATASET_INCOMPLETE` */
function expectWhole({ verdict, left, missing, complete }: OpenReport): void {
  const ask = 'a frame of the others is made where onReport is given, and told of it';
  if (!verdict.ok || missing > 0) {
    throw new MedsealError(
      'LEDGER_INVALID',
      `the ledger does not verify, and rows of the data set are in bad blocks; ${ask}`,
    );
  }
  if (left.length > 0) throw new MedsealError('CANNOT_OPEN', `${left.length} rows of the data set do not open; ${ask}`);
  if (!complete) {
    throw new MedsealError(
      'DATASET_INCOMPLETE',
      `the sealing of the data set was interrupted, or goes on just now; ${ask}`,
    );
  }
}

/**
 * Seals a DataFrame of polars as a data set, with the types of its columns, so that it opens to a frame that is equal:
 * nulls, empty texts, NaN, whole numbers of 64 bits. Categories become texts.
 * @throws {MedsealError} `MODULE_UNAVAILABLE` without the package `nodejs-polars`; `TYPE_MISMATCH` for a column of lists, structs,
 *   decimals, durations, times of day, objects, or of a time zone other than UTC; what `examineTyped` and `sealDataset` throw
 */
export async function fromDataFrame(
  ledger: Ledger,
  identity: Identity,
  frame: PolarsFrame,
  options: Omit<SealOptions, 'format' | 'delimiter'>,
): Promise<SealResult> {
  const polars = await loadPolars();
  return sealDataset(ledger, identity, await examineTyped(tableOf(polars, frame)), options);
}

async function loadPolars(): Promise<Polars> {
  const name = 'nodejs-polars';
  const loaded = await optional(name, '0.24.0', () => import(name) as Promise<{ default: Polars }>);
  return loaded.default;
}

function tableOf(polars: Polars, frame: PolarsFrame): TypedTable {
  const series = frame.getColumns() as PolarsSeries[];
  const columns = series.map(({ name, dtype }) => ({ name, type: typeOf(name, String(dtype)) }));
  const batch = (from: number): TypedBatch => ({
    rows: Math.min(SLICE_ROWS, frame.height - from),
    columns: columns.map(({ type }, place) => valuesOf(polars, type, series[place]?.slice(from, SLICE_ROWS))),
  });
  return {
    columns,
    batches: async function* () {
      for (let from = 0; from < frame.height; from += SLICE_ROWS) yield batch(from);
    },
  };
}

const SIMPLE: Readonly<Record<string, ColumnType>> = {
  Utf8: 'text',
  String: 'text',
  Categorical: 'text',
  Null: 'text',
  Bool: 'boolean',
  Int8: 'int8',
  Int16: 'int16',
  Int32: 'int32',
  Int64: 'int64',
  UInt8: 'uint8',
  UInt16: 'uint16',
  UInt32: 'uint32',
  UInt64: 'uint64',
  Float32: 'float32',
  Float64: 'float64',
  Date: 'date',
};

/** @param dtype as polars writes it, such as `DataType(Datetime(us,UTC))` */
function typeOf(column: string, dtype: string): ColumnType {
  const [, kind = '', , unit, zone] = /^DataType\((\w+)(\((\w+),([^)]*)\))?/.exec(dtype) ?? [];
  const type = Object.hasOwn(SIMPLE, kind) ? SIMPLE[kind] : undefined;
  if (type !== undefined) return type;
  if (kind === 'Datetime' && (zone === '' || zone === 'UTC')) {
    return `timestamp-${unit as 'ms' | 'us' | 'ns'}${zone === 'UTC' ? '-utc' : ''}`;
  }
  const message = `column ${JSON.stringify(column)} is of ${dtype}, which no column of a data set can be; cast it to another type`;
  throw new MedsealError('TYPE_MISMATCH', message);
}

/** Whole numbers of 64 bits come as digits: as a number, polars would round them. */
function valuesOf(polars: Polars, type: ColumnType, series: PolarsSeries | undefined): readonly Value[] {
  if (series === undefined) return [];
  if (type === 'date') return series.cast(polars.Int32).toArray() as Value[];
  if (type === 'text') return series.cast(polars.Utf8).toArray() as Value[];
  if (!type.endsWith('int64') && !type.startsWith('timestamp')) return series.toArray() as Value[];
  const whole = type.startsWith('timestamp') ? series.cast(polars.Int64) : series;
  const digits = whole.cast(polars.Utf8).toArray() as (string | null)[];
  return digits.map((text) => (text === null ? null : BigInt(text)));
}
