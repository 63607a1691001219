import { fromHex } from '../bytes.js';
import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { judgeBlocks } from '../verify/judging.js';
import type { VerifyOptions } from '../verify/options.js';
import type { LedgerState } from '../verify/state.js';
import { Verifier } from '../verify/verifier.js';
import type { Ledger } from './ledger.js';

/** What a ledger that verifies says. */
export interface VerifiedState {
  readonly ledgerId: Uint8Array;
  readonly state: LedgerState;
}

/**
 * Verifies the chain, without the records' content, and gives what its statements add up to.
 * @param pins whose ledger it must be (a public key), and which (its id); by itself it can be anybody's
 * @throws {MedsealError} `LEDGER_INVALID` where it does not verify
 */
export async function verifiedState(
  ledger: Ledger,
  pins: Pick<VerifyOptions, 'owner' | 'ledger'> = {},
): Promise<VerifiedState> {
  const verifier = new Verifier(await loadCurve(), { ...pins, now: ledger.clock(), bodies: false });
  for await (const _ of judgeBlocks(verifier, ledger.blocks({ bodies: false }))) {
    // Judging is all that is asked for.
  }
  const { problems, ledger: id } = verifier.finish();
  const [problem] = problems;
  const ledgerId = id === null ? null : fromHex(id, 32);
  if (problem === undefined && ledgerId !== null) return { ledgerId, state: verifier.state };
  const where = problem === undefined ? '' : `: block ${problem.block}, ${problem.code}, ${problem.message}`;
  const message = `the ledger does not verify${where}. "medseal verify" tells all`;
  throw new MedsealError('LEDGER_INVALID', message, problem === undefined ? {} : { block: problem.block });
}
