// Record, padding and key vectors against the functions that do one thing each.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openGrant } from '../../src/access/grants.js';
import { toBase64url, toHex } from '../../src/bytes.js';
import { identityFromPrivateKey } from '../../src/crypto/identity.js';
import { grantInfo, wrapKey } from '../../src/crypto/key-wrapping.js';
import { pad, padmeLength, unpad } from '../../src/crypto/padding.js';
import { bodyHash, commitmentTo, keyId, recordKey, saltHash } from '../../src/crypto/sealing.js';
import { openRecord, sealRecord } from '../../src/dataset/records.js';
import { type GrantStatement, grantAssociated } from '../../src/format/statement.js';
import { readKeyFile, writeKeyFile } from '../../src/keys/key-file.js';
import { vectorsIn } from './files.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

interface RecordVector {
  readonly ledger: string;
  readonly group_key: string;
  readonly row: number;
  readonly salt: string;
  readonly content_base64: string;
  readonly expect: Record<
    'key_id' | 'record_key' | 'salt_hash' | 'commitment' | 'body' | 'body_hash' | 'entry',
    string
  > & {
    readonly padded_length: number;
  };
}

test.each(vectorsIn<RecordVector>('records'))('record %s', (_, vector) => {
  const { expect: expected, row } = vector;
  const ledgerId = bytes(vector.ledger);
  const key = bytes(vector.group_key);
  const salt = bytes(vector.salt);
  const group = { ledgerId, key, keyId: keyId(ledgerId, key) };
  const content = Uint8Array.from(Buffer.from(vector.content_base64, 'base64'));
  const sealed = sealRecord(group, row, content, salt);
  expect({
    key_id: toHex(group.keyId),
    record_key: toHex(recordKey(group, salt, row)),
    salt_hash: toHex(saltHash(salt)),
    commitment: toHex(commitmentTo(recordKey(group, salt, row))),
    padded_length: pad(content).length,
    body: toHex(sealed.body ?? new Uint8Array(0)),
    body_hash: toHex(bodyHash(sealed.body ?? new Uint8Array(0))),
    entry: toHex(sealed.bytes),
  }).toMatchObject(without(expected, 'info'));
  expect(toHex(openRecord(group, sealed) ?? bytes('ff'))).toBe(toHex(content));
  expect(openRecord({ ...group, key: bytes('ff'.repeat(32)) }, sealed)).toBeNull();
});

function without(object: object, name: string): object {
  return Object.fromEntries(Object.entries(object).filter(([member]) => member !== name));
}

interface PaddingVector {
  readonly length: number;
  readonly expect: { readonly padded_length: number };
}

test.each(vectorsIn<PaddingVector>('padding'))('padding of %s', (_, { length, expect: expected }) => {
  const content = new Uint8Array(length).fill(0x80);
  expect(pad(content).length).toBe(expected.padded_length);
  expect(Math.max(64, padmeLength(length + 1))).toBe(expected.padded_length);
  expect(Buffer.from(unpad(pad(content)) ?? []).equals(content)).toBe(true);
});

interface GrantVector {
  readonly ledger: string;
  readonly private_key: string;
  readonly ephemeral_private_key?: string;
  readonly grant: GrantStatement;
  readonly expect: { readonly opens: boolean; readonly key?: string };
}

const keyVectors = vectorsIn<GrantVector>('keys');

test.each(keyVectors.filter(([name]) => name.startsWith('grant-')))('key %s', async (_, vector) => {
  const { grant, expect: expected } = vector;
  const ledgerId = bytes(vector.ledger);
  const identity = await identityFromPrivateKey(bytes(vector.private_key));
  const opened = await openGrant(grant, identity, ledgerId);
  expect(opened !== null).toBe(expected.opens);
  if (opened === null || vector.ephemeral_private_key === undefined) return;
  expect(toHex(opened.key)).toBe(expected.key);
  // The same ephemeral key wraps to the same bytes.
  const ephemeral = await identityFromPrivateKey(bytes(vector.ephemeral_private_key));
  const wrapped = await wrapKey(opened.key, grant.to, grantInfo(ledgerId), grantAssociated(grant), ephemeral);
  expect(toBase64url(wrapped.enc)).toBe(grant.enc);
  expect(toBase64url(wrapped.wrapped)).toBe(grant.wrapped);
});

interface IdentityVector {
  readonly private_key: string;
  readonly expect: { readonly public_key: string; readonly jwk: object };
}

const identities = vectorsIn<IdentityVector>('keys').filter(([name]) => name.startsWith('identity-'));

test.each(identities)('key %s', async (_, { private_key, expect: expected }) => {
  const identity = await identityFromPrivateKey(bytes(private_key));
  expect(identity.publicKey).toBe(expected.public_key);
  await inFolder(async (path) => {
    await writeKeyFile(path, identity);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(expected.jwk);
    const read = await readKeyFile(path, noPassphrase);
    expect(toHex(read.exportPrivateKey())).toBe(private_key);
  });
});

interface KeyFileVector {
  readonly file_base64: string;
  readonly passphrase?: string;
  readonly expect: { readonly private_key?: string; readonly code?: string };
}

const keyFiles = vectorsIn<KeyFileVector>('keys').filter(([name]) => name.startsWith('file-'));

test.each(keyFiles)('key %s', async (_, { file_base64, passphrase, expect: expected }) => {
  await inFolder(async (path) => {
    writeFileSync(path, Buffer.from(file_base64, 'base64'), { mode: 0o600 });
    const reading = readKeyFile(path, passphrase === undefined ? noPassphrase : async () => passphrase);
    if (expected.code !== undefined) await expect(reading).rejects.toMatchObject({ code: expected.code });
    else expect(toHex((await reading).exportPrivateKey())).toBe(expected.private_key);
  });
});

async function noPassphrase(): Promise<string> {
  throw new Error('this key file has no passphrase');
}

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'medseal-vectors-'));
  try {
    await run(join(folder, 'key'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
