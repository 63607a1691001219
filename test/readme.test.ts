import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleReviews } from '../src/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medseal-readme-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The code blocks of one language below a heading. */
function snippets(heading: string, language: string): string[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, tag]) => tag === language)
    .map(([, , code]) => code ?? '');
}

test('the library example is the file in examples/, and it runs', () => {
  const file = join(root, 'examples/seal-and-open.mjs');
  expect(snippets('As a library', 'js')).toEqual([readFileSync(file, 'utf8')]);

  // In a folder that is empty, and once more after that.
  const empty = join(folder, 'example');
  mkdirSync(empty);
  for (let run = 0; run < 2; run++) {
    const output = execFileSync(process.execPath, [file], {
      cwd: empty,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: folder, TEMP: folder },
    });
    expect(output).toContain('20 of 20 rows\nblocks 2 to 5\ntrue 20 []\n');
    expect(output.endsWith(`${sampleReviews({ records: 20 })}true\n`)).toBe(true);
    expect(readdirSync(empty)).toEqual([]);
  }
});

test('the commands for the reader’s own file do what the README says', () => {
  const commands = snippets('On your own file', 'sh').join('');
  expect(commands.match(/^npx medseal /gm)).toHaveLength(12);

  const csv = 'patient,drug,note\n1,ibuprofen,"taken, twice"\n2,metformin,"line\nbreak"\n';
  writeFileSync(join(folder, 'visits.csv'), csv);
  writeFileSync(join(folder, 'trial.csv'), 'patient_id,drug\nP-16,x\nP-17,y\n');
  const npx = join(folder, 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${root}/dist/cli/main.js" "$@"\n`);
  chmodSync(npx, 0o755);
  const script = commands.replace('02b0d7…', '"$(npx medseal key show owner.key | sed -n "s/^ *public key *//p")"');
  const { status, stdout, stderr } = spawnSync('bash', ['-euc', script], {
    cwd: folder,
    encoding: 'utf8',
    input: '',
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, MEDSEAL_PASSPHRASE: 'correct horse', NO_COLOR: '1' },
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('OK: records.medseal verifies.');
  expect(readFileSync(join(folder, 'visits-again.csv'), 'utf8')).toBe(csv);
  expect(stdout).toContain('patient,drug\n1,ibuprofen\n2,metformin\n');
  expect(stdout).toContain('patient_id,drug\nP-17,y\n');
});

test('files that the README points to are there', () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path ?? '');
  expect(links.length).toBeGreaterThan(8);
  for (const path of links) execFileSync('test', ['-e', join(root, path)]);
});
