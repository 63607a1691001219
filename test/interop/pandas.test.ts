// Our writing and reading of pandas' text form, beside pandas itself.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tableNames } from '../../src/dataset/typed/csv-table.js';
import { cellOf, TypeGuess } from '../../src/notebook/pandas/column-types.js';
import { readTextRows } from '../../src/notebook/pandas/read-text.js';
import { textWriter } from '../../src/notebook/pandas/write-text.js';
import { askPython, type Frame, missing } from '../helpers/notebook-python.js';

type Table = readonly (readonly string[])[];

/** Every field in quotes: pandas takes numbers and what is missing out of quotes all the same, and no line is blank. */
function csvOf(table: Table): string {
  return table.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')).join('\n') + '\n';
}

const PANDAS_TYPES: Readonly<Record<string, string>> = {
  'int64 as float64': 'float64',
  'bool as object': 'object',
  'object without missing': 'object',
};

function ours(table: Table): Frame {
  const [header = [], ...rows] = table;
  const guesses = header.map(() => new TypeGuess());
  for (const row of rows) for (const [place, field] of row.entries()) guesses[place]?.add(field);
  const types = guesses.map((guess) => guess.type());
  const names = tableNames(header.map((name, index) => ({ index, name })));
  const write = textWriter(names, types);
  const texts = rows.map((row) => write(row.map((field, i) => cellOf(field, types[i] ?? 'object'))).text);
  return { names, types: types.map((type) => PANDAS_TYPES[type] ?? type), texts };
}

const digits = fc.stringMatching(/^[0-9]{1,22}$/);
const field = fc.oneof(
  { weight: 3, arbitrary: fc.integer().map(String) },
  { weight: 3, arbitrary: fc.double({ noNaN: true }).map(String) },
  { weight: 2, arbitrary: fc.double({ noNaN: true, min: -1e7, max: 1e7 }).map((x) => x.toFixed(7)) },
  fc.integer({ min: -999, max: 999 }).map((x) => String(x / 128)),
  fc
    .tuple(
      fc.constantFrom('', '-', '+', ' ', '0'),
      digits,
      fc.constantFrom('', '.', '.5', ' ', 'e3', 'e', 'E-4', '.e2'),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('', 'NA', 'NaN', 'nan', 'null', '<NA>', 'None', 'inf', '-Infinity', 'True', 'FALSE', 'true', 'x'),
  fc.constantFrom(
    '9223372036854775807',
    '9223372036854775808',
    '18446744073709551615',
    '18446744073709551616',
    '-9223372036854775808',
  ),
  fc.string({
    unit: fc.constantFrom('a', ' ', '.', '\n', '\t', '\\', 'é', '😀', '"', ',', '  ', '...'),
    maxLength: 60,
  }),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\0', '').toWellFormed()),
);
const kinds = fc.constantFrom('int', 'float', 'bool', 'text', 'any');
const ofKind: Readonly<Record<string, fc.Arbitrary<string>>> = {
  int: fc.integer().map(String),
  float: fc.oneof(fc.double({ noNaN: true }), fc.double({ noNaN: true, min: -1e4, max: 1e4 })).map(String),
  bool: fc.constantFrom('True', 'False'),
  text: fc.string({ maxLength: 70 }),
  any: field,
};
const name = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '.', '1', '😀'), maxLength: 12 }),
  fc.constantFrom('', 'a', 'a.1', 'b', 'b.1', 'Unnamed: 0'),
);

/** Columns of one kind, so that all types come up, and rows of mixed ones. */
const tables: fc.Arbitrary<Table> = fc
  .tuple(fc.array(fc.tuple(name, kinds, fc.boolean()), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 5 }))
  .chain(([columns, rows]) => {
    const cells = columns.map(([, kind, gaps]) => {
      const value = ofKind[kind] ?? field;
      return fc.array(gaps ? fc.oneof(value, fc.constant('')) : value, { minLength: rows, maxLength: rows });
    });
    return fc.tuple(...cells).map((made) => {
      const body = Array.from({ length: rows }, (_, row) => made.map((column) => column[row] ?? ''));
      return [columns.map(([each]) => each), ...body];
    });
  });

/** Newer ones take "None" for missing too, and round the last digit of some floats otherwise. */
const version = missing === null ? askPython<{ pandas: string }>({ do: 'versions' }).pandas : '1.5.';
if (!version.startsWith('1.5.')) console.log(`skipped: types and texts are those of pandas 1.5; here is ${version}`);

describe.skipIf(missing !== null || !version.startsWith('1.5.'))('pandas', () => {
  test('gives columns these names and types, and rows these texts', () => {
    const some = fc.sample(tables, { numRuns: 400, seed: 6 });
    const frames = askPython<Frame[]>({ do: 'frames', tables: some.map(csvOf) });
    for (const [i, table] of some.entries()) expect(ours(table), csvOf(table)).toEqual(frames[i]);
  });
});

/** Tables of text whose names have no gap in them; values begin with no blank, and have no backslash. */
const plain: fc.Arbitrary<Table> = fc
  .uniqueArray(fc.stringMatching(/^[a-z😀]{1,9}( {1,2}[a-z]{1,9})?$/u), { minLength: 1, maxLength: 5 })
  .chain((names) => {
    const value = fc
      .string({ unit: fc.constantFrom('a', ' ', '   ', 'é', '😀', ',', '"', '\n', '\t', '...', '1'), maxLength: 60 })
      .map((text) => text.replace(/^ +/, ''));
    const row = fc.array(value, { minLength: names.length, maxLength: names.length });
    return fc.array(row, { minLength: 1, maxLength: 4 }).map((rows) => [names, ...rows]);
  });

/** What is left of a value, and whether it looks cut. */
function kept(value: string): { text: string; cut: boolean } {
  const written = [...value.replaceAll('\t', '\\t').replaceAll('\n', '\\n')];
  if (written.length <= 49) return { text: value, cut: written.length === 49 && value.endsWith('...') };
  const text = `${written.slice(0, 46).join('')}...`;
  return { text: text.replaceAll('\\t', '\t').replaceAll('\\n', '\n'), cut: true };
}

describe.skipIf(missing !== null)('what pandas, of any version, has written', () => {
  test('is read back, but for what it has cut', () => {
    const some = fc.sample(plain, { numRuns: 400, seed: 6 });
    const types = { dtype: 'str', keep_default_na: false };
    const frames = askPython<Frame[]>({ do: 'frames', tables: some.map(csvOf), types });
    for (const [i, [names = [], ...rows]] of some.entries()) {
      const read = readTextRows(frames[i]?.texts ?? []);
      const shown = read.map((row) => [...(row ?? [])].map(([name, { text, cut }]) => [name, { text, cut }]));
      expect(shown).toEqual(rows.map((row) => row.map((value, place) => [names[place], kept(value)])));
    }
  });
});
