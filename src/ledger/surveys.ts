import { statSync } from 'node:fs';
import { fromLatin1 } from '../bytes.js';
import { MedsealError } from '../errors.js';
import { isReadable } from '../format/block.js';
import { decodeItem, type Line, splitLines } from '../format/exchange.js';
import { type BlockHead, hashOf, readHead } from '../format/header.js';
import { MAX_UNSOUND } from '../format/limits.js';
import { closeQuietly, guarded } from '../store/sqlite/connection.js';
import { fileIdentity } from '../store/sqlite/file.js';
import { cutRange, headsBackwards, openDatabase } from '../store/sqlite/reading.js';
import { createPool, type Pool } from '../threads/pool.js';
import type { InspectOptions } from '../verify/inspect.js';
import { judgeSurveys } from '../verify/judging.js';
import type { Survey } from '../verify/survey.js';
import type { Verifier } from '../verify/verifier.js';
import { type ExportPart, type StoredPart, type StoredSurvey, surveyLines, surveyStored } from './survey-tasks.js';

/** What a thread is given at once: some milliseconds of work, and memory that is bounded. */
const PART_BLOCKS = 8192;
const PART_BYTES = 4 * 1024 * 1024;
/** What a thread reads itself is not held at once, and opening the file takes it as long for little as for much. */
const READ_BYTES = 4 * PART_BYTES;

/** So many blocks are verified before a thread has even started. */
export const FEW_BLOCKS = 256;

/**
 * Threads to survey so many blocks.
 * @param blocks null where nobody knows
 * @param threads what the caller wants; as many as there are cores, or none for a few blocks, where it is not given
 */
export function poolFor(blocks: number | null, threads?: number): Pool {
  const few = blocks !== null && blocks < FEW_BLOCKS ? { threads: 1 } : {};
  const pool = createPool({ ...(threads === undefined ? few : { threads }), helping: true });
  // For how many threads there is work is not known before an export has been read.
  if (blocks !== null) pool.prepare(surveyStored);
  return pool;
}

/** Judges all blocks that a file keeps. @throws {MedsealError} as `openSqliteStore`; `ABORTED`, `THREAD_FAILED` */
export async function judgeFile(
  verifier: Verifier,
  file: string,
  blocks: number,
  options: Omit<SurveyOptions, 'signaturesFrom'>,
): Promise<void> {
  const pool = poolFor(blocks);
  try {
    const surveys = surveysOfFile(file, blocks).surveys(pool, { ...options, signaturesFrom: 1 });
    for await (const _ of judgeSurveys(verifier, surveys));
  } finally {
    await pool.close();
  }
}

export interface SurveyOptions extends Omit<InspectOptions, 'signatures'> {
  readonly signal?: AbortSignal | undefined;
  /** The first block whose signature is checked. It begins a survey of its own, and so does the block behind it. */
  readonly signaturesFrom: number;
  /** The blocks up to here are left out; of the first and the last of them the hash is told. Default 0. */
  readonly after?: number;
}

/** What is seen of the blocks that are left out, before the first survey comes. */
export interface LeftOut {
  /** Hash of the first block and of the last of them: null where it is no block, missing where there is none. */
  first?: string | null;
  last?: string | null;
}

/** Blocks to be surveyed, in order, in the threads of a pool. */
export interface SurveySource {
  surveys(pool: Pool, options: SurveyOptions, leftOut?: LeftOut): AsyncIterable<Survey>;
  /** Whether the blocks can be read more than once. */
  readonly again: boolean;
  /** The place (from 1) of the newest block that names this key as its signer; null for none. Only where they can. */
  newestBy(signer: string): Promise<number | null>;
  /** Once it has been surveyed: the first block that is kept under another number than its own, null for none. */
  misnumbered(): number | null;
}

/**
 * The blocks that a file keeps: the threads read it themselves.
 * @param to the last position: what is appended later is not seen
 */
export function surveysOfFile(file: string, to: number): SurveySource {
  const identity = fileIdentity(file);
  let misnumbered: number | null = null;
  return {
    again: true,
    async *surveys(pool, options, leftOut = {}) {
      const { after = 0 } = options;
      if (after > 0) Object.assign(leftOut, hashesAt(file, { first: 1, last: after }));
      for await (const found of storedSurveys(pool, { file, identity, to }, options)) {
        misnumbered ??= found.misnumbered;
        yield found.survey;
      }
    },
    async newestBy(signer) {
      const database = openDatabase(file);
      try {
        for (const { position, head } of headsBackwards(file, database, to)) {
          if (head !== null && headOf(head, ({ header }) => header.signer) === signer) return position;
        }
        return null;
      } finally {
        closeQuietly(database);
      }
    },
    misnumbered: () => misnumbered,
  };
}

interface StoredBlocks extends Pick<StoredPart, 'file' | 'identity'> {
  /** The last position. */
  readonly to: number;
}

