import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fromHex } from '../../bytes.js';
import { identityFromPrivateKey } from '../../crypto/identity.js';
import { openDataset } from '../../dataset/open.js';
import { originalBytes } from '../../dataset/output.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Done, expectRight, timed } from './done.js';

export interface OpenTask {
  readonly ledger: string;
  /** The owner's private key, hex. */
  readonly key: string;
  readonly records: number;
  /** What was sealed. */
  readonly csv: string;
  /** The file to write. */
  readonly output: string;
  /** How many of the rows have been erased. Default: none. */
  readonly erased?: number;
}

/** Opens a data set into a file, verifying it on the way, and makes sure that it is the one that was sealed. */
export async function run({ ledger: path, key, records, csv, output, erased = 0 }: OpenTask): Promise<Done> {
  const owner = await identityFromPrivateKey(fromHex(key, 32) ?? new Uint8Array());
  const done = await timed(records, async () => {
    const ledger = await openLedger(path);
    const dataset = await openDataset(ledger, owner, { owner: owner.publicKey });
    await pipeline(originalBytes(dataset), createWriteStream(output));
    await ledger.close();
    const { complete, opened, left } = dataset.report();
    expectRight(complete && left.length === 0, 'the data set did not open whole');
    expectRight(opened === records - erased, `${opened} rows opened, and ${erased} of ${records} have been erased`);
  });
  if (erased > 0) return done;
  expectRight((await digest(output)) === (await digest(csv)), 'the file came back changed');
  return done;
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
