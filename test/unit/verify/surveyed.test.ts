// What a survey says of blocks: as much as the inspection of each, and of most of them in few words.

import { beforeAll, describe, expect, test } from 'vitest';
import { type Curve, loadCurve } from '../../../src/crypto/secp256k1.js';
import { MedsealError } from '../../../src/errors.js';
import type { Block, BlockItem } from '../../../src/format/block.js';
import { decodeLine } from '../../../src/format/exchange.js';
import { inspectBlock, type Sound } from '../../../src/verify/inspect.js';
import { judgeSurveys } from '../../../src/verify/judging.js';
import type { VerifyOptions } from '../../../src/verify/options.js';
import { blocksOf, inspectionOf, surveyBlocks } from '../../../src/verify/survey.js';
import { Verifier } from '../../../src/verify/verifier.js';
import { BASE, oracleText, raw, row, say } from '../../helpers/breaking.js';
import { NOW, owner, writer } from '../../helpers/people.js';
import { surveysOf, TREES, type TreeBefore } from '../../helpers/surveys.js';

let curve: Curve;
let blocks: Block[];

const note = say({ kind: 'info-x' });
const read = (text: string): Block[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => decodeLine(Buffer.from(line)));

beforeAll(async () => {
  curve = await loadCurve();
  blocks = read(oracleText([...BASE, raw(row('own', 2, 3)), raw(note), raw(row('labs', 2), writer)]));
});

const unpacked = (items: readonly BlockItem[], before: TreeBefore = 'none') =>
  surveysOf(items, curve, {}, { size: items.length, before }).flatMap((survey) => [...blocksOf(survey)]);

/** The seventh block, of two records, with one of them changed beside its entry. */
function changed(change: object): Block {
  const block = blocks[6]!;
  return { ...block, entries: [block.entries[0]!, { ...block.entries[1]!, ...change } as Block['entries'][number]] };
}

test('blocks with nothing to say against them are plain, but for the genesis block', () => {
  const found = unpacked(blocks);
  expect(found.map(({ kind }) => kind)).toEqual(['sound', ...blocks.slice(1).map(() => 'plain')]);
  for (const [at, block] of found.entries()) {
    const inspected = inspectBlock(blocks[at]!, curve) as Sound;
    if (block.kind !== 'plain') continue;
    const { index, previous_hash, history_hash, timestamp, signer, difficulty } = inspected.block.header;
    const said = { index, previous_hash, history_hash, timestamp, signer, difficulty };
    expect(block).toMatchObject({ ...said, hash: inspected.hash, entries: inspected.entries });
    const { header, ...rest } = inspectionOf(block).block;
    expect(header).toMatchObject(said);
    expect(rest).toEqual({ proof: 0, signature: new Uint8Array(0), entries: [] });
    expect({ ...inspectionOf(block), block: null }).toEqual({ ...inspected, block: null });
  }
});

test('of others there is the inspection, without their content', () => {
  const others: BlockItem[] = [
    changed({ salt: null, body: null }),
    changed({ salt: null }),
    changed({ body: null }),
    changed({ body: new Uint8Array(80) }),
    { ...blocks[6]!, entries: blocks[6]!.entries.slice(1) },
    { ...blocks[6]!, signature: new Uint8Array(64) },
    { error: new MedsealError('MALFORMED', 'x') },
    ...read(oracleText([raw(say({ kind: 'notice' }))])).slice(1),
  ];
  const found = unpacked(others);
  expect(found.map(({ kind }) => kind)).toEqual([
    'sound',
    'sound',
    'sound',
    'sound',
    'sound',
    'unsound',
    'unsound',
    'sound',
  ]);
  for (const [at, item] of others.entries()) {
    const inspected = inspectBlock(item, curve);
    const block = found[at]!;
    if (block.kind !== 'sound' || inspected.kind !== 'sound') expect(block).toEqual(inspected);
    else {
      const { header, proof } = inspected.block;
      expect(block).toEqual({ ...inspected, block: { header, proof, signature: new Uint8Array(0), entries: [] } });
    }
  }
});

test('a key, a signer and a statement are said once', () => {
  const { keys, signers, statements } = surveyBlocks(blocks, curve, {});
  expect(keys).toHaveLength(2);
  expect(signers).toEqual([owner.publicKey, writer.publicKey]);
  expect(statements.map((entry) => (entry.kind === 'statement' ? entry.statement.kind : ''))).toEqual([
    'writer',
    'dataset',
    'grant',
    'dataset',
    'grant',
    'grant',
    'info-x',
  ]);
});

describe('the tree before', () => {
  const fitting = (items: readonly BlockItem[], from: number, before: TreeBefore): boolean[] => {
    const surveys = surveysOf(items, curve, {}, { size: from, before });
    const found = [...blocksOf(surveys[1]!)];
    return found.map((block) => block.kind === 'plain' && block.fitsHistory);
  };

  test('fits the blocks behind it, or does not', () => {
    expect(fitting(blocks, 4, 'right')).toEqual([true, true, true, true]);
    expect(fitting(blocks, 4, 'wrong')).toEqual([false, false, false, false]);
    expect(fitting(blocks, 4, 'none')).toEqual([false, false, false, false]);
  });

  test('fits them as long as they are as many as their numbers say, and can be read', () => {
    const without = blocks.toSpliced(5, 1);
    expect(fitting(without, 4, 'right')).toEqual([true, false, false, false]);
    const bad: BlockItem[] = [...blocks];
    bad[5] = { error: new MedsealError('MALFORMED', 'x') };
    expect(fitting(bad, 4, 'right')).toEqual([true, false, false, false]);
    bad[5] = { ...blocks[5]!, entries: [] };
    expect(fitting(bad, 4, 'right')).toEqual([true, false, true, true]);
  });

  test('whatever it is, changes no verdict', async () => {
    const wrong = { history_hash: 'ab'.repeat(32) };
    const bad = read(oracleText([...BASE, raw(note), raw(note), raw(note, owner, wrong), raw(note), raw(note)]));
    const options: VerifyOptions = { now: new Date(NOW), owner: owner.publicKey };
    for (const before of TREES) {
      for (let size = 1; size <= bad.length; size++) {
        const verifier = new Verifier(curve, options);
        for await (const _ of judgeSurveys(verifier, surveysOf(bad, curve, options, { size, before })));
        const { problems } = verifier.finish();
        expect(
          problems.map(({ block, code }) => [block, code]),
          `${before} ${size}`,
        ).toEqual([[9, 'HISTORY_MISMATCH']]);
      }
    }
  });

  test('whatever it is, leads to the same tree', async () => {
    const options: VerifyOptions = { now: new Date(NOW), owner: owner.publicKey };
    const oneByOne = new Verifier(curve, options);
    for (const block of blocks) oneByOne.push(block);
    for (const before of TREES) {
      for (let size = 1; size <= blocks.length; size++) {
        const verifier = new Verifier(curve, options);
        for await (const _ of judgeSurveys(verifier, surveysOf(blocks, curve, options, { size, before })));
        expect(verifier.next, `${before} ${size}`).toEqual(oneByOne.next);
        expect(verifier.save(), `${before} ${size}`).toEqual(oneByOne.save());
        expect(verifier.historyTree()?.rootHex()).toBe(oneByOne.historyTree()?.rootHex());
      }
    }
  });
});
