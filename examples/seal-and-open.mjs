import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLedger,
  generateIdentity,
  openDataset,
  originalBytes,
  sampleReviews,
  sealDataset,
  verifyLedger,
  writeKeyFile,
} from 'medseal';

// A new folder each time, with a table in it: twenty drug reviews that nobody wrote.
process.chdir(mkdtempSync(join(tmpdir(), 'medseal-')));
writeFileSync('drugs.csv', sampleReviews({ records: 20 }));

// An identity signs and opens; without its key file nobody reads the records again. A ledger is one file.
const owner = await generateIdentity();
await writeKeyFile('owner.key', owner, { passphrase: 'correct horse battery staple' });
const ledger = await createLedger('reviews.medseal', owner);

// Seal a file. Rows are durable as progress reports them.
const sealed = await sealDataset(ledger, owner, 'drugs.csv', {
  name: 'drugs',
  blockSize: 10,
  onProgress: ({ rows, total }) => console.log(`${rows} of ${total} rows`),
});
console.log(`blocks ${sealed.blocks.from} to ${sealed.blocks.to}`);

// Verify with the public key alone. What is wrong is in the verdict, not thrown.
const verdict = await verifyLedger('reviews.medseal', { owner: owner.publicKey });
console.log(verdict.ok, verdict.records, verdict.problems);

// Open: verified as it is read, and only what verified is decrypted.
const dataset = await openDataset(ledger, owner);
for await (const bytes of originalBytes(dataset)) process.stdout.write(bytes);
console.log(dataset.report().complete);

await ledger.close();
