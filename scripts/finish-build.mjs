// tsc writes plain files and leaves what earlier builds have written: the command needs its execute bit to run from a
// checkout, and what has no source any more must not be published.
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';

const [src, dist] = ['../src/', '../dist/'].map((path) => new URL(path, import.meta.url));
for (const file of readdirSync(dist, { recursive: true })) {
  const source = file.replaceAll('\\', '/').replace(/(\.d\.ts|\.js)$/, '.ts');
  if (/\.(d\.ts|js)$/.test(file) && !existsSync(new URL(source, src))) rmSync(new URL(file, dist));
}
chmodSync(new URL('cli/main.js', dist), 0o755);
