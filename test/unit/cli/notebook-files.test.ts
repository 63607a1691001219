import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { medsealKeyOf, notebookIdentity } from '../../../src/cli/notebook-files.js';
import { importPrivateKey } from '../../../src/keys/import.js';
import { refusal } from '../../helpers/dataset-fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'medseal-notebook-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const notebookKey = join(folder, 'keys.json');

test.each([
  ['644', 1],
  ['640', 1],
  ['604', 1],
  ['600', 0],
  ['400', 0],
])('a notebook’s key with mode %s is used, with %i warnings', async (mode, warnings) => {
  rmSync(notebookKey, { force: true });
  writeFileSync(notebookKey, `{"private": "${'11'.repeat(32)}"}`);
  chmodSync(notebookKey, mode);
  const warned: string[] = [];
  const identity = await notebookIdentity({ notebookKey }, { warn: (text) => warned.push(text) });
  expect(identity.publicKey).toBe((await importPrivateKey('11'.repeat(32))).publicKey);
  expect(warned).toHaveLength(warnings);
  for (const text of warned) expect(text).toContain(`chmod 600 ${notebookKey}`);
  expect(medsealKeyOf({ notebookKey })).toBeNull();
});

test('a file that is no key is refused before its mode is looked at', async () => {
  const file = join(folder, 'table.csv');
  writeFileSync(file, 'a,b\n', { mode: 0o644 });
  const warned: string[] = [];
  const { code } = await refusal(notebookIdentity({ notebookKey: file }, { warn: (text) => warned.push(text) }));
  expect(code).toBe('KEY_FILE_INVALID');
  expect(warned).toEqual([]);
});

test('a key file of Medseal is told from a notebook’s', async () => {
  const sealed = join(folder, 'sealed.key');
  writeFileSync(sealed, 'age-encryption.org/v1\n-> scrypt', { mode: 0o600 });
  expect(medsealKeyOf({ notebookKey: sealed })).toBe(sealed);
  expect(medsealKeyOf({})).toBeNull();
  expect((await refusal(notebookIdentity({ notebookKey: sealed }, { warn: () => {} }))).code).toBe('USAGE');
});
