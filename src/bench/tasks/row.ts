import { fromHex } from '../../bytes.js';
import { identityFromPrivateKey } from '../../crypto/identity.js';
import { openDataset } from '../../dataset/open.js';
import { mulberry32 } from '../../dataset/sample.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Done, expectRight, timed } from './done.js';

export interface RowTask {
  readonly ledger: string;
  /** The owner's private key, hex. */
  readonly key: string;
  readonly records: number;
  /** How many single rows are opened, one after the other. */
  readonly rows: number;
}

/** Opens single rows, here and there in the ledger. */
export async function run({ ledger: path, key, records, rows }: RowTask): Promise<Done> {
  const owner = await identityFromPrivateKey(fromHex(key, 32) ?? new Uint8Array());
  const random = mulberry32(records);
  const ledger = await openLedger(path);
  try {
    return await timed(rows, async () => {
      for (let i = 0; i < rows; i++) {
        const row = 1 + Math.floor(random() * records);
        const dataset = await openDataset(ledger, owner, { owner: owner.publicKey, rows: { from: row, to: row } });
        let found = 0;
        for await (const batch of dataset.rows()) found += batch.length;
        expectRight(found === 1, `row ${row} did not open`);
      }
    });
  } finally {
    await ledger.close();
  }
}
