import { nameWithin } from '../compression/forms.js';
import { isTable, type MediaType } from '../dataset/media-types.js';
import type { OpenFormat } from '../dataset/typed/formats.js';

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
  const name = nameWithin(output).toLowerCase();
  const format = FORMATS.get(/\.([a-z]+)$/.exec(name)?.[1] ?? '');
  const isOwn = !isTable(mediaType) && (format === 'json' || format === 'ndjson');
  return isOwn ? undefined : format;
}
