import { nameWithin } from '../compression/forms.js';
import { isTable, type MediaType } from '../dataset/media-types.js';
import type { OpenFormat } from '../dataset/typed/formats.js';
import { MedsealError } from '../errors.js';

/** By the ends of files' names. */
const FORMATS: ReadonlyMap<string, OpenFormat> = new Map([
  ['parquet', 'parquet'],
  ['arrow', 'arrow'],
  ['feather', 'arrow'],
  ['json', 'json'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
]);

/**
 * The format that a file's name tells of, whatever compression it tells of besides, so that no file is something else than
 * its name says.
 * @returns undefined for what is given out as it was sealed: by any other name, and JSON that was sealed as JSON
 */
export function formatNamed(output: string, mediaType: MediaType): OpenFormat | undefined {
  const format = formatOfName(output);
  const isOwn = !isTable(mediaType) && (format === 'json' || format === 'ndjson');
  return isOwn ? undefined : format;
}

/** The same where nothing was sealed in a format of its own: undefined for any other name. */
export function formatOfName(output: string): OpenFormat | undefined {
  return FORMATS.get(/\.([a-z]+)$/.exec(nameWithin(output).toLowerCase())?.[1] ?? '');
}

/**
 * Expects nothing to be written to a terminal that nobody can read there.
 * @throws {MedsealError} `USAGE`
 */
export function expectReadable(format: OpenFormat | undefined, isTerminal: boolean): void {
  if (!isTerminal || (format !== 'parquet' && format !== 'arrow')) return;
  throw new MedsealError('USAGE', `${format} is no text for a terminal: write it to a file with -o FILE`);
}

/**
 * Expects a file's name to tell of nothing that the command cannot write.
 * @param what what is written, as "rows that were found"
 * @throws {MedsealError} `USAGE`
 */
export function expectWritable(what: string, format: OpenFormat | undefined, writable: readonly OpenFormat[]): void {
  if (format === undefined || writable.includes(format)) return;
  const forms = ['CSV', ...writable.map((each) => each.toUpperCase())].join(' or ');
  throw new MedsealError(
    'USAGE',
    `${what} can be written as ${forms}, not as ${format}: choose another name for the file, or "medseal open" for whole data sets`,
  );
}
