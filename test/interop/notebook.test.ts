// Chains of the notebook, made by its own libraries and read by us, and the other way round.

import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { openDataset } from '../../src/dataset/open.js';
import { originalBytes } from '../../src/dataset/output.js';
import { importPrivateKey } from '../../src/keys/import.js';
import { notebookPublicKey } from '../../src/keys/public-key.js';
import { exportLedger } from '../../src/ledger/export.js';
import { importLedger } from '../../src/ledger/import.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { type NotebookChain, parseChain } from '../../src/notebook/chain.js';
import { createChain } from '../../src/notebook/create.js';
import { importChain } from '../../src/notebook/import.js';
import { openChain } from '../../src/notebook/open.js';
import { readTextRows, type TextRow } from '../../src/notebook/pandas/read-text.js';
import { undetectedChanges } from '../../src/notebook/undetected.js';
import { verifyChain } from '../../src/notebook/verify.js';
import { joined, newLedger, owner, temporaryFolder } from '../helpers/dataset-fixture.js';
import { askPython, type Frame, missing, type ReadByPython, type SealedByPython } from '../helpers/notebook-python.js';

const temporary = temporaryFolder();

/** The UCI drug review data set (Druglib.com) as one TSV file: it is not ours to ship. */
const reviews = process.env.MEDSEAL_TEST_REVIEWS ?? '';
if (reviews === '') {
  console.log('skipped: MEDSEAL_TEST_REVIEWS names no file with the 4,143 drug reviews of the UCI data set');
}

describe.skipIf(missing !== null || reviews === '')('50 real reviews, sealed by Python', () => {
  let made: SealedByPython;
  let chain: NotebookChain;

  beforeAll(() => {
    made = askPython({ do: 'seal', csv: readFileSync(reviews, 'utf8'), separator: '\t', rows: 50 });
    chain = parseChain(Buffer.from(JSON.stringify({ chain: made.chain, length: 51 })));
  });

  test('verify by the notebook’s rules, which find none of eight changes', async () => {
    const { publicKey } = await importPrivateKey(JSON.stringify(made.keys));
    expect(await verifyChain(chain, publicKey)).toMatchObject({ ok: true, blocks: 51, problems: [] });
    const tried = await undetectedChanges(chain, publicKey);
    expect(tried.map(({ detected }) => detected)).toEqual(Array(8).fill(false));
  });

  test('come back, value by value, as pandas has left them', async () => {
    const { rows, columns, cut } = await openChain(chain, await importPrivateKey(JSON.stringify(made.keys)));
    expect(rows).toHaveLength(50);
    expect(columns.slice(0, 3)).toEqual(['Unnamed: 0', 'urlDrugName', 'rating']);
    const shown = rows.map(({ values }) => [...values].map(([name, { text }]) => [name, text ?? 'NaN']));
    // Without its blanks each line is name and value, whatever the notebook's own reading would make of them.
    const squeezed = (text: string): string => text.replace(/ +/g, '');
    const lines = shown.map((row) => row.map(([name, text]) => escaped(`${name}${text}`)).join('\n'));
    expect(lines.map(squeezed)).toEqual(made.texts.map(squeezed));
    expect(cut.length).toBeGreaterThan(50);
  });

  test('are imported, exported, opened, made a chain of again, and read by Python', async () => {
    const key = await importPrivateKey(JSON.stringify(made.keys));
    const ledger = await newLedger();
    const outcome = await importChain(ledger, owner, chain, key, { name: 'reviews', blockSize: 10 });
    expect(outcome).toMatchObject({ imported: true, sealed: { rows: 50 } });
    const { rows, columns } = outcome.opened;
    const file = temporary.path('reviews.export');
    writeFileSync(file, await joined(exportLedger(ledger)));
    const copy = temporary.path('copy.medseal');
    expect(await importLedger(file, copy, { owner: owner.publicKey })).toMatchObject({ ok: true, records: 50 });
    const again = await openLedger(copy);
    // Without the columns that say from which block a row is, it is the table that the chain held.
    const dataset = await openDataset(again, owner);
    const table = temporary.file('table.csv', await joined(originalBytes(dataset, { columns })));
    await again.close();
    const remade = (await joined((await createChain(table, key, { asText: true })).bytes())).toString();
    const read = askPython<ReadByPython>({ do: 'read', chain: remade, keys: made.keys });
    expect(new Set([...read.valid, ...read.linked, ...read.worked])).toEqual(new Set([true]));
    const texts = (of: readonly (TextRow | null)[]): (string | null)[][] =>
      of.map((row) => [...(row?.values() ?? [])].map(({ text }) => text));
    const before = texts(rows.map(({ values }) => values));
    expect(texts(readTextRows(read.texts))).toEqual(before.map((row) => row.map((text) => text ?? '')));
  });
});

describe.skipIf(missing !== null)('a chain that we have made', () => {
  // The first record's text is cut, the second has what the notebook's own reading cannot tell apart.
  const long = 'x'.repeat(60);
  const csv = `id,drug name,rating,note\n1,aspirin,7,${long}\n2,"é 😀",,"two\nlines"\n3,none,8.25,\n`;

  test.each(['as pandas types it', 'as text'])('%s is verified, decrypted and read by Python', async (how) => {
    const path = temporary.file('table.csv', csv);
    const created = await createChain(path, owner, { asText: how === 'as text' });
    const chain = (await joined(created.bytes())).toString();
    const keys = { private: toHex(owner.exportPrivateKey()), public: await notebookPublicKey(owner.publicKey) };
    const read = askPython<ReadByPython>({ do: 'read', chain, keys });
    expect(read).toMatchObject({
      valid: [true, true, true, true],
      linked: [true, true, true],
      worked: [true, true, true],
    });
    const types = how === 'as text' ? { dtype: 'str', keep_default_na: false } : {};
    const [frame] = askPython<Frame[]>({ do: 'frames', tables: [csv], types });
    expect(read.texts).toEqual(frame?.texts);
    expect(read.rows.map(({ id }) => id)).toEqual(['1', '2', '3']);
  });
});

function escaped(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}
