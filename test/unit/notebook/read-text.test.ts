// Rows got back from the text that pandas made of them; test/interop asks pandas itself.

import { expect, test } from 'vitest';
import { readTextRows } from '../../../src/notebook/pandas/read-text.js';
import { made } from '../../helpers/notebook-chain.js';

/** Names and texts of each row. */
function read(...texts: string[]): ([string, string | null][] | null)[] {
  return readTextRows(texts).map((row) => row && [...row].map(([name, { text }]) => [name, text]));
}

test('a name with blanks, characters beyond the BMP, a line break and what is missing come back', () => {
  expect(read(...made.texts)[1]).toEqual([
    ['drug name', 'été 😀'],
    ['dose', '7'],
    ['ok', 'False'],
    ['weight', null],
    ['note', 'two\nlines\tand a tab'],
    ['long name of a column', 'this text has fifty characters and therefore i...'],
  ]);
});

test('what was cut and what may have been rounded is told', () => {
  const rows = readTextRows(made.texts);
  const those = (what: 'cut' | 'rounded'): string[] =>
    rows.flatMap((row, i) => [...(row ?? [])].filter(([, value]) => value[what]).map(([name]) => `${i} ${name}`));
  expect(those('cut')).toEqual(['1 long name of a column']);
  expect(those('rounded')).toEqual(['2 weight']);
});

test('three dots are no cut where the value has room', () => {
  const [row] = readTextRows([`a   well...${'x'.repeat(20)}`.replace(/x+$/, '')]);
  expect(row?.get('a')).toMatchObject({ text: 'well...', cut: false });
});

test('other rows tell where a name ends', () => {
  // By itself the first row has a gap too early: the second one says that "b    c" is one name.
  const long = 'y'.repeat(48);
  expect(read(`a         x\nb    c    1`, `a         ${long}\nb    c    ${'2'.padStart(48)}`)).toEqual([
    [
      ['a', 'x'],
      ['b    c', '1'],
    ],
    [
      ['a', long],
      ['b    c', '2'],
    ],
  ]);
});

test('numbers with a sign stand right behind the gap', () => {
  expect(read('a   -1\nb    5')).toEqual([
    [
      ['a', '-1'],
      ['b', '5'],
    ],
  ]);
});

test('rows of two tables are each read by their own names', () => {
  expect(read('a    1\nb    2', 'long    1\nname    2', 'a    3\nb    4')).toEqual([
    [
      ['a', '1'],
      ['b', '2'],
    ],
    [
      ['long', '1'],
      ['name', '2'],
    ],
    [
      ['a', '3'],
      ['b', '4'],
    ],
  ]);
});

test('what str(series) adds at the end is no column', () => {
  expect(read('a    x\nb    y\nName: 0, dtype: object')).toEqual([
    [
      ['a', 'x'],
      ['b', 'y'],
    ],
  ]);
});

test.each(['', 'Series([], )', 'hello', 'a    1\nb', 'a  1', '   '])('%j is no row', (text) => {
  expect(readTextRows([text])).toEqual([null]);
});

// As pandas 1.5.3 wrote them: rows of its `string` type alone, where line breaks stand as they are.
test('line breaks that stand in values as they are', () => {
  const texts = ['a    x\ny\nb      1', 'a       z\nb    l\r\nm', 'a    q\\n\n\nb       \n'];
  const read = readTextRows(texts).map((row) => row && [...row].map(([name, { text }]) => [name, text]));
  expect(read).toEqual([
    [
      ['a', 'x\ny'],
      ['b', '1'],
    ],
    [
      ['a', 'z'],
      ['b', 'l\r\nm'],
    ],
    [
      ['a', 'q\\n\n'],
      ['b', '\n'],
    ],
  ]);
});

test('what is no row, with line breaks or without, is not read', () => {
  const three = 'a    1\n\nb    x\nc    yz\n\nd    w'.replaceAll('\n\n', '\n');
  expect(readTextRows(['a    1\nb', three])).toEqual([null, null]);
});

test.each([
  ['pandas 3', 'a    NaN\nb      y\nc    NaN'],
  ['its own types', 'a    <NA>\nb       y\nc     NaT'],
])('missing values of %s are the same gaps', (_, text) => {
  const [row] = readTextRows([text]);
  expect([...row!.values()].map((value) => value.text)).toEqual([null, 'y', null]);
});

test('None is kept, and told: it can be text, or a gap that pandas 3 writes as NaN', () => {
  const [row] = readTextRows(['a    None\nb       y\nc     NaN']);
  expect([...row!.values()].map(({ text, none }) => [text, none])).toEqual([
    ['None', true],
    ['y', false],
    [null, false],
  ]);
});

test('a row of dates alone, which pandas writes without a time and without a blank before them', () => {
  const [row] = readTextRows(['a   2020-01-01\nb   2021-01-01']);
  expect([...row!].map(([name, { text }]) => [name, text])).toEqual([
    ['a', '2020-01-01'],
    ['b', '2021-01-01'],
  ]);
});

test.each([
  ['0.0', false, true],
  ['0.12', false, true],
  ['-3.5', false, true],
  ['1234567.123457', true, false],
  ['1.500000e+00', true, false],
  ['12', false, false],
  ['1.2.3', false, false],
  ['x 0.5', false, false],
])('of %s is told that it was rounded: %s, or may have been: %s', (value, rounded, shortened) => {
  const [row] = readTextRows([`a    ${value}\nb    ${'x'.padStart(value.length)}`]);
  expect(row!.get('a')).toMatchObject({ rounded, shortened });
});
