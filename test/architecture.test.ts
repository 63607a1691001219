// The folders of src/ are the architecture: imports point one way, and the verifier runs in a browser.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { type BuildResult, build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../src/verify/verdict.js';
import { linesOf, richLedger, textOf, verifyText } from './helpers/ledgers.js';
import { NOW, owner } from './helpers/people.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');

/** What each part may import, beside itself. `primitives` is the platform, whichever it is. */
const BELOW_PROOF = ['errors', 'bytes', 'primitives', 'crypto', 'merkle', 'work', 'format'];
const BELOW_VERIFY = [...BELOW_PROOF, 'proof'];
const BELOW_DATASET = [...BELOW_VERIFY, 'verify', 'store', 'threads', 'compression', 'ledger', 'access'];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  processes: [],
  files: ['processes'],
  threads: ['errors'],
  compression: ['errors'],
  primitives: [],
  bytes: ['primitives'],
  crypto: ['errors', 'bytes', 'primitives'],
  merkle: ['errors', 'bytes', 'primitives', 'crypto'],
  work: ['errors', 'bytes', 'primitives', 'crypto', 'threads'],
  format: ['errors', 'bytes', 'primitives', 'crypto', 'merkle', 'work'],
  proof: BELOW_PROOF,
  verify: BELOW_VERIFY,
  store: ['errors', 'files'],
  keys: ['errors', 'files', 'bytes', 'crypto'],
  ledger: [...BELOW_VERIFY, 'files', 'threads', 'compression', 'verify', 'store'],
  access: ['errors', 'bytes', 'crypto', 'format', 'verify', 'ledger'],
  dataset: BELOW_DATASET,
  notebook: [...BELOW_DATASET, 'dataset'],
  bench: [...BELOW_DATASET, 'files', 'keys', 'dataset'],
  cli: [...BELOW_DATASET, 'files', 'keys', 'dataset', 'notebook', 'bench', 'index'],
  index: [...BELOW_DATASET, 'keys', 'dataset', 'notebook'],
};
/** Parts that know no platform. */
const PURE = ['errors', 'bytes', 'crypto', 'merkle', 'format', 'proof', 'verify'];

