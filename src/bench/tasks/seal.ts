import { fromHex } from '../../bytes.js';
import { identityFromPrivateKey } from '../../crypto/identity.js';
import { type SealOptions, sealDataset } from '../../dataset/seal.js';
import { createLedger } from '../../ledger/ledger.js';
import { type Done, expectRight, timed } from './done.js';

export interface SealTask {
  readonly csv: string;
  /** The ledger to make. */
  readonly ledger: string;
  /** The owner's private key, hex. */
  readonly key: string;
  readonly records: number;
  readonly blockSize: number;
  readonly difficulty: number;
  /** Column groups, and the column that says whose record a row is. Default: one group, and no such column. */
  readonly layout?: Pick<SealOptions, 'groups' | 'subject'>;
}

/** Seals a file into a new ledger: from looking through the file to the last block's being durable. */
export async function run(task: SealTask): Promise<Done> {
  const { csv, ledger: path, key, records, blockSize, difficulty, layout = {} } = task;
  const owner = await identityFromPrivateKey(fromHex(key, 32) ?? new Uint8Array());
  const ledger = await createLedger(path, owner, { difficulty });
  return timed(records, async () => {
    const { sealed } = await sealDataset(ledger, owner, csv, { name: 'reviews', blockSize, ...layout });
    await ledger.close();
    expectRight(sealed === records, `${sealed} of ${records} records were sealed`);
  });
}
