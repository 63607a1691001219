// Files of age that are no damaged key files, but of another sort: each is called what it is.

import { writeFileSync } from 'node:fs';
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { readKeyFile } from '../../../src/keys/key-file.js';
import { temporaryFolder } from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();

async function refusal(bytes: Uint8Array): Promise<{ code: string; message: string }> {
  const path = temporary.path('some.key');
  writeFileSync(path, bytes, { mode: 0o600 });
  const asked = async () => 'a passphrase';
  return readKeyFile(path, asked).then(
    () => ({ code: 'none', message: '' }),
    (error) => error,
  );
}

async function byPassphrase(logN: number): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(logN);
  encrypter.setPassphrase('a passphrase');
  return encrypter.encrypt('{"kty":"EC"}');
}

test('more work than is done for a passphrase', async () => {
  const bytes = Buffer.from(await byPassphrase(10)).toString('latin1');
  const asking = (logN: number) => Buffer.from(bytes.replace(/(-> scrypt \S+) 10\n/, `$1 ${logN}\n`), 'latin1');
  const { code, message } = await refusal(asking(22));
  expect(code).toBe('KEY_FILE_INVALID');
  expect(message).toMatch(/2\^22.*2\^20 is the most.*keygen --import/);
  // At the bound it is tried, and the passphrase is then another one, since the factor was changed.
  expect((await refusal(asking(11))).code).toBe('PASSPHRASE_WRONG');
});

test('a key instead of a passphrase', async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(await generateX25519Identity()));
  const { code, message } = await refusal(await encrypter.encrypt('{"kty":"EC"}'));
  expect(code).toBe('KEY_FILE_INVALID');
  expect(message).toContain('X25519');
});

test('text form, and a version to come', async () => {
  const bytes = await byPassphrase(10);
  expect(await refusal(Buffer.from(armor.encode(bytes)))).toMatchObject({
    code: 'KEY_FILE_INVALID',
    message: expect.stringContaining('--armor'),
  });
  expect(await refusal(Buffer.from('age-encryption.org/v2\n-> x\n'))).toMatchObject({
    code: 'KEY_FILE_INVALID',
    message: expect.stringContaining('age v2'),
  });
});

test('the wrong passphrase is the wrong passphrase', async () => {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(10);
  encrypter.setPassphrase('another');
  expect((await refusal(await encrypter.encrypt('{"kty":"EC"}'))).code).toBe('PASSPHRASE_WRONG');
});
