// The vector files on disk.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));
const VECTORS = join(ROOT, 'vectors');

/** Paths of all vector files below `vectors/`, in order. */
export function vectorFiles(): string[] {
  return readdirSync(VECTORS, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.json'))
    .sort();
}

export function readVectorText(path: string): string {
  return readFileSync(join(VECTORS, path), 'utf8');
}

/** The vectors of one folder: name and content. What they hold is for the test of that folder to know. */
export function vectorsIn<T>(folder: string): [name: string, vector: T][] {
  return vectorFiles()
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => [path.slice(folder.length + 1, -'.json'.length), JSON.parse(readVectorText(path)) as T]);
}

/** Writes these files and removes every other vector. */
export function writeVectors(files: ReadonlyMap<string, string>): void {
  for (const path of vectorFiles()) if (!files.has(path)) rmSync(join(VECTORS, path));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(VECTORS, path)), { recursive: true });
    writeFileSync(join(VECTORS, path), text);
  }
}
