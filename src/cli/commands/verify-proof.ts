import { parsePublicKey } from '../../keys/public-key.js';
import { isCertificate } from '../../proof/certificate.js';
import { MAX_PROOF_BYTES } from '../../proof/record-proof.js';
import { verifyCertificate } from '../../proof/verify-certificate.js';
import { type ProofVerdict, verifyProof } from '../../proof/verify-proof.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode } from '../context.js';
import { otherKind } from '../file-kind.js';
import { readBounded } from '../files.js';
import { readCheckpoint } from '../pins.js';
import { certificateText, proofText, recordJson } from '../proof-text.js';
import { printable } from '../terminal.js';

interface Options {
  readonly publicKey: string;
  readonly checkpoint?: string;
}

export async function run([path = '']: string[], options: Options, { terminal }: Context): Promise<ExitCode> {
  const owner = await parsePublicKey(options.publicKey);
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint);
  const bytes = readBounded(path, MAX_PROOF_BYTES);
  const asked = { owner, ...(checkpoint === undefined ? {} : { checkpoint }) };
  if (isCertificate(bytes)) {
    const verdict = await verifyCertificate(bytes, asked);
    terminal.say(certificateText(printable(path), verdict));
    terminal.json(verdict);
    return verdict.ok ? DONE : ANSWER_IS_NO;
  }
  const verdict = withKind(await verifyProof(bytes, asked), bytes);
  terminal.say(proofText(printable(path), verdict));
  terminal.json({
    ok: verdict.ok,
    problem: verdict.problem,
    record: verdict.record === null ? null : recordJson(verdict.record),
  });
  return verdict.ok ? DONE : ANSWER_IS_NO;
}

/** The same verdict; of a file that is no proof at all it says what it is, where that can be told. */
function withKind(verdict: ProofVerdict, bytes: Uint8Array): ProofVerdict {
  const kind = verdict.problem === null ? null : otherKind(bytes, 'proof');
  if (verdict.problem === null || kind === null) return verdict;
  return { ...verdict, problem: { ...verdict.problem, message: `this is no proof of Medseal: ${kind}` } };
}
