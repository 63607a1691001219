import { MedsealError } from '../../errors.js';
import { CsvScanner } from './scanner.js';

/** In order of preference where the sample fits several. */
const CANDIDATES = [',', '\t', ';', '|'] as const;

/**
 * Guesses the delimiter from the first bytes of a file: the one that gives every record the same number of fields,
 * the most fields where several do. It uses the scanner that will judge the file, so guess and judgement agree.
 * @param complete whether the sample is the whole file
 */
export function guessDelimiter(sample: Uint8Array, complete: boolean): string {
  let best: { delimiter: string; fit: number; fields: number } = { delimiter: ',', fit: -1, fields: 1 };
  for (const delimiter of CANDIDATES) {
    const counts = fieldCounts(sample, delimiter, complete);
    const [header = 1] = counts;
    if (header < 2) continue;
    const fit = counts.filter((count) => count === header).length / counts.length;
    if (fit > best.fit || (fit === best.fit && header > best.fields)) best = { delimiter, fit, fields: header };
  }
  return best.delimiter;
}

function fieldCounts(sample: Uint8Array, delimiter: string, complete: boolean): number[] {
  const scanner = new CsvScanner(delimiter.charCodeAt(0));
  const counts = scanner.push(sample).map(({ fields }) => fields);
  try {
    const rest = scanner.finish().map(({ fields }) => fields);
    // The last record of a cut sample is only a part of one.
    return complete || counts.length === 0 ? [...counts, ...rest] : counts;
  } catch (error) {
    // A quote that this delimiter leaves open speaks against it, unless the cut did that.
    if (error instanceof MedsealError) return complete ? [...counts, 0] : counts;
    throw error;
  }
}

/**
 * The byte of a delimiter as a person gives it: one ASCII character, or `\t` or `tab`.
 * @throws {MedsealError} `DELIMITER_INVALID`
 */
export function delimiterByte(text: string): number {
  const character = text === '\\t' || text.toLowerCase() === 'tab' ? '\t' : text;
  const byte = character.charCodeAt(0);
  if (character.length !== 1 || byte > 0x7f || '"\r\n'.includes(character)) {
    throw new MedsealError(
      'DELIMITER_INVALID',
      'the delimiter must be one ASCII character, not a quote or a line end (for a tab: "\\t")',
    );
  }
  return byte;
}
