import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createLedger,
  exportLedger,
  generateIdentity,
  memoryStore,
  sampleReviews,
  sealDataset,
  type Verdict,
} from '../../src/index.js';
import { decodeExport, verifyBlocks } from '../../src/verify/index.js';

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (chromium === undefined && process.env.CI !== 'true') {
  console.log('no Chromium: the browser tests are skipped (Debian: apt-get install chromium)');
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medseal-browser-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `medseal/verify` as a browser gets it, with one line that calls it. */
async function bundle(): Promise<string> {
  const verify = fileURLToPath(new URL('../../dist/verify/index.js', import.meta.url));
  const result = await build({
    stdin: {
      contents: `
        import { decodeExport, verifyBlocks } from ${JSON.stringify(verify)};
        globalThis.run = async (lines, now) =>
          verifyBlocks(decodeExport([new TextEncoder().encode(lines)]), { now: new Date(now) });`,
      resolveDir: folder,
    },
    bundle: true,
    platform: 'browser',
    // The repository's own tsconfig would lead to the sources.
    tsconfigRaw: {},
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  return result.outputFiles[0]?.text ?? '';
}

/** Opens a page in headless Chromium and gives what it wrote into its body. */
function inBrowser(script: string, lines: string, now: string): Verdict {
  const page = join(folder, 'page.html');
  // In a script element only "</" could end it early.
  const data = JSON.stringify({ lines, now }).replaceAll('</', '<\\/');
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><body></body><script>${script.replaceAll('</script', '<\\/script')}</script>
     <script>const { lines, now } = ${data};
       run(lines, now).then((v) => (document.body.textContent = JSON.stringify(v)), (e) => (document.body.textContent = String(e)));
     </script>`,
  );
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  const profile = `--user-data-dir=${join(folder, 'profile')}`;
  const url = pathToFileURL(page).href;
  const args = [...flags, profile, '--virtual-time-budget=60000', '--dump-dom', url];
  const { stdout } = spawnSync(chromium ?? '', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  const [, text = ''] = /<body>(.*?)(?:<script|<\/body>)/s.exec(stdout) ?? [];
  const plain = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim();
  return JSON.parse(plain) as Verdict;
}

describe.skipIf(chromium === undefined && process.env.CI !== 'true')('the verifier in a browser', () => {
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

    const script = await bundle();
    const now = new Date().toISOString();
    for (const text of [good, lines.join('\n')]) {
      const inNode = await verifyBlocks(decodeExport([new TextEncoder().encode(text)]), { now: new Date(now) });
      expect(inBrowser(script, text, now)).toEqual(JSON.parse(JSON.stringify(inNode)));
      expect(inNode.ok).toBe(text === good);
    }
  });
});
