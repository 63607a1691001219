import { MedsealError } from '../../errors.js';
import { readKeyFile, writeKeyFile } from '../../keys/key-file.js';
import { isPkcs11Uri } from '../../keys/pkcs11/uri.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { newPassphrase, passphraseFor } from '../passphrase.js';

interface Options {
  readonly passphrase: boolean;
  readonly passphraseFile?: string;
  readonly newPassphraseFile?: string;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  if (isPkcs11Uri(path)) {
    throw new MedsealError('USAGE', 'a key in hardware has a PIN, which the tools of its maker change');
  }
  const identity = await readKeyFile(path, () => passphraseFor(path, options.passphraseFile));
  const passphrase = options.passphrase
    ? await newPassphrase(options.newPassphraseFile, 'MEDSEAL_NEW_PASSPHRASE')
    : undefined;
  await writeKeyFile(path, identity, { ...(passphrase === undefined ? {} : { passphrase }), replace: true });
  terminal.say(passphrase === undefined ? `${path} has no passphrase any more.` : `${path} has a new passphrase.`);
  terminal.json({ file: path, passphrase: passphrase !== undefined });
  return DONE;
}
