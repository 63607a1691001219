import { csv } from './csv.js';
import type { SourceFormat } from './format.js';
import { ndjson } from './ndjson.js';
import { parquet } from './parquet.js';
import type { SourceOptions } from './source.js';

export type Format = 'csv' | 'ndjson' | 'parquet';

/** In the order in which they are tried: the first that a file is like is taken for its format; any is like the last. */
export const FORMATS: Readonly<Record<Format, SourceFormat>> = { parquet, ndjson, csv };

/**
 * What a person says counts most, then the file's name, then its first bytes.
 * @param name the file's; null for a stream
 * @throws {MedsealError} `NOT_TEXT`
 */
export function chooseFormat(
  { format, delimiter }: Pick<SourceOptions, 'format' | 'delimiter'>,
  name: string | null,
  sample: Uint8Array,
): Format {
  if (format !== undefined) return format;
  const formats = Object.entries(FORMATS) as [Format, SourceFormat][];
  const [named] = formats.find(([, { fileName }]) => name !== null && fileName?.test(name)) ?? [];
  if (named !== undefined) return named;
  if (delimiter !== undefined) return 'csv';
  const [found] = formats.find(([, { isLike }]) => isLike(sample)) ?? [];
  return found ?? 'csv';
}
