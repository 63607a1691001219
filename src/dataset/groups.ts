import { concat, utf8 } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { distinctNames, placeOf } from './column-names.js';
import { isOneRecord, splitRecord, terminatorLength } from './csv/fields.js';

/** A column group as a person asks for it: its columns by name or by number from 1, `*` for all that no other group has. */
export interface GroupChoice {
  readonly name: string;
  readonly columns: readonly string[];
}

/** A column group of a table. */
export interface ColumnGroup {
  readonly name: string;
  /** The places of its columns in the file, from 0, ascending. */
  readonly columns: readonly number[];
}

const ALL_OTHERS = '*';

/**
 * A group as it is written on the command line: `identity=name,ssn,dob` or `clinical=*`.
 * @throws {MedsealError} `GROUP_INVALID`
 */
export function parseGroup(text: string): GroupChoice {
  const equals = text.indexOf('=');
  if (equals < 0) throw invalid(`a column group is written NAME=COLUMN,COLUMN or NAME=*, not ${JSON.stringify(text)}`);
  return { name: groupName(text.slice(0, equals)), columns: text.slice(equals + 1).split(',') };
}

/** A group's name as the format keeps it: NFC, without control characters. Digits alone would be taken for its number. */
function groupName(text: string): string {
  const name = text.normalize('NFC');
  if (name === '' || [...name].length > 200 || /\p{Cc}|^\d+$/u.test(name) || !name.isWellFormed()) {
    throw invalid('a column group needs a name of 1 to 200 characters, without control characters and not a number');
  }
  return name;
}

/**
 * The groups of a table: every column is in just one of them.
 * @param columns the table's column names, in order
 * @throws {MedsealError} `GROUP_INVALID`; `COLUMN_UNKNOWN`, with the names that are nearest
 */
export function assignColumns(choices: readonly GroupChoice[], columns: readonly string[]): ColumnGroup[] {
  const names = distinctNames(columns);
  const owners = new Map<number, string>();
  const taken = choices.map(({ name, columns: wanted }) => {
    const places = wanted.filter((text) => text !== ALL_OTHERS).map((text) => placeOf(names, text));
    for (const place of places) {
      const owner = owners.get(place);
      if (owner !== undefined)
        throw invalid(`column ${JSON.stringify(names[place])} is named twice: a column is in one group`);
      owners.set(place, name);
    }
    return { name: groupName(name), places, takesOthers: wanted.includes(ALL_OTHERS) };
  });
  const others = names.map((_, place) => place).filter((place) => !owners.has(place));
  expectWhole(
    taken,
    others.map((place) => JSON.stringify(names[place])),
  );
  return taken.map(({ name, places, takesOthers }) => ({
    name,
    columns: [...places, ...(takesOthers ? others : [])].sort((a, b) => a - b),
  }));
}

interface Taken {
  readonly name: string;
  readonly places: readonly number[];
  readonly takesOthers: boolean;
}

function expectWhole(groups: readonly Taken[], others: readonly string[]): void {
  if (new Set(groups.map(({ name }) => name)).size < groups.length) throw invalid('two column groups have one name');
  const open = groups.filter(({ takesOthers }) => takesOthers);
  if (open.length > 1) throw invalid(`only one column group can have all other columns (${ALL_OTHERS})`);
  if (open.length === 0 && others.length > 0) {
    const some = others.slice(0, 5).join(', ') + (others.length > 5 ? `, and ${others.length - 5} more` : '');
    throw invalid(`no column group has ${some}; one with ${ALL_OTHERS} would have all other columns`);
  }
  const empty = groups.find(({ places, takesOthers }) => places.length === 0 && !(takesOthers && others.length > 0));
  if (empty !== undefined) throw invalid(`the column group ${JSON.stringify(empty.name)} has no columns left to it`);
}

function invalid(message: string): MedsealError {
  return new MedsealError('GROUP_INVALID', message);
}

/** The columns of each of some groups, by their places in the file, ascending. */
export type Layout = readonly (readonly number[])[];

/**
 * Cuts records into one part a group: its fields as they stand, with the delimiter between them. The group that has the
 * last column keeps the line end, and the byte-order mark belongs to column 0 (spec/records.md, "Column groups").
 * @param layout every column of the file in one of its groups
 */
export function recordSplitter(
  layout: Layout,
  delimiter: string,
): (record: Uint8Array, isHeader?: boolean) => Uint8Array[] {
  const byte = delimiter.charCodeAt(0);
  const last = Math.max(...layout.flat());
  return (record, isHeader = false) => {
    const { fields, terminator } = splitRecord(record, byte, isHeader);
    return layout.map((columns) => {
      const runs = columns.map((column) => {
        const { start, end } = fields[column] ?? { start: terminator, end: terminator };
        return record.subarray(start, column === last ? record.length : end);
      });
      return joined(runs, byte);
    });
  };
}

export interface JoinOptions {
  readonly delimiter: string;
  /** What a record ends with that lacks its line end, because a group of it is not at hand. */
  readonly terminator: string;
  /** Whether the layout has all groups of the data set. */
  readonly whole: boolean;
}

/**
 * Puts the parts of records together again: the columns of the groups at hand in the order of the file, each field as it
 * stands. Fields of a part that is not there are empty.
 * @returns null of a record whose parts have not the fields of their groups, or of which no part is there
 */
export function recordJoiner(
  layout: Layout,
  { delimiter, terminator, whole }: JoinOptions,
): (parts: readonly (Uint8Array | null)[], isHeader?: boolean) => Uint8Array | null {
  const byte = delimiter.charCodeAt(0);
  const lineEnd = utf8(terminator);
  const last = Math.max(...layout.flat());
  const places = layout
    .flatMap((columns, group) => columns.map((column, field) => ({ column, group, field })))
    .sort((a, b) => a.column - b.column);
  return (parts, isHeader = false) => {
    const fields = layout.map((columns, group) => {
      const part = parts[group] ?? null;
      // Within a record no line ends.
      if (part !== null && columns.at(-1) !== last && terminatorLength(part) > 0) return null;
      return fieldsOf(part, columns, byte, isHeader);
    });
    if (fields.includes(null) || parts.every((part) => part === null)) return null;
    const record = joined(
      places.map(({ group, field }) => fields[group]?.[field] ?? EMPTY),
      byte,
    );
    const isComplete = whole && parts.every((part) => part !== null);
    return isComplete || terminatorLength(record) > 0 ? record : concat(record, lineEnd);
  };
}

const EMPTY = new Uint8Array(0);

/** The fields of a part, the last one with its line end; none where it is not there, null where it has other fields. */
function fieldsOf(
  part: Uint8Array | null,
  columns: readonly number[],
  delimiter: number,
  isHeader: boolean,
): readonly Uint8Array[] | null {
  if (part === null) return [];
  // Only column 0 can have the byte-order mark: in another column its bytes are a name's.
  const beginsFile = isHeader && columns[0] === 0;
  const split = splitRecord(part, delimiter, beginsFile);
  const { fields } = split;
  if (fields.length !== columns.length || !isOneRecord(part, split, beginsFile)) return null;
  return fields.map(({ start, end }, i) => part.subarray(start, i === fields.length - 1 ? part.length : end));
}

function joined(fields: readonly Uint8Array[], delimiter: number): Uint8Array {
  let length = fields.length - 1;
  for (const field of fields) length += field.length;
  const record = new Uint8Array(length);
  let at = 0;
  for (const [i, field] of fields.entries()) {
    if (i > 0) record[at++] = delimiter;
    record.set(field, at);
    at += field.length;
  }
  return record;
}
