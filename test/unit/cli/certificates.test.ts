import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certificateFile, expectNoCertificate } from '../../../src/cli/certificates.js';
import { refusal } from '../../helpers/dataset-fixture.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medseal-certificates-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a certificate goes beside the ledger, and beside those that are there', () => {
  const ledger = join(folder, 'trial.medseal');
  for (const name of ['trial-erasure-7.json', 'trial-erasure-7-2.json', 'trial-erasure-7-3.json']) {
    expect(certificateFile(ledger, 7)).toBe(join(folder, name));
    writeFileSync(join(folder, name), '');
  }
  expect(certificateFile(ledger, 8)).toBe(join(folder, 'trial-erasure-8.json'));
});

test.each([
  ['{"anchor":{"block":{', 'FILE_EXISTS'],
  ['SQLite format 3\0', 'FILE_EXISTS'],
  ['age-encryption.org/v1\n', 'FILE_EXISTS'],
  ['id,drug\n1,A\n', null],
])('a file that begins with %j is refused for a certificate: %s', async (start, code) => {
  const file = join(folder, 'certificate.json');
  writeFileSync(file, start);
  if (code === null) expect(() => expectNoCertificate(file)).not.toThrow();
  else expect(await refusal(() => expectNoCertificate(file))).toMatchObject({ code, place: { file } });
  expect(readFileSync(file, 'latin1')).toBe(start);
});

test('a certificate is not written over what is being read, nor to standard output', async () => {
  const ledger = join(folder, 'trial.medseal');
  writeFileSync(ledger, '');
  expect((await refusal(() => expectNoCertificate(ledger, ledger))).code).toBe('USAGE');
  expect((await refusal(() => expectNoCertificate('-'))).code).toBe('USAGE');
  expect(() => expectNoCertificate(undefined, ledger)).not.toThrow();
});
