import { type Encoding, fieldValue } from '../csv/fields.js';
import { isMissing } from './guess.js';
import { valueWriter } from './texts.js';
import { type ColumnType, knownType, type Value } from './types.js';
import { valueReader } from './values.js';

/** Reads a field's bytes, quotes and all; undefined where they are no value of the column's type. */
export type FieldReader = (field: Uint8Array) => Value | undefined;

/**
 * How the fields of a column are values whose data set says its type (spec/records.md, "Types"): only in the texts of that
 * type, and none where there are no bytes.
 */
export function sealedFieldReader(type: string, encoding: Encoding): FieldReader {
  const known = knownType(type);
  const read = valueReader(known);
  const write = valueWriter(known);
  return (field) => {
    if (field.length === 0) return null;
    const text = fieldValue(field, encoding);
    const value = read(text);
    return value !== null && write(value) === text ? value : undefined;
  };
}

/**
 * How they are values of another type: of one that was guessed, or that a person has chosen. What pandas takes for a value
 * that is not there is none.
 * @param isTyped whether the data set says the column's type, so that only a field of no bytes is no value
 */
export function chosenFieldReader(type: ColumnType, encoding: Encoding, isTyped = false): FieldReader {
  const read = valueReader(type);
  return (field) => {
    const text = fieldValue(field, encoding);
    if (isTyped ? field.length === 0 : isMissing(text)) return null;
    return read(text) ?? undefined;
  };
}
