import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { inspect } from 'node:util';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { Decrypter, Encrypter } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.js';
import { generateIdentity, identityFromPrivateKey } from '../../../src/crypto/identity.js';
import { keyFileIsEncrypted, readKeyFile, writeKeyFile } from '../../../src/keys/key-file.js';
import { owner, refusal, stranger, temporaryFolder } from '../../helpers/dataset-fixture.js';

const temporary = temporaryFolder();
const PASSPHRASE = 'correct horse, "battery" stäple';
const passphrase = async (): Promise<string> => PASSPHRASE;
const neverAsked = async (): Promise<string> => {
  throw new Error('asked for a passphrase');
};

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const secret = new Uint8Array(32).fill(1);
const point = secp256k1.getPublicKey(secret, false);
const JWK = {
  kty: 'EC',
  crv: 'secp256k1',
  x: base64url(point.subarray(1, 33)),
  y: base64url(point.subarray(33)),
  d: base64url(secret),
};

/** Every form in which the private key could be given away. */
const FORMS = [toHex(secret), base64url(secret), Buffer.from(secret).toString('base64'), '1,1,1,1', '01 01 01'];

function expectNoKey(text: string): void {
  for (const form of FORMS) expect(text).not.toContain(form);
}

function privateFile(name: string, content: string | Uint8Array): string {
  const path = temporary.file(name, content);
  chmodSync(path, 0o600);
  return path;
}

describe('without a passphrase', () => {
  test('a key file is a JWK for its owner alone, and gives the identity back', async () => {
    const path = temporary.path('plain.key');
    await writeKeyFile(path, owner);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JWK);
    expect(keyFileIsEncrypted(path)).toBe(false);
    const identity = await readKeyFile(path, neverAsked);
    expect(identity.publicKey).toBe(owner.publicKey);
    expect(identity.exportPrivateKey()).toEqual(secret);
  });

  test('any identity comes back, leading zeros and all', async () => {
    const small = await identityFromPrivateKey(new Uint8Array(32).with(31, 1));
    for (const identity of [small, await generateIdentity(), await generateIdentity()]) {
      const path = temporary.path(`${identity.publicKey}.key`);
      await writeKeyFile(path, identity);
      expect((await readKeyFile(path, neverAsked)).exportPrivateKey()).toEqual(identity.exportPrivateKey());
    }
  });
});

describe('with a passphrase', () => {
  const path = temporary.path('locked.key');

  test('a key file gives the identity back, and age opens it as well', async () => {
    await writeKeyFile(path, owner, { passphrase: PASSPHRASE });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(keyFileIsEncrypted(path)).toBe(true);
    expect((await readKeyFile(path, passphrase)).publicKey).toBe(owner.publicKey);
    const age = new Decrypter();
    age.addPassphrase(PASSPHRASE);
    expect(JSON.parse(await age.decrypt(readFileSync(path), 'text'))).toEqual(JWK);
    expectNoKey(readFileSync(path, 'latin1'));
  });

  test('a key file that age made is read', async () => {
    const age = new Encrypter();
    age.setScryptWorkFactor(10);
    age.setPassphrase(PASSPHRASE);
    const made = privateFile('age.key', await age.encrypt(JSON.stringify(JWK)));
    expect((await readKeyFile(made, passphrase)).publicKey).toBe(owner.publicKey);
  });

  test('a wrong passphrase and a damaged file are refused', async () => {
    const wrong = await refusal(readKeyFile(path, async () => `${PASSPHRASE} `));
    expect(wrong).toMatchObject({ code: 'PASSPHRASE_WRONG', place: { file: path } });
    expect(inspect(wrong, { depth: 9 })).not.toContain(PASSPHRASE);
    const bytes = readFileSync(path);
    const damaged: [string, Buffer][] = [
      ['cut off', bytes.subarray(0, -1)],
      ['without its content', bytes.subarray(0, 100)],
      ['changed', Buffer.from(bytes.with(bytes.length - 3, (bytes.at(-3) ?? 0) ^ 1))],
    ];
    for (const [what, content] of damaged) {
      const error = await refusal(readKeyFile(privateFile(`${what}.key`, content), passphrase));
      expect(error.code).toBe('PASSPHRASE_WRONG');
    }
  });

  test('what the passphrase prompt throws is passed on', async () => {
    await expect(readKeyFile(path, neverAsked)).rejects.toThrow('asked for a passphrase');
  });
});

