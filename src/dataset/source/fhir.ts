import { MedsealError } from '../../errors.js';
import { BundleScanner } from '../fhir/bundle-scanner.js';
import { expectResource, isResourceType } from '../fhir/expect.js';
import { entryOf } from '../fhir/resources.js';
import { elementsOf, membersNamed, namesIn, stringOf, valueEnd } from '../ndjson/members.js';
import { blanks } from '../ndjson/well-formed.js';
import { expectText } from '../text.js';
import { type Beginning, scanned } from './beginning.js';
import type { Begun, SourceFormat } from './format.js';
import { beginLines, JSON_SHAPE, ndjson } from './ndjson.js';
import type { Shape, SourceOptions } from './source.js';

/** FHIR R4: a resource a line, as Bulk Data has it, or a Bundle, which is taken apart. Its files are named as any JSON. */
export const fhir: SourceFormat = { fileName: null, isLike, begin };

const TYPE: ReadonlySet<string> = new Set(['resourceType']);

/** Whether the first value is an object that says which type of resource it is. */
function isLike(sample: Uint8Array): boolean {
  return isResourceType(typeOf(textOf(sample)));
}

async function begin(beginning: Beginning, { signal }: SourceOptions): Promise<Begun> {
  expectText(beginning.sample);
  if (isBundle(beginning)) return beginBundle(beginning, signal);
  return beginLines('application/fhir+ndjson', beginning, signal, expectResource);
}

/** What stands behind the entries is sealed before them, so that they cannot be sealed as they come. */
function beginBundle(beginning: Beginning, signal: AbortSignal | undefined): Begun {
  if (beginning.file === null) {
    const message = 'a FHIR Bundle is read twice, which a stream cannot be; seal it from a file';
    throw new MedsealError('FHIR_INVALID', message);
  }
  const scanner = new BundleScanner();
  const [entry = ''] = elementsOf(membersNamed(textOf(beginning.sample), new Set(['entry'])).get('entry') ?? '');
  return {
    shape: (): Shape => ({ media_type: 'application/fhir+json', ...JSON_SHAPE, head: scanner.around.head }),
    get header() {
      return scanner.around.bytes;
    },
    members: namesIn(entryOf(entry).resource ?? ''),
    batches: scanned(scanner, beginning, signal),
  };
}

/**
 * Whether a source is one Bundle, and not lines: a document on several lines, or one line alone that is a Bundle. A file that
 * is named as lines has lines.
 */
function isBundle({ sample, complete, file }: Beginning): boolean {
  if (file !== null && ndjson.fileName?.test(file)) return false;
  const text = textOf(sample);
  const start = blanks(text, 0);
  const end = valueEnd(text, start);
  const first = end < 0 ? text.slice(start) : text.slice(start, end);
  if (first.includes('\n')) return true;
  const isAlone = end < 0 || (complete && text.slice(end).trim() === '');
  return isAlone && typeOf(first) === 'Bundle';
}

function typeOf(text: string): string | null {
  return stringOf(membersNamed(text, TYPE).get('resourceType'));
}

function textOf(sample: Uint8Array): string {
  return Buffer.from(sample).toString('utf8');
}
