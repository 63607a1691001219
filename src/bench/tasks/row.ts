import { fromHex } from '../../bytes.js';
import { identityFromPrivateKey } from '../../crypto/identity.js';
import { openDataset } from '../../dataset/open.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Done, expectRight, timed } from './done.js';
import { randomRows } from './random-rows.js';

export interface RowTask {
  readonly ledger: string;
  /** The owner's private key, hex. */
  readonly key: string;
  readonly records: number;
  /** How many single rows are read, one after the other. */
  readonly rows: number;
}

/** Reads single rows, here and there in a data set that is open. */
export async function run({ ledger: path, key, records, rows }: RowTask): Promise<Done> {
  const owner = await identityFromPrivateKey(fromHex(key, 32) ?? new Uint8Array());
  const ledger = await openLedger(path);
  try {
    const dataset = await openDataset(ledger, owner, { owner: owner.publicKey });
    return await timed(rows, async () => {
      for (const row of randomRows(records, rows)) {
        const content = await dataset.record(row);
        // The first field of each row is its number.
        expectRight(
          Buffer.from(content ?? [])
            .toString()
            .startsWith(`${row},`),
          `row ${row} did not open`,
        );
      }
    });
  } finally {
    await ledger.close();
  }
}
