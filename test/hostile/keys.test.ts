// Key files, private keys and remembered heads that nobody honest has written: refused with a code, quickly.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { Encrypter } from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MedsealError } from '../../src/errors.js';
import { importPrivateKey } from '../../src/keys/import.js';
import { readKeyFile, writeKeyFile } from '../../src/keys/key-file.js';
import { parsePublicKey } from '../../src/keys/public-key.js';
import { headsBeside } from '../../src/ledger/known-heads.js';
import { createLedger, openLedger } from '../../src/ledger/ledger.js';
import { memoryMedium, memoryStore } from '../../src/store/memory.js';
import { owner, refusal, temporaryFolder } from '../helpers/dataset-fixture.js';
import { damage, noise, respell, SPELLINGS, spelled } from '../helpers/hostile-values.js';
import type { Json, JsonObject } from '../oracle/jcs.js';

const temporary = temporaryFolder();
const path = temporary.path('hostile.key');
const asked = async (): Promise<string> => 'x';

function written(content: string | Uint8Array): string {
  rmSync(path, { force: true });
  temporary.file('hostile.key', content);
  chmodSync(path, 0o600);
  return path;
}

await writeKeyFile(temporary.path('good.key'), owner);
const good = readFileSync(temporary.path('good.key'), 'utf8');
const jwk = JSON.parse(good) as JsonObject;

/** The key of the owner, or a refusal. */
async function readOrRefused(content: string | Uint8Array): Promise<string> {
  try {
    return (await readKeyFile(written(content), asked)).publicKey;
  } catch (error) {
    expect(error).toBeInstanceOf(MedsealError);
    return (error as MedsealError).code;
  }
}

describe('a key file', () => {
  test('damaged in any way is refused, or still the same key', async () => {
    const property = fc.asyncProperty(damage, async (change) => {
      expect([owner.publicKey, 'KEY_FILE_INVALID']).toContain(await readOrRefused(change(Buffer.from(good))));
    });
    await fc.assert(property, { numRuns: 150 });
  });

  test('with any member spelled otherwise is refused, or still the same key', async () => {
    const property = fc.asyncProperty(fc.nat(), spelled, async (place, value) => {
      expect([owner.publicKey, 'KEY_FILE_INVALID']).toContain(await readOrRefused(respell(jwk, place, value)));
    });
    await fc.assert(property, { numRuns: 300 });
    for (const raw of SPELLINGS) expect(await readOrRefused(raw)).toBe('KEY_FILE_INVALID');
  });

  test.each([
    ['in an array', (d: string) => [d]],
    ['in two arrays', (d: string) => [[d]]],
    ['padded', (d: string) => `${d}=`],
    ['of the standard alphabet', () => Buffer.alloc(32, 0xfb).toString('base64')],
    ['with loose bits', (d: string) => `${d.slice(0, -1)}${d.endsWith('E') ? 'F' : 'B'}`],
    ['with a blank', (d: string) => ` ${d}`],
    ['with a NUL', (d: string) => `${d}\0`],
    ['a byte longer', () => Buffer.alloc(33, 1).toString('base64url')],
    ['zero', () => Buffer.alloc(32).toString('base64url')],
    ['past the order', () => Buffer.alloc(32, 255).toString('base64url')],
    ['an object that calls itself text', (d: string) => ({ toString: d, length: 43 })],
  ])('whose private key is %s is refused', async (_, change) => {
    const other = { ...jwk, d: change(String(jwk.d)) };
    expect(await readOrRefused(JSON.stringify(other))).toBe('KEY_FILE_INVALID');
    expect((await refusal(importPrivateKey(JSON.stringify(other)))).code).toBe('KEY_FILE_INVALID');
  });

  test('without end is not read to its end', async () => {
    const pipe = temporary.path('endless.key');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    const endless = spawn('sh', ['-c', `yes '{' > '${pipe}'`], { stdio: 'ignore' });
    // Opening waits for the other side, so the other side has to be there.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await refusal(readKeyFile(pipe, asked))).code).toBe('KEY_FILE_INVALID');
    endless.kill('SIGKILL');
    expect(await readOrRefused('['.repeat(10_000_000))).toBe('KEY_FILE_INVALID');
    expect(await readOrRefused('['.repeat(60_000))).toBe('KEY_FILE_INVALID');
  });
});

describe('a key file of age', () => {
  async function encrypted(factor = 10): Promise<string> {
    const encrypter = new Encrypter();
    encrypter.setScryptWorkFactor(factor);
    encrypter.setPassphrase('x');
    return Buffer.from(await encrypter.encrypt(good)).toString('latin1');
  }
  /** The processor's time, and not that on the wall: the machine may have other work. */
  const refused = async (text: string): Promise<[code: string, seconds: number]> => {
    const start = process.cpuUsage();
    const code = await readOrRefused(Buffer.from(text, 'latin1'));
    return [code, process.cpuUsage(start).user / 1e6];
  };
  /** Twice as many seconds as all that is needed; 2^21 take more than ten times as many. */
  const AT_ONCE = 1;

  test.each([
    '21',
    '22',
    '30',
    '31',
    '32',
    '63',
    '64',
    '1000000000',
    '9007199254740993',
    '0',
    '-1',
    '010',
    '1e1',
    '0x0a',
    '',
  ])('that demands work to the power of "%s" is refused at once', async (factor) => {
    const [code, seconds] = await refused((await encrypted()).replace(/(-> scrypt \S+) 10\n/, `$1 ${factor}\n`));
    // What is no number of this form is damage.
    expect(code).toBe(/^[1-9]\d*$/.test(factor) ? 'KEY_FILE_INVALID' : 'PASSPHRASE_WRONG');
    expect(seconds).toBeLessThan(AT_ONCE);
  });

  test('that demands the work many times over is refused at once', async () => {
    const text = await encrypted();
    const stanza = /-> scrypt [\s\S]*?\n(?=---)/.exec(text)?.[0] ?? '';
    const [code, seconds] = await refused(text.replace(stanza, stanza.replace(' 10\n', ' 20\n').repeat(200)));
    expect(code).toBe('PASSPHRASE_WRONG');
    expect(seconds).toBeLessThan(AT_ONCE);
  });

  test('damaged in any way is refused, or still the same key', async () => {
    const bytes = Buffer.from(await encrypted(2), 'latin1');
    const property = fc.asyncProperty(damage, async (change) => {
      const outcome = await readOrRefused(change(bytes));
      expect([owner.publicKey, 'PASSPHRASE_WRONG', 'KEY_FILE_INVALID']).toContain(outcome);
    });
    await fc.assert(property, { numRuns: 80 });
  });
});

