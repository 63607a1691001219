import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MedsealError } from '../../errors.js';
import { parsePublicKey } from '../../keys/public-key.js';
import { createLedger } from '../../ledger/ledger.js';
import { verifyLedger } from '../../ledger/verify.js';
import { MAX_DIFFICULTY } from '../../work/proof-of-work.js';
import { type Context, DONE, type ExitCode, threadCount, wholeNumber } from '../context.js';
import { type KeyOptions, rememberedHeads, requiredIdentity } from '../key-option.js';
import { table } from '../terminal.js';

interface Options extends KeyOptions {
  readonly difficulty: string;
  readonly recovery?: string[];
  readonly audit?: boolean;
  readonly threads?: string;
}

export async function run([path = '']: string[], options: Options, { terminal, signal }: Context): Promise<ExitCode> {
  const difficulty = wholeNumber(options.difficulty, '--difficulty', 0, MAX_DIFFICULTY);
  const threads = threadCount(options.threads);
  if (existsSync(path)) {
    throw new MedsealError('FILE_EXISTS', `${path} is there already; choose another name`, { file: path });
  }
  if (!existsSync(dirname(resolve(path)))) {
    throw new MedsealError('OUTPUT_INVALID', `cannot make ${path}: there is no such folder`, { file: path });
  }
  const recovery = await Promise.all((options.recovery ?? []).map(parsePublicKey));
  const owner = await requiredIdentity(options);
  const terms = { difficulty, recovery, audit: options.audit ?? false };
  const ledger = await createLedger(path, owner, {
    ...terms,
    ...threads,
    signal,
    ...rememberedHeads(options, owner, terminal),
  });
  try {
    const { ledger: id } = await verifyLedger(ledger, { owner: owner.publicKey });
    terminal.say(`The ledger is in ${path}, with its genesis block.`);
    terminal.say(
      table([
        ['ledger', String(id)],
        ['owner', owner.publicKey],
        ['difficulty', `${difficulty} bits`],
        ...(terms.audit ? [['reading', 'is recorded; it takes --purpose'] as [string, string]] : []),
        ...recovery.map((key): [string, string] => ['recovery', key]),
      ]),
    );
    terminal.json({
      file: path,
      ledger: id,
      owner: owner.publicKey,
      difficulty,
      recovery,
      audit: options.audit ?? false,
    });
  } finally {
    await ledger.close();
  }
  return DONE;
}
