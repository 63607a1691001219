const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;

/** Where a field's bytes lie in its record, quotes and all. */
export interface FieldSpan {
  readonly start: number;
  readonly end: number;
}

/** A record taken apart: its fields, and where its line end begins. */
export interface SplitRecord {
  readonly fields: readonly FieldSpan[];
  readonly terminator: number;
}

/** Takes one whole record apart by the same rules as the scanner. */
export function splitRecord(record: Uint8Array, delimiter: number, isFirstOfFile = false): SplitRecord {
  const terminator = record.length - terminatorLength(record);
  const fields: FieldSpan[] = [];
  let start = 0;
  let at = isFirstOfFile && hasByteOrderMark(record) ? 3 : 0;
  for (;;) {
    const end = fieldEnd(record, at, terminator, delimiter);
    fields.push({ start, end });
    if (end >= terminator) return { fields, terminator };
    start = end + 1;
    at = start;
  }
}

function fieldEnd(record: Uint8Array, from: number, to: number, delimiter: number): number {
  let at = from;
  if (record[at] === QUOTE && at < to) {
    // Behind the opening quote: a doubled quote stays inside, a single one closes.
    for (at++; at < to; at++) {
      if (record[at] !== QUOTE) continue;
      if (at + 1 < to && record[at + 1] === QUOTE) at++;
      else break;
    }
  }
  while (at < to && record[at] !== delimiter) at++;
  return at;
}

/**
 * Whether bytes that have been taken apart are one record by the rules of the scanner: only their end ends a line, and no
 * quote is left open.
 */
export function isOneRecord(record: Uint8Array, { fields }: SplitRecord, isFirstOfFile = false): boolean {
  return fields.every(({ start, end }) => {
    const from = start === 0 && isFirstOfFile && hasByteOrderMark(record) ? 3 : start;
    const field = record.subarray(from, end);
    const plain = field[0] === QUOTE ? behindQuotes(field) : field;
    return plain !== null && !plain.includes(LF) && !plain.includes(CR);
  });
}

/** What stands behind a field's closing quote; null where there is none. */
function behindQuotes(field: Uint8Array): Uint8Array | null {
  for (let at = 1; at < field.length; at++) {
    if (field[at] !== QUOTE) continue;
    if (field[at + 1] !== QUOTE) return field.subarray(at + 1);
    at++;
  }
  return null;
}

/** 0, 1 or 2: how many bytes at the record's end are its line end. */
export function terminatorLength(record: Uint8Array): number {
  const last = record[record.length - 1];
  if (last === CR) return 1;
  if (last !== LF) return 0;
  return record[record.length - 2] === CR ? 2 : 1;
}

export function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** How the bytes of a data set are text. */
export type Encoding = 'utf-8' | 'iso-8859-1';

/**
 * Reads a field's bytes as text, as they stand. Where a record of a UTF-8 data set is not UTF-8 after all (standard
 * input cannot be looked through beforehand), it is read as Latin-1, which loses nothing.
 */
export function fieldText(bytes: Uint8Array, encoding: Encoding): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (encoding === 'utf-8') {
    const text = buffer.toString('utf8');
    if (!text.includes('\ufffd') || Buffer.from(text).equals(buffer)) return text;
  }
  return buffer.toString('latin1');
}

/** A field's value: without the quotes around it, and with doubled quotes single. */
export function fieldValue(bytes: Uint8Array, encoding: Encoding): string {
  const text = fieldText(bytes, encoding);
  if (!text.startsWith('"')) return text;
  const closing = closingQuote(text);
  return text.slice(1, closing).replaceAll('""', '"') + text.slice(closing + 1);
}

/** The bytes of a field's value, as `fieldValue` takes the quotes off, whatever they are as text. */
export function fieldValueBytes(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== QUOTE) return bytes;
  const value = new Uint8Array(bytes.length);
  let length = 0;
  let at = 1;
  for (; at < bytes.length; at++) {
    // A doubled quote stands for one; behind a single one, what follows is kept as it is.
    if (bytes[at] === QUOTE && bytes[++at] !== QUOTE) break;
    value[length++] = bytes[at] ?? 0;
  }
  const rest = bytes.subarray(at);
  value.set(rest, length);
  return value.subarray(0, length + rest.length);
}

/** Where the quote that closes the field stands; the text's end where none does. */
function closingQuote(text: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] !== '"') continue;
    if (text[at + 1] === '"') at++;
    else return at;
  }
  return text.length;
}