describe.skipIf(process.platform === 'win32')('permissions', () => {
  test.each([0o644, 0o640, 0o604, 0o660, 0o601, 0o777])('a key file of mode %o is refused', async (mode) => {
    const path = privateFile('exposed.key', JSON.stringify(JWK));
    chmodSync(path, mode);
    const error = await refusal(readKeyFile(path, neverAsked));
    expect(error).toMatchObject({ code: 'KEY_FILE_EXPOSED', place: { file: path } });
    expect(error.message).toContain(`chmod 600 ${path}`);
    expect((await refusal(() => keyFileIsEncrypted(path))).code).toBe('KEY_FILE_EXPOSED');
  });

  test.each([0o600, 0o400, 0o700])('one of mode %o is read', async (mode) => {
    const path = privateFile(`private-${mode}.key`, JSON.stringify(JWK));
    chmodSync(path, mode);
    expect((await readKeyFile(path, neverAsked)).publicKey).toBe(owner.publicKey);
  });

  test('a key file is private whatever the umask says', async () => {
    const before = process.umask(0);
    try {
      await writeKeyFile(temporary.path('umask.key'), owner);
    } finally {
      process.umask(before);
    }
    expect(statSync(temporary.path('umask.key')).mode & 0o777).toBe(0o600);
  });
});

describe('a file that is no key file', () => {
  const other = secp256k1.getPublicKey(stranger.exportPrivateKey(), false);
  const order = Buffer.from('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 'hex');

  test.each<[string, string]>([
    ['of another x', JSON.stringify({ ...JWK, x: base64url(other.subarray(1, 33)) })],
    ['of another y', JSON.stringify({ ...JWK, y: base64url(other.subarray(33)) })],
    ['without x', JSON.stringify({ ...JWK, x: undefined })],
    ['of another curve', JSON.stringify({ ...JWK, crv: 'P-256' })],
    ['of another kind', JSON.stringify({ ...JWK, kty: 'OKP' })],
    ['without its private part', JSON.stringify({ ...JWK, d: undefined })],
    ['of a short key', JSON.stringify({ ...JWK, d: base64url(secret.subarray(1)) })],
    ['of a padded key', JSON.stringify({ ...JWK, d: `${JWK.d}=` })],
    ['of the key 0', JSON.stringify({ ...JWK, d: base64url(new Uint8Array(32)) })],
    ["of the curve's order", JSON.stringify({ ...JWK, d: base64url(order) })],
    ['cut off', JSON.stringify(JWK).slice(0, -1)],
    ['with something behind', `${JSON.stringify(JWK)}x`],
    ['of hex', toHex(secret)],
    ['of nothing', ''],
    ['of null', 'null'],
    ['of a list', '[]'],
    ['far too large', `${JSON.stringify(JWK)}${' '.repeat(100_000)}`],
  ])('%s', async (_, text) => {
    const path = privateFile('bad.key', text);
    const error = await refusal(readKeyFile(path, neverAsked));
    expect(error).toMatchObject({ code: 'KEY_FILE_INVALID', place: { file: path } });
    expectNoKey(inspect(error, { depth: 9, showHidden: true }));
  });

  test('nothing and a folder', async () => {
    const folder = temporary.path('folder');
    mkdirSync(folder, { mode: 0o700 });
    for (const path of [temporary.path('nowhere.key'), folder]) {
      const error = await refusal(readKeyFile(path, neverAsked));
      expect(error).toMatchObject({ code: 'FILE_UNREADABLE', place: { file: path } });
    }
  });
});

describe('writing', () => {
  test('never replaces a key, unless it is told to', async () => {
    const path = temporary.path('kept.key');
    await writeKeyFile(path, owner);
    expect((await refusal(writeKeyFile(path, stranger))).code).toBe('FILE_EXISTS');
    expect((await readKeyFile(path, neverAsked)).publicKey).toBe(owner.publicKey);
    await writeKeyFile(path, stranger, { replace: true });
    expect((await readKeyFile(path, neverAsked)).publicKey).toBe(stranger.publicKey);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('does not write through a link to nothing', async () => {
    const path = temporary.path('link.key');
    symlinkSync(temporary.path('elsewhere.key'), path);
    expect((await refusal(writeKeyFile(path, owner))).code).toBe('FILE_EXISTS');
  });

  test('says where it cannot write, and leaves nothing half done', async () => {
    const error = await refusal(writeKeyFile(temporary.path('nowhere/x.key'), owner));
    expect(error.code).toBe('OUTPUT_INVALID');
    expectNoKey(inspect(error, { depth: 9 }));
    expect(readdirSync(temporary.path('.')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

test('an identity never prints its key', () => {
  for (const text of [
    inspect(owner),
    inspect({ nested: [owner] }, { depth: 9, showHidden: true }),
    String(owner),
    JSON.stringify(owner),
    inspect(owner, { compact: false, getters: true }),
  ]) {
    expectNoKey(text);
  }
  expect(inspect(owner)).toContain('redacted');
});
