/*
 * Undoes the text that pandas' `Series.to_string()` makes of a row: a line a column, the name padded on the right to the
 * longest one's width and three blanks more, the value padded on the left to the longest one's width, of which nothing is
 * kept beyond 50 characters.
 */

/** A value as it stood in a row's text. */
export interface TextValue {
  /** What it says; null where it is missing (NaN, NaT, <NA>). */
  readonly text: string | null;
  /** Whether pandas has cut it: it fills the widest column that there is, and ends in three dots. */
  readonly cut: boolean;
  /** Whether pandas may have rounded it: it is a number with all of the six decimals that pandas writes. */
  readonly rounded: boolean;
  /** Whether it is a number with fewer decimals: pandas drops zeros at the end after it has rounded to six. */
  readonly shortened: boolean;
  /**
   * Whether it reads `None`: text, which pandas 1.5 does not take for a missing value, or a missing value of pandas 1.5 and 2
   * that somebody has set. It is kept as text, so that nothing is lost; later versions read it as missing from CSV, too.
   */
  readonly none: boolean;
}

export type TextRow = ReadonlyMap<string, TextValue>;

/** pandas' display.max_colwidth. A value's column begins with a blank, so that 49 characters of it are kept. */
export const WIDEST = 50;
/** Between the longest name and the values. */
const GAP = 3;

/** Characters are Unicode code points, as Python counts them; only text beyond the BMP needs to be taken apart for that. */
type Line = string | readonly string[];

interface Lines {
  readonly lines: readonly Line[];
  /** Of every line. */
  readonly width: number;
  /** Whether line breaks stand in values as they are, as pandas 1.5 writes a row of nothing but its `string` type. */
  readonly raw: boolean;
}

/**
 * The rows of a table. Where names end is told by the first gap that runs through all lines of all rows with the same
 * names, and leaves the values no more than the widest column.
 * @returns null for a text that is not in this form
 */
export function readTextRows(texts: readonly string[]): (TextRow | null)[] {
  const rows = texts.map(linesOf);
  const read: (TextRow | null)[] = texts.map(() => null);
  const left = new Set(rows.keys());
  for (const first of rows.keys()) {
    const begun = rows[first];
    if (!left.has(first) || !begun) continue;
    const { members, start } = sameTable(
      begun,
      [...left].map((place) => [place, rows[place] ?? null] as const),
    );
    left.delete(first);
    if (start === null) continue;
    for (const place of members) {
      left.delete(place);
      read[place] = takeApart(rows[place] as Lines, start);
    }
  }
  return read;
}

function linesOf(text: string): Lines | null {
  const lines: Line[] = text.split('\n').map((line) => (/[\ud800-\udfff]/.test(line) ? [...line] : line));
  const last = lines.at(-1);
  // What `str(series)` adds, in place of `to_string()`.
  const isFooter = typeof last === 'string' && last.length !== lines[0]?.length && /^(.*, )?dtype: \w+$/.test(last);
  const own = isFooter ? lines.slice(0, -1) : lines;
  const width = own[0]?.length ?? 0;
  const even = width > 0 && own.every((line) => line.length === width);
  return even ? { lines: own, width, raw: false } : linesWithBreaks(text);
}

/**
 * Lines of which some values hold line breaks as they are: each line is as wide as the others, its breaks counted. Of a
 * single column that says nothing: any text would be its value.
 * @returns null where there is no such width, or more than one with a gap through all lines: what is a value is not told then
 */
function linesWithBreaks(text: string): Lines | null {
  const characters = /[\ud800-\udfff]/.test(text) ? [...text] : text;
  const found: Lines[] = [];
  for (let count = 2; count * (GAP + 2) <= characters.length + 1; count++) {
    const width = (characters.length + 1) / count - 1;
    if (!Number.isInteger(width)) continue;
    const starts = Array.from({ length: count }, (_, i) => i * (width + 1));
    if (!starts.every((start, i) => i === 0 || characters[start - 1] === '\n')) continue;
    const rows: Lines = { lines: starts.map((start) => characters.slice(start, start + width)), width, raw: true };
    if (startsOf(rows).some((start) => hasNamesIn(rows, start))) found.push(rows);
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Whether what stands before the values can be names: of one line each, and none twice. */
function hasNamesIn({ lines }: Lines, start: number): boolean {
  const names = lines.map((line) => part(line, 0, start));
  return names.every((name) => !name.includes('\n') && name.trim() !== '') && new Set(names).size === names.length;
}

/** The rows that have the names of the first one, and where in them the values begin. */
function sameTable(
  first: Lines,
  others: readonly (readonly [number, Lines | null])[],
): { members: number[]; start: number | null } {
  let starts = startsOf(first);
  const members: number[] = [];
  for (const [place, row] of others) {
    if (row === null || row.lines.length !== first.lines.length) continue;
    const common = starts.filter((start) => isStart(row, start) && haveSameNames(first, row, start));
    if (common.length === 0) continue;
    starts = common;
    members.push(place);
  }
  return { members, start: starts[0] ?? null };
}

function startsOf(row: Lines): number[] {
  const starts: number[] = [];
  for (let start = Math.max(GAP, row.width - WIDEST); start < row.width; start++) {
    if (isStart(row, start)) starts.push(start);
  }
  return starts;
}

function isStart({ lines, width }: Lines, start: number): boolean {
  if (start >= width || width - start > WIDEST) return false;
  return lines.every((line) => line[start - 1] === ' ' && line[start - 2] === ' ' && line[start - 3] === ' ');
}

function haveSameNames(a: Lines, b: Lines, end: number): boolean {
  return a.lines.every((line, i) => part(line, 0, end) === part(b.lines[i] ?? '', 0, end));
}

function takeApart(row: Lines, start: number): TextRow {
  return new Map(row.lines.map((line) => [nameIn(line, start), valueIn(line, start, row)]));
}

function nameIn(line: Line, start: number): string {
  return unescaped(part(line, 0, start).replace(/ +$/, ''));
}

function valueIn(line: Line, start: number, { width, raw }: Lines): TextValue {
  const field = part(line, start, width);
  const text = field.replace(/^ +/, '');
  const cut = width - start === WIDEST && /^ [^ ]/.test(field) && field.endsWith('...');
  const rounded = /^-?\d+\.\d{6}$|^-?\d\.\d{6}e[-+]\d+$/.test(text);
  const shortened = !rounded && /^-?\d+\.\d+$/.test(text);
  const none = text === 'None';
  // Where breaks stand as they are, a backslash before an n is one, too.
  const said = raw ? text : unescaped(text);
  return { text: MISSING.has(text) ? null : said, cut, rounded, shortened, none };
}

/** pandas writes these for a missing value: in floats and in text, in its own types, in dates. */
const MISSING: ReadonlySet<string> = new Set(['NaN', '<NA>', 'NaT']);

function part(line: Line, start: number, end: number): string {
  return typeof line === 'string' ? line.slice(start, end) : line.slice(start, end).join('');
}

/** pandas writes these three out, and leaves a backslash as it is: text that has one before an n, r or t reads the same. */
function unescaped(text: string): string {
  return text.replace(/\\[nrt]/g, (pair) => ({ '\\n': '\n', '\\r': '\r' })[pair] ?? '\t');
}
