// Whoever stores a ledger may put another one in its place, or blocks of their own into it. They must gain nothing.

import { describe, expect, test } from 'vitest';
import { grantKey, newGroupKey } from '../../../src/access/grants.js';
import { fromHex, toHex } from '../../../src/bytes.js';
import { loadCurve } from '../../../src/crypto/secp256k1.js';
import { listDatasets, listVerified } from '../../../src/dataset/directory.js';
import { encodeManifest } from '../../../src/dataset/manifest.js';
import { sealRecord } from '../../../src/dataset/records.js';
import { isReadable } from '../../../src/format/block.js';
import { rowOf } from '../../../src/format/entry.js';
import { hashOf } from '../../../src/format/header.js';
import { openDataset, originalBytes, sealDataset } from '../../../src/index.js';
import { composeBlock } from '../../../src/ledger/compose.js';
import { exportLedger } from '../../../src/ledger/export.js';
import { createLedger, openLedger } from '../../../src/ledger/ledger.js';
import { toStored } from '../../../src/ledger/stored.js';
import { statementEntry } from '../../../src/ledger/writer.js';
import { MerkleTree } from '../../../src/merkle/tree.js';
import { memoryMedium, memoryStore } from '../../../src/store/memory.js';
import { Verifier } from '../../../src/verify/verifier.js';
import { singleThreadMiner } from '../../../src/work/miner.js';
import {
  newLedger,
  owner,
  recovery,
  refusal,
  seal,
  stranger,
  streamOf,
  writer,
} from '../../helpers/dataset-fixture.js';
import { collect } from '../../helpers/ledgers.js';

const CSV = 'name,result\nann,positive\n';

describe('a ledger in the place of another', () => {
  test('gets no record of a writer who does not know its owner', async () => {
    // The storage's operator makes a ledger of their own and names the victim a writer of it.
    const ledger = await createLedger(memoryStore(), stranger, { difficulty: 0 });
    const trap = await ledger.write(stranger);
    await trap.append([statementEntry({ kind: 'writer', public_key: writer.publicKey })]);
    await trap.close();
    const size = await ledger.size();

    const options = { name: 'x' };
    expect((await refusal(sealDataset(ledger, writer, streamOf(CSV), options))).code).toBe('OWNER_UNKNOWN');
    const pinned = sealDataset(ledger, writer, streamOf(CSV), { ...options, owner: owner.publicKey });
    expect((await refusal(pinned)).code).toBe('OWNER_MISMATCH');
    const other = sealDataset(ledger, writer, streamOf(CSV), { ...options, ledger: '00'.repeat(32) });
    expect((await refusal(other)).code).toBe('LEDGER_MISMATCH');
    expect(await ledger.size()).toBe(size);
  });

  test('is known again by a writer who has written to it', async () => {
    const known = new Map<string, { index: number; hash: string; timestamp: string }>();
    const heads = {
      get: (id: string) => known.get(id) ?? null,
      set: (id: string, head: never) => void known.set(id, head),
    };
    const ledger = await newLedger();
    const ofOwner = await ledger.write(owner);
    await ofOwner.append([statementEntry({ kind: 'writer', public_key: writer.publicKey })]);
    await ofOwner.close();
    await sealDataset(ledger, writer, streamOf(CSV), { name: 'a', owner: owner.publicKey, heads });
    await sealDataset(ledger, writer, streamOf(CSV), { name: 'b', heads });
    expect(known.size).toBe(1);
  });
});

