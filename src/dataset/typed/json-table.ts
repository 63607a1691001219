import { fromUtf8 } from '../../bytes.js';
import { MedsealError } from '../../errors.js';
import { chosenPlaces } from '../column-names.js';
import { membersNamed, membersOf } from '../ndjson/members.js';
import type { OpenedRow, RowSource } from '../open.js';
import { mismatch, type ReadableTable, type RowReader, tableOf } from './batches.js';
import { parseDate, parseTimestamp } from './calendar.js';
import { TypeGuess } from './guess.js';
import type { TableOptions } from './table.js';
import { type ColumnType, chosenTypes, type TypedColumn, type Value } from './types.js';
import { type ValueReader, valueReader } from './values.js';

/** Lines whose objects have more different members are no rows of a table. */
const MOST_MEMBERS = 10_000;

/** A data set of JSON lines as a table; see `readTable`. */
export async function jsonTable(
  dataset: Pick<RowSource, 'rows'>,
  { columns: wanted, schema = {} }: TableOptions,
): Promise<ReadableTable> {
  const members = await guessMembers(dataset);
  const names = members.map(({ name }) => name);
  const chosen = chosenTypes(names, schema);
  const places = chosenPlaces(names, wanted);
  const columns = places.map((place) => ({
    name: names[place] ?? '',
    type: chosen.get(place) ?? members[place]?.type ?? 'text',
  }));
  return tableOf(dataset, columns, rowReader);
}

async function guessMembers(dataset: Pick<RowSource, 'rows'>): Promise<TypedColumn[]> {
  const guesses = new Map<string, { guess: TypeGuess; rows: number }>();
  let count = 0;
  for await (const rows of dataset.rows()) {
    for (const row of rows) {
      count++;
      // Of several of one name the last.
      const members = new Map([...membersOf(objectText(row))].map(({ name, value }) => [name, value]));
      for (const [name, value] of members) {
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

/** The text of a line, which is an object or blank. @throws {MedsealError} `TYPE_MISMATCH` */
function objectText({ row, content }: OpenedRow): string {
  const text = fromUtf8(content) ?? '';
  const start = text.trimStart();
  if (start !== '' && !start.startsWith('{')) {
    throw new MedsealError('TYPE_MISMATCH', `row ${row} is no JSON object, so it is no row of a table`, { row });
  }
  return text;
}

/** Strings are dates, times or text: digits within quotes are meant to be text. */
function look(guess: TypeGuess, value: string): void {
  if (guess.isSettled) return;
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
  const wanted = new Set(columns.map(({ name }) => name));
  return (row) => {
    const members = membersNamed(objectText(row), wanted);
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
