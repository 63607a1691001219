import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileIdentity } from '../store/sqlite/file.js';
import { createPool } from '../threads/pool.js';
import { judgeBlocks, judgeSurveys } from '../verify/judging.js';
import type { BlockReport } from '../verify/options.js';
import type { Survey } from '../verify/survey.js';
import type { Verifier } from '../verify/verifier.js';
import type { Ledger } from './ledger.js';
import { storedSurveys } from './surveys.js';

/** A thread's start, and the compiling of what it runs, take longer than to judge fewer blocks of a smaller file. */
const BLOCKS_FOR_THREADS = 4096;
const BYTES_FOR_THREADS = 256 * 1024 * 1024;

export interface JudgeOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many threads inspect blocks. Default: as many as there are cores; in a small ledger, one. */
  readonly threads?: number | undefined;
}

/** Told of each block, in order, where it is stored and whether it was accepted; its entries' bytes may be missing. */
export type OnStoredJudged = (accepted: BlockReport['accepted'], position: number) => void;

/**
 * Judges the blocks of a ledger without the content of their records. Those that lie in a file are inspected in threads,
 * which read it themselves.
 * @param verifier a fresh one, without bodies
 * @param blocks the last position: what is appended later is not seen
 * @throws {MedsealError} `STORE_FAILED`, `FILE_CHANGED`, `ABORTED`, `THREAD_FAILED`; `ARGUMENT_INVALID` for a number of
 *   threads that is none
 */
export async function judgeLedger(
  ledger: Ledger,
  verifier: Verifier,
  blocks: number,
  options: JudgeOptions,
  onJudged: OnStoredJudged,
): Promise<void> {
  const { file } = ledger;
  if (file !== null) return judgeStored(file, verifier, blocks, options, onJudged);
  // A block is judged once the next one has been read. Those that were slipped in move the others to positions that are
  // not their numbers.
  const positions: number[] = [];
  async function* items() {
    for await (const { position, item } of ledger.numbered({ to: blocks, bodies: false })) {
      positions.push(position);
      yield item;
    }
  }
  for await (const { report } of judgeBlocks(verifier, items())) {
    onJudged(report.accepted, positions.shift() ?? report.number);
  }
}

function threadsFor(file: string, blocks: number): number {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return blocks < BLOCKS_FOR_THREADS && bytes < BYTES_FOR_THREADS ? 1 : availableParallelism();
}

async function judgeStored(
  file: string,
  verifier: Verifier,
  blocks: number,
  { signal, threads }: JudgeOptions,
  onJudged: OnStoredJudged,
): Promise<void> {
  const pool = createPool({ threads: threads ?? threadsFor(file, blocks), helping: true });
  const positions: number[][] = [];
  let next = 0;
  async function* surveys(): AsyncGenerator<Survey> {
    const stored = { file, identity: fileIdentity(file), to: blocks };
    for await (const found of storedSurveys(pool, stored, { signal, signaturesFrom: 1, bodies: false })) {
      positions.push([...found.positions]);
      yield found.survey;
    }
  }
  const tell = (accepted: BlockReport['accepted']): void => {
    while (next === positions[0]?.length) {
      positions.shift();
      next = 0;
    }
    onJudged(accepted, positions[0]?.[next++] ?? 0);
  };
  try {
    for await (const _ of judgeSurveys(verifier, surveys(), tell));
  } finally {
    await pool.close();
  }
}
