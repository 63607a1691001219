import { utf8 } from '../../bytes.js';
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
export async function* jsonBytes(table: TypedTable, form: 'lines' | 'array'): AsyncGenerator<Uint8Array> {
  const members = table.columns.map(({ name, type }) => ({ name: JSON.stringify(name), write: jsonWriter(type) }));
  const isArray = form === 'array';
  let before = isArray ? '[\n' : '';
  for await (const { rows, columns } of table.batches()) {
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      let text = '';
      for (let row = from; row < Math.min(rows, from + CHUNK_ROWS); row++) {
        const object = members.map(({ name, write }, place) => `${name}:${write(columns[place]?.[row] ?? null)}`);
        text += `${before}{${object.join(',')}}${isArray ? '' : '\n'}`;
        before = isArray ? ',\n' : '';
      }
      yield utf8(text);
    }
  }
  if (isArray) yield utf8(before === '[\n' ? '[]\n' : '\n]\n');
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
