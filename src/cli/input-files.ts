import { existsSync, realpathSync } from 'node:fs';
import { basename, extname, isAbsolute, resolve } from 'node:path';
import { nameWithin } from '../compression/forms.js';
import { datasetName } from '../dataset/manifest.js';
import { MedsealError } from '../errors.js';

/**
 * The files that a person means: those named, and those that patterns such as `visits-*.csv` fit, which the shell has left
 * to us. Of a pattern they come in the order of their names.
 * @throws {MedsealError} `FILE_UNREADABLE` for a pattern that fits no file; `USAGE` for a file that is given twice
 */
export async function inputFiles(given: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const one of given) files.push(...(one === '-' || existsSync(one) ? [one] : await matching(one)));
  const seen = new Map<string, string>();
  for (const file of files) {
    const place = placeOf(file);
    const other = seen.get(place);
    if (other !== undefined) {
      const what = other === file ? 'is given twice' : `is the same file as ${other}`;
      throw new MedsealError('USAGE', `${file} ${what}; give each file once`, { file });
    }
    seen.set(place, file);
  }
  return files;
}

async function matching(pattern: string): Promise<string[]> {
  // Most often a name is a name.
  if (!/[*?[{(]/.test(pattern)) return [pattern];
  const { glob, isDynamicPattern } = await import('tinyglobby');
  // In a pattern, a backslash is no separator.
  const plain = process.platform === 'win32' ? pattern.replaceAll('\\', '/') : pattern;
  if (!isDynamicPattern(plain)) return [pattern];
  const found = await glob(plain, { absolute: isAbsolute(pattern), expandDirectories: false });
  if (found.length > 0) return found.sort();
  throw new MedsealError('FILE_UNREADABLE', `no file fits ${pattern}`, { file: pattern });
}

/** Where a file lies, whatever links lead to it. */
function placeOf(file: string): string {
  try {
    return file === '-' ? file : realpathSync(file);
  } catch {
    return resolve(file);
  }
}

/**
 * The data sets that files become: each its own, or all of them one.
 * @param given one name for all
 * @throws {MedsealError} `USAGE`, `DATASET_NAME_INVALID`
 */
export function namesFor(files: readonly string[], given: string | undefined): string[] {
  if (given !== undefined) {
    const name = datasetName(given);
    return files.map(() => name);
  }
  if (files.includes('-')) throw new MedsealError('USAGE', 'standard input has no name; give one with --name');
  const names = files.map((file) => datasetName(nameOf(file)));
  const again = names.findIndex((name, i) => names.indexOf(name) < i);
  if (again === -1) return names;
  const [first, second] = [files[names.indexOf(names[again] ?? '')], files[again]];
  const message = `${first} and ${second} would both be the data set "${names[again]}"; with --name NAME all files become one data set, or seal them one by one`;
  throw new MedsealError('USAGE', message);
}

/** A file's name without its extension, and without that of its compression: `visits` of `visits.csv.gz`. */
function nameOf(file: string): string {
  const name = nameWithin(basename(file));
  return basename(name, extname(name));
}
