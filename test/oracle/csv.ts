// A file into lines, byte for byte, and the manifest of row 0 ("What is in a record").

import { type Bytes, join, utf8 } from './bytes.js';
import { jcs } from './jcs.js';

export type Line = { bytes: Uint8Array; fields: Uint8Array[]; terminator: string };

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

export function splitLines(file: Uint8Array, delimiter: string): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < file.length; at += lines.at(-1)!.bytes.length) {
    lines.push(readLine(file, at, delimiter.charCodeAt(0)));
  }
  return lines;
}

function readLine(file: Uint8Array, start: number, delimiter: number): Line {
  const fields: Uint8Array[] = [];
  let at = start;
  for (;;) {
    const fieldStart = at;
    // The mark is part of column 0, but a quote behind it is still the first byte of the field.
    if (at === 0 && hasByteOrderMark(file)) at += BYTE_ORDER_MARK.length;
    at = fieldEnd(file, at, delimiter);
    fields.push(file.slice(fieldStart, at));
    if (file[at] !== delimiter) break;
    at += 1;
  }
  const terminator = terminatorAt(file, at);
  return { bytes: file.slice(start, at + terminator.length), fields, terminator };
}

/** A quote opens quoting only as a field's first byte; what follows the closing one is kept as it is. */
function fieldEnd(file: Uint8Array, start: number, delimiter: number): number {
  let at = file[start] === QUOTE ? quotedEnd(file, start) : start;
  while (at < file.length && file[at] !== delimiter && terminatorAt(file, at) === '') at += 1;
  return at;
}

function quotedEnd(file: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < file.length) {
    if (file[at] !== QUOTE) at += 1;
    else if (file[at + 1] === QUOTE) at += 2;
    else return at + 1;
  }
  return at;
}

function terminatorAt(file: Uint8Array, at: number): string {
  if (file[at] === LINE_FEED) return '\n';
  if (file[at] !== CARRIAGE_RETURN) return '';
  return file[at + 1] === LINE_FEED ? '\r\n' : '\r';
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte);
}

/** A column group: `columns` are places in the file, ascending, `types` what their values are. */
export type Group = { name: string; columns: number[]; types?: string[] };

/** A line's part of a group: its fields, and the line end where the last column is. */
export function partOf(line: Line, { columns }: Group, delimiter: string): Bytes {
  const fields = columns.map((column, at) => join(utf8(at === 0 ? '' : delimiter), line.fields[column]!));
  return join(...fields, utf8(columns.at(-1) === line.fields.length - 1 ? line.terminator : ''));
}

/** A group's row 0. `file` is the whole file: its bytes decide the encoding. */
export function rowZero(name: string, file: Uint8Array, header: Line, delimiter: string, group: Group): Bytes {
  const encoding = isUtf8(file) ? 'utf-8' : 'iso-8859-1';
  const manifest = {
    version: 1,
    name: name.normalize('NFC'),
    group: group.name,
    media_type: 'text/csv',
    encoding,
    delimiter,
    terminator: header.terminator === '' ? '\n' : header.terminator,
    columns: group.columns.map((index, at) => ({
      index,
      name: columnName(header.fields[index]!, encoding),
      ...(group.types === undefined ? {} : { type: group.types[at]! }),
    })),
  };
  return join(utf8(jcs(manifest) + '\n'), partOf(header, group, delimiter));
}

function columnName(field: Uint8Array, encoding: string): string {
  const bare = hasByteOrderMark(field) ? field.slice(BYTE_ORDER_MARK.length) : field;
  const text = Buffer.from(bare).toString(encoding === 'utf-8' ? 'utf8' : 'latin1');
  // Quotes off, doubled ones single; whatever stands behind the closing quote stays.
  return text.replace(/^"((?:[^"]|"")*)("?)/, (_, inner: string) => inner.replaceAll('""', '"'));
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
