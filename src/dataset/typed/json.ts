import { utf8 } from '../../bytes.js';
import { arrayBytes } from '../json-array.js';
import { valueWriter } from './texts.js';
import { type ColumnType, type TypedTable, timestampOf, type Value } from './types.js';

/** Rows that are put into one chunk. */
const CHUNK_ROWS = 500;

/**
 * A table as JSON: one object a row, one row a line, the columns in their order. Whole numbers have all of their digits; floats
 * that JSON has no number for are the strings `"NaN"`, `"Infinity"` and `"-Infinity"`; dates and times are strings, as
 * `spec/records.md` writes them; a value that is not there is `null`.
 * @param form `lines` for NDJSON; `array` for one JSON document
 * @throws {MedsealError} what reading the table throws
 */
export function jsonBytes(table: TypedTable, form: 'lines' | 'array'): AsyncGenerator<Uint8Array> {
  return form === 'array' ? arrayBytes(objects(table)) : lineBytes(objects(table));
}

async function* lineBytes(objects: AsyncIterable<readonly string[]>): AsyncGenerator<Uint8Array> {
  for await (const some of objects) yield utf8(`${some.join('\n')}\n`);
}

async function* objects(table: TypedTable): AsyncGenerator<readonly string[]> {
  const members = table.columns.map(({ name, type }) => ({ name: JSON.stringify(name), write: jsonWriter(type) }));
  for await (const { rows, columns } of table.batches()) {
    const toObject = (row: number): string => {
      const object = members.map(({ name, write }, place) => `${name}:${write(columns[place]?.[row] ?? null)}`);
      return `{${object.join(',')}}`;
    };
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      yield Array.from({ length: Math.min(CHUNK_ROWS, rows - from) }, (_, i) => toObject(from + i));
    }
  }
}

/** The JSON of a value of a type. */
function jsonWriter(type: ColumnType): (value: Value) => string {
  const write = valueWriter(type);
  const isText = type === 'text' || type === 'date' || timestampOf(type) !== null;
  return (value) => {
    if (value === null) return 'null';
    const text = write(value) ?? '';
    const isNumber = typeof value !== 'number' || Number.isFinite(value);
    return isText || !isNumber ? JSON.stringify(text) : text;
  };
}
