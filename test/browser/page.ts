import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (chromium === undefined && process.env.CI !== 'true') {
  console.log('no Chromium: the browser tests are skipped (Debian: apt-get install chromium)');
}

/** Whether tests of a browser are left out, for want of one. */
export const noBrowser: boolean = chromium === undefined && process.env.CI !== 'true';

/** Modules of the package as a browser gets them, `dist/` is where `code` imports from. It defines `globalThis.run`. */
export async function bundle(code: string): Promise<string> {
  const resolveDir = fileURLToPath(new URL('../../dist', import.meta.url));
  const result = await build({
    stdin: { contents: code, resolveDir },
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

/**
 * Calls `run(input)` in a page in headless Chromium, which writes what it gives into its body.
 * @param policy the page's Content-Security-Policy
 */
export function inBrowser(
  script: string,
  input: unknown,
  policy = "script-src 'unsafe-inline' 'wasm-unsafe-eval'",
): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'medseal-browser-'));
  try {
    const page = join(folder, 'page.html');
    writeFileSync(page, pageOf(script, input, policy));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
    const profile = `--user-data-dir=${join(folder, 'profile')}`;
    const args = [...flags, profile, '--virtual-time-budget=60000', '--dump-dom', pathToFileURL(page).href];
    const { stdout } = spawnSync(chromium ?? '', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
    const [, text = ''] = /<body>(.*?)(?:<script|<\/body>)/s.exec(stdout) ?? [];
    return JSON.parse(text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pageOf(script: string, input: unknown, policy: string): string {
  // In a script element only "</" could end it early.
  const data = JSON.stringify(input).replaceAll('</', '<\\/');
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
    <body></body><script>${script.replaceAll('</script', '<\\/script')}</script>
    <script>
      const write = (text) => (document.body.textContent = text);
      run(${data}).then((given) => write(JSON.stringify(given)), (error) => write(String(error)));
    </script>`;
}
