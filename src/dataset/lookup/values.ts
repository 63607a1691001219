import { fromUtf8, utf8 } from '../../bytes.js';
import { fieldValueBytes, splitRecord } from '../csv/fields.js';
import { type Holding, holdingOf } from '../fhir/resources.js';
import { valuesOfResource } from '../fhir/values.js';
import type { Manifest } from '../manifest.js';
import { isTable } from '../media-types.js';
import { membersNamed, valueBytesOf } from '../ndjson/members.js';
import type { LookupColumn } from './columns.js';

/** Where the values of some columns lie in the content of a row. Plain data, which a thread can be given. */
export type ValuePlaces =
  | { readonly kind: 'csv'; readonly delimiter: number; readonly fields: readonly number[] }
  | { readonly kind: 'json'; readonly holding: Holding | null; readonly names: readonly string[] };

type Shape = Pick<Manifest, 'media_type' | 'delimiter' | 'columns'>;

/** Where columns lie in the rows of a group. A column of another group lies nowhere. */
export function valuePlaces({ media_type, delimiter, columns }: Shape, wanted: readonly LookupColumn[]): ValuePlaces {
  if (!isTable(media_type)) {
    return { kind: 'json', holding: holdingOf(media_type), names: wanted.map(({ name }) => name) };
  }
  const fields = wanted.map((column) => columns.findIndex(({ index }) => index === column.index));
  return { kind: 'csv', delimiter: delimiter.charCodeAt(0), fields };
}

/**
 * The exact bytes of a row's values (spec/records.md, "Tags"): of CSV without the quotes around them; of JSON a string's
 * text in UTF-8, and numbers, `true` and `false` as they stand.
 * @returns for each column its values, once: none where the row has no such one, as where a member is missing, null, an object or
 *   an array; of CSV and NDJSON one at most, of a FHIR resource as many as it has patients
 */
export function valuesIn(content: Uint8Array, places: ValuePlaces): Iterable<Uint8Array>[] {
  if (places.kind === 'csv') {
    const { fields } = splitRecord(content, places.delimiter);
    return places.fields.map((place) => {
      const field = fields[place];
      return field === undefined ? [] : [fieldValueBytes(content.subarray(field.start, field.end))];
    });
  }
  const text = fromUtf8(content) ?? '';
  if (places.holding !== null) return valuesOfResource(text, places.holding, places.names);
  const members = membersNamed(text, new Set(places.names));
  return places.names.map((name) => valueBytesOf(members.get(name)));
}

/** The bytes that a value has which a person writes as text; null where no value of the data set can be that. */
export function valueBytes(text: string, { encoding }: Pick<Manifest, 'encoding'>): Uint8Array | null {
  if (encoding === 'utf-8') return text.isWellFormed() ? utf8(text) : null;
  // Every byte is the code point of its value.
  return /^[\0-\xff]*$/.test(text) ? Uint8Array.from(Buffer.from(text, 'latin1')) : null;
}
