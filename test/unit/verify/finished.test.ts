// A verdict is the last word: nothing is judged behind it, and nothing reported before it.

import { expect, test } from 'vitest';
import { loadCurve } from '../../../src/crypto/secp256k1.js';
import { listDatasets } from '../../../src/dataset/directory.js';
import { openDataset } from '../../../src/dataset/open.js';
import { decodeLine } from '../../../src/format/exchange.js';
import { surveyBlocks } from '../../../src/verify/survey.js';
import { Verifier } from '../../../src/verify/verifier.js';
import { ledgerOf, linesOf, richLedger, textOf } from '../../helpers/ledgers.js';
import { NOW, owner } from '../../helpers/people.js';

const now = new Date(NOW);
const tooEarly = expect.objectContaining({ code: 'ARGUMENT_INVALID' });

test('nothing is judged behind a verdict, and the verdict stays what it was', async () => {
  const curve = await loadCurve();
  const blocks = (await linesOf(await richLedger('finished'))).map((line) => decodeLine(Buffer.from(line)));
  const verifier = new Verifier(curve, { now });
  for (const block of blocks.slice(0, 5)) verifier.push(block);
  const verdict = verifier.finish();
  expect(verdict).toMatchObject({ ok: true, blocks: 5 });
  expect(() => verifier.push(blocks[5]!)).toThrow(tooEarly);
  expect(() => verifier.judgeSurvey(surveyBlocks([blocks[5]!], curve, {}), null)).toThrow(tooEarly);
  expect(verifier.finish()).toEqual(verdict);
});

test('there is no report before the last row, and the iteration returns it', async () => {
  const lines = await linesOf(await richLedger('finished'));
  for (const [text, ok] of [
    [textOf(lines), true],
    [textOf(lines.toSpliced(8, 1)), false],
  ] as const) {
    const identity = await owner.identity();
    const { datasets } = await listDatasets(await ledgerOf(text), identity);
    const dataset = await openDataset(await ledgerOf(text), identity, { dataset: datasets[0]!.id });
    expect(() => dataset.report()).toThrow(tooEarly);
    const rows = dataset.rows();
    let next = await rows.next();
    while (!next.done) {
      expect(() => dataset.report()).toThrow(tooEarly);
      next = await rows.next();
    }
    expect(next.value.verdict.ok).toBe(ok);
    if (!ok) expect(next.value.verdict.problems.map(({ code }) => code)).toContain('BLOCK_MISSING');
    expect(dataset.report()).toBe(next.value);
    // Another iteration, left before its end, has none.
    for await (const _ of dataset.rows()) break;
    expect(() => dataset.report()).toThrow(tooEarly);
  }
});
