// What a block is made of, and how much of it there may be.

import { describe, expect, test } from 'vitest';
import { MedsealError } from '../../../src/errors.js';
import { type Block, entryBytes, isReadable, makeEntry, readEntries } from '../../../src/format/block.js';
import { type Entry, SEALED, SEALED_LENGTH } from '../../../src/format/entry.js';
import { MAX_BLOCK_BYTES, MAX_BODY_BYTES, MAX_ENTRIES } from '../../../src/format/limits.js';

const statement = new TextEncoder().encode('{"kind":"info-x"}');
const record = Uint8Array.from({ length: SEALED_LENGTH }, (_, at) => (at === 0 ? SEALED : 0));
const salt = new Uint8Array(32);
const body = new Uint8Array(80);
const coded = (code: string, place = {}) => expect.objectContaining({ code, place: expect.objectContaining(place) });

test('a place in a stream holds a block, or the error that says why there is none', () => {
  expect(isReadable({ error: new MedsealError('MALFORMED', 'x') })).toBe(false);
  expect(isReadable({ entries: [] } as unknown as Block)).toBe(true);
});

test.each<[what: string, entry: Entry, bytes: number]>([
  ['a statement', { kind: 'statement', bytes: statement }, 17],
  ['a record', { kind: 'sealed', bytes: record, body, salt }, 121 + 80 + 32],
  ['a record without body', { kind: 'sealed', bytes: record, body: null, salt }, 121 + 32],
  ['a record without salt', { kind: 'sealed', bytes: record, body, salt: null }, 121 + 80],
  ['a stub', { kind: 'sealed', bytes: record, body: null, salt: null }, 121],
])('%s counts with all that is kept of it', (_, entry, bytes) => {
  expect(entryBytes(entry)).toBe(bytes);
});

describe('an entry', () => {
  test('that is a statement has nothing beside it', () => {
    expect(makeEntry(statement, null, null)).toEqual({ kind: 'statement', bytes: statement });
    expect(() => makeEntry(statement, body, null)).toThrow(coded('MALFORMED'));
    expect(() => makeEntry(statement, null, salt)).toThrow(coded('MALFORMED'));
  });

  test('that is a record may have body and salt', () => {
    for (const [b, s] of [
      [body, salt],
      [body, null],
      [null, salt],
      [null, null],
    ] as const) {
      expect(makeEntry(record, b, s)).toEqual({ kind: 'sealed', bytes: record, body: b, salt: s });
    }
  });

  test('has a body of at most 32 MiB', () => {
    expect(makeEntry(record, new Uint8Array(MAX_BODY_BYTES), salt).kind).toBe('sealed');
    expect(() => makeEntry(record, new Uint8Array(MAX_BODY_BYTES + 1), salt)).toThrow(coded('TOO_LARGE'));
  });
});

describe("a block's entries", () => {
  /** Reads bodies of these lengths into records. */
  const read = (...lengths: number[]): Entry[] =>
    readEntries(lengths.length, lengths, (length) => makeEntry(record, new Uint8Array(length), salt));

  test('are read in order, each with its position', () => {
    const positions: [string, number][] = [];
    const entries = readEntries(3, ['a', 'b', 'c'], (item, position) => {
      positions.push([item, position]);
      return makeEntry(statement, null, null);
    });
    expect(positions).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    expect(entries).toEqual(Array(3).fill({ kind: 'statement', bytes: statement }));
  });

  test('are 1 to 65,535', () => {
    const nothing: Entry[] = [];
    const self = (entry: Entry): Entry => entry;
    expect(() => readEntries(0, nothing, self)).toThrow(coded('MALFORMED'));
    expect(() => readEntries(MAX_ENTRIES + 1, nothing, self)).toThrow(coded('TOO_LARGE'));
    expect(readEntries(MAX_ENTRIES, nothing, self)).toEqual([]);
    expect(read(0)).toHaveLength(1);
  });

  test('take at most 64 MiB, and what is beyond is not read', () => {
    const left = MAX_BLOCK_BYTES - MAX_BODY_BYTES - 2 * (121 + 32);
    expect(read(MAX_BODY_BYTES, left)).toHaveLength(2);
    expect(() => read(MAX_BODY_BYTES, left + 1)).toThrow(coded('TOO_LARGE'));

    let taken = 0;
    function* bodies(): Generator<Uint8Array> {
      for (; taken < 10; taken++) yield new Uint8Array(MAX_BODY_BYTES);
    }
    expect(() => readEntries(10, bodies(), (bytes) => makeEntry(record, bytes, salt))).toThrow(coded('TOO_LARGE'));
    expect(taken).toBe(1);
  });

  test('that are bad are named by their position', () => {
    const wrong = new MedsealError('STATEMENT_INVALID', 'x', { file: 'y' });
    const attempt = (error: Error) => () =>
      readEntries(2, [null, error], (item) => {
        if (item !== null) throw item;
        return makeEntry(statement, null, null);
      });
    expect(attempt(wrong)).toThrow(coded('STATEMENT_INVALID', { file: 'y', entry: 1 }));
    // What is no fault of the block is not taken for one.
    const bug = new TypeError('x');
    expect(attempt(bug)).toThrow(bug);
  });
});
