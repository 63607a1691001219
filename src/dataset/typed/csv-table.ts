import { chosenPlaces, distinctNames } from '../column-names.js';
import { fieldValue, splitRecord } from '../csv/fields.js';
import type { Manifest } from '../manifest.js';
import type { RowSource } from '../open.js';
import { mismatch, type ReadableTable, type RowReader, tableOf } from './batches.js';
import { chosenFieldReader, type FieldReader, sealedFieldReader } from './fields.js';
import { isMissing, TypeGuess } from './guess.js';
import type { TableOptions } from './table.js';
import { type ColumnType, chosenTypes, knownType } from './types.js';

type Rows = Pick<RowSource, 'rows'>;

/** What a column is read with. */
interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Its place among the data set's columns. */
  readonly place: number;
  readonly read: FieldReader;
}

/** A CSV data set as a table; see `readTable`. */
export async function csvTable(
  dataset: Rows,
  manifest: Manifest,
  { columns: wanted, schema = {} }: TableOptions,
): Promise<ReadableTable> {
  const names = tableNames(manifest.columns);
  const places = chosenPlaces(names, wanted);
  const chosen = chosenTypes(names, schema);
  const unknown = places.filter((place) => !chosen.has(place) && manifest.columns[place]?.type === undefined);
  const guessed = await guessTypes(dataset, manifest, [...new Set(unknown)]);
  const columns = places.map((place): Column => {
    const name = names[place] ?? '';
    const sealed = manifest.columns[place]?.type;
    const type = chosen.get(place) ?? guessed.get(place);
    const read =
      type === undefined
        ? sealedFieldReader(sealed ?? 'text', manifest.encoding)
        : chosenFieldReader(type, manifest.encoding, sealed !== undefined);
    return { name, type: type ?? knownType(sealed ?? 'text'), place, read };
  });
  return tableOf(dataset, columns, (some) => rowReader(some, manifest));
}

/** As pandas names columns: an empty name is made up, after those that are given, of its place. */
export function tableNames(columns: Manifest['columns']): string[] {
  const wanted = columns.map(({ name, type }, place) => {
    const isMadeUp = name === '' && type === undefined;
    return { place, isMadeUp, name: isMadeUp ? `Unnamed: ${place}` : name };
  });
  const order = [...wanted.filter(({ isMadeUp }) => !isMadeUp), ...wanted.filter(({ isMadeUp }) => isMadeUp)];
  const names: string[] = new Array(columns.length);
  for (const [i, name] of distinctNames(order.map((each) => each.name)).entries()) names[order[i]?.place ?? 0] = name;
  return names;
}

async function guessTypes(
  dataset: Rows,
  { delimiter, encoding }: Manifest,
  places: readonly number[],
): Promise<ReadonlyMap<number, ColumnType>> {
  const guesses = places.map((place) => ({ place, guess: new TypeGuess() }));
  if (places.length === 0) return new Map();
  const byte = delimiter.charCodeAt(0);
  for await (const rows of dataset.rows()) {
    for (const { content } of rows) {
      const { fields } = splitRecord(content, byte);
      for (const { place, guess } of guesses) {
        if (guess.isSettled) continue;
        const { start = 0, end = 0 } = fields[place] ?? {};
        const text = fieldValue(content.subarray(start, end), encoding);
        if (isMissing(text)) guess.seeMissing();
        else guess.see(text);
      }
    }
  }
  return new Map(guesses.map(({ place, guess }) => [place, guess.type]));
}

function rowReader(columns: readonly Column[], { delimiter }: Manifest): RowReader {
  const byte = delimiter.charCodeAt(0);
  return ({ row, content }) => {
    const { fields } = splitRecord(content, byte);
    return columns.map(({ name, type, place, read }) => {
      const { start = 0, end = 0 } = fields[place] ?? {};
      const value = read(content.subarray(start, end));
      if (value === undefined) throw mismatch(row, name, type);
      return value;
    });
  };
}
