import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { installing } from '../../../../src/dataset/typed/optional.js';

const folder = mkdtempSync(join(tmpdir(), 'medseal-optional-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function root(...path: string[]): string {
  const made = join(folder, ...path);
  mkdirSync(made, { recursive: true });
  return `${made}/`;
}

test('in a project it is installed as any package', () => {
  const nested = root('project/node_modules/.store/medseal@1/node_modules/medseal');
  writeFileSync(join(folder, 'project/package.json'), '{}');
  for (const each of [root('project/node_modules/medseal'), nested])
    expect(installing('x@1', each)).toBe('npm install x@1');
});

test('beside a global package it is installed globally', () => {
  expect(installing('x@1', root('prefix/lib/node_modules/medseal'))).toMatch(/^npm install -g x@1, /);
});

test('in a clone npm is kept from taking it for an optional peer', () => {
  const clone = root('clone/medseal');
  expect(installing('x@1', clone)).toBe(`npm install --no-save --save-dev x@1, in ${clone}`);
});
