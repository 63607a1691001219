import { csv } from './csv.js';
import { fhir } from './fhir.js';
import type { SourceFormat } from './format.js';
import { ndjson } from './ndjson.js';
import { parquet } from './parquet.js';
import type { SourceOptions } from './source.js';

export type Format = 'csv' | 'ndjson' | 'fhir' | 'parquet';

/** In the order in which they are tried: the first that a file is like is taken for its format; any is like the last. */
export const FORMATS: Readonly<Record<Format, SourceFormat>> = { parquet, fhir, ndjson, csv };

/**
 * What a person says counts most, then first bytes that are FHIR's, then the file's name, then its first bytes.
 * @param name the file's; null for a stream
 * @throws {MedsealError} `NOT_TEXT`
 */
export function chooseFormat(
  { format, delimiter }: Pick<SourceOptions, 'format' | 'delimiter'>,
  name: string | null,
  sample: Uint8Array,
): Format {
  if (format !== undefined) return format;
  // Its files are named as any other JSON, and begin as no other.
  if (delimiter === undefined && fhir.isLike(sample)) return 'fhir';
  const formats = Object.entries(FORMATS) as [Format, SourceFormat][];
  const [named] = formats.find(([, { fileName }]) => name !== null && fileName?.test(name)) ?? [];
  if (named !== undefined) return named;
  if (delimiter !== undefined) return 'csv';
  const [found] = formats.find(([, { isLike }]) => isLike(sample)) ?? [];
  return found ?? 'csv';
}
