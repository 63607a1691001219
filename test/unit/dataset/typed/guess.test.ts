// What a column's fields are taken for: what pandas.read_csv finds, and dates.

import { describe, expect, test } from 'vitest';
import { isMissing, TypeGuess } from '../../../../src/dataset/typed/guess.js';

function typeOf(...fields: string[]): string {
  const guess = new TypeGuess();
  for (const field of fields) {
    if (isMissing(field)) guess.seeMissing();
    else guess.see(field);
  }
  return guess.type;
}

const OVER_INT64 = '9223372036854775808';
const OVER_UINT64 = '18446744073709551616';

describe('numbers', () => {
  test.each([
    ['int64', ['1', '-2', '+3']],
    ['int64', ['007', '00', '-007']],
    ['int64', [' 7 ', '\t8', '9\n', '\v1', '1\f']],
    ['int64', ['1', '', 'NA', '<NA>']],
    ['int64', ['9223372036854775807', '-9223372036854775808']],
    ['uint64', [OVER_INT64, '18446744073709551615', '0']],
    ['text', [OVER_INT64, '-1']],
    ['text', [OVER_INT64, '']],
    ['text', [OVER_UINT64, '1']],
    ['text', ['-9223372036854775809']],
    ['float64', [OVER_INT64, '1.5']],
    ['float64', ['1.5', OVER_UINT64]],
    ['text', [OVER_UINT64, '1.5']],
    ['float64', ['1', '2.5']],
    ['float64', ['1.', '.5', '1e5', '1E-5', '+1.5e+3', '1e400', ' 1.5 ']],
    ['float64', ['inf', '-Infinity', '+INF', 'iNfinity']],
    ['text', ['1', '1_000']],
    ['text', ['1,5']],
    ['text', ['0x10']],
    ['text', ['+ 1']],
    ['text', ['1e', '.', '+', 'e5', '1e5.5']],
    ['text', [' NA', '1']],
    ['text', ['NaN ', '1']],
    ['text', ['1\u00a0']],
    ['text', ['٣']],
  ])('%s: %j', (type, fields) => {
    expect(typeOf(...fields)).toBe(type);
  });
});

describe('other values', () => {
  test.each([
    ['boolean', ['True', 'false', 'TRUE', 'tRue', '']],
    ['text', ['True', '1']],
    ['text', ['T', 'F']],
    ['text', ['true ']],
    ['date', ['2024-02-29', '1969-12-31', '']],
    ['text', ['2023-02-29']],
    ['text', ['2024-1-1']],
    ['text', ['0000-01-01']],
    ['text', ['2024-01-01', '2024-01-01T10:00']],
    ['timestamp-us', ['2024-01-01T10:00', '2024-01-01 10:00:01.123456']],
    ['timestamp-us', ['2024-01-01T10:00:00.123456000']],
    ['timestamp-ns', ['2024-01-01T10:00:00', '2024-01-01T10:00:00.123456789']],
    ['text', ['1600-01-01T00:00:00', '2024-01-01T10:00:00.123456789']],
    ['timestamp-us-utc', ['2024-01-01T10:00:00Z', '2024-01-01T10:00:00+02:00', '2024-01-01T10:00:00-0530']],
    ['text', ['2024-01-01T10:00:00Z', '2024-01-01T10:00:00']],
    ['text', ['2024-01-01T24:00:00']],
    ['text', ['2024-01-01', '1']],
    ['text', ['20-May-12']],
    ['text', ['a', '1']],
    ['float64', ['', 'null']],
    ['text', []],
  ])('%s: %j', (type, fields) => {
    expect(typeOf(...fields)).toBe(type);
  });

  test('the last row decides too', () => {
    expect(typeOf(...Array<string>(10_000).fill('1'), 'x')).toBe('text');
    expect(typeOf(...Array<string>(10_000).fill('2024-01-01'), '2024-01-32')).toBe('text');
  });
});

test('what pandas takes for no value', () => {
  const missing = ['', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN'];
  const more = ['<NA>', 'N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null'];
  for (const text of [...missing, ...more]) expect(isMissing(text), text).toBe(true);
  for (const text of ['Null', 'none', 'NAN', 'Na', '-', '#N/A N/A ', '.']) expect(isMissing(text), text).toBe(false);
});
