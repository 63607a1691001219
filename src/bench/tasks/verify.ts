import { verifyLedger } from '../../ledger/verify.js';
import { type Done, expectRight, timed } from './done.js';

export interface VerifyTask {
  readonly ledger: string;
  /** Public key, hex. */
  readonly owner: string;
  readonly records: number;
}

/** Verifies a ledger. */
export async function run({ ledger, owner, records }: VerifyTask): Promise<Done> {
  return timed(records, async () => {
    const verdict = await verifyLedger(ledger, { owner });
    const [problem] = verdict.problems;
    expectRight(verdict.ok, `the ledger does not verify: ${problem?.code} in block ${problem?.block}`);
    expectRight(verdict.records === records, `${verdict.records} of ${records} records were verified`);
  });
}
