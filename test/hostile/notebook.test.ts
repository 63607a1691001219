// Chains that are not what they are called: refused with a code, or judged; never a crash.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MedsealError } from '../../src/errors.js';
import { parseChain } from '../../src/notebook/chain.js';
import { readTextRows } from '../../src/notebook/pandas/read-text.js';
import { undetectedChanges } from '../../src/notebook/undetected.js';
import { verifyChain } from '../../src/notebook/verify.js';
import { damage } from '../helpers/hostile-values.js';
import { keyHolder, made } from '../helpers/notebook-chain.js';

/** How many problems are found; null where the file is refused. */
async function judged(bytes: Uint8Array): Promise<number | null> {
  try {
    const chain = parseChain(bytes);
    const { problems } = await verifyChain(chain, keyHolder.publicKey);
    if (problems.length === 0) await undetectedChanges(chain, keyHolder.publicKey);
    return problems.length;
  } catch (error) {
    expect(error).toBeInstanceOf(MedsealError);
    expect((error as MedsealError).code).toBe('NOT_A_CHAIN');
    return null;
  }
}

const genuine = Buffer.from(JSON.stringify({ chain: made.chain, length: made.chain.length }));

test('a chain, damaged', async () => {
  const outcomes = new Set<string>();
  const property = fc.asyncProperty(damage, async (change) => {
    const problems = await judged(change(genuine));
    outcomes.add(problems === null ? 'refused' : problems === 0 ? 'good' : 'bad');
  });
  // One of each outcome is among them, whatever else comes up.
  const cutOff = (bytes: Uint8Array) => bytes.subarray(0, -1);
  const anotherProof = (bytes: Uint8Array) =>
    Buffer.from(
      Buffer.from(bytes)
        .toString()
        .replace(/"proof":\d+/, '"proof":1'),
    );
  await fc.assert(property, { numRuns: 150, examples: [[cutOff], [anotherProof]] });
  expect([...outcomes]).toEqual(expect.arrayContaining(['refused', 'bad']));
});

test('blocks of any values', async () => {
  const field = fc.constantFrom(
    'index',
    'timestamp',
    'data',
    'proof',
    'previous_hash',
    'signature',
    'more',
    '__proto__',
  );
  const value = fc.oneof(fc.json(), fc.bigInt().map(String), fc.constantFrom('1e999', '-0', 'NaN', '[]', '"\\ud800"'));
  const property = fc.asyncProperty(fc.nat(3), field, value, async (place, name, text) => {
    const blocks = made.chain.map((block, i) => {
      const members = JSON.stringify(block).slice(0, -1);
      return i === place ? `${members},"${name}":${text}}` : `${members}}`;
    });
    expect(await judged(Buffer.from(`[${blocks.join(',')}]`))).not.toBe(null);
  });
  await fc.assert(property, { numRuns: 100 });
});

test.each([
  ['a proof of 4,300 digits', `[${JSON.stringify(made.chain[0]).replace('"proof":1', `"proof":${'9'.repeat(4300)}`)}]`],
  ['very many values', `[${'[],'.repeat(5_000_000)}[]]`],
  ['very many quotes', `["${'\\"'.repeat(5_000_000)}"]`],
  ['very many backslashes', `["${'\\\\'.repeat(5_000_000)}"]`],
  ['nesting', '{"chain":'.repeat(100_000)],
])('a file of %s', async (_, text) => {
  expect(await judged(Buffer.from(text))).not.toBe(0);
});

test('rows of any text', () => {
  const line = fc.string({ unit: fc.constantFrom('a', ' ', '   ', '.', '...', '😀', '\ud800', '\n', '\\n', 'NaN') });
  const text = fc.oneof(
    line,
    fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n')),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), (texts) => {
      expect(readTextRows(texts)).toHaveLength(texts.length);
    }),
    { numRuns: 1000 },
  );
});
