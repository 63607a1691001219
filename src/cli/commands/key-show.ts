import { toHex } from '../../bytes.js';
import { type Identity, isSoftware, type SoftwareIdentity } from '../../crypto/identity.js';
import { MedsealError } from '../../errors.js';
import { notebookPublicKey } from '../../keys/public-key.js';
import { type Context, DONE, type ExitCode, REFUSED } from '../context.js';
import { identityNamed, type KeyOptions } from '../key-option.js';
import { confirm } from '../passphrase.js';
import { table } from '../terminal.js';

interface Options extends Omit<KeyOptions, 'key'> {
  readonly private?: boolean;
  readonly yes?: boolean;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  const identity = await identityNamed(path, options);
  const base64 = await notebookPublicKey(identity.publicKey);
  const shown = [
    ['public key', identity.publicKey],
    ['base64', base64],
  ] as [string, string][];
  let privateKey: string | null = null;
  if (options.private) {
    expectSoftware(identity);
    const question = 'Whoever sees the private key is its owner. Show it? (yes/no) ';
    if (!options.yes && !(await confirm(question))) {
      terminal.warn('the private key was not shown');
      return REFUSED;
    }
    privateKey = toHex(identity.exportPrivateKey());
    shown.push(['private key', privateKey]);
  }
  terminal.say(table(shown));
  terminal.json({
    publicKey: identity.publicKey,
    publicKeyBase64: base64,
    ...(privateKey === null ? {} : { privateKey }),
  });
  return DONE;
}

function expectSoftware(identity: Identity): asserts identity is SoftwareIdentity {
  if (isSoftware(identity)) return;
  throw new MedsealError('USAGE', 'the private key is in hardware, and never leaves it');
}
