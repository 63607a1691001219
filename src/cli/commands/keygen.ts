import { generateIdentity } from '../../crypto/identity.js';
import { MedsealError } from '../../errors.js';
import { importPrivateKey } from '../../keys/import.js';
import { writeKeyFile } from '../../keys/key-file.js';
import { notebookPublicKey } from '../../keys/public-key.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { readSmallFile } from '../files.js';
import { newPassphrase } from '../passphrase.js';
import { table } from '../terminal.js';

interface Options {
  readonly output: string;
  readonly passphrase: boolean;
  readonly passphraseFile?: string;
  readonly import?: string;
  readonly force?: boolean;
}

export async function run(_args: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  const identity =
    options.import === undefined ? await generateIdentity() : await importPrivateKey(readKey(options.import));
  const passphrase = options.passphrase ? await newPassphrase(options.passphraseFile) : undefined;
  await writeKeyFile(options.output, identity, {
    ...(passphrase === undefined ? {} : { passphrase }),
    replace: options.force ?? false,
  });
  const base64 = await notebookPublicKey(identity.publicKey);
  terminal.say(`The key pair is in ${options.output}. Keep it safe: whoever loses it loses the records.`);
  terminal.say(
    table([
      ['public key', identity.publicKey],
      ['base64', base64],
    ]),
  );
  if (passphrase === undefined) terminal.note('It has no passphrase: whoever has the file is its owner.');
  terminal.json({
    file: options.output,
    publicKey: identity.publicKey,
    publicKeyBase64: base64,
    passphrase: passphrase !== undefined,
  });
  return DONE;
}

function readKey(path: string): string {
  try {
    return readSmallFile(path === '-' ? 0 : path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new MedsealError('FILE_UNREADABLE', `cannot read ${path}: ${code}`, { file: path }, { cause });
  }
}
