import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleReviews } from '../../src/index.js';

/* The package as it would be published, installed in an empty project elsewhere. */

const root = fileURLToPath(new URL('../..', import.meta.url));
let project = '';
let files: string[] = [];
let size = 0;

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'medseal-package-'));
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename, ...listed }] = JSON.parse(packed) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  files = listed.files.map(({ path }) => path);
  size = listed.size;
  writeFileSync(join(project, 'package.json'), '{ "name": "elsewhere", "private": true, "type": "module" }');
  run('npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', join(project, filename));
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

test('it carries what is needed and nothing else', () => {
  const others = files.filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path));
  expect(others.sort()).toEqual([
    ...['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'docs/fhir/CodeSystem-medseal-statement.json'],
    'package.json',
  ]);
  // Nothing of an earlier build, whose source is gone.
  const sources = files.flatMap((path) => /^dist\/(.*?)(?:\.d\.ts|\.js)$/.exec(path)?.[1] ?? []);
  expect(sources.filter((path) => !existsSync(join(root, 'src', `${path}.ts`)))).toEqual([]);
  expect(size).toBeLessThan(600_000);
});

test('its command runs the whole workflow', () => {
  writeFileSync(join(project, 'drugs.csv'), sampleReviews({ records: 5 }));
  run('npx', 'medseal', 'keygen', '--no-passphrase', '-o', 'owner.key');
  run('npx', 'medseal', 'init', 'l.medseal', '--key', 'owner.key', '--difficulty', '4');
  run('npx', 'medseal', 'seal', 'l.medseal', 'drugs.csv', '--key', 'owner.key');
  expect(run('npx', 'medseal', 'verify', 'l.medseal')).toContain('OK: l.medseal verifies.');
  expect(run('npx', 'medseal', 'open', 'l.medseal', '--key', 'owner.key')).toBe(sampleReviews({ records: 5 }));
});

test('what needs a package that is not there says which', () => {
  const args = ['query', 'l.medseal', '--key', 'owner.key', 'SELECT 1'];
  const { status, stderr } = spawnSync('npx', ['medseal', ...args], { cwd: project, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('npm install @duckdb/node-api@') });
});

test('its miner has threads of its own, and the kernel', () => {
  const code = `
    import { threadedMiner } from 'medseal';
    const said = [];
    process.on('worker', (thread) => thread.on('message', (message) => said.push(message)));
    const miner = threadedMiner({ threads: 2 });
    for (let i = 0; i < 200 && !said.includes('done'); i++) await miner.mine(new Uint8Array(32).fill(i), 19);
    console.log(said.slice(0, 3).join());`;
  writeFileSync(join(project, 'mine.mjs'), code);
  expect(run('node', 'mine.mjs')).toBe('ready,ready,done\n');
});

test('its benchmarks run', () => {
  const output = run('npx', 'medseal', 'bench', '--quick', '--only', 'start-up,mining', '--rounds', '1');
  expect(output).toContain('  medseal --version  ');
});

test('it is imported, whole and the verifier alone', () => {
  const code = `
    import { verifyLedger } from 'medseal';
    import { verifyBlocks, decodeExport } from 'medseal/verify';
    const { ok } = await verifyLedger('l.medseal');
    const none = await verifyBlocks(decodeExport([]), { now: new Date() });
    console.log(ok, none.ok);`;
  writeFileSync(join(project, 'import.mjs'), code);
  expect(run('node', 'import.mjs')).toBe('true false\n');
});

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('its types are found and check with module %s, resolution %s', (module, moduleResolution) => {
  const code = `
    import { createLedger, generateIdentity, type Verdict, verifyLedger } from 'medseal';
    import { verifyBlocks, type VerifyOptions } from 'medseal/verify';
    const owner = await generateIdentity();
    const ledger = await createLedger('x.medseal', owner, { difficulty: 1 });
    const verdict: Verdict = await verifyLedger(ledger);
    const options: VerifyOptions = { now: new Date() };
    export const other: Promise<Verdict> = verifyBlocks([], options);
    // @ts-expect-error: a path or a store, not a number
    await createLedger(1, owner);
    console.log(verdict.ok);`;
  writeFileSync(join(project, 'types.ts'), code);
  const tsc = join(root, 'node_modules/.bin/tsc');
  run(
    tsc,
    '--noEmit',
    '--strict',
    '--target',
    'es2023',
    '--module',
    module,
    '--moduleResolution',
    moduleResolution,
    'types.ts',
  );
});
