import { loadCurve } from '../crypto/secp256k1.js';
import { type ErrorCode, MedsealError } from '../errors.js';
import type { BlockItem } from '../format/block.js';
import { isReadable } from '../format/block.js';
import { decodeItem } from '../format/exchange.js';
import { closeQuietly } from '../store/sqlite/connection.js';
import { fileIdentity } from '../store/sqlite/file.js';
import { nodesReader, openDatabase, type Range, readRows } from '../store/sqlite/reading.js';
import type { ReadBlock } from '../store/store.js';
import { type Task, task } from '../threads/task.js';
import type { InspectOptions } from '../verify/inspect.js';
import { type Survey, surveyBlocks } from '../verify/survey.js';
import { storedTree } from './history-nodes.js';
import { fromStored } from './stored.js';

export interface StoredPart extends Range {
  readonly file: string;
  /** Tells that it is still the same file. */
  readonly identity: string | null;
  readonly options: InspectOptions;
  /** How much is surveyed at once, about. */
  readonly most: { readonly blocks: number; readonly bytes: number };
}

export interface StoredSurvey {
  readonly survey: Survey;
  /** Where each of its blocks is stored. */
  readonly positions: readonly number[];
  /** The number of the first block that is kept under another position. */
  readonly misnumbered: number | null;
  /** What was too much to be surveyed at once. */
  readonly rest: StoredPart | null;
}

/** Reads blocks from a ledger's file and inspects them. @throws {MedsealError} as `openSqliteStore`; `FILE_CHANGED` */
export const surveyStored: Task<StoredPart, StoredSurvey> = task(
  import.meta.url,
  'surveyStored',
  async (part: StoredPart): Promise<StoredSurvey> => {
    const { file, identity, from, to, options, most } = part;
    const curve = await loadCurve();
    const database = openDatabase(file);
    try {
      if (fileIdentity(file) !== identity) {
        throw new MedsealError('FILE_CHANGED', `${file} was replaced while it was being read; try again`, { file });
      }
      let misnumbered: number | null = null;
      let rest: StoredPart | null = null;
      const positions: number[] = [];
      let bytes = 0;
      const items = function* (): Generator<BlockItem> {
        for (const row of readRows(file, database, { from, to, bodies: options.bodies ?? true })) {
          const item = fromStored(row);
          if (isReadable(item) && item.header.index !== row.position) misnumbered ??= item.header.index;
          positions.push(row.position);
          yield item;
          bytes += sizeOf(row);
          if (row.position < to && (positions.length >= most.blocks || bytes > 2 * most.bytes)) {
            rest = { ...part, from: row.position + 1 };
            return;
          }
        }
      };
      // Whether it is the right tree, and whose, the judging thread finds out.
      const before = storedTree(nodesReader(file, database), from - 1);
      return { survey: surveyBlocks(items(), curve, options, before), positions, misnumbered, rest };
    } finally {
      closeQuietly(database);
    }
  },
  ({ survey }) => buffersOf(survey),
);

function sizeOf({ head, entries, salts, bodies }: ReadBlock): number {
  return (head?.length ?? 0) + (entries?.length ?? 0) + (salts?.length ?? 0) + (bodies?.length ?? 0);
}

export interface ExportPart {
  /** Lines, one behind the other, without line feeds. */
  readonly bytes: Uint8Array;
  /** Of each line its length, or what keeps it from being one. */
  readonly lines: readonly (number | { readonly code: ErrorCode; readonly message: string })[];
  readonly options: InspectOptions;
}

/** Reads lines of an export and inspects their blocks. */
export const surveyLines: Task<ExportPart, Survey> = task(
  import.meta.url,
  'surveyLines',
  async ({ bytes, lines, options }: ExportPart): Promise<Survey> => {
    const items = function* (): Generator<BlockItem> {
      let start = 0;
      for (const line of lines) {
        if (typeof line !== 'number') {
          yield { error: new MedsealError(line.code, line.message) };
          continue;
        }
        yield decodeItem(bytes.subarray(start, start + line));
        start += line;
      }
    };
    return surveyBlocks(items(), await loadCurve(), options);
  },
  buffersOf,
);

/** What of a survey need not be copied to another thread. */
function buffersOf({ texts, numbers }: Survey): ArrayBuffer[] {
  return [texts.buffer as ArrayBuffer, numbers.buffer as ArrayBuffer];
}
