import { fromHex } from '../../bytes.js';
import { identityFromPrivateKey } from '../../crypto/identity.js';
import { query } from '../../dataset/query/query.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Done, expectRight, timed } from './done.js';

export interface QueryTask {
  readonly ledger: string;
  /** The owner's private key, hex. */
  readonly key: string;
  readonly records: number;
}

const SQL = 'SELECT condition, avg(rating) AS mean, count(*) AS records FROM reviews GROUP BY 1';

/** Answers SQL over two columns of a data set, from the verification of its ledger to the last row. */
export async function run({ ledger: path, key, records }: QueryTask): Promise<Done> {
  const owner = await identityFromPrivateKey(fromHex(key, 32) ?? new Uint8Array());
  return timed(records, async () => {
    const ledger = await openLedger(path);
    const result = await query(ledger, owner, SQL, { owner: owner.publicKey });
    let counted = 0;
    for await (const rows of result.rows()) for (const [, , count] of rows) counted += Number(count);
    await ledger.close();
    expectRight(counted === records, `${counted} of ${records} records were counted`);
  });
}
