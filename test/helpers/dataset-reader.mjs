// Verifies a ledger that it may only read, opens it, and tries to write to it; prints what came of each.
import { identityFromPrivateKey, openDataset, openLedger, originalBytes, verifyLedger } from '../../dist/index.js';

const path = process.argv[2];
const owner = await identityFromPrivateKey(new Uint8Array(32).fill(1));
const { ok } = await verifyLedger(path);
const ledger = await openLedger(path);
let text = '';
for await (const chunk of originalBytes(await openDataset(ledger, owner))) text += Buffer.from(chunk).toString();
const writing = await ledger.write(owner).then(
  () => 'possible',
  (error) => error.code,
);
await ledger.close();
process.stdout.write(JSON.stringify({ ok, text, writing }));
