import { MedsealError } from '../../errors.js';

/** Said of SQL that reaches for anything else. */
export const ONLY_DATASETS =
  'SQL reads the data sets and nothing else: no file, no network, no list or setting of the engine';

/** What the engine says of an error, as far as it can be read. */
interface Told {
  /** Such as `Parser`, `Binder`, `Conversion`. */
  readonly kind: string;
  readonly message: string;
  /** Bytes of the SQL before the place; null where none is told. */
  readonly position: number | null;
}

/** What is wrong with SQL, said before a single record was read: so it can be told. */
export function refusedSql(error: unknown, sql: string): MedsealError {
  const { kind, message, position } = toldBy(error);
  if (kind === 'Out of Memory') {
    return new MedsealError('MEMORY_EXCEEDED', 'the query takes more memory than it may, whatever the records say');
  }
  const isForbidden = kind === 'Permission';
  const text = isForbidden ? ONLY_DATASETS : message;
  return said('SQL_INVALID', text, sql, position);
}

function said(code: 'SQL_INVALID' | 'SQL_FAILED', text: string, sql: string, position: number | null): MedsealError {
  if (position === null) return new MedsealError(code, `SQL: ${text}`);
  const { line, column } = placeIn(sql, position);
  return new MedsealError(code, `SQL, line ${line}, column ${column}: ${text}`, { line });
}

/** What the engine says of an error that comes of the records is not told: it would quote them. */
const KINDS: Readonly<Record<string, string>> = {
  Conversion: 'a value cannot be converted to the type that is asked for; try_cast gives NULL for such',
  'Out of Range': 'a number is outside of what its type can hold; a cast to a larger type helps, such as ::double',
  'Divide by Zero': 'something is divided by zero',
};

/** An error on the way, when the engine has records. @param memory bytes that it may take */
export function failedSql(error: unknown, sql: string, memory: number): MedsealError {
  if (error instanceof MedsealError) return error;
  const { kind, position } = toldBy(error);
  if (/^interrupt/i.test(kind)) return new MedsealError('ABORTED', 'interrupted');
  if (isTooLong(error)) {
    return said('SQL_FAILED', 'a value of the answer is longer than 512 MB, and that can be no text here', sql, null);
  }
  if (kind === 'Out of Memory' || isOutOfMemory(error)) {
    const message = `the query takes more memory than it may, ${Math.round(memory / 1e6)} MB; nothing goes to disk, so give it more (--memory), or ask for fewer columns`;
    return new MedsealError('MEMORY_EXCEEDED', message);
  }
  return said('SQL_FAILED', KINDS[kind] ?? `the query failed on the records (${kind})`, sql, position);
}

/** A text of more than 2^29 − 24 characters, which V8 makes none of. */
function isTooLong(error: unknown): boolean {
  return (
    (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG' || /invalid string length/i.test(messageOf(error))
  );
}

/** V8's, where values are taken over from the engine. */
function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError && /allocation failed/i.test(messageOf(error));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Of an error as JSON, which may have a word before it. */
function toldBy(error: unknown): Told {
  const text = messageOf(error);
  try {
    const told = JSON.parse(text.slice(text.indexOf('{'))) as Record<string, unknown>;
    const { exception_type: kind, exception_message: message, position } = told;
    const place = typeof position === 'string' && /^\d+$/.test(position) ? Number(position) : null;
    return { kind: String(kind), message: String(message).trim(), position: place };
  } catch {
    const kind = /^([A-Za-z ]{1,40}) Error:/.exec(text)?.[1] ?? 'unknown';
    return { kind, message: 'it cannot be understood', position: null };
  }
}

/** Line and column, from 1, of a byte in a text. */
function placeIn(sql: string, position: number): { readonly line: number; readonly column: number } {
  const before = Buffer.from(sql).subarray(0, position).toString('utf8').split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
