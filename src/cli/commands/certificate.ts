import { parsePublicKey } from '../../keys/public-key.js';
import { openLedger } from '../../ledger/ledger.js';
import { certificateFile, expectNoCertificate, writeCertificate } from '../certificates.js';
import { type Context, DONE, type ExitCode, wholeNumber } from '../context.js';
import { type KeyOptions, keyFileOf, requiredIdentity } from '../key-option.js';
import { readCheckpoint } from '../pins.js';
import { printable } from '../terminal.js';

interface Options extends KeyOptions {
  readonly block: string;
  readonly output?: string;
  readonly publicKey?: string;
  readonly checkpoint?: string;
}

export async function run([path = '']: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const block = wholeNumber(options.block, '--block', 1);
  const owner = options.publicKey === undefined ? undefined : await parsePublicKey(options.publicKey);
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint);
  const file = options.output ?? certificateFile(path, block);
  expectNoCertificate(file, path, keyFileOf(options), options.checkpoint);
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const pinned = { ...(owner === undefined ? {} : { owner }), ...(checkpoint === undefined ? {} : { checkpoint }) };
    const certificate = await writeCertificate(ledger, identity, block, file, { signal, ...pinned });
    terminal.say(`Certified the erasure of block ${block}, into ${printable(file)}.`);
    terminal.json({ file, ...certificate });
    return DONE;
  } finally {
    await ledger.close();
  }
}
