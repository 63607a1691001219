import { writeFile } from 'node:fs/promises';
import { proveRecord } from '../../dataset/prove.js';
import { isReadable } from '../../format/block.js';
import { parseStatement } from '../../format/statement.js';
import { type Ledger, openLedger } from '../../ledger/ledger.js';
import { verifyProof } from '../../proof/verify-proof.js';
import { type Done, expectRight, timed } from './done.js';
import { randomRows } from './random-rows.js';

export interface ProveTask {
  readonly ledger: string;
  /** Public key, hex. */
  readonly owner: string;
  readonly records: number;
  /** How many rows are proven, one after the other. */
  readonly rows: number;
  /** Where the largest of the proofs is kept. */
  readonly proof: string;
}

/** Proves that rows are in the ledger, without its keys, and checks each proof as somebody does who has nothing else. */
export async function run({ ledger: path, owner, records, rows, proof }: ProveTask): Promise<Done> {
  const ledger = await openLedger(path);
  try {
    const dataset = await onlyDataset(ledger);
    let largest = new Uint8Array();
    const done = await timed(rows, async () => {
      for (const row of randomRows(records, rows)) {
        const { bytes } = await proveRecord(ledger, { dataset, row });
        const { record, problem } = await verifyProof(bytes, { owner });
        expectRight(record?.row === row, `the proof of row ${row} does not hold: ${problem?.code}`);
        if (bytes.length > largest.length) largest = Uint8Array.from(bytes);
      }
    });
    await writeFile(proof, largest);
    return done;
  } finally {
    await ledger.close();
  }
}

/** The id of the data set, from the block behind the genesis block. */
async function onlyDataset(ledger: Ledger): Promise<string> {
  const block = await ledger.block(2);
  const statements =
    block !== null && isReadable(block) ? block.entries.filter(({ kind }) => kind === 'statement') : [];
  const found = statements.map(({ bytes }) => parseStatement(bytes)).find(({ kind }) => kind === 'dataset');
  if (found?.kind !== 'dataset') throw new Error('the ledger does not begin with its data set');
  return found.id as string;
}
