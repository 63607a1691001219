import { concat, fromUtf8, utf8 } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { canonicalize, isObject, type JsonValue, parseCanonical } from '../format/json.js';
import type { Encoding } from './csv/fields.js';
import type { LookupColumn } from './lookup/columns.js';
import { isBundle, isMediaType, type MediaType } from './media-types.js';

/** What row 0 of a group says of the data set (spec/records.md, "Manifest"). Sealed, like every row. */
export interface Manifest {
  readonly version: 1;
  /** The data set's name. */
  readonly name: string;
  /** The column group's name. */
  readonly group: string;
  readonly media_type: MediaType;
  readonly encoding: Encoding;
  /** One ASCII character; empty for JSON. */
  readonly delimiter: string;
  /** The header line's line end, used where a row has none of its own but needs one. */
  readonly terminator: string;
  /**
   * The group's columns, with their places in the file, and with the type of their values where they were sealed from a
   * table that has types; none for JSON.
   */
  readonly columns: readonly { readonly index: number; readonly name: string; readonly type?: string }[];
  /** Of a Bundle, how many of the header's bytes stand before its entries; the others stand behind them. */
  readonly head?: number;
  /** Those of the group's columns by whose values rows are found; missing where there are none. */
  readonly lookup?: readonly LookupColumn[];
}

/** The group's name where a data set has only one. */
export const ONLY_GROUP = 'all';

/** The content of row 0: the manifest's line, and the header line's exact bytes. */
export function encodeManifest(manifest: Manifest, header: Uint8Array): Uint8Array {
  return concat(utf8(canonicalize(manifest as unknown as JsonValue) + '\n'), header);
}

/**
 * @throws {MedsealError} `CANNOT_OPEN` where the content of row 0 is no manifest of this version
 */
export function decodeManifest(content: Uint8Array): { manifest: Manifest; header: Uint8Array } {
  const end = content.indexOf(0x0a);
  try {
    const value = parseCanonical(content.subarray(0, Math.max(end, 0)), 4);
    if (isObject(value) && isManifest(value)) {
      return { manifest: value as unknown as Manifest, header: content.subarray(end + 1) };
    }
  } catch (error) {
    if (!(error instanceof MedsealError)) throw error;
  }
  throw new MedsealError('CANNOT_OPEN', 'the data set does not say how its rows are to be read');
}

function isManifest(value: Record<string, JsonValue>): boolean {
  const { version, name, group, media_type, encoding, delimiter, terminator, columns, head, lookup = [] } = value;
  return (
    version === 1 &&
    [name, group, delimiter, terminator].every((text) => typeof text === 'string') &&
    isMediaType(media_type) &&
    (encoding === 'utf-8' || encoding === 'iso-8859-1') &&
    Array.isArray(columns) &&
    columns.every(isColumn) &&
    (isBundle(media_type) ? typeof head === 'number' : head === undefined) &&
    Array.isArray(lookup) &&
    lookup.every(isLookupColumn)
  );
}

function isColumn(column: JsonValue): boolean {
  if (!isObject(column)) return false;
  const { index, name, type = '' } = column;
  return typeof index === 'number' && typeof name === 'string' && typeof type === 'string';
}

function isLookupColumn(column: JsonValue): boolean {
  if (!isObject(column)) return false;
  const { name, subject, index = 0 } = column;
  return typeof name === 'string' && typeof subject === 'boolean' && typeof index === 'number';
}

/**
 * A data set's name as the format keeps it: NFC, without control characters.
 * @throws {MedsealError} `DATASET_NAME_INVALID`
 */
export function datasetName(text: string): string {
  const name = text.normalize('NFC');
  if (name === '' || [...name].length > 200 || /\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw new MedsealError(
      'DATASET_NAME_INVALID',
      'a data set needs a name of 1 to 200 characters without control characters; give one with --name',
    );
  }
  return name;
}

/** Header texts may be any bytes; JSON needs well-formed text. */
export function columnName(text: string): string {
  return fromUtf8(utf8(text)) ?? '';
}
