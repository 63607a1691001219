import type { MediaType } from '../media-types.js';
import { namesIn } from '../ndjson/members.js';
import { type LineCheck, NdjsonScanner } from '../ndjson/scanner.js';
import { expectText, isNdjson } from '../text.js';
import { type Beginning, scanned } from './beginning.js';
import type { Begun, SourceFormat } from './format.js';
import type { SourceOptions } from './source.js';

/** One JSON value a line. */
export const ndjson: SourceFormat = { fileName: /\.(ndjson|jsonl)$/i, isLike: isNdjson, begin };

/** What is the same of all JSON. */
export const JSON_SHAPE = { encoding: 'utf-8', delimiter: '', terminator: '\n', columns: [] } as const;

async function begin(beginning: Beginning, { signal }: SourceOptions): Promise<Begun> {
  expectText(beginning.sample);
  return beginLines('application/x-ndjson', beginning, signal);
}

/** @param check what a line must be besides JSON */
export function beginLines(
  media_type: MediaType,
  beginning: Beginning,
  signal: AbortSignal | undefined,
  check?: LineCheck,
): Begun {
  return {
    shape: () => ({ media_type, ...JSON_SHAPE }),
    header: new Uint8Array(0),
    members: firstMembers(beginning.sample),
    batches: scanned(new NdjsonScanner(check), beginning, signal),
  };
}

/** The members of the first line that is not blank, as far as the sample has them. */
function firstMembers(sample: Uint8Array): string[] {
  const text = Buffer.from(sample).toString('utf8').trimStart();
  const [line = ''] = text.split('\n', 1);
  return namesIn(line);
}
