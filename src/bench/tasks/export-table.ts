import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fromHex } from '../../bytes.js';
import { identityFromPrivateKey } from '../../crypto/identity.js';
import { openDataset } from '../../dataset/open.js';
import { openedBytes } from '../../dataset/typed/formats.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Done, expectRight, timed } from './done.js';

export interface ExportTask {
  readonly ledger: string;
  /** The owner's private key, hex. */
  readonly key: string;
  readonly records: number;
  /** The file to write. */
  readonly output: string;
}

/** Opens a data set into a Parquet file, verifying it on the way. */
export async function run({ ledger: path, key, records, output }: ExportTask): Promise<Done> {
  const owner = await identityFromPrivateKey(fromHex(key, 32) ?? new Uint8Array());
  return timed(records, async () => {
    const ledger = await openLedger(path);
    const dataset = await openDataset(ledger, owner, { owner: owner.publicKey });
    await pipeline(await openedBytes(dataset, { format: 'parquet' }), createWriteStream(output));
    await ledger.close();
    const { complete, opened } = dataset.report();
    expectRight(complete && opened === records, `${opened} of ${records} rows were opened`);
  });
}
