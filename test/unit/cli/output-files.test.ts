import { linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectOtherFile, expectOutput } from '../../../src/cli/files.js';
import { refusal } from '../../helpers/dataset-fixture.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medseal-outputs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function there(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test.each([
  ['SQLite format 3\0\x10\0'],
  ['age-encryption.org/v1\n-> scrypt'],
  ['{"kty":"EC","crv":"secp256k1"}'],
  [`{"private": "${'ab'.repeat(32)}"}`],
])('no output goes over what begins with %j, by whatever name', async (content) => {
  const file = there('kept', content);
  const [soft, hard] = [join(folder, 'soft'), join(folder, 'hard')];
  symlinkSync(file, soft);
  linkSync(file, hard);
  for (const output of [file, soft, hard]) {
    for (const expected of [expectOtherFile, expectOutput]) {
      expect(await refusal(() => expected(output))).toMatchObject({ code: 'FILE_EXISTS', place: { file: output } });
    }
  }
  expect(readFileSync(file, 'latin1')).toBe(content);
});

test('an output goes over an earlier one, and where nothing is', () => {
  for (const output of [there('a.csv', 'id\n1\n'), there('a.json', '[{"id":1}]'), join(folder, 'none'), undefined]) {
    expect(() => expectOutput(output, there('l.medseal', 'SQLite format 3\0'))).not.toThrow();
  }
});

test('no output goes over what is read, nor over what its key remembers', async () => {
  const [table, key] = [there('a.csv', 'id\n'), there('owner.key', '')];
  const heads = there('owner.key.heads', '{}\n');
  for (const output of [table, key, heads]) {
    expect((await refusal(() => expectOtherFile(output, undefined, table, key))).code).toBe('USAGE');
  }
  expect(() => expectOtherFile(heads, table)).not.toThrow();
});

test('what is written to a file only is not written to "-"', async () => {
  expect((await refusal(() => expectOtherFile('-'))).code).toBe('USAGE');
});
