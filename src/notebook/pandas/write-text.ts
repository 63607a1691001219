import type { Cell, ColumnType } from './column-types.js';
import { floatColumn, objectFloat } from './float-text.js';
import { WIDEST } from './read-text.js';

/** A row as text. */
export interface WrittenRow {
  readonly text: string;
  /** Each value by itself, before any was cut, with the blank that may stand before it. */
  readonly fields: readonly string[];
  /** The places, from 0, of the values that had to be cut. */
  readonly cut: readonly number[];
}

/** Between the longest name and the values. */
const GAP = '   ';
/** Takes the place of what is cut off. */
const DOTS = '...';

/** The type of a row's values together, as numpy finds it for a row of a DataFrame. */
type RowType = 'object' | 'bool' | 'int' | 'float';

/**
 * A writer of rows as pandas' `df.iloc[i].to_string()` writes them.
 * @param names the columns' names
 * @param types the columns' types, of which the form of numbers depends
 */
export function textWriter(
  names: readonly string[],
  types: readonly ColumnType[],
): (cells: readonly Cell[]) => WrittenRow {
  const rowType = rowTypeOf(types);
  const shown = names.map(escaped);
  const width = largest(shown.map(lengthOf));
  const padded = shown.map((name) => name + ' '.repeat(width - lengthOf(name)) + GAP);
  return (cells) => {
    const fields = fieldsOf(cells, rowType);
    const lengths = fields.map(lengthOf);
    const widest = Math.min(largest(lengths), WIDEST);
    const cut: number[] = [];
    const lines = fields.map((field, place) => {
      const length = lengths[place] ?? 0;
      const isCut = length > widest;
      if (isCut) cut.push(place);
      const fitting = isCut ? [...field].slice(0, widest - DOTS.length).join('') + DOTS : field;
      return padded[place] + ' '.repeat(isCut ? 0 : widest - length) + fitting;
    });
    return { text: lines.join('\n'), fields, cut };
  };
}

function rowTypeOf(types: readonly ColumnType[]): RowType {
  const all = (...some: ColumnType[]): boolean => types.every((type) => some.includes(type));
  if (all('bool')) return 'bool';
  if (all('int64') || all('uint64')) return 'int';
  return all('int64', 'uint64', 'int64 as float64', 'float64') ? 'float' : 'object';
}

function fieldsOf(cells: readonly Cell[], type: RowType): string[] {
  if (type === 'float') return floatColumn(cells.map((cell) => (cell === null ? Number.NaN : Number(cell))));
  if (type === 'int') return cells.map((cell) => (String(cell).startsWith('-') ? String(cell) : ` ${cell}`));
  return cells.map(objectField);
}

function objectField(cell: Cell): string {
  if (cell === null) return ' NaN';
  if (typeof cell === 'number') return objectFloat(cell);
  if (typeof cell === 'boolean') return cell ? ' True' : ' False';
  return ` ${typeof cell === 'string' ? escaped(cell) : cell}`;
}

function escaped(text: string): string {
  return text.replaceAll('\t', '\\t').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, each) => Math.max(most, each), 0);
}

/** In code points, as Python counts. */
function lengthOf(text: string): number {
  return /[\ud800-\udfff]/.test(text) ? [...text].length : text.length;
}
