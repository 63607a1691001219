import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.js';
import { generateIdentity } from '../../src/crypto/identity.js';
import { loadCurve } from '../../src/crypto/secp256k1.js';
import { openDataset } from '../../src/dataset/open.js';
import { originalBytes } from '../../src/dataset/output.js';
import { sealDataset } from '../../src/dataset/seal.js';
import {
  generateHardwareIdentity,
  type HardwareIdentity,
  openHardwareIdentity,
} from '../../src/keys/pkcs11/identity.js';
import type { TokenOptions } from '../../src/keys/pkcs11/token.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { memoryStore } from '../../src/store/memory.js';
import { joined, refusal, streamOf } from '../helpers/dataset-fixture.js';
import { missing, newSoftToken, PIN, type SoftToken } from '../helpers/soft-token.js';

if (missing !== null && process.env.CI !== 'true') console.log(`${missing}: the tests of keys in hardware are skipped`);

describe.skipIf(missing !== null && process.env.CI !== 'true')('a key in a token', () => {
  const URI = 'pkcs11:token=clinic;object=owner';
  let token: SoftToken;
  let options: TokenOptions;
  let owner: HardwareIdentity;

  beforeAll(async () => {
    token = newSoftToken();
    Object.assign(process.env, token.environment);
    options = { module: token.module, pin: async () => PIN };
    owner = await generateHardwareIdentity(URI, options);
  });
  afterAll(() => {
    owner?.close();
    rmSync(token.folder, { recursive: true, force: true });
  });

  test('signs as any other key does, with a low s', async () => {
    const curve = await loadCurve();
    for (let i = 0; i < 40; i++) {
      const digest = randomBytes(32);
      const signature = await owner.sign(digest);
      expect(curve.verify(owner.publicKey, digest, signature)).toBe(true);
      const key = fromHex(owner.publicKey, 33) ?? new Uint8Array();
      expect(secp256k1.verify(signature, digest, key, { prehash: false, lowS: true })).toBe(true);
    }
  });

  test('agrees on a secret as any other key does', async () => {
    const curve = await loadCurve();
    for (let i = 0; i < 10; i++) {
      const other = await generateIdentity();
      const here = await owner.sharedSecret(curve.uncompressed(other.publicKey));
      const there = await other.sharedSecret(curve.uncompressed(owner.publicKey));
      expect(Buffer.from(here)).toEqual(Buffer.from(there));
    }
  });

  test('does many things at once, one after the other', async () => {
    const curve = await loadCurve();
    const other = await generateIdentity();
    const digests = Array.from({ length: 20 }, () => randomBytes(32));
    const [signatures, secrets] = await Promise.all([
      Promise.all(digests.map((digest) => owner.sign(digest))),
      Promise.all(digests.map(() => owner.sharedSecret(curve.uncompressed(other.publicKey)))),
    ]);
    for (const [i, digest] of digests.entries()) {
      expect(curve.verify(owner.publicKey, digest, signatures[i] ?? new Uint8Array())).toBe(true);
    }
    expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
  });

  test('is found again by its label, and by its token alone where it is the only one', async () => {
    for (const uri of [URI, 'pkcs11:token=clinic', `${URI}?module-path=${token.module}`]) {
      const again = await openHardwareIdentity(uri, options);
      expect(again.publicKey).toBe(owner.publicKey);
      again.close();
    }
  });

  test('owns a ledger: seals, and opens what was sealed; a recovery key opens it too', async () => {
    const recovery = await generateIdentity();
    const ledger = await createLedger(memoryStore(), owner, { difficulty: 0, recovery: [recovery.publicKey] });
    const table = 'drug,rating\nMirtazapine,10\n"Mesa\nlamine",8\n';
    await sealDataset(ledger, owner, streamOf(table), { name: 'reviews' });
    expect((await verifyLedger(ledger, { owner: owner.publicKey })).ok).toBe(true);
    for (const reader of [owner, recovery]) {
      expect(String(await joined(originalBytes(await openDataset(ledger, reader))))).toBe(table);
    }
  });

  test('is not generated over another', async () => {
    expect((await refusal(() => generateHardwareIdentity(URI, options))).code).toBe('KEY_EXISTS');
  });

  test('needs a label to be generated', async () => {
    expect((await refusal(() => generateHardwareIdentity('pkcs11:token=clinic', options))).code).toBe('USAGE');
  });

  test.each([
    ['no such token', 'pkcs11:token=other;object=owner', 'TOKEN_NOT_FOUND'],
    ['no such serial number', 'pkcs11:token=clinic;serial=x;object=owner', 'TOKEN_NOT_FOUND'],
    ['no such slot', 'pkcs11:slot-id=987654321012;object=owner', 'TOKEN_NOT_FOUND'],
    ['no such key', 'pkcs11:token=clinic;object=nobody', 'KEY_NOT_FOUND'],
    ['no key of this id', 'pkcs11:token=clinic;id=%00', 'KEY_NOT_FOUND'],
    ['a module that is not there', 'pkcs11:token=clinic?module-path=/none.so', 'MODULE_UNAVAILABLE'],
    ['a module that is none', 'pkcs11:token=clinic?module-path=/etc/hostname', 'MODULE_UNAVAILABLE'],
  ])('%s: told with a code', async (_, uri, code) => {
    expect((await refusal(() => openHardwareIdentity(uri, options))).code).toBe(code);
  });

  test('several keys that fit are not chosen from', async () => {
    const second = await generateHardwareIdentity('pkcs11:token=clinic;object=second', options);
    expect((await refusal(() => openHardwareIdentity('pkcs11:token=clinic', options))).code).toBe('KEY_NOT_FOUND');
    second.close();
  });

  test('no module is named', async () => {
    expect((await refusal(() => openHardwareIdentity(URI, { pin: options.pin }))).code).toBe('MODULE_UNAVAILABLE');
  });

  test('once closed, it does nothing more', async () => {
    const again = await openHardwareIdentity(URI, options);
    again.close();
    expect((await refusal(() => again.sign(randomBytes(32)))).code).toBe('TOKEN_FAILED');
  });

  test('what fails in the token is told, and not taken for a grant that is not there', async () => {
    const ledger = await createLedger(memoryStore(), owner, { difficulty: 0 });
    await sealDataset(ledger, owner, streamOf('a,b\n1,2\n'), { name: 'x' });
    const again = await openHardwareIdentity(URI, options);
    again.close();
    expect((await refusal(() => openDataset(ledger, again))).code).toBe('TOKEN_FAILED');
  });

  test('a point that is not on the curve gives no secret', async () => {
    expect((await refusal(() => owner.sharedSecret(new Uint8Array(65).fill(4)))).code).toBe('TOKEN_FAILED');
  });
});
