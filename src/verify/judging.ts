// The verifier, fed with a stream.

import { loadCurve } from '../crypto/secp256k1.js';
import type { BlockItem } from '../format/block.js';
import type { Inspection } from './inspect.js';
import type { BlockReport, OnJudged, VerifyOptions } from './options.js';
import type { Survey } from './survey.js';
import type { Verdict } from './verdict.js';
import { Verifier } from './verifier.js';

/** Judges each block with a look at the one behind it. Reads no further once the verification has ended. */
export async function* judgeBlocks(
  verifier: Verifier,
  items: AsyncIterable<BlockItem> | Iterable<BlockItem>,
): AsyncGenerator<{ item: BlockItem; report: BlockReport }> {
  let waiting: { item: BlockItem; inspection: Inspection } | null = null;
  for await (const item of items) {
    const inspection = verifier.inspect(item);
    if (waiting !== null) yield { item: waiting.item, report: verifier.judge(waiting.inspection, inspection) };
    if (verifier.ended) return;
    waiting = { item, inspection };
  }
  if (waiting !== null) yield { item: waiting.item, report: verifier.judge(waiting.inspection) };
}

/**
 * Judges surveys in order.
 * @param onJudged as of `judgeSurvey`
 * @returns after each, how many blocks have been judged
 */
export async function* judgeSurveys(
  verifier: Verifier,
  surveys: AsyncIterable<Survey> | Iterable<Survey>,
  onJudged?: OnJudged,
): AsyncGenerator<number> {
  let waiting: Survey | null = null;
  let judged = 0;
  for await (const survey of surveys) {
    if (waiting !== null) {
      judged += verifier.judgeSurvey(waiting, survey, onJudged);
      yield judged;
      if (verifier.ended) return;
    }
    waiting = survey;
  }
  if (waiting !== null) yield judged + verifier.judgeSurvey(waiting, null, onJudged);
}

/**
 * Verifies a stream of blocks with public keys alone.
 * @returns the verdict; what is wrong with the ledger is in it, and never thrown
 */
export async function verifyBlocks(
  items: AsyncIterable<BlockItem> | Iterable<BlockItem>,
  options: Omit<VerifyOptions, 'bodies'> & { onBlock?: (report: BlockReport, item: BlockItem) => void },
): Promise<Verdict> {
  const verifier = new Verifier(await loadCurve(), { ...options, bodies: true });
  for await (const { item, report } of judgeBlocks(verifier, items)) options.onBlock?.(report, item);
  return verifier.finish();
}
