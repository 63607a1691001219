// Seals rows without end into a ledger, and says which of them are durable, until it is killed.
import { identityFromPrivateKey, openLedger, sealDataset } from '../../dist/index.js';

async function* rows() {
  const text = 'x'.repeat(20_000);
  yield Buffer.from('row,text\n');
  for (let row = 1; ; row++) yield Buffer.from(`${row},${text}\n`);
}

const owner = await identityFromPrivateKey(new Uint8Array(32).fill(1));
const onProgress = ({ rows }) => process.stdout.write(`${rows}\n`);
await sealDataset(await openLedger(process.argv[2]), owner, rows(), { name: 'endless', onProgress });