describe('keys in other forms', () => {
  test('anything given for a private key is one or is refused', async () => {
    const text = fc.oneof(
      spelled.map(({ raw }) => raw),
      noise.map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    const pem = fc.constantFrom('EC PRIVATE KEY', 'PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'RSA');
    const armoured = fc
      .tuple(pem, fc.uint8Array({ maxLength: 150 }))
      .map(
        ([kind, bytes]) => `-----BEGIN ${kind}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${kind}-----\n`,
      );
    const property = fc.asyncProperty(fc.oneof(text, armoured), async (given) => {
      expect((await refusal(importPrivateKey(given))).code).toBe('KEY_FILE_INVALID');
    });
    await fc.assert(property, { numRuns: 300 });
    for (const raw of SPELLINGS) expect((await refusal(importPrivateKey(raw))).code).toBe('KEY_FILE_INVALID');
  });

  test('anything given for a public key is one or is refused', async () => {
    const hex = fc.tuple(fc.constantFrom(64, 66, 128, 130), fc.uint8Array({ minLength: 65, maxLength: 65 }));
    const given = fc.oneof(
      noise.map((bytes) => Buffer.from(bytes).toString('latin1')),
      hex.map(([length, bytes]) => Buffer.from(bytes).toString('hex').slice(0, length)),
      fc.uint8Array({ minLength: 63, maxLength: 65 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    );
    const property = fc.asyncProperty(given, async (text) => {
      try {
        expect(await parsePublicKey(text)).toMatch(/^0[23][0-9a-f]{64}$/);
      } catch (error) {
        expect(error).toMatchObject({ name: 'MedsealError', code: 'USAGE' });
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

describe('what a signer remembers', () => {
  const key = temporary.path('signer.key');
  const heads = headsBeside(key);
  const remembered = (text: string | Uint8Array): void => void temporary.file('signer.key.heads', text);

  /** Sealing with such a memory goes on, or is refused; it never ends otherwise. */
  async function outcome(): Promise<string> {
    const medium = memoryMedium();
    await (await createLedger(memoryStore(medium), owner, { difficulty: 0 })).close();
    const ledger = await openLedger(memoryStore(medium));
    try {
      await ledger.write(owner, { heads });
      return 'goes on';
    } catch (error) {
      expect(error).toBeInstanceOf(MedsealError);
      return (error as MedsealError).code;
    } finally {
      await ledger.close();
    }
  }

  test('damaged in any way', async () => {
    rmSync(`${key}.heads`, { force: true });
    await (await createLedger(memoryStore(), owner, { difficulty: 0, heads })).close();
    const good = readFileSync(`${key}.heads`);
    const property = fc.asyncProperty(damage, async (change) => {
      remembered(change(good));
      expect(['goes on', 'KEY_FILE_INVALID', 'LEDGER_ROLLED_BACK']).toContain(await outcome());
    });
    await fc.assert(property, { numRuns: 100 });
    const respelled = fc.asyncProperty(fc.nat(), spelled, async (place, value) => {
      remembered(respell(JSON.parse(good.toString()) as Json, place, value));
      expect(['goes on', 'KEY_FILE_INVALID', 'LEDGER_ROLLED_BACK']).toContain(await outcome());
    });
    await fc.assert(respelled, { numRuns: 200 });
  });

  test.each([
    '',
    '[]',
    '[[]]',
    'null',
    '1',
    '"x"',
    '{"x":null}',
    '{"x":{"index":0}}',
    '{',
    '\ufeff{}',
    '['.repeat(1_000_000),
  ])('%# is told to be damaged', async (text) => {
    remembered(text);
    expect(await outcome()).toBe('KEY_FILE_INVALID');
  });

  test('names of every object mean nothing', async () => {
    const head = { index: 1, hash: '00', timestamp: '' };
    remembered(`{"__proto__":${JSON.stringify(head)},"constructor":${JSON.stringify(head)}}`);
    expect(heads.get('toString')).toBe(null);
    expect(heads.get('hasOwnProperty')).toBe(null);
    expect(await outcome()).toBe('goes on');
  });

  test('too large, or no file', async () => {
    remembered(`{"x":{"index":1,"hash":"${'0'.repeat(9_000_000)}","timestamp":""}}`);
    expect(await outcome()).toBe('KEY_FILE_INVALID');
    rmSync(`${key}.heads`);
    mkdirSync(`${key}.heads`);
    expect(await outcome()).toBe('KEY_FILE_INVALID');
  });
});
