import { describe, expect, test } from 'vitest';
import {
  createLedger,
  exportLedger,
  generateIdentity,
  memoryStore,
  sampleReviews,
  sealDataset,
} from '../../src/index.js';
import { decodeExport, verifyBlocks } from '../../src/verify/index.js';
import { bundle, inBrowser, noBrowser } from './page.js';

const verifier = `
  import { decodeExport, verifyBlocks } from './verify/index.js';
  globalThis.run = async ({ lines, now }) =>
    verifyBlocks(decodeExport([new TextEncoder().encode(lines)]), { now: new Date(now) });`;

describe.skipIf(noBrowser)('the verifier in a browser', () => {
  test('gives the same verdict as in Node.js, on a good export and on a bad one', async () => {
    const owner = await generateIdentity();
    const ledger = await createLedger(memoryStore(), owner, { difficulty: 4 });
    const csv = new TextEncoder().encode(sampleReviews({ records: 40 }));
    await sealDataset(
      ledger,
      owner,
      (async function* () {
        yield csv;
      })(),
      { name: 'reviews', blockSize: 3 },
    );
    let good = '';
    for await (const line of exportLedger(ledger)) good += new TextDecoder().decode(line);
    const lines = good.split('\n');
    lines[4] = (lines[4] ?? '').replace(/"timestamp":"2/, '"timestamp":"1');
    lines.splice(9, 1);

    const script = await bundle(verifier);
    const now = new Date().toISOString();
    for (const text of [good, lines.join('\n')]) {
      const inNode = await verifyBlocks(decodeExport([new TextEncoder().encode(text)]), { now: new Date(now) });
      expect(inBrowser(script, { lines: text, now })).toEqual(JSON.parse(JSON.stringify(inNode)));
      expect(inNode.ok).toBe(text === good);
    }
  });
});
