import { proveRecord } from '../../dataset/prove.js';
import { MedsealError } from '../../errors.js';
import { parsePublicKey } from '../../keys/public-key.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Context, DONE, type ExitCode, wholeNumber } from '../context.js';
import { expectOtherFile, writeFileWhole, writeStandardOutput } from '../files.js';
import { keyFileOf, optionalIdentity } from '../key-option.js';
import { readCheckpoint } from '../pins.js';
import { recordJson } from '../proof-text.js';
import { type ReadingOptions, readingTerms } from '../reading.js';
import { count, printable } from '../terminal.js';

interface Options extends ReadingOptions {
  readonly dataset?: string;
  readonly group?: string;
  readonly row: string;
  readonly disclose?: boolean;
  readonly publicKey?: string;
  readonly checkpoint?: string;
  readonly output?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { output, disclose = false, dataset, group } = options;
  const { terminal, signal } = context;
  const row = wholeNumber(options.row, '--row', 0);
  if (terminal.wantsJson && output === undefined) {
    throw new MedsealError('USAGE', '--json reports on standard output, so the proof needs a file of its own: -o FILE');
  }
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint);
  const owner = options.publicKey === undefined ? undefined : await parsePublicKey(options.publicKey);
  expectOtherFile(output, path, keyFileOf(options), options.checkpoint);
  const identity = await identityFor(options);
  const ledger = await openLedger(path);
  try {
    const { bytes, record } = await proveRecord(ledger, {
      row,
      disclose,
      signal,
      ...(dataset === undefined ? {} : { dataset }),
      ...(group === undefined ? {} : { group }),
      ...(identity === null ? {} : { identity, ...readingTerms(options, identity, context) }),
      ...(owner === undefined ? {} : { owner }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
    });
    // What is disclosed is plaintext to whoever has the file.
    if (output === undefined) await writeStandardOutput(oneChunk(bytes));
    else await writeFileWhole(output, oneChunk(bytes), { mode: disclose ? 0o600 : 0o644 });
    if (output !== undefined) {
      terminal.say(`Proved row ${row}, in block ${count(record.block)}, into ${printable(output)}.`);
    }
    if (disclose) terminal.warn('the proof discloses the record: whoever has it can read that row');
    terminal.json({ file: output ?? null, bytes: bytes.length, disclosed: disclose, ...recordJson(record) });
    return DONE;
  } finally {
    await ledger.close();
  }
}

/** A key that is only set in the environment is not asked for its passphrase where an id needs none. */
async function identityFor(options: Options): ReturnType<typeof optionalIdentity> {
  const needed = options.disclose || options.key !== undefined || !/^[0-9a-f]{32}$/.test(options.dataset ?? '');
  const identity = needed ? await optionalIdentity(options) : null;
  if (identity !== null || !needed) return identity;
  const what = options.disclose ? 'to disclose a record' : 'to find a data set by its name';
  throw new MedsealError('USAGE', `this needs a key, ${what}: --key FILE. Without one, --dataset takes the id`);
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
