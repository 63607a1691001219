// Tables of any strings, written in any dialect.

import fc from 'fast-check';

/** A field as it stands in the file, and what it says. */
export interface Cell {
  readonly raw: string;
  readonly value: string;
}

export interface Table {
  readonly delimiter: string;
  readonly mark: boolean;
  readonly header: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
  /** Of the header line and of each row; empty only for the last. */
  readonly lineEnds: readonly string[];
}

export const DELIMITERS = [',', ';', '\t', '|', ':'] as const;
const LINE_ENDS = ['\n', '\r\n', '\r'] as const;
const AWKWARD = [...DELIMITERS, ...LINE_ENDS, '"', '""', 'a', ' ', '\0', '\x1a', '\x85', 'é', '\ufeff', '\u2028', '😀'];

type Quoting = 'always' | 'when needed' | 'needlessly';

const unicode: fc.Arbitrary<string> = fc.oneof(
  { weight: 40, arbitrary: fc.array(fc.constantFrom(...AWKWARD), { maxLength: 8 }).map((parts) => parts.join('')) },
  { weight: 30, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed()) },
  { weight: 20, arbitrary: fc.constantFrom('', '0', '1.5', 'a b', "it's", 'null') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 500 }).map((length) => 'longer "text", '.repeat(length)) },
);

/** Any bytes, each as the character of its number. */
const bytes: fc.Arbitrary<string> = fc
  .uint8Array({ maxLength: 12 })
  .map((array) => Buffer.from(array).toString('latin1'));

export const unicodeTables: fc.Arbitrary<Table> = tablesOf(unicode);
export const byteTables: fc.Arbitrary<Table> = tablesOf(bytes);

/** Two tables of the same columns. */
export const pairsOfTables: fc.Arbitrary<readonly [Table, Table]> = unicodeTables.chain((first) => {
  const row = fc.tuple(...first.header.map(() => cellOf(unicode, first.delimiter, 'needlessly')));
  const second = fc.record({ mark: fc.boolean(), rows: fc.array(row, { maxLength: 5 }) });
  return second.map(({ mark, rows }) => {
    const lineEnds = ['\n', ...rows.map(() => '\r\n')];
    return [first, settled({ ...first, mark, rows, lineEnds })] as const;
  });
});

function tablesOf(value: fc.Arbitrary<string>): fc.Arbitrary<Table> {
  const shape = fc.record({
    delimiter: fc.constantFrom(...DELIMITERS),
    columns: fc.integer({ min: 1, max: 12 }),
    rows: fc.integer({ min: 0, max: 30 }),
    quoting: fc.constantFrom<Quoting>('always', 'when needed', 'needlessly'),
    mark: fc.boolean(),
    ended: fc.boolean(),
    ends: fc.oneof(
      fc.constantFrom(...LINE_ENDS).map((end) => [end]),
      fc.array(fc.constantFrom(...LINE_ENDS), { minLength: 1, maxLength: 7 }),
    ),
  });
  return shape.chain(({ delimiter, columns, rows, quoting, mark, ended, ends }) => {
    const row = fc.array(cellOf(value, delimiter, quoting), { minLength: columns, maxLength: columns });
    return fc.array(row, { minLength: rows + 1, maxLength: rows + 1 }).map(([header = [], ...others]) => {
      const lineEnds = Array.from({ length: rows + 1 }, (_, i) =>
        i === rows && !ended ? '' : (ends[i % ends.length] ?? ''),
      );
      return settled({ delimiter, mark, header, rows: others, lineEnds });
    });
  });
}

function cellOf(value: fc.Arbitrary<string>, delimiter: string, quoting: Quoting): fc.Arbitrary<Cell> {
  const behind = fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: value });
  return fc
    .tuple(value, fc.boolean(), behind)
    .map(([text, needlessly, rest]) =>
      write(text, delimiter, quoting === 'always' || (quoting === 'needlessly' && needlessly), rest),
    );
}

function write(value: string, delimiter: string, quoted: boolean, behind: string): Cell {
  const needed = value.startsWith('"') || [delimiter, '\r', '\n'].some((character) => value.includes(character));
  if (!quoted && !needed) return { raw: value, value };
  // Behind the closing quote nothing may end the field or double the quote.
  const rest = [delimiter, '\r', '\n', '"'].reduce((text, character) => text.replaceAll(character, ''), behind);
  return { raw: `"${value.replaceAll('"', '""')}"${rest}`, value: value + rest };
}

/** Takes out what would read differently than it was meant. */
function settled(table: Table): Table {
  const [first, ...others] = table.header;
  const header = [withoutMark(first ?? { raw: '', value: '' }), ...others];
  const lines = [header, ...table.rows];
  let previous = '';
  const lineEnds = lines.map((cells, i) => {
    let end = table.lineEnds[i] ?? '';
    // An empty line needs its end, and a line feed behind a carriage return would belong to it.
    const empty = cells.length === 1 && cells[0]?.raw === '' && !(i === 0 && table.mark);
    if (empty && (end === '' || (previous === '\r' && end === '\n'))) end = '\r';
    previous = end;
    return end;
  });
  return { ...table, header, lineEnds };
}

function withoutMark({ raw, value }: Cell): Cell {
  const clean = (text: string): string => text.replace(/^(?:\ufeff|\xef\xbb\xbf)+/, '');
  if (raw.startsWith('"')) return { raw, value };
  // Behind a mark a quote would open quoting.
  return clean(value).startsWith('"') ? { raw: '', value: '' } : { raw: clean(raw), value: clean(value) };
}

export function lineOf(table: Table, cells: readonly Cell[], line: number): string {
  return cells.map(({ raw }) => raw).join(table.delimiter) + (table.lineEnds[line] ?? '');
}

/** The whole file; the byte-order mark is written in the encoding's own way. */
export function textOf(table: Table, mark = '\ufeff'): string {
  const lines = [table.header, ...table.rows].map((cells, line) => lineOf(table, cells, line));
  return (table.mark ? mark : '') + lines.join('');
}

/** The file with some of its columns, the byte-order mark dropped. */
export function textOfColumns(table: Table, columns: readonly number[]): string {
  const pick = (cells: readonly Cell[]): Cell[] => columns.map((column) => cells[column] ?? { raw: '', value: '' });
  return textOf({ ...table, mark: false, header: pick(table.header), rows: table.rows.map(pick) });
}

/** A table's bytes may look like another kind of file (UTF-16, gzip), which is refused on purpose. */
export function looksBinary(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 4096);
  const zeros = start.filter((byte) => byte === 0).length;
  const marks = ['\xff\xfe', '\xfe\xff', '\x1f\x8b'];
  return zeros > start.length / 3 || marks.includes(Buffer.from(start.subarray(0, 2)).toString('latin1'));
}
