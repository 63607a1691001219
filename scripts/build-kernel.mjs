// Compiles the proof-of-work kernel and writes it as a module, so that every bundler and every page finds it: no file
// to fetch, no path to get wrong. The same source gives the same bytes.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const SOURCE = new URL('../src/work/kernel/assembly/kernel.ts', import.meta.url);
const MODULE = new URL('../src/work/kernel/code.ts', import.meta.url);

const source = readFileSync(SOURCE, 'utf8');
const compiler = JSON.parse(
  readFileSync(new URL('../node_modules/assemblyscript/package.json', import.meta.url)),
).version;
const self = readFileSync(new URL(import.meta.url));
const stamp = createHash('sha256').update(self).update(compiler).update(source).digest('hex');
if (!existsSync(MODULE) || !readFileSync(MODULE, 'utf8').includes(stamp)) {
  writeFileSync(MODULE, moduleOf(await compile()));
}

async function compile() {
  const { default: asc } = await import('assemblyscript/asc');
  const options = [
    '--enable',
    'simd',
    '--runtime',
    'stub',
    '--use',
    'abort=',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '1',
  ];
  let code;
  const { error, stderr } = await asc.main(['kernel.ts', '--outFile', 'kernel.wasm', '-O3', '--noAssert', ...options], {
    readFile: (name) => (name === 'kernel.ts' ? source : null),
    writeFile: (_, contents) => {
      code = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`the kernel does not compile:\n${stderr}`);
  return Buffer.from(code);
}

function moduleOf(code) {
  return `// Made by scripts/build-kernel.mjs from assembly/kernel.ts; not to be edited.
// ${stamp}

/** The proof-of-work kernel: WebAssembly, base64url without padding. */
export const KERNEL_CODE: string =
  '${code.toString('base64url')}';
`;
}
