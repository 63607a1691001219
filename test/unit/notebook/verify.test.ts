// The notebook's rules, and what they do not find.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, test } from 'vitest';
import { parseChain } from '../../../src/notebook/chain.js';
import { proofOfBlock } from '../../../src/notebook/known-proofs.js';
import { undetectedChanges } from '../../../src/notebook/undetected.js';
import { verifyChain } from '../../../src/notebook/verify.js';
import { findProof, isProof } from '../../../src/notebook/work.js';
import { refusal, stranger } from '../../helpers/dataset-fixture.js';
import { chainOf, keyHolder, made, withFields } from '../../helpers/notebook-chain.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const judged = async (blocks: readonly unknown[]) => {
  const { problems } = await verifyChain(chainOf(blocks), keyHolder.publicKey);
  return problems.map(({ block, code }) => `${block} ${code}`);
};

describe('a chain that Python has made', () => {
  test('verifies, as an object and as the list alone', async () => {
    for (const text of [JSON.stringify({ chain: made.chain, length: 4 }), JSON.stringify(made.chain, null, 4)]) {
      const verdict = await verifyChain(parseChain(bytes(text)), keyHolder.publicKey);
      expect(verdict).toMatchObject({ ok: true, blocks: 4, signatures: [true, true, true, true], problems: [] });
    }
  });

  test('verifies with the other of the two s that are valid', async () => {
    const order = secp256k1.Point.CURVE().n;
    const blocks = made.chain.slice(0, 1).map((block) => {
      const signature = String(block.signature);
      const other = order - BigInt(`0x${signature.slice(64)}`);
      return { ...block, signature: signature.slice(0, 64) + other.toString(16).padStart(64, '0') };
    });
    expect(await judged(blocks)).toEqual([]);
    expect(blocks[0]?.signature).not.toBe(made.chain[0]?.signature);
  });

  test('does not verify under another key', async () => {
    const { signatures } = await verifyChain(chainOf(made.chain), stranger.publicKey);
    expect(signatures).toEqual([false, false, false, false]);
  });
});

describe('the rules find', () => {
  test.each([
    ['data changed before the end', withFields(2, { data: 'x' }), ['3 LINK_BROKEN']],
    ['a time changed before the end', withFields(1, { timestamp: 'x' }), ['2 LINK_BROKEN']],
    ['a signature changed', withFields(4, { signature: '00'.repeat(64) }), ['4 SIGNATURE_INVALID']],
    ['a signature that is too short', withFields(4, { signature: 'ab' }), ['4 SIGNATURE_INVALID']],
    ['a proof changed', withFields(4, { proof: 2 }), ['4 WORK_INSUFFICIENT']],
    ['an index changed', withFields(4, { index: 9 }), ['4 BLOCK_MISPLACED']],
    ['a block dropped', made.chain.toSpliced(2, 1), ['3 BLOCK_MISPLACED', '3 LINK_BROKEN', '3 WORK_INSUFFICIENT']],
    ['the beginning dropped', made.chain.slice(3), ['1 BLOCK_MISPLACED', '1 GENESIS_INVALID']],
    ['another genesis block', withFields(1, { data: 'Genesis' }).slice(0, 1), ['1 GENESIS_INVALID']],
    ['a float for a proof', withFields(4, { proof: 1.5 }), ['4 MALFORMED']],
    ['a field missing', withFields(4, { data: undefined }), ['4 MALFORMED']],
    ['no block', [...made.chain, 7], ['5 MALFORMED']],
  ])('%s', async (_, blocks, problems) => {
    expect(await judged(blocks)).toEqual(problems);
  });
});

test('what stands in a block beside the six fields is hashed with it', async () => {
  const text = (extra: string): string =>
    JSON.stringify(made.chain).replace('"index":1,', `"index":1,"extra":${extra},`);
  const verdict = await verifyChain(parseChain(bytes(text('[1.0, "é"]'))), keyHolder.publicKey);
  expect(verdict.problems.map(({ code }) => code)).toEqual(['LINK_BROKEN']);
});

describe('what the rules do not find', () => {
  test('is shown by eight changes, of which they find none', async () => {
    const tried = await undetectedChanges(chainOf(made.chain), keyHolder.publicKey);
    expect(tried.map(({ change }) => change)).toEqual([
      'last-data',
      'data',
      'swapped',
      'time',
      'cut-off',
      'taken-out',
      'added',
      'all-replaced',
    ]);
    expect(tried.filter(({ detected }) => detected)).toEqual([]);
  });

  test('is shown on a chain of one block and of two as far as there is something to change', async () => {
    const shown = async (blocks: number): Promise<string[]> => {
      const tried = await undetectedChanges(chainOf(made.chain.slice(0, blocks)), keyHolder.publicKey);
      expect(tried.filter(({ detected }) => detected)).toEqual([]);
      return tried.map(({ change }) => change);
    };
    expect(await shown(1)).toEqual(['time', 'added']);
    expect(await shown(2)).toEqual(['last-data', 'time', 'cut-off', 'added', 'all-replaced']);
  });

  test('is not said of what they find: under another key, the copies are found too', async () => {
    const tried = await undetectedChanges(chainOf(made.chain), stranger.publicKey);
    expect(tried.every(({ detected }) => detected)).toBe(true);
  });
});

test('the proofs of all chains are known, and run into a circle', () => {
  const blocks = Array.from({ length: 600 }, (_, i) => i + 1);
  expect(blocks.slice(1).filter((block) => !isProof(proofOfBlock(block), proofOfBlock(block - 1)))).toEqual([]);
  expect(made.chain.map(({ proof }) => proof)).toEqual([1, 2, 3, 4].map((block) => Number(proofOfBlock(block))));
  expect(proofOfBlock(226)).toBe(proofOfBlock(68));
  expect(proofOfBlock(68 + 158 * 1000)).toBe(proofOfBlock(68));
  expect(new Set(blocks.map(proofOfBlock)).size).toBe(225);
});

test('the smallest proof is found, as Python finds it', () => {
  const proofs = made.chain.map(({ proof }) => BigInt(proof as number));
  expect(proofs.slice(0, -1).map(findProof)).toEqual(proofs.slice(1));
  // Beyond what numbers hold exactly.
  const large = 2n ** 70n;
  expect(isProof(findProof(large), large)).toBe(true);
});

test.each([
  ['no JSON', 'index,timestamp\n1,2\n'],
  ['no list', '{"length": 3}'],
  ['an empty list', '{"chain": [], "length": 0}'],
  ['a text', '"chain"'],
  ['no UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])],
])('a file that is %s is no chain', async (_, content) => {
  expect((await refusal(() => parseChain(Buffer.from(content)))).code).toBe('NOT_A_CHAIN');
});