interface Import {
  readonly target: string;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const pattern = /(?:^|\n)(import|export)\s(type\s)?[^;'"]*?from\s+'([^']+)'|(?:import\s*\(|\nimport)\s*'([^']+)'/g;
  return [...text.matchAll(pattern)].map(([, , type, from, bare]) => ({
    target: from ?? bare ?? '',
    typeOnly: type !== undefined,
  }));
}

function partOf(file: string): string {
  if (/^crypto\/primitives(\.node)?\.ts$/.test(file)) return 'primitives';
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace('.ts', '');
}

/** The file of src/ that an import means; null for a package. */
function resolved(file: string, target: string): string | null {
  if (target === '#primitives') return 'crypto/primitives.ts';
  if (!target.startsWith('.')) return null;
  return relative(SRC, resolve(SRC, dirname(file), target)).replace(/\.js$/, '.ts');
}

describe('imports', () => {
  test.each(files)('of %s point one way', (file) => {
    const part = partOf(file);
    const allowed = MAY_IMPORT[part];
    expect(allowed, `${part} has no place in the architecture`).toBeDefined();
    for (const { target } of importsOf(file)) {
      const other = resolved(file, target);
      if (other === null) continue;
      expect(files, `${file} imports ${target}`).toContain(other);
      if (partOf(other) !== part) expect(allowed, `${file} imports ${target}`).toContain(partOf(other));
    }
  });

  test('are found at all', () => {
    expect(importsOf('verify/verifier.ts')).toContainEqual({ target: './state.js', typeOnly: false });
    expect(importsOf('verify/verifier.ts')).toContainEqual({ target: './verdict.js', typeOnly: true });
    expect(importsOf('keys/key-file.ts')).toContainEqual({ target: 'age-encryption', typeOnly: false });
    expect(importsOf('bytes.ts')).toEqual([{ target: '#primitives', typeOnly: false }]);
  });

  test('make no circle', () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      expect(path, 'a circle of imports').not.toContain(file);
      if (done.has(file)) return;
      for (const { target, typeOnly } of importsOf(file)) {
        const other = typeOnly ? null : resolved(file, target);
        if (other !== null) visit(other, [...path, file]);
      }
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  test('of pure parts name nothing of Node.js', () => {
    for (const file of files.filter((name) => PURE.includes(partOf(name)))) {
      const builtIn = importsOf(file).filter(({ target }) => target.startsWith('node:'));
      expect(builtIn, file).toEqual([]);
    }
  });

  test('are all that index.ts consists of', () => {
    const text = readFileSync(join(SRC, 'index.ts'), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    const rest = text.replaceAll(/export (type )?(\{[^}]*\}|\*) from '[^']+';/g, '').trim();
    expect(rest).toBe('');
  });
});

test('the verifier and what is below it take clock and randomness as arguments', () => {
  const parts = ['errors', 'bytes', 'merkle', 'format', 'proof', 'verify'];
  for (const file of files.filter((name) => parts.includes(partOf(name)))) {
    const text = readFileSync(join(SRC, file), 'utf8');
    expect(text, file).not.toMatch(/Date\.now|new Date\(\)|performance\.now|Math\.random|getRandomValues/);
  }
});

describe('medseal/verify, bundled for a browser', () => {
  let lines: string[];
  beforeAll(async () => {
    lines = await linesOf(await richLedger('browser'));
  });

  function bundle(
    entry: string,
    alias: Record<string, string>,
  ): Promise<BuildResult<{ metafile: true; write: false }>> {
    return build({
      entryPoints: [join(ROOT, entry)],
      alias,
      bundle: true,
      format: 'iife',
      globalName: 'medseal',
      logLevel: 'silent',
      metafile: true,
      platform: 'browser',
      // Whoever bundles the package has not our compiler's paths.
      tsconfigRaw: '{}',
      write: false,
    });
  }

  /** Runs the bundle where there is the language and what the web adds to it, and nothing of Node.js. */
  function inBrowser(code: string): (text: string, pin: string) => Promise<Verdict> {
    const context = createContext({ TextEncoder, TextDecoder });
    runInContext(code, context);
    const script = `
      if (typeof Buffer + typeof process + typeof require !== 'undefined'.repeat(3)) throw new Error('this is Node.js');
      (text, owner, now) => medseal
        .verifyBlocks(medseal.decodeExport([new TextEncoder().encode(text)]), { owner, now: new Date(now) })
        .then(JSON.stringify)`;
    const verify = runInContext(script, context) as (text: string, pin: string, now: string) => Promise<string>;
    return async (text, pin) => JSON.parse(await verify(text, pin, NOW)) as Verdict;
  }

  test.each([
    ['from its sources', 'src/verify/index.ts', { '#primitives': join(SRC, 'crypto/primitives.ts') }],
    ["as it is shipped, by the package's conditions", 'dist/verify/index.js', {}],
  ])('%s, has nothing of Node.js in it, and judges alike', async (_, entry, alias) => {
    const { metafile, outputFiles } = await bundle(entry, alias as Record<string, string>);
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => /(^|\/)node:|primitives\.node|^\(disabled\)/.test(path))).toEqual([]);
    expect(inputs.some((path) => /crypto\/primitives\.(ts|js)$/.test(path))).toBe(true);
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
    expect(imported).toEqual([]);

    const verify = inBrowser(outputFiles[0]?.text ?? '');
    const cases = [
      textOf(lines),
      textOf(lines.toSpliced(6, 1)),
      textOf(lines.with(4, lines[4]!.replace('"salt":"', '"salt":"A'))),
      textOf(lines).replace('an owner says', 'an owner said'),
      textOf(lines).slice(0, -9),
      '',
    ];
    for (const text of cases) {
      expect(await verify(text, owner.publicKey)).toEqual(await verifyText(text, { owner: owner.publicKey }));
    }
  });
});
