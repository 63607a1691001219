// Text of others on a terminal: what could show it otherwise than it stands is written out.

import { afterEach, expect, test, vi } from 'vitest';
import { createTerminal, jsonText, printable, printError } from '../../../src/cli/terminal.js';
import { MedsealError } from '../../../src/errors.js';

const TURNS = [
  ...[0x061c, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
].map((code) => String.fromCharCode(code));
const ALL = TURNS.join('');
const raw = new RegExp(`[${ALL}]`, 'u');

afterEach(() => vi.restoreAllMocks());

/** All that reaches the terminal meanwhile. */
function shown(speak: () => void): string {
  let text = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
  }
  speak();
  return text;
}

test.each(TURNS)('%j is written out', (mark) => {
  const code = mark.charCodeAt(0).toString(16).padStart(4, '0');
  expect(printable(`a${mark}b`)).toBe(`a\\u${code}b`);
});

test('nothing that a command says brings one to the terminal, whoever forgot where it comes from', () => {
  const people = createTerminal({});
  const programs = createTerminal({ json: true });
  const error = new MedsealError('CANNOT_OPEN', `x${ALL}`);
  const speakers: (() => void)[] = [
    () => people.say(ALL),
    () => people.note(ALL),
    () => people.warn(ALL),
    () => programs.json({ [ALL]: [ALL] }),
    () => printError(error),
  ];
  for (const speak of speakers) {
    const text = shown(speak);
    expect(text).toContain('\\u202e');
    expect(text).not.toMatch(raw);
    vi.restoreAllMocks();
  }
});

test('JSON of such text is the same text', () => {
  const value = { reason: `left ${ALL} the "study"\\`, number: 1 };
  expect(JSON.parse(jsonText(value))).toEqual(value);
  expect(JSON.parse(jsonText(value, 2))).toEqual(value);
});

test('what text needs stays: letters of any script, accents, joined emoji', () => {
  const text = 'Größe 患者 مريض חולה é 👩‍⚕️\ta\nb';
  expect(printable(text)).toBe(text);
});
