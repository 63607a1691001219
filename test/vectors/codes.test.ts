// Every code of a fault has a vector that shows it, and every vector names a rule that is there.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, readVectorText, vectorFiles } from './files.js';

const RULED = ['verify/', 'store/'];

interface WithProblems {
  readonly rule: string;
  readonly expect: { readonly problems?: readonly { readonly code: string }[] };
}

const vectors = vectorFiles().map((path) => ({ path, vector: JSON.parse(readVectorText(path)) as WithProblems }));

/** A union of types leaves nothing behind to run through, so its text is read. */
function problemCodes(): string[] {
  const source = readFileSync(join(ROOT, 'src/errors.ts'), 'utf8');
  const union = /export type ProblemCode =([^;]*);/.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code!);
}

describe('every code', () => {
  const shown = new Set(
    vectors
      .filter(({ path }) => RULED.some((folder) => path.startsWith(folder)))
      .flatMap(({ vector }) => vector.expect.problems ?? [])
      .map(({ code }) => code),
  );

  test('there are codes', () => {
    expect(problemCodes().length).toBeGreaterThan(30);
  });

  test.each(problemCodes())('%s has a vector', (code) => {
    expect(shown).toContain(code);
  });

  test.each(problemCodes())('%s is in the table of spec/verification.md', (code) => {
    expect(readFileSync(join(ROOT, 'spec/verification.md'), 'utf8')).toMatch(new RegExp(`^\\| \`${code}\` *\\|`, 'm'));
  });

  test('and no vector has another', () => {
    expect(problemCodes()).toEqual(expect.arrayContaining([...shown]));
  });
});

describe('every code of a proof', () => {
  const source = readFileSync(join(ROOT, 'src/errors.ts'), 'utf8');
  const union = /export type ProofCode =([^;]*);/.exec(source)?.[1] ?? '';
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code!);
  const shown = new Set(
    vectors
      .filter(({ path }) => path.startsWith('proof/'))
      .map(({ vector }) => (vector.expect as { readonly code?: string }).code)
      .filter((code) => code !== undefined),
  );

  test('has a vector, and no vector has another', () => {
    expect([...shown].sort()).toEqual([...codes].sort());
  });

  test.each(codes)('%s is in the table of spec/proofs.md', (code) => {
    expect(readFileSync(join(ROOT, 'spec/proofs.md'), 'utf8')).toMatch(
      new RegExp(`^\\|.*\\| [^|]*\`${code}\`[^|]*\\|$`, 'm'),
    );
  });
});

describe('every rule is there', () => {
  const rules = new Set(vectors.map(({ vector }) => vector.rule));

  test.each([...rules])('%s', (rule) => {
    const [file = '', anchor] = rule.split('#');
    const headings = readFileSync(join(ROOT, file), 'utf8').matchAll(/^#+ (.*)$/gm);
    expect([...headings].map(([, heading]) => anchorOf(heading!))).toContain(anchor);
  });
});

/** A heading's anchor, as code hosts make it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}
