// Statements one by one: which members each kind has, and what stands in no statement.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/bytes.js';
import { canonicalize, type JsonObject, type JsonValue } from '../../../src/format/json.js';
import { encodeStatement, grantAssociated, parseStatement, type Statement } from '../../../src/format/statement.js';
import { owner, reader, recovery } from '../../helpers/people.js';

const read = (statement: JsonObject): Statement => parseStatement(utf8(canonicalize(statement)));
const coded = (code: string) => expect.objectContaining({ code });
const id = 'ab'.repeat(16);
const b64 = (length: number): string => Buffer.alloc(length, 7).toString('base64url');

const WHOLE: Record<string, JsonObject> = {
  ledger: {
    kind: 'ledger',
    owner: owner.publicKey,
    difficulty: 16,
    nonce: id,
    rules: {},
    recovery: [recovery.publicKey],
    audit: false,
  },
  dataset: { kind: 'dataset', id, keys: [id, '00'.repeat(16)] },
  'dataset-end': { kind: 'dataset-end', id, rows: 3 },
  grant: { kind: 'grant', key_id: id, to: reader.publicKey, enc: b64(65), wrapped: b64(48) },
  writer: { kind: 'writer', public_key: reader.publicKey },
  'writer-removed': { kind: 'writer-removed', public_key: reader.publicKey },
};
const kinds = Object.keys(WHOLE);
const members = kinds.flatMap((kind) =>
  Object.keys(WHOLE[kind]!).flatMap((member): [string, string][] => (member === 'kind' ? [] : [[kind, member]])),
);

test.each(kinds)('"%s" comes back from its bytes', (kind) => {
  const statement = WHOLE[kind]!;
  expect(read(statement)).toEqual(statement);
  expect(parseStatement(encodeStatement(statement as unknown as Statement))).toEqual(statement);
});

