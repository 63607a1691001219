import { toHex } from '../../bytes.js';
import { readKeyFile } from '../../keys/key-file.js';
import { notebookPublicKey } from '../../keys/public-key.js';
import { type Context, DONE, type ExitCode, REFUSED } from '../context.js';
import { confirm, passphraseFor } from '../passphrase.js';
import { table } from '../terminal.js';

interface Options {
  readonly private?: boolean;
  readonly yes?: boolean;
  readonly passphraseFile?: string;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  const identity = await readKeyFile(path, () => passphraseFor(path, options.passphraseFile));
  const base64 = await notebookPublicKey(identity.publicKey);
  const shown = [
    ['public key', identity.publicKey],
    ['base64', base64],
  ] as [string, string][];
  if (options.private) {
    const question = 'Whoever sees the private key is its owner. Show it? (yes/no) ';
    if (!options.yes && !(await confirm(question))) {
      terminal.warn('the private key was not shown');
      return REFUSED;
    }
    shown.push(['private key', toHex(identity.exportPrivateKey())]);
  }
  terminal.say(table(shown));
  terminal.json({
    publicKey: identity.publicKey,
    publicKeyBase64: base64,
    ...(options.private ? { privateKey: toHex(identity.exportPrivateKey()) } : {}),
  });
  return DONE;
}