test('a forged data set before the real one does not take its place', async () => {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0, recovery: [recovery.publicKey] });
  const { id } = await seal(ledger, CSV);
  const genesis = await ledger.block(1);
  if (genesis === null || !isReadable(genesis)) throw new Error('no genesis block');
  const ledgerId = fromHex(hashOf(genesis), 32) ?? new Uint8Array(32);
  await ledger.close();

  // All that is needed for this is public.
  const { random } = ledger;
  const group = newGroupKey(ledgerId, random);
  const manifest =
    '{"columns":[],"delimiter":",","encoding":"utf-8","group":"all","media_type":"text/csv","name":"x",' +
    '"terminator":"\\n","version":1}\n';
  const entries = [
    statementEntry({ kind: 'dataset', id, keys: [toHex(group.keyId)] }),
    statementEntry(await grantKey(group, owner.publicKey, random)),
    sealRecord(group, 0, Buffer.from(`${manifest}FORGED\n`), random(32)),
  ];
  const place = { ...genesis.header, index: 2, previous_hash: hashOf(genesis) };
  const forged = await composeBlock(place, entries, stranger, singleThreadMiner, undefined);
  medium.blocks.splice(1, 0, toStored(forged, new MerkleTree()));

  const tampered = await openLedger(memoryStore(medium));
  const dataset = await openDataset(tampered, owner);
  expect((await collect(originalBytes(dataset))).toString()).toBe(CSV);
  expect(dataset.report().verdict.problems).toMatchObject([{ block: 2, code: 'SIGNER_UNAUTHORISED' }]);
});

test('a block that takes the place of a verified one before its header row is read says nothing of the data set', async () => {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, CSV, { name: 'genuine' });
  const [dataset] = (await listDatasets(ledger, owner)).datasets;
  const block = await ledger.block(2);
  if (dataset === undefined || block === null || !isReadable(block)) throw new Error('no data set');
  // Whoever holds the key, and the file, can seal another header row under it, and sign it with a key of theirs.
  const [key] = [...dataset.keys.values()];
  const { manifest, header } = dataset.groups[0]!;
  const content = encodeManifest({ ...manifest!, name: 'forged' }, header!);
  const entries = block.entries.map((entry) =>
    entry.kind === 'sealed' && rowOf(entry.bytes) === 0 ? sealRecord(key!, 0, content, ledger.random(32)) : entry,
  );
  const forged = await composeBlock(block.header, entries, stranger, singleThreadMiner, undefined);
  const genuine = medium.blocks[1]!;
  await ledger.close();
  let swapped = false;
  // The clock is asked between the verification and the reading of the header row.
  const clock = () => {
    if (swapped) medium.blocks[1] = toStored(forged, new MerkleTree());
    return new Date();
  };
  const swapping = await openLedger(memoryStore(medium), { clock });
  const named = async () => {
    medium.blocks[1] = genuine;
    const verifier = new Verifier(await loadCurve(), { now: new Date(), bodies: false });
    return (await listVerified(swapping, verifier, owner)).datasets.map(({ name }) => name);
  };
  expect(await named()).toEqual(['genuine']);
  swapped = true;
  expect(await named()).toEqual([null]);
});

test('without its genesis block, a ledger still opens for its owner', async () => {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  await seal(ledger, CSV);
  await ledger.close();
  medium.blocks.shift();
  const rest = await openLedger(memoryStore(medium));
  const dataset = await openDataset(rest, owner, { owner: owner.publicKey });
  const rows: string[] = [];
  for await (const batch of dataset.rows()) rows.push(...batch.map(({ content }) => Buffer.from(content).toString()));
  expect(rows).toEqual(['ann,positive\n']);
});

test('two sealings at once on one ledger: the second is told', async () => {
  const ledger = await newLedger();
  const first = seal(ledger, `a\n${'1\n'.repeat(200)}`, { name: 'one' });
  expect((await refusal(seal(ledger, 'a\n1\n', { name: 'two' }))).code).toBe('LOCKED');
  expect((await first).rows).toBe(200);
  expect((await seal(ledger, 'a\n1\n', { name: 'two' })).rows).toBe(1);
});

test('a statement that would break its line is not exported', async () => {
  const medium = memoryMedium();
  const ledger = await createLedger(memoryStore(medium), owner, { difficulty: 0 });
  const [block] = medium.blocks;
  if (block === undefined) throw new Error('no block');
  const entries = Uint8Array.from(block.entries);
  entries[4 + 5] = 0x0a;
  medium.blocks[0] = { ...block, entries };
  expect((await refusal(collect(exportLedger(ledger)))).code).toBe('LEDGER_INVALID');
});
