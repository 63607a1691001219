import { grantKey, newGroupKey } from '../../access/grants.js';
import { fromHex, toHex } from '../../bytes.js';
import { type Identity, identityFromPrivateKey, systemRandom } from '../../crypto/identity.js';
import { SALT_LENGTH } from '../../crypto/sealing.js';
import { encodeManifest } from '../../dataset/manifest.js';
import { sealRecord } from '../../dataset/records.js';
import { planFor, type RowZero, rowZeros } from '../../dataset/seal-plan.js';
import { examine } from '../../dataset/source/examine.js';
import type { Examined } from '../../dataset/source/source.js';
import type { Block } from '../../format/block.js';
import type { Entry, SealedEntry } from '../../format/entry.js';
import { hashOf } from '../../format/header.js';
import { timestampOf } from '../../format/timestamp.js';
import { composeBlock } from '../../ledger/compose.js';
import { createLedger } from '../../ledger/ledger.js';
import { toStored } from '../../ledger/stored.js';
import { statementEntry } from '../../ledger/writer.js';
import { MerkleTree } from '../../merkle/tree.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import type { Store, StoredBlock } from '../../store/store.js';
import { singleThreadMiner } from '../../work/miner.js';
import { type Done, timed } from './done.js';
import type { SealTask } from './seal.js';

export type ChainTask = Omit<SealTask, 'blockSize' | 'layout'>;

/** Blocks that become durable together. */
const BATCH = 2000;

/**
 * Makes the ledger that sealing a file one record a block makes, in a third of the time: it does not check its own
 * signatures, and waits for the disk once in a while. Whether it is right, those who read it say.
 */
export async function run({ csv, ledger: path, key, records, difficulty }: ChainTask): Promise<Done> {
  const owner = await identityFromPrivateKey(fromHex(key, 32) ?? new Uint8Array());
  const ledger = await createLedger(path, owner, { difficulty });
  const genesis = (await ledger.block(1)) as Block;
  await ledger.close();
  const contents = contentsOf(await examine(csv), owner, fromHex(hashOf(genesis), 32) ?? new Uint8Array());
  const store = openSqliteStore(path, { readOnly: false });
  try {
    await store.lock();
    return await timed(records, () => appendAll(store, genesis, owner, contents));
  } finally {
    await store.close();
  }
}

/** What is in the blocks behind the genesis block. */
async function* contentsOf(examined: Examined, owner: Identity, ledgerId: Uint8Array): AsyncGenerator<Entry[]> {
  const key = newGroupKey(ledgerId, systemRandom);
  const id = toHex(systemRandom(16));
  const [zero] = rowZeros(planFor(examined), 'reviews', examined, []) as [RowZero];
  const sealed = (row: number, content: Uint8Array): SealedEntry =>
    sealRecord(key, row, content, systemRandom(SALT_LENGTH));
  yield [
    statementEntry({ kind: 'dataset', id, keys: [toHex(key.keyId)] }),
    statementEntry(await grantKey(key, owner.publicKey, systemRandom)),
    sealed(0, encodeManifest(zero.manifest, zero.header)),
  ];
  let rows = 0;
  for await (const batch of examined.batches()) for (const { bytes } of batch) yield [sealed(++rows, bytes)];
  yield [statementEntry({ kind: 'dataset-end', id, rows })];
}

async function appendAll(store: Store, genesis: Block, owner: Identity, contents: AsyncIterable<Entry[]>) {
  const { difficulty } = genesis.header;
  const timestamp = timestampOf(new Date());
  const history = new MerkleTree();
  let previous_hash = hashOf(genesis);
  history.add(fromHex(previous_hash, 32) ?? new Uint8Array());
  let index = 1;
  let batch: StoredBlock[] = [];
  for await (const entries of contents) {
    const place = { index: ++index, timestamp, previous_hash, history_hash: history.rootHex(), difficulty };
    const block = await composeBlock(place, entries, owner, singleThreadMiner, undefined);
    previous_hash = hashOf(block);
    batch.push(toStored(block, history));
    if (batch.length < BATCH) continue;
    await store.append(index - batch.length, batch);
    batch = [];
  }
  await store.append(index - batch.length, batch);
}
