// What an installation brings with it: exact versions, known licences, all of it in the bill of materials.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}
interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly integrity?: string;
  readonly license?: string;
}
interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), 'utf8')) as T;
const manifest = read<Manifest>('package.json');
const lock = read<{ packages: Record<string, Locked> }>('package-lock.json');
const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);

describe('package.json', () => {
  test.each(['dependencies', 'devDependencies'] as const)('has nothing but exact versions in %s', (kind) => {
    for (const [name, version] of Object.entries(manifest[kind])) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });
});

test('what is installed is known by its hash', () => {
  expect(production.length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
  for (const [path, { integrity }] of production) expect(integrity, path).toMatch(/^sha512-/);
});

describe('the bill of materials', () => {
  let bom: Bom;
  beforeAll(() => {
    const text = execFileSync(process.execPath, [join(root, 'scripts/sbom.mjs')], { encoding: 'utf8' });
    bom = JSON.parse(text) as Bom;
  });

  test('is CycloneDX, of this package', () => {
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: expect.stringMatching(/^1\.\d$/) });
    expect(bom.metadata.component).toMatchObject({ name: manifest.name, version: manifest.version });
  });

  test('names every package that an installation brings, and no other', () => {
    const named = bom.components.map(({ purl }) => decodeURIComponent(purl).replace('pkg:npm/', '')).sort();
    const locked = production.map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`);
    expect(named).toEqual([...new Set(locked)].sort());
    for (const [name, version] of Object.entries(manifest.dependencies)) expect(named).toContain(`${name}@${version}`);
  });

  describe('is refused', () => {
    const folder = mkdtempSync(join(tmpdir(), 'medseal-bom-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test.each([
      ['with a licence that does not go with ours', 'GPL-3.0-only', /commander: GPL-3\.0-only/],
      ['without a licence', undefined, /commander: no licence/],
    ])('%s', (_, license, message) => {
      mkdirSync(join(folder, 'scripts'), { recursive: true });
      for (const file of ['scripts/sbom.mjs', 'package.json']) copyFileSync(join(root, file), join(folder, file));
      const changed = structuredClone(lock);
      const { license: __, ...commander } = changed.packages['node_modules/commander']!;
      changed.packages['node_modules/commander'] = license === undefined ? commander : { ...commander, license };
      writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(changed));
      const ended = spawnSync(process.execPath, [join(folder, 'scripts/sbom.mjs')], { encoding: 'utf8' });
      expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status: 1, stdout: '' });
      expect(ended.stderr).toMatch(message);
    });
  });
});