describe('a statement is refused', () => {
  test.each(members)('of kind "%s" without "%s", or with nothing in it', (kind, member) => {
    const { [member]: _, ...others } = WHOLE[kind]!;
    expect(() => read(others)).toThrow(coded('STATEMENT_INVALID'));
    expect(() => read({ ...others, [member]: null })).toThrow(coded('STATEMENT_INVALID'));
    expect(() => read({ ...others, [`${member}-`]: WHOLE[kind]![member]! })).toThrow(coded('STATEMENT_INVALID'));
  });

  test.each(kinds)('of kind "%s" with a member that is another kind\'s, or nobody\'s', (kind) => {
    for (const more of ['x', 'toString', '__proto__', kind === 'grant' ? 'rows' : 'reason']) {
      const statement = Object.fromEntries([...Object.entries(WHOLE[kind]!), [more, 'x' as JsonValue]]);
      expect(() => read(statement)).toThrow(coded('STATEMENT_INVALID'));
    }
  });

  test.each<[kind: string, member: string, value: JsonValue]>([
    ['ledger', 'owner', owner.publicKey.slice(2)],
    ['ledger', 'difficulty', 49],
    ['ledger', 'difficulty', '1'],
    ['ledger', 'nonce', id.toUpperCase()],
    ['ledger', 'nonce', id + 'ab'],
    ['ledger', 'rules', []],
    ['ledger', 'recovery', [recovery.publicKey, recovery.publicKey]],
    ['ledger', 'recovery', [recovery.publicKey, 'x']],
    ['ledger', 'recovery', {}],
    ['ledger', 'audit', 'true'],
    ['dataset', 'id', id.slice(2)],
    ['dataset', 'keys', []],
    ['dataset', 'keys', [id, id]],
    ['dataset', 'keys', [id, 1]],
    ['dataset', 'keys', id],
    ['dataset-end', 'rows', '3'],
    ['grant', 'to', 1],
    ['grant', 'enc', b64(64)],
    ['grant', 'enc', b64(66)],
    ['grant', 'enc', 65],
    ['grant', 'wrapped', b64(47)],
    ['grant', 'wrapped', `${b64(48)}==`],
    ['grant', 'expires', '2025-02-30T00:00:00.000Z'],
    ['grant', 'reason', 'x'.repeat(201)],
    ['grant', 'reason', 1],
    ['writer', 'public_key', ''],
  ])('of kind "%s" with "%s" %j', (kind, member, value) => {
    expect(() => read({ ...WHOLE[kind]!, [member]: value })).toThrow(coded('STATEMENT_INVALID'));
  });

  test.each(['sealed', 'body', 'salt', 'stub'])('with the member "%s" of a sealed record, of any kind', (member) => {
    for (const kind of ['info-x', 'writer', 'something-new']) {
      expect(() => read({ ...WHOLE.writer!, kind, [member]: '' })).toThrow(coded('STATEMENT_INVALID'));
    }
  });

  test.each([['text'], [1], [null], [[]], [{}], [{ kind: 1 }], [{ kind: null }]])('where it is %j', (value) => {
    expect(() => parseStatement(utf8(canonicalize(value as JsonValue)))).toThrow(coded('STATEMENT_INVALID'));
  });

  test.each(['', 'info', 'info-', 'info-X', 'info-x_y', 'xinfo-y', 'info-x ', 'toString', '__proto__', 'Ledger'])(
    'of the kind "%s" that there is not',
    (kind) => {
      expect(() => read({ kind })).toThrow(coded('STATEMENT_UNKNOWN'));
    },
  );

  test.each(['\u0000', '\n', '\u001f', '\u007f', '\u0085', '\u009f'])('with the control character %j', (text) => {
    for (const value of [text, `a${text}b`, [text], [{ a: [text] }], { a: { b: text } }]) {
      expect(() => read({ kind: 'info-x', value })).toThrow(coded('STATEMENT_INVALID'));
    }
    expect(() => read({ ...WHOLE.grant!, reason: text })).toThrow(coded('STATEMENT_INVALID'));
  });

  test('beyond 1 MiB or 8 levels', () => {
    const long = (length: number): Uint8Array => utf8(canonicalize({ kind: 'info-x', t: 'x'.repeat(length - 24) }));
    expect(long(1024 * 1024)).toHaveLength(1024 * 1024);
    expect(parseStatement(long(1024 * 1024)).kind).toBe('info-x');
    expect(() => parseStatement(long(1024 * 1024 + 1))).toThrow(coded('TOO_LARGE'));
    const deep = (levels: number): JsonValue => (levels === 0 ? 0 : [deep(levels - 1)]);
    expect(read({ kind: 'info-x', deep: deep(7) }).kind).toBe('info-x');
    expect(() => read({ kind: 'info-x', deep: deep(8) })).toThrow(coded('TOO_LARGE'));
  });

  test('where it is no canonical JSON', () => {
    for (const text of ['', '{', '{"kind":"info-x", "a":1}', '{"kind":"info-x","kind":"info-x"}']) {
      expect(() => parseStatement(utf8(text))).toThrow(coded('MALFORMED'));
    }
  });
});

describe('a statement is taken', () => {
  test.each<[kind: string, member: string, value: JsonValue]>([
    ['ledger', 'difficulty', 0],
    ['ledger', 'difficulty', 48],
    ['ledger', 'recovery', []],
    ['ledger', 'audit', true],
    ['dataset', 'keys', [id]],
    ['dataset-end', 'rows', 0],
    ['dataset-end', 'rows', Number.MAX_SAFE_INTEGER],
    ['grant', 'expires', '2030-01-01T00:00:00.000Z'],
    ['grant', 'reason', ''],
    ['grant', 'reason', '\u{1f600}'.repeat(200)],
  ])('of kind "%s" with "%s" %j', (kind, member, value) => {
    expect(read({ ...WHOLE[kind]!, [member]: value })).toMatchObject({ [member]: value });
  });

  test('of a kind for information, with whatever members', () => {
    const info = { kind: 'info-a-z0-9', a: null, b: [true, 0, '', {}], reason: 'x'.repeat(300), owner: 1 };
    expect(read(info)).toEqual(info);
  });
});

test("a grant's wrapping is bound to all of it but the wrapping", () => {
  const { enc, wrapped, ...rest } = WHOLE.grant!;
  const expected = utf8(canonicalize({ ...rest, reason: 'x' }));
  expect(grantAssociated({ ...WHOLE.grant!, reason: 'x' } as never)).toEqual(expected);
});
