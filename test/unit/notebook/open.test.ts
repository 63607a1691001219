// A chain of the notebook decrypted, and its rows rebuilt.

import { describe, expect, test } from 'vitest';
import { lossTexts } from '../../../src/cli/notebook-text.js';
import { openChain } from '../../../src/notebook/open.js';
import { refusal, stranger } from '../../helpers/dataset-fixture.js';
import { chainOf, keyHolder, made, withFields } from '../../helpers/notebook-chain.js';

test.each([1, 2])('with %i threads: every row, its block, and what pandas did to it', async (threads) => {
  const blocks: number[] = [];
  const opened = await openChain(chainOf(made.chain), keyHolder, { threads, onProgress: (done) => blocks.push(done) });
  expect(opened).toMatchObject({ verdict: { ok: true }, unopened: [], unread: [] });
  expect(opened.columns).toEqual(['drug name', 'dose', 'ok', 'weight', 'note', 'long name of a column']);
  expect(opened.rows.map(({ place }) => place)).toEqual([2, 3, 4]);
  expect(opened.rows.map(({ values }) => values.get('dose')?.text)).toEqual(['100', '7', '0']);
  // Each block's hash is the one to which the next refers.
  expect(opened.rows.slice(0, 2).map(({ hash }) => hash)).toEqual(
    made.chain.slice(2).map((block) => block.previous_hash),
  );
  expect(opened.cut).toEqual([{ block: 3, column: 'long name of a column' }]);
  expect(opened.rounded).toEqual([{ block: 4, column: 'weight' }]);
  // Only in the column of numbers: "dose" and "ok" have no fractions, and text is kept as it is.
  expect(new Set(opened.shortened.map(({ column }) => column))).toEqual(new Set(['weight']));
  expect(lossTexts(opened, null).join()).toContain('with fewer than six decimals');
  expect(blocks).toEqual([1, 2, 3]);
});

describe('what does not open is left out and named', () => {
  const [text, salt, nonce, tag] = String(made.chain[3]?.data).split('*') as [string, string, string, string];
  test.each([
    ['other data', 'forged'],
    ['nothing', ''],
    ['one part less', [text, salt, nonce].join('*')],
    ['a part more', [text, salt, nonce, tag, tag].join('*')],
    ['another tag', [text, salt, nonce, salt].join('*')],
    ['a shorter tag', [text, salt, nonce, tag.slice(0, 8)].join('*')],
    ['no nonce', [text, salt, '', tag].join('*')],
    ['a long nonce', [text, salt, 'AAAA'.repeat(1000), tag].join('*')],
    ['no base64', [text, salt, nonce, '!'].join('*')],
  ])('%s', async (_, data) => {
    const opened = await openChain(chainOf(withFields(4, { data })), keyHolder, { threads: 1 });
    expect(opened.unopened).toEqual([4]);
    expect(opened.rows).toHaveLength(2);
  });

  test('a block whose signature is invalid is not decrypted', async () => {
    const opened = await openChain(chainOf(withFields(4, { signature: '00' })), keyHolder, { threads: 1 });
    expect(opened).toMatchObject({ verdict: { ok: false }, unopened: [4] });
  });

  test('all of it, under another key', async () => {
    expect(await openChain(chainOf(made.chain), stranger, { threads: 1 })).toMatchObject({
      rows: [],
      unopened: [2, 3, 4],
    });
  });
});

test('it ends where it is told to', async () => {
  const signal = AbortSignal.abort();
  expect((await refusal(openChain(chainOf(made.chain), keyHolder, { signal }))).code).toBe('ABORTED');
});
