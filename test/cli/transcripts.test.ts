import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { replay } from './transcript.js';

const folder = new URL('./transcripts/', import.meta.url);
const rewriting = process.env.MEDSEAL_WRITE_TRANSCRIPTS === '1';

test.each(readdirSync(folder))('%s', (name) => {
  const file = new URL(name, folder);
  const expected = readFileSync(file, 'utf8');
  const actual = replay(expected);
  if (rewriting) writeFileSync(file, actual);
  else expect(actual).toBe(expected);
  // Whatever a person types, the answer is never a stack trace.
  expect(actual).not.toMatch(/^\s*!?\s*at .*:\d+:\d+\)?$/m);
});
