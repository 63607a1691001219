import { fromUtf8 } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { placeOf } from '../column-names.js';
import { membersOf } from '../ndjson/members.js';
import type { OpenedDataset, OpenedRow } from '../open.js';
import { batchesOf, mismatch, type RowReader } from './batches.js';
import { parseDate, parseTimestamp } from './calendar.js';
import { TypeGuess } from './guess.js';
import type { TableOptions } from './table.js';
import { type ColumnType, chosenTypes, type TypedColumn, type TypedTable, type Value } from './types.js';
import { type ValueReader, valueReader } from './values.js';

/** Lines whose objects have more different members are no rows of a table. */
const MOST_MEMBERS = 10_000;

/** A data set of JSON lines as a table; see `readTable`. */
export async function jsonTable(
  dataset: Pick<OpenedDataset, 'rows'>,
  { columns: wanted, schema = {} }: TableOptions,
): Promise<TypedTable> {
  const members = await guessMembers(dataset);
  const names = members.map(({ name }) => name);
  const chosen = chosenTypes(names, schema);
  const places = wanted === undefined ? names.map((_, place) => place) : wanted.map((text) => placeOf(names, text));
  const columns = places.map((place) => ({
    name: names[place] ?? '',
    type: chosen.get(place) ?? members[place]?.type ?? 'text',
  }));
  return { columns, batches: () => batchesOf(dataset.rows(), columns.length, rowReader(columns)) };
}

async function guessMembers(dataset: Pick<OpenedDataset, 'rows'>): Promise<TypedColumn[]> {
  const guesses = new Map<string, { guess: TypeGuess; rows: number }>();
  let count = 0;
  for await (const rows of dataset.rows()) {
    for (const row of rows) {
      count++;
      for (const [name, value] of lastMembers(row)) {
        const member = guesses.get(name) ?? { guess: new TypeGuess(), rows: 0 };
        guesses.set(name, member);
        member.rows++;
        look(member.guess, value);
      }
      if (guesses.size > MOST_MEMBERS) {
        const message = `the lines have more than ${MOST_MEMBERS} different members, so they are no rows of a table`;
        throw new MedsealError('TYPE_MISMATCH', message, { row: row.row });
      }
    }
  }
  return [...guesses].map(([name, { guess, rows }]) => {
    if (rows < count) guess.seeMissing();
    return { name, type: guess.type };
  });
}

/** The members of a line's object with their values as they stand, of several of one name the last; none of a blank line. */
function lastMembers({ row, content }: OpenedRow): ReadonlyMap<string, string> {
  const text = fromUtf8(content) ?? '';
  const start = text.trimStart();
  if (start !== '' && !start.startsWith('{')) {
    throw new MedsealError('TYPE_MISMATCH', `row ${row} is no JSON object, so it is no row of a table`, { row });
  }
  return new Map([...membersOf(text)].map(({ name, value }) => [name, value]));
}

/** Strings are dates, times or text: digits within quotes are meant to be text. */
function look(guess: TypeGuess, value: string): void {
  if (value === 'null') guess.seeMissing();
  else if (!value.startsWith('"')) guess.see(value);
  else {
    const text = JSON.parse(value) as string;
    if (parseDate(text) === null && parseTimestamp(text) === null) guess.settle();
    else guess.see(text);
  }
}

function rowReader(columns: readonly TypedColumn[]): RowReader {
  const readers = columns.map(({ name, type }) => ({ name, type, read: memberReader(type) }));
  return (row) => {
    const members = lastMembers(row);
    return readers.map(({ name, type, read }) => {
      const value = members.get(name);
      if (value === undefined || value === 'null') return null;
      const found = read(value);
      if (found === null) throw mismatch(row.row, name, type);
      return found;
    });
  };
}

/** Reads a member's value as it stands: of a string its text, of anything else its JSON. */
function memberReader(type: ColumnType): ValueReader {
  const read = valueReader(type);
  return (value): Value => read(value.startsWith('"') ? (JSON.parse(value) as string) : value);
}
