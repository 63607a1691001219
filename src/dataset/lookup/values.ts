import { fromUtf8, utf8 } from '../../bytes.js';
import { fieldValueBytes, splitRecord } from '../csv/fields.js';
import type { Manifest } from '../manifest.js';
import { membersOf } from '../ndjson/members.js';
import type { LookupColumn } from './columns.js';

/** Where the values of some columns lie in the content of a row. Plain data, which a thread can be given. */
export type ValuePlaces =
  | { readonly kind: 'csv'; readonly delimiter: number; readonly fields: readonly number[] }
  | { readonly kind: 'ndjson'; readonly names: readonly string[] };

type Shape = Pick<Manifest, 'media_type' | 'delimiter' | 'columns'>;

/** Where columns lie in the rows of a group. A column of another group lies nowhere. */
export function valuePlaces({ media_type, delimiter, columns }: Shape, wanted: readonly LookupColumn[]): ValuePlaces {
  if (media_type === 'application/x-ndjson') return { kind: 'ndjson', names: wanted.map(({ name }) => name) };
  const fields = wanted.map((column) => columns.findIndex(({ index }) => index === column.index));
  return { kind: 'csv', delimiter: delimiter.charCodeAt(0), fields };
}

/**
 * The exact bytes of a row's values (spec/records.md, "Tags"): of CSV without the quotes around them; of JSON a string's
 * text in UTF-8, and numbers, `true` and `false` as they stand.
 * @returns null where the row has no such value: a member that is missing, null, an object or an array
 */
export function valuesIn(content: Uint8Array, places: ValuePlaces): (Uint8Array | null)[] {
  if (places.kind === 'ndjson') return valuesOfMembers(content, places.names);
  const { fields } = splitRecord(content, places.delimiter);
  return places.fields.map((place) => {
    const field = fields[place];
    return field === undefined ? null : fieldValueBytes(content.subarray(field.start, field.end));
  });
}

function valuesOfMembers(content: Uint8Array, names: readonly string[]): (Uint8Array | null)[] {
  const values: (Uint8Array | null)[] = names.map(() => null);
  // Of members of one name the last counts, as JSON.parse has it.
  for (const { name, value } of membersOf(fromUtf8(content) ?? '')) {
    const place = names.indexOf(name);
    if (place >= 0) values[place] = bytesOf(value);
  }
  return values;
}

function bytesOf(json: string): Uint8Array | null {
  if (json === 'null' || json.startsWith('{') || json.startsWith('[')) return null;
  if (!json.startsWith('"')) return utf8(json);
  const text = JSON.parse(json) as string;
  return text.isWellFormed() ? utf8(text) : null;
}

/** The bytes that a value has which a person writes as text; null where no value of the data set can be that. */
export function valueBytes(text: string, { encoding }: Pick<Manifest, 'encoding'>): Uint8Array | null {
  if (encoding === 'utf-8') return text.isWellFormed() ? utf8(text) : null;
  // Every byte is the code point of its value.
  return /^[\0-\xff]*$/.test(text) ? Uint8Array.from(Buffer.from(text, 'latin1')) : null;
}
