// A PKCS #11 token in software (SoftHSM 2), fresh for each suite: what a key in hardware looks like from here.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODULE = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'].find(existsSync);

/** What the tests need and do not have; null where all is there. */
export const missing: string | null =
  MODULE === undefined
    ? 'no SoftHSM (Debian: apt-get install softhsm2)'
    : hasAddon()
      ? null
      : 'no pkcs11js (npm install --no-save pkcs11js@2.1.7)';

function hasAddon(): boolean {
  try {
    createRequire(import.meta.url).resolve('pkcs11js');
    return true;
  } catch {
    return false;
  }
}

export const PIN = '4711';

export interface SoftToken {
  readonly module: string;
  readonly folder: string;
  /** What a process needs in its environment to find the token. */
  readonly environment: Record<string, string>;
}

/** Makes a token named "clinic" in a folder of its own. */
export function newSoftToken(): SoftToken {
  const folder = mkdtempSync(join(tmpdir(), 'medseal-token-'));
  mkdirSync(join(folder, 'tokens'));
  const conf = join(folder, 'softhsm2.conf');
  writeFileSync(
    conf,
    `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const environment = { SOFTHSM2_CONF: conf, XDG_STATE_HOME: join(folder, 'state') };
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'clinic', '--so-pin', '123456', '--pin', PIN], {
    env: { ...process.env, ...environment },
    stdio: 'ignore',
  });
  return { module: MODULE ?? '', folder, environment };
}
