// The pages in docs/ name every code that a person or a script can meet.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ANSWER_IS_NO, DONE, FAILED, REFUSED } from '../src/cli/context.js';
import { type ErrorCode, isFailure, MedsealError } from '../src/errors.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** A union of types leaves nothing behind to run through, so its text is read. */
function codesOf(union: string): string[] {
  const text = new RegExp(`export type ${union} =([^;]*);`).exec(read('src/errors.ts'))?.[1] ?? '';
  return [...text.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code!);
}

/** Code and exit code of each row of a table. */
function rowsOf(page: string): Map<string, string> {
  return new Map([...page.matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \|/gm)].map(([, code, exit]) => [code!, exit!]));
}

describe('docs/errors.md', () => {
  const documented = rowsOf(read('docs/errors.md'));
  const codes = [...codesOf('InputCode'), ...codesOf('FailureCode')];

  test.each(codes)('names %s with the exit code it has', (code) => {
    const exit = documented.get(code) ?? '';
    expect(exit).toMatch(isFailure(new MedsealError(code as ErrorCode, '')) ? /^3$/ : /^2(, `open`.* 1)?$/);
  });

  // Some problems of a verdict are errors too, where a command needs a good ledger.
  test('names none that is not there', () => {
    expect(codes.length).toBeGreaterThan(30);
    expect([...codes, ...codesOf('ProblemCode')]).toEqual(expect.arrayContaining([...documented.keys()]));
  });
});

test('every exit code is in docs/cli.md', () => {
  const codes = [...read('docs/cli.md').matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual([DONE, ANSWER_IS_NO, REFUSED, FAILED]);
});

test('every command is in docs/cli.md', () => {
  const commands = readdirSync(join(root, 'src/cli/commands')).map((file) => file.replace('.ts', ''));
  const page = read('docs/cli.md');
  // A file of two words is one command, or a command with its subcommand.
  for (const command of commands)
    expect(page).toMatch(new RegExp(`^\\| \`medseal ${command.replace('-', '[ -]')}`, 'm'));
});

test('files that the pages point to are there', () => {
  const pages = [
    'SECURITY.md',
    'CONTRIBUTING.md',
    'docs/cli.md',
    'docs/errors.md',
    'spec/README.md',
    'vectors/README.md',
  ];
  for (const page of pages) {
    const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/')) : '.';
    for (const [, link = ''] of read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      expect(() => read(join(folder, link)), `${page}: ${link}`).not.toThrow(/ENOENT/);
    }
  }
});
