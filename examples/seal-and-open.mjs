import { createLedger, generateIdentity, openDataset, originalBytes, sealDataset, verifyLedger } from 'medseal';

// An identity signs and opens; a ledger is one file.
const owner = await generateIdentity();
const ledger = await createLedger('reviews.medseal', owner);

// Seal a file. Rows are durable as progress reports them.
const sealed = await sealDataset(ledger, owner, 'drugs.csv', {
  name: 'drugs',
  blockSize: 100,
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
