// JSON as Python reads and writes it; test/interop asks Python itself.

import { describe, expect, test } from 'vitest';
import { dumpPythonJson } from '../../../src/notebook/python/dump-json.js';
import { readPythonJson } from '../../../src/notebook/python/read-json.js';
import { reprFloat } from '../../../src/notebook/python/repr-float.js';
import { refusal } from '../../helpers/dataset-fixture.js';
import { made } from '../../helpers/notebook-chain.js';

test.each(made.dumped)('%s is written anew as Python does', (text, dumped) => {
  expect(dumpPythonJson(readPythonJson(text))).toBe(dumped);
});

test.each(made.repr)('the float %s reads as Python’s repr', (text, repr) => {
  expect(reprFloat(Number(text))).toBe(repr);
});

test('1 and 1.0 are two things, and no digit of a large number is lost', () => {
  expect(readPythonJson('[1, 1.0, 9007199254740993]')).toEqual([1n, 1, 9007199254740993n]);
});

test('names are no danger', () => {
  const value = readPythonJson('{"__proto__": {"x": 1}, "constructor": 2}');
  expect(dumpPythonJson(value)).toBe('{"__proto__": {"x": 1}, "constructor": 2}');
});

describe('what Python does not read is refused', () => {
  test.each([
    ['nothing', ''],
    ['a name without quotes', '{a: 1}'],
    ['a comma too many', '[1,]'],
    ['no comma', '[1 2]'],
    ['no colon', '{"a" 1}'],
    ['an open text', '["a'],
    ['an open list', '[1'],
    ['an open object', '{"a": 1'],
    ['a line break in a text', '["a\nb"]'],
    ['an unknown escape', '["\\x41"]'],
    ['a leading zero', '[01]'],
    ['a bare point', '[1.]'],
    ['a byte-order mark', '\ufeff[]'],
    ['something behind the end', '[] []'],
    ['what is nested without end', '['.repeat(200_000)],
    ['a number without end', `[${'9'.repeat(5000)}]`],
  ])('%s', async (_, text) => {
    expect((await refusal(() => readPythonJson(text))).code).toBe('NOT_A_CHAIN');
  });

  test('with the line', async () => {
    expect((await refusal(() => readPythonJson('{\n"a": 1,\n}'))).place.line).toBe(3);
  });
});
