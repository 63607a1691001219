// Compiles the proof-of-work kernel and writes it as a module, so that every bundler and every page finds it: no file
// to fetch, no path to get wrong. The same source gives the same bytes. Writes to the file that is named, or else where
// the sources expect it, unless it is there already.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const SOURCE = new URL('../src/work/kernel/assembly/kernel.ts', import.meta.url);
const MODULE = new URL('../src/work/kernel/code.ts', import.meta.url);
const COMPILER = new URL('../node_modules/assemblyscript/package.json', import.meta.url);

const source = readFileSync(SOURCE, 'utf8');
const origin = [readFileSync(new URL(import.meta.url)), JSON.parse(readFileSync(COMPILER)).version, source];
const stamp = origin.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

const [target] = process.argv.slice(2);
if (target !== undefined) writeFileSync(target, moduleOf(await compile()));
else if (!existsSync(MODULE) || !readFileSync(MODULE, 'utf8').includes(stamp))
  writeFileSync(MODULE, moduleOf(await compile()));

async function compile() {
  const { default: asc } = await import('assemblyscript/asc');
  const runtime = [
    '--runtime',
    'stub',
    '--use',
    'abort=',
    '--noAssert',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '1',
  ];
  let code;
  const { error, stderr } = await asc.main(
    ['kernel.ts', '--outFile', 'kernel.wasm', '-O3', '--enable', 'simd', ...runtime],
    {
      readFile: (name) => (name === 'kernel.ts' ? source : null),
      writeFile: (_, contents) => {
        code = contents;
      },
      listFiles: () => [],
    },
  );
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
