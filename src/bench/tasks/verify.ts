import { verifyLedger } from '../../ledger/verify.js';
import { type Done, expectRight, timed } from './done.js';

export interface VerifyTask {
  readonly ledger: string;
  /** Public key, hex. */
  readonly owner: string;
  readonly records: number;
  /** Whether the signatures that the newest block vouches for are left out. */
  readonly quick?: boolean;
}

/** Verifies a ledger. */
export async function run({ ledger, owner, records, quick = false }: VerifyTask): Promise<Done> {
  return timed(records, async () => {
    const verdict = await verifyLedger(ledger, { owner, quick });
    const [problem] = verdict.problems;
    expectRight(verdict.ok, `the ledger does not verify: ${problem?.code} in block ${problem?.block}`);
    expectRight(verdict.records === records, `${verdict.records} of ${records} records were verified`);
    expectRight(quick === (verdict.anchor !== undefined), 'it was verified in the other way');
  });
}
