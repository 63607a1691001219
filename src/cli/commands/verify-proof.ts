import { parsePublicKey } from '../../keys/public-key.js';
import { MAX_PROOF_BYTES } from '../../proof/record-proof.js';
import { verifyProof } from '../../proof/verify-proof.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode } from '../context.js';
import { readBounded } from '../files.js';
import { readCheckpoint } from '../pins.js';
import { proofText, recordJson } from '../proof-text.js';
import { printable } from '../terminal.js';

interface Options {
  readonly publicKey: string;
  readonly checkpoint?: string;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  const owner = await parsePublicKey(options.publicKey);
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint);
  const verdict = await verifyProof(readBounded(path, MAX_PROOF_BYTES), {
    owner,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  });
  terminal.say(proofText(printable(path), verdict));
  terminal.json({
    ok: verdict.ok,
    problem: verdict.problem,
    record: verdict.record === null ? null : recordJson(verdict.record),
  });
  return verdict.ok ? DONE : ANSWER_IS_NO;
}
