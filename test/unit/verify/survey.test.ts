// Surveys: what the surveyor says of the history is believed only as far as the verifier knows it for itself.

import { expect, test } from 'vitest';
import { loadCurve } from '../../../src/crypto/secp256k1.js';
import type { Block } from '../../../src/format/block.js';
import { decodeItem } from '../../../src/format/exchange.js';
import { hashOf } from '../../../src/format/header.js';
import { MerkleTree } from '../../../src/merkle/tree.js';
import { blocksOf, surveyBlocks } from '../../../src/verify/survey.js';
import { Verifier } from '../../../src/verify/verifier.js';
import { oracleText, raw, say } from '../../helpers/breaking.js';
import { verifyText } from '../../helpers/ledgers.js';
import { NOW, owner } from '../../helpers/people.js';
import { fromHex, hex } from '../../oracle/bytes.js';
import { treeHash } from '../../oracle/merkle.js';

const info = say({ kind: 'info-x' });
const OTHER = new Uint8Array(32).fill(7);

const blocks = (text: string): Block[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => decodeItem(Buffer.from(line)) as Block);

const leavesOf = (list: readonly Block[]): Uint8Array[] => list.map((block) => fromHex(hashOf(block), 32));

/** The first block by itself, the others as one survey that begins with some tree. */
async function judged([genesis, ...others]: readonly Block[], first: Uint8Array | null) {
  const curve = await loadCurve();
  const before = new MerkleTree();
  if (first !== null) before.add(first);
  const survey = surveyBlocks(others, curve, {}, first === null ? null : before);
  const verifier = new Verifier(curve, { now: new Date(NOW), owner: owner.publicKey });
  if (genesis !== undefined) verifier.push(genesis);
  verifier.judgeSurvey(survey, null);
  const fits = [...blocksOf(survey)].map((block) => block.kind === 'plain' && block.fitsHistory);
  return { fits, verdict: verifier.finish() };
}

test('the right tree fits every block, another or none fits no block, and the verdict is the same', async () => {
  const text = oracleText([raw(info), raw(info), raw(info), raw(info)]);
  const list = blocks(text);
  const [genesis] = leavesOf(list);
  const { problems, notices, ...sums } = await verifyText(text, { owner: owner.publicKey });
  for (const first of [genesis!, OTHER, null]) {
    const { fits, verdict } = await judged(list, first);
    expect(fits).toEqual([0, 1, 2, 3].map(() => first === genesis));
    expect(verdict).toMatchObject({ ...sums, problems: [] });
  }
});

test('a block that was made for the tree of the surveyor is refused where that is another', async () => {
  const honest = oracleText([raw(info), raw(info), raw(info)]);
  const [, second, third] = leavesOf(blocks(honest));
  const history_hash = hex(treeHash([OTHER, second!, third!]));
  const text = oracleText([raw(info), raw(info), raw(info, owner, { history_hash }), raw(info)]);
  const { fits, verdict } = await judged(blocks(text), OTHER);
  expect(fits).toEqual([false, false, true, false]);
  expect(verdict.problems).toMatchObject([{ block: 4, entry: null, code: 'HISTORY_MISMATCH' }]);
});

test('nor is the first block of a survey taken at the word of its surveyor', async () => {
  const text = oracleText([raw(info, owner, { history_hash: hex(treeHash([OTHER])) }), raw(info)]);
  const { fits, verdict } = await judged(blocks(text), OTHER);
  expect(fits).toEqual([true, false]);
  expect(verdict.problems).toMatchObject([{ block: 2, entry: null, code: 'HISTORY_MISMATCH' }]);
});
