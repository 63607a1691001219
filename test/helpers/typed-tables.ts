// Tables whose columns have types, of any values that these can have.

import fc from 'fast-check';
import type { TypedTable, Value } from '../../src/dataset/typed/types.js';
import { COLUMN_TYPES, type ColumnType, integerRange, timestampOf } from '../../src/dataset/typed/types.js';

const AWKWARD = [
  '',
  ' ',
  'NA',
  'null',
  'true',
  '007',
  '1.5',
  '2024-01-01',
  '"',
  '""',
  ',',
  '\n',
  '\r\n',
  'é',
  '😀',
  '\0',
  '\ufeff',
];

const texts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.toWellFormed()),
  fc.array(fc.constantFrom(...AWKWARD), { maxLength: 5 }).map((parts) => parts.join('')),
);

/** Years 1 to 9999, which programs of any language have. */
const DAYS = { min: -719_162, max: 2_932_896 };

export function valuesOf(type: ColumnType): fc.Arbitrary<Exclude<Value, null>> {
  if (type === 'text') return texts;
  if (type === 'boolean') return fc.boolean();
  if (type === 'float32') return fc.float();
  if (type === 'float64') return fc.double();
  if (type === 'date') return fc.integer(DAYS);
  const timestamp = timestampOf(type);
  if (timestamp !== null) {
    const { unitsPerSecond } = timestamp;
    const most = 2n ** 63n - 1n;
    const inYears = (days: number): bigint => {
      const units = BigInt(days) * 86_400n * unitsPerSecond;
      return units > most ? most : units < -most ? -most : units;
    };
    return fc.bigInt({ min: inYears(DAYS.min), max: inYears(DAYS.max) });
  }
  const { least, greatest } = integerRange(type)!;
  const edges = fc.constantFrom(least, greatest, least + 1n, greatest - 1n, 0n);
  const all = fc.oneof(edges, fc.bigInt({ min: least, max: greatest }));
  return type.endsWith('64') ? all : all.map(Number);
}

/** A table in memory. */
export interface WholeTable extends TypedTable {
  readonly rows: number;
  readonly values: readonly (readonly Value[])[];
}

/** @param batchRows rows that come together */
export function wholeTable(
  columns: TypedTable['columns'],
  values: readonly (readonly Value[])[],
  rows: number,
  batchRows = 3,
): WholeTable {
  return {
    columns,
    rows,
    values,
    batches: async function* () {
      for (let from = 0; from < rows; from += batchRows) {
        const to = Math.min(rows, from + batchRows);
        yield { rows: to - from, columns: values.map((column) => column.slice(from, to)) };
      }
    },
  };
}

/** Tables of a few columns of any types, some values missing. */
export const typedTables: fc.Arbitrary<WholeTable> = fc
  .record({
    names: fc.uniqueArray(texts, { minLength: 1, maxLength: 6 }),
    rows: fc.integer({ min: 0, max: 12 }),
    types: fc.array(fc.constantFrom(...COLUMN_TYPES), { minLength: 6, maxLength: 6 }),
  })
  .chain(({ names, rows, types }) => {
    const columns = names.map((name, place) => ({ name, type: types[place] ?? ('text' as const) }));
    const column = ({ type }: { type: ColumnType }) =>
      fc.array(fc.option(valuesOf(type), { freq: 4 }), { minLength: rows, maxLength: rows });
    return fc.tuple(...columns.map(column)).map((values) => wholeTable(columns, values, rows));
  });

/** All values of a table, by columns. */
export async function readAll(table: TypedTable): Promise<Value[][]> {
  const all: Value[][] = table.columns.map(() => []);
  for await (const { columns } of table.batches()) {
    for (const [place, values] of columns.entries()) all[place]?.push(...values);
  }
  return all;
}
