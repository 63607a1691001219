// The list of data sets, which has to stand whatever some writer wrote.

import { expect, test } from 'vitest';
import { grantKey, newGroupKey } from '../../../src/access/grants.js';
import { fromHex, toHex } from '../../../src/bytes.js';
import { listDatasets } from '../../../src/dataset/directory.js';
import { openDataset } from '../../../src/dataset/open.js';
import { sealRecord } from '../../../src/dataset/records.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { statementEntry } from '../../../src/ledger/writer.js';
import {
  addWriter,
  newLedger,
  opened,
  owner,
  readToEnd,
  recovery,
  seal,
  verified,
  writer,
} from '../../helpers/dataset-fixture.js';

const CSV = 'a\n1\n2\n';

/** What a writer with a program of its own may put into the ledger: valid, but its header row is no manifest. */
async function sealWithoutManifest(ledger: Ledger): Promise<void> {
  const writing = await ledger.write(writer, { owner: owner.publicKey });
  const group = newGroupKey(writing.ledgerId, ledger.random);
  const id = toHex(ledger.random(16));
  await writing.append([
    statementEntry({ kind: 'dataset', id, keys: [toHex(group.keyId)] }),
    statementEntry(await grantKey(group, owner.publicKey, ledger.random)),
    statementEntry(await grantKey(group, writer.publicKey, ledger.random)),
    sealRecord(group, 0, Buffer.from('no manifest\na\n'), ledger.random(32)),
    sealRecord(group, 1, Buffer.from('1\n'), ledger.random(32)),
    statementEntry({ kind: 'dataset-end', id, rows: 1 }),
  ]);
  await writing.close();
}

test('an empty ledger holds nothing', async () => {
  const ledger = await newLedger();
  const { ledger: id, head } = await verified(ledger);
  expect(await listDatasets(ledger, owner)).toMatchObject({
    ledger: id,
    owner: owner.publicKey,
    blocks: 1,
    head,
    datasets: [],
  });
});

test('what is public, and what only a key shows', async () => {
  const ledger = await newLedger();
  const { id } = await seal(ledger, CSV, { name: 'x' });
  const expected = { id, block: 2, rows: 2, complete: true };
  expect((await listDatasets(ledger)).datasets).toMatchObject([{ ...expected, name: null, granted: false }]);
  const directory = await listDatasets(ledger, owner);
  expect(directory.datasets).toMatchObject([{ ...expected, name: 'x', granted: true }]);
  expect(directory.head).toBe((await verified(ledger)).head);
});

test('a header row that is no manifest hides no other data set', async () => {
  const ledger = await newLedger();
  await addWriter(ledger);
  await sealWithoutManifest(ledger);
  await seal(ledger, CSV);
  expect((await verified(ledger)).ok).toBe(true);
  const { datasets } = await listDatasets(ledger, owner);
  expect(datasets).toMatchObject([
    { name: null, manifest: null, granted: true, complete: true },
    { name: 'x', granted: true, complete: true },
  ]);
  expect((await opened(ledger, { dataset: 'x' })).toString()).toBe(CSV);
  const dataset = await openDataset(ledger, owner, { dataset: datasets[0]?.id ?? '' });
  expect(await readToEnd(dataset)).toEqual([1]);
  expect(dataset.report().left).toEqual([{ row: 0, block: 3 }]);
});

test('a grant that does not open stands not in the way of one that does', async () => {
  const ledger = await newLedger();
  const { id } = await seal(ledger, CSV);
  const [key] = (await openDataset(ledger, owner)).info.keys.values();
  if (key === undefined) throw new Error('no key');
  const writing = await ledger.write(owner);
  const other = { ...key, key: fromHex('11'.repeat(32)) ?? key.key };
  await writing.append([statementEntry(await grantKey(other, recovery.publicKey, ledger.random))]);
  await writing.append([statementEntry(await grantKey(key, recovery.publicKey, ledger.random))]);
  await writing.close();
  expect((await opened(ledger, { dataset: id }, recovery)).toString()).toBe(CSV);
});