/** The blocks that a file keeps, in order, surveyed in the threads of a pool. */
export async function* storedSurveys(
  pool: Pool,
  { file, identity, to }: StoredBlocks,
  { signal, signaturesFrom, after = 0, ...inspect }: SurveyOptions,
): AsyncGenerator<StoredSurvey> {
  function* parts(): Generator<StoredPart> {
    const { size } = guarded(file, () => statSync(file));
    const bounds = boundsFor(pool, to, size);
    let from = after + 1;
    for (const end of [signaturesFrom - 1, signaturesFrom, to]) {
      const options = { ...inspect, signatures: from >= signaturesFrom };
      for (const range of cutRange(size, { from, to: Math.min(end, to), ...bounds })) {
        yield { ...range, file, identity, options, most: bounds };
      }
      from = Math.max(from, end + 1);
    }
  }
  for await (const found of pool.map(surveyStored, parts(), { signal })) {
    yield found;
    // What was more than one part may be is surveyed in its turn; the threads have other parts meanwhile.
    for (let { rest } = found; rest !== null; ) {
      const more: StoredSurvey = await pool.run(surveyStored, rest, { signal });
      yield more;
      rest = more.rest;
    }
  }
}

/** The hashes of the blocks at these positions; those that are not there are missing. */
function hashesAt(file: string, places: Record<keyof LeftOut, number>): LeftOut {
  const found: LeftOut = {};
  const database = openDatabase(file);
  try {
    for (const [name, place] of Object.entries(places) as [keyof LeftOut, number][]) {
      for (const { position, head } of headsBackwards(file, database, place)) {
        if (position === place) found[name] = head === null ? null : headOf(head, hashOf);
        break;
      }
    }
  } finally {
    closeQuietly(database);
  }
  return found;
}

/** Small enough that every thread gets some of a small ledger. */
function boundsFor({ threads }: Pool, blocks: number, bytes: number): { blocks: number; bytes: number } {
  return {
    blocks: Math.max(16, Math.min(PART_BLOCKS, Math.ceil(blocks / (4 * threads)))),
    bytes: Math.max(PART_BYTES, Math.min(READ_BYTES, Math.ceil(bytes / (8 * threads)))),
  };
}

/**
 * The blocks of an export.
 * @param open gives its bytes from the beginning
 * @param again whether it can do so more than once
 */
export function surveysOfExport(open: () => AsyncIterable<Uint8Array>, again: boolean): SurveySource {
  return {
    again,
    surveys: (pool, { signal, signaturesFrom, after = 0, ...inspect }, leftOut = {}) =>
      pool.map(surveyLines, linesInParts(linesAfter(open(), after, leftOut), after, signaturesFrom, inspect), {
        signal,
        handOver: ({ bytes }) => [bytes.buffer as ArrayBuffer],
      }),
    async newestBy(signer) {
      let newest: number | null = null;
      let number = 0;
      let signed = 0;
      for await (const line of splitLines(open())) {
        number++;
        const by = line instanceof MedsealError ? null : signerOf(line.bytes);
        if (by === signer) newest = number;
        if (by !== null) signed = number;
        // The verification ends here, too.
        if (number - signed >= MAX_UNSOUND) break;
      }
      return newest;
    },
    misnumbered: () => null,
  };
}

/** Something of a block's head; null where it is none. */
function headOf(bytes: Uint8Array, get: (head: BlockHead) => string): string | null {
  try {
    return get(readHead(bytes));
  } catch (error) {
    if (error instanceof MedsealError) return null;
    throw error;
  }
}

/** Who signed the block of a line, by what its end says; whether it is one is seen when it is verified. */
function signerOf(line: Uint8Array): string | null {
  const end = fromLatin1(line.subarray(-160));
  return /"signer":"([0-9a-f]{66})","timestamp":"[^"]{24}","version":1\}$/.exec(end)?.[1] ?? null;
}

/** The lines behind the first `after`. */
async function* linesAfter(
  chunks: AsyncIterable<Uint8Array>,
  after: number,
  leftOut: LeftOut,
): AsyncGenerator<Line | MedsealError> {
  let number = 0;
  for await (const line of splitLines(chunks)) {
    number++;
    if (number > after) yield line;
    else if (number === 1 || number === after) {
      const item = line instanceof MedsealError ? null : decodeItem(line.bytes);
      const hash = item !== null && isReadable(item) ? hashOf(item) : null;
      if (number === 1) leftOut.first = hash;
      if (number === after) leftOut.last = hash;
    }
  }
}

async function* linesInParts(
  source: AsyncIterable<Line | MedsealError>,
  after: number,
  signaturesFrom: number,
  inspect: InspectOptions,
): AsyncGenerator<ExportPart> {
  let lines: (Line | MedsealError)[] = [];
  let length = 0;
  let number = after;
  for await (const line of source) {
    number++;
    const cut = number === signaturesFrom || number === signaturesFrom + 1;
    const full = lines.length === PART_BLOCKS || length > PART_BYTES;
    if (lines.length > 0 && (cut || full)) {
      yield packed(lines, length, { ...inspect, signatures: number > signaturesFrom });
      lines = [];
      length = 0;
    }
    lines.push(line);
    length += line instanceof MedsealError ? 0 : line.bytes.length;
  }
  if (lines.length > 0) yield packed(lines, length, { ...inspect, signatures: number >= signaturesFrom });
}

function packed(lines: (Line | MedsealError)[], length: number, options: InspectOptions): ExportPart {
  const described = lines.map((line) =>
    line instanceof MedsealError ? { code: line.code, message: line.message } : line.bytes.length,
  );
  const [first] = lines;
  // A long line comes alone, and is not copied once more.
  if (lines.length === 1 && first !== undefined && !(first instanceof MedsealError) && first.apart) {
    return { bytes: first.bytes, lines: described, options };
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const line of lines) {
    if (line instanceof MedsealError) continue;
    bytes.set(line.bytes, at);
    at += line.bytes.length;
  }
  return { bytes, lines: described, options };
}
