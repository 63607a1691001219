// Type vectors against the readers and the writers of values.

import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../src/bytes.js';
import { sealedFieldReader } from '../../src/dataset/typed/fields.js';
import { fieldOf, valueWriter } from '../../src/dataset/typed/texts.js';
import { knownType, type Value } from '../../src/dataset/typed/types.js';
import { vectorsIn } from './files.js';

interface TypeVector {
  readonly type: string;
  readonly expect: { readonly fields: readonly { field: string; value?: unknown; refused?: true }[] };
}

/** A value as the vectors hold it. */
function plain(type: string, value: Value): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || type === 'date') return value;
  if (!type.startsWith('float')) return String(value);
  const view = new DataView(new ArrayBuffer(type === 'float32' ? 4 : 8));
  if (type === 'float32') view.setFloat32(0, Number(value));
  else view.setFloat64(0, Number(value));
  return toHex(new Uint8Array(view.buffer));
}

describe.each(vectorsIn<TypeVector>('types'))('%s', (_, { type, expect: { fields } }) => {
  const read = sealedFieldReader(type, 'utf-8');

  test.each(fields)('$field', ({ field, value: expected, refused }) => {
    const value = read(utf8(field));
    if (refused) {
      expect(value).toBeUndefined();
      return;
    }
    expect(value === undefined ? 'refused' : plain(type, value)).toEqual(expected);
    if (value === null || value === undefined) return;
    const text = valueWriter(knownType(type))(value);
    // Quotes that no text needs are taken, but not written.
    expect(read(utf8(fieldOf(text ?? '')))).toEqual(value);
  });
});
