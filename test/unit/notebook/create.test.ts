// Chains that we make, read again by us; test/interop has Python read them.

import { describe, expect, test } from 'vitest';
import { parseChain } from '../../../src/notebook/chain.js';
import { type CreateChainOptions, createChain } from '../../../src/notebook/create.js';
import { openChain } from '../../../src/notebook/open.js';
import { verifyChain } from '../../../src/notebook/verify.js';
import { joined, owner, refusal, temporaryFolder } from '../../helpers/dataset-fixture.js';
import { made } from '../../helpers/notebook-chain.js';

const temporary = temporaryFolder();

async function created(csv: string, options: CreateChainOptions = {}) {
  const chain = await createChain(temporary.file('table.csv', csv), owner, { threads: 1, ...options });
  const bytes = await joined(chain.bytes());
  return { bytes, losses: chain.losses(), opened: await openChain(parseChain(bytes), owner, { threads: 1 }) };
}

test('a chain of the table that Python has sealed has the same proofs and the same rows', async () => {
  const { bytes, opened } = await created(made.csv);
  const chain = parseChain(bytes);
  expect(await verifyChain(chain, owner.publicKey)).toMatchObject({ ok: true, blocks: 4 });
  expect(chain.items.map(({ block }) => Number(block?.proof))).toEqual(made.chain.map(({ proof }) => proof));
  expect(opened.rows.map(({ values }) => values.get('dose')?.text)).toEqual(['100', '7', '0']);
  expect(JSON.parse(bytes.toString())).toMatchObject({ length: 4, chain: { length: 4 } });
});

test('it is the same for any number of threads, but for salts and times', async () => {
  const csv = `a,b\n${Array.from({ length: 4 }, (_, i) => `${i},x${i}\n`).join('')}`;
  for (const threads of [1, 3]) {
    const { opened } = await created(csv, { threads });
    expect(opened.verdict.ok).toBe(true);
    expect(opened.rows.map(({ values }) => values.get('b')?.text)).toEqual(
      Array.from({ length: 4 }, (_, i) => `x${i}`),
    );
  }
});

test('the time is written as Python writes local time', async () => {
  const times = async (milliseconds: number): Promise<unknown> => {
    const now = (): Date => new Date(2026, 0, 2, 3, 4, 5, milliseconds);
    const { bytes } = await created('a\n', { now });
    return JSON.parse(bytes.toString()).chain[0].timestamp;
  };
  expect(await times(67)).toBe('2026-01-02 03:04:05.067000');
  expect(await times(0)).toBe('2026-01-02 03:04:05');
});

describe('what a chain does not keep is counted', () => {
  const long = 'x'.repeat(50);
  const csv = `id,weight,seen,text\n007,1.5,True,${long}\n8,0.12345678,,NA\n9,,False,ok\n`;

  test('with the types that pandas finds', async () => {
    const { losses, opened } = await created(csv);
    expect(losses).toEqual([
      { column: 'id', cut: 0, rounded: 0, rewritten: 1 },
      { column: 'weight', cut: 0, rounded: 1, rewritten: 0 },
      { column: 'text', cut: 1, rounded: 0, rewritten: 1 },
    ]);
    expect(opened.rows.map(({ values }) => values.get('id')?.text)).toEqual(['7', '8', '9']);
  });

  test('with every value as text', async () => {
    const { losses, opened } = await created(csv, { asText: true });
    expect(losses).toEqual([{ column: 'text', cut: 1, rounded: 0, rewritten: 0 }]);
    expect(opened.rows.map(({ values }) => [...values.values()].map(({ text }) => text))).toEqual([
      ['007', '1.5', 'True', `${long.slice(0, 46)}...`],
      ['8', '0.12345678', '', 'NA'],
      ['9', '', 'False', 'ok'],
    ]);
  });
});

test('another delimiter, Latin-1 and a byte-order mark are read', async () => {
  const path = temporary.file('latin.csv', Buffer.from('n\xe4me;b\ncaf\xe9;1\n', 'latin1'));
  const { columns } = await createChain(path, owner);
  expect(columns).toEqual(['näme', 'b']);
  const marked = temporary.file('mark.csv', '\ufeffa;b\n1;2\n');
  expect((await createChain(marked, owner, { delimiter: ';' })).columns).toEqual(['a', 'b']);
});

describe('is refused', () => {
  test.each([
    ['NDJSON', 'rows.ndjson', '{"a": 1}\n', 'ARGUMENT_INVALID'],
    ['nothing', 'empty.csv', '', 'CSV_EMPTY'],
    ['a record that is too short', 'short.csv', 'a,b\n1\n', 'CSV_FIELDS'],
  ])('%s', async (_, name, content, code) => {
    expect((await refusal(createChain(temporary.file(name, content), owner))).code).toBe(code);
  });

  test('a file that changes meanwhile', async () => {
    const path = temporary.file('changing.csv', 'a\n1\n2\n');
    const chain = await createChain(path, owner);
    temporary.file('changing.csv', 'a\n1\n3\n');
    expect((await refusal(joined(chain.bytes()))).code).toBe('FILE_CHANGED');
  });

  test('to go on when it is interrupted', async () => {
    const abort = new AbortController();
    const path = temporary.file('rows.csv', `a\n${'1\n'.repeat(50)}`);
    const chain = await createChain(path, owner, { threads: 1, signal: abort.signal, onProgress: () => abort.abort() });
    expect((await refusal(joined(chain.bytes()))).code).toBe('ABORTED');
  });
});
