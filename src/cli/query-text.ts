import { utf8 } from '../bytes.js';
import { arrayBytes } from '../dataset/json-array.js';
import { columnNames } from '../dataset/query/names.js';
import type { QueryResult } from '../dataset/query/query.js';
import { jsonOf, objectJson, type QueryValue, textOf } from '../dataset/query/values.js';
import { textChunks } from '../dataset/text-chunks.js';
import { fieldOf } from '../dataset/typed/texts.js';
import { bold, dim, printable } from './terminal.js';

/** RFC 4180, with a header line; what is not there is an empty field, an empty text is `""`. */
export async function* csvText(result: QueryResult): AsyncGenerator<Uint8Array> {
  yield utf8(csvLine(result.columns.map(({ name }) => name)));
  for await (const rows of result.rows()) yield* textChunks(rows.map((row) => csvLine(row.map(textOf))));
}

function csvLine(texts: readonly (string | null)[]): string {
  // A blank line is a row to nobody, so a column by itself has an empty text there, as pandas writes it.
  if (texts.length === 1 && texts[0] === null) return '""\n';
  return `${texts.map((text) => (text === null ? '' : fieldOf(text))).join(',')}\n`;
}

/** One array of objects, a line each; columns of one name are told apart by `_1`, `_2`. */
export function jsonText(result: QueryResult): AsyncGenerator<Uint8Array> {
  const names = columnNames(result.columns.map(({ name }) => name));
  return arrayBytes(textsOf(result, (row) => objectJson(names, row)));
}

/** All of an answer as one JSON document: columns, rows as arrays, and what was read. */
export function documentText(result: QueryResult): AsyncGenerator<Uint8Array> {
  const { columns, tables } = reportOf(result);
  const tail = `],\n"tables": ${JSON.stringify(tables)}}\n`;
  return arrayBytes(textsOf(result, jsonOf), `{"columns": ${JSON.stringify(columns)},\n"rows": [`, tail);
}

async function* textsOf(
  result: QueryResult,
  write: (row: readonly QueryValue[]) => string,
): AsyncGenerator<readonly string[]> {
  for await (const rows of result.rows()) yield rows.map(write);
}

/** What was read for an answer. */
export interface AnswerReport {
  readonly columns: QueryResult['columns'];
  readonly tables: readonly Readonly<Record<string, unknown>>[];
}

export function reportOf({ columns, tables }: QueryResult): AnswerReport {
  return {
    columns,
    tables: tables.map(({ info, columns: read, rows, report }) => ({
      dataset: { id: info.id, name: info.name },
      rows,
      columns: read,
      erased: new Set(report.erased.map(({ row }) => row)).size,
      closed: report.closed,
      left: report.left.length,
      missing: report.missing,
      complete: report.complete,
      verified: report.verdict.ok,
      problems: report.verdict.problems,
    })),
  };
}

/** By so many rows the columns' widths are chosen: later ones can be wider, and stand out then. */
const MEASURED_ROWS = 1000;
/** Longer texts are cut in a table; CSV and JSON have all of them. */
const MOST_WIDTH = 60;

/** A column of a table for people. */
interface Layout {
  readonly width: number;
  readonly isNumber: boolean;
}

/** Columns for people: numbers to the right, long texts cut. */
export async function* tableText({ columns, rows: answer }: QueryResult): AsyncGenerator<Uint8Array> {
  const rows = answer();
  const first: string[][] = [];
  while (first.length < MEASURED_ROWS) {
    const { value, done } = await rows.next();
    if (done) break;
    first.push(...value.map(cells));
  }
  const layouts = columns.map(({ name, type }, i) => ({
    width: Math.max(...[cell(name), ...first.map((row) => row[i] ?? '')].map(widthOf)),
    isNumber: NUMBER.test(type),
  }));
  const title = bold(
    tableLine(
      columns.map(({ name }) => cell(name)),
      layouts,
    ),
  );
  const rule = dim(layouts.map(({ width }) => '─'.repeat(width)).join('  '));
  yield utf8(`${title}\n${rule}\n${first.map((row) => `${tableLine(row, layouts)}\n`).join('')}`);
  for await (const more of rows) yield utf8(more.map((row) => `${tableLine(cells(row), layouts)}\n`).join(''));
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/;

function cells(row: readonly QueryValue[]): string[] {
  return row.map((value) => cell(textOf(value) ?? 'NULL'));
}

/** A text on one line, without control characters. */
function cell(text: string): string {
  const beginning = text.slice(0, 4 * MOST_WIDTH);
  const characters = [...printable(beginning).replaceAll('\n', '↵').replaceAll('\t', ' ')];
  return characters.length <= MOST_WIDTH ? characters.join('') : `${characters.slice(0, MOST_WIDTH - 1).join('')}…`;
}

function tableLine(texts: readonly string[], layouts: readonly Layout[]): string {
  const padded = texts.map((text, i) => {
    const { width = 0, isNumber = false } = layouts[i] ?? {};
    const space = ' '.repeat(Math.max(0, width - widthOf(text)));
    return isNumber ? space + text : text + space;
  });
  return padded.join('  ').trimEnd();
}

function widthOf(text: string): number {
  return [...text].length;
}
