// JSON and floats as Python reads and writes them, beside Python itself.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MedsealError } from '../../src/errors.js';
import { dumpPythonJson } from '../../src/notebook/python/dump-json.js';
import { readPythonJson } from '../../src/notebook/python/read-json.js';
import { reprFloat } from '../../src/notebook/python/repr-float.js';
import { askPython, missing } from '../helpers/notebook-python.js';

/** Any UTF-16 at all: surrogates alone too. */
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), anyText);
const number = fc.oneof(
  fc.double().map((value) => (Number.isFinite(value) ? String(value) : 'NaN')),
  fc.bigInt().map(String),
  fc.integer().map((value) => `${value}.0`),
  fc.tuple(fc.integer(), fc.integer({ min: -330, max: 330 })).map(([digits, power]) => `${digits}e${power}`),
  fc.constantFrom('-0', '-0.0', '1E400', '-1e400', 'Infinity', '-Infinity', '1e16', '1e-5'),
);
const leaf = fc.oneof(
  number,
  text.map((value) => JSON.stringify(value)),
  fc.constantFrom('true', 'false', 'null'),
);
/** JSON text: written out, since no JavaScript value has all of it. */
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }).map((values) => `[${values.join(' ,')}]`),
    fc
      .array(fc.tuple(text, tie('value')), { maxLength: 5 })
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)} :\t${value}`).join(',\n')}}`),
  ),
})).value;

/** The same, with a character of it changed, left out or put in: mostly no JSON any more. */
const damaged = fc
  .tuple(
    json,
    fc.nat(),
    fc.constantFrom('', ',', '"', '\\', '}', ']', '0', '.', 'e', '\n', ' ', 'N', '\u00a0', '/'),
    fc.boolean(),
  )
  .map(([value, at, character, instead]) => {
    const place = at % (value.length + 1);
    return value.slice(0, place) + character + value.slice(place + (instead ? 1 : 0));
  })
  // Between two processes only well-formed text travels.
  .filter((value) => value.isWellFormed());

/** What we write of JSON text, or null where we refuse it. */
function dumped(value: string): string | null {
  try {
    return dumpPythonJson(readPythonJson(value));
  } catch (error) {
    if (error instanceof MedsealError && error.code === 'NOT_A_CHAIN') return null;
    throw error;
  }
}

describe.skipIf(missing !== null)('Python', () => {
  test('writes what it has read as we do, and refuses what we refuse', () => {
    const texts = fc.sample(fc.oneof(json, damaged), { numRuns: 2000, seed: 6 });
    const answers = askPython<(string | null)[]>({ do: 'dump', texts });
    expect(texts.map(dumped)).toEqual(answers);
    // Both come up, or this would say nothing.
    const refused = answers.filter((answer) => answer === null).length;
    expect(refused).toBeGreaterThan(150);
    expect(answers.length - refused).toBeGreaterThan(500);
  });

  test('writes floats as we do', () => {
    const floats = fc
      .sample(fc.oneof(fc.double({ noNaN: true }), fc.double({ noNaN: true, min: -1e17, max: 1e17 })), {
        numRuns: 4000,
        seed: 6,
      })
      .filter(Number.isFinite);
    const answers = askPython<string[]>({ do: 'repr', floats: floats.map((value) => value.toExponential()) });
    expect(floats.map(reprFloat)).toEqual(answers.map((answer, i) => (Object.is(floats[i], -0) ? '-0.0' : answer)));
  });
});
