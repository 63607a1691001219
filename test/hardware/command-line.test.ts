import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missing, newSoftToken, PIN, type SoftToken } from '../helpers/soft-token.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const URI = 'pkcs11:token=clinic;object=owner';

describe.skipIf(missing !== null && process.env.CI !== 'true')('the command line with a key in a token', () => {
  let token: SoftToken;
  beforeAll(() => {
    token = newSoftToken();
    writeFileSync(join(token.folder, 'pin'), `${PIN}\n`);
    writeFileSync(join(token.folder, 'visits.csv'), 'patient,drug\n1,"Val\r\nsartan"\n2,Mirtazapine\n');
  });
  afterAll(() => rmSync(token.folder, { recursive: true, force: true }));

  function medseal(args: readonly string[], environment: Record<string, string> = { MEDSEAL_PIN: PIN }) {
    const { MEDSEAL_KEY, ...inherited } = process.env;
    const result = spawnSync(process.execPath, [MAIN, ...args], {
      cwd: token.folder,
      env: { ...inherited, ...token.environment, MEDSEAL_PKCS11_MODULE: token.module, ...environment },
      encoding: 'utf8',
      input: '',
    });
    return { ...result, json: () => JSON.parse(result.stdout) };
  }
  const code = (args: readonly string[], environment?: Record<string, string>): string =>
    medseal([...args, '--json'], environment).json().error?.code;

  test('the whole workflow, with the private key in the token from first to last', () => {
    const made = medseal(['keygen', '-o', URI, '--pin-file', 'pin', '--json'], {});
    expect(made.status).toBe(0);
    const { publicKey } = made.json();
    expect(medseal(['key', 'show', URI, '--json']).json().publicKey).toBe(publicKey);
    expect(medseal(['init', 'l.medseal', '--key', URI, '--difficulty', '0']).status).toBe(0);
    expect(medseal(['seal', 'l.medseal', 'visits.csv'], { MEDSEAL_PIN: PIN, MEDSEAL_KEY: URI }).status).toBe(0);
    expect(medseal(['verify', 'l.medseal', '--public-key', publicKey], {}).status).toBe(0);
    expect(medseal(['open', 'l.medseal', '--key', `${URI}?pin-source=file:pin`, '-o', 'again.csv'], {}).status).toBe(0);
    const [before, after] = ['visits.csv', 'again.csv'].map((name) => readFileSync(join(token.folder, name)));
    expect(after).toEqual(before);
  });

  test('the newest block of its ledgers is remembered, so that an older copy is not extended', () => {
    expect(medseal(['backup', 'l.medseal', 'old.medseal']).status).toBe(0);
    expect(medseal(['seal', 'l.medseal', 'visits.csv', '--name', 'more', '--key', URI]).status).toBe(0);
    expect(code(['seal', 'old.medseal', 'visits.csv', '--name', 'other', '--key', URI])).toBe('LEDGER_ROLLED_BACK');
  });

  test('a wrong PIN, none, and one that others could see are told', () => {
    const show = ['key', 'show', URI];
    expect(code(show, { MEDSEAL_PIN: '0000' })).toBe('PIN_WRONG');
    expect(code(show, {})).toBe('PASSPHRASE_REQUIRED');
    expect(code(['key', 'show', `${URI}?pin-value=${PIN}`], {})).toBe('USAGE');
    expect(code([...show, '--pin-file', 'none'], {})).toBe('FILE_UNREADABLE');
  });

  test('what needs the private key itself is refused', () => {
    expect(code(['key', 'show', URI, '--private', '--yes'])).toBe('USAGE');
    expect(code(['key', 'passphrase', URI])).toBe('USAGE');
    expect(code(['keygen', '-o', URI, '--import', 'owner.pem'])).toBe('USAGE');
    expect(code(['keygen', '-o', URI, '--force'])).toBe('USAGE');
  });
});
