// The limits of format 1, as spec/ledger.md has them, and what follows from them.

import { expect, test } from 'vitest';
import { padmeLength } from '../../../src/crypto/padding.js';
import * as limits from '../../../src/format/limits.js';

const MIB = 2 ** 20;
const TAG = 16;

test('are those of the specification', () => {
  expect(limits).toMatchObject({
    MAX_ENTRIES: 65_535,
    MAX_BODY_BYTES: 32 * MIB,
    MAX_BLOCK_BYTES: 64 * MIB,
    MAX_STATEMENT_BYTES: MIB,
    MAX_STATEMENT_DEPTH: 8,
    MAX_TEXT_CHARACTERS: 200,
    WRITER_BLOCK_BYTES: 16 * MIB,
  });
});

test('the largest content still fits into a body, and not a much larger one', () => {
  const body = (content: number): number => padmeLength(content + 1) + TAG;
  expect(body(limits.MAX_CONTENT_BYTES)).toBeLessThanOrEqual(limits.MAX_BODY_BYTES);
  expect(body(limits.MAX_CONTENT_BYTES + MIB)).toBeGreaterThan(limits.MAX_BODY_BYTES);
});

test('the largest block fits into a line, and parsing one makes no more values than a statement has bytes', () => {
  expect(limits.MAX_LINE_BYTES).toBeGreaterThan((limits.MAX_BLOCK_BYTES * 4) / 3);
  expect(limits.MAX_JSON_VALUES).toBe(limits.MAX_STATEMENT_BYTES);
});
