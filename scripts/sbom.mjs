// The software bill of materials (CycloneDX) of what `npm install medseal` brings, made from the lock file. It goes to
// standard output, or into the file that is named. What has no version, or no licence that goes with ours, ends it.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** Licences that ask for no more than their text to be kept, which a package under Apache-2.0 may depend on. */
const COMPATIBLE = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

const root = new URL('..', import.meta.url);
const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
const bom = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }));
// npm names it after the folder.
bom.metadata.component.name = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).name;

// npm's own `--omit dev` leaves out what a tool of ours needs as well.
bom.components = bom.components.filter(({ properties }) => !properties.some(({ name }) => /:development$/.test(name)));
const kept = new Set([bom.metadata.component, ...bom.components].map((component) => component['bom-ref']));
bom.dependencies = bom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));

const faults = bom.components.flatMap(({ name, version, licenses = [] }) => {
  const ids = licenses.map(({ license, expression }) => license?.id ?? license?.name ?? expression ?? 'unknown');
  const wrong = ids.length === 0 ? ['no licence'] : ids.filter((id) => !COMPATIBLE.has(id));
  return [...(version ? [] : ['no version']), ...wrong].map((what) => `${name}: ${what}`);
});
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
const [file] = process.argv.slice(2);
const text = `${JSON.stringify(bom, null, 2)}\n`;
if (file === undefined) process.stdout.write(text);
else writeFileSync(file, text);
