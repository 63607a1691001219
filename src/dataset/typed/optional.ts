import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MedsealError } from '../../errors.js';

/** The package's own folder: this file is in dist/dataset/typed. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * A package that only some need, and install beside Medseal.
 * @param load imports it
 * @throws {MedsealError} `MODULE_UNAVAILABLE` where it is not there
 */
export async function optional<T>(name: string, version: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    const why = missing ? 'which is not installed' : 'which does not load on this machine';
    const message = `this needs the package ${name}, ${why}: ${installing(`${name}@${version}`, ROOT)}`;
    throw new MedsealError('MODULE_UNAVAILABLE', message, {}, { cause });
  }
}

/**
 * What installs a package where this one finds it.
 * @param root the folder that this package is in, without links: a project's or the global node_modules, or a clone
 */
export function installing(wanted: string, root: string): string {
  const modules = `${sep}node_modules${sep}`;
  // The outermost, since some package managers nest them.
  const end = root.indexOf(modules);
  // npm installs no optional peer of the package itself unless it is told that it is something else.
  if (end < 0) return `npm install --no-save --save-dev ${wanted}, in ${root}`;
  if (existsSync(join(root.slice(0, end), 'package.json'))) return `npm install ${wanted}`;
  return `npm install -g ${wanted}, with the same --prefix as Medseal where it was given one`;
}
