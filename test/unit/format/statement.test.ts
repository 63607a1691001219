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
  'dataset-keys': { kind: 'dataset-keys', id, keys: [id] },
  amend: { kind: 'amend', id, row: 1, by: 2, reason: 'mistyped' },
  role: { kind: 'role', name: 'nurses', public_key: reader.publicKey },
  revoke: { kind: 'revoke', role_key: reader.publicKey, from: owner.publicKey, reason: 'left' },
  owner: { kind: 'owner', public_key: reader.publicKey },
  recovery: { kind: 'recovery', public_keys: [recovery.publicKey] },
  rules: { kind: 'rules', rules: { erase: { from: [reader.publicKey], threshold: 1 } } },
  erase: { kind: 'erase', entries: [[2, 0]], reason: 'asked for', basis: 'GDPR Art. 17' },
  access: {
    kind: 'access',
    id,
    ledger: 'cd'.repeat(32),
    by: reader.publicKey,
    at: '2025-03-01T12:00:00.000Z',
    purpose: 'TREAT',
    dataset: id,
    rows: [[1, 2]],
    outcome: 'permitted',
    signature: 'ef'.repeat(64),
  },
  audit: { kind: 'audit', on: true },
  'log-key': { kind: 'log-key', public_key: 'ab'.repeat(32) },
};

/** An approval, and what stands beside it; `approved` is a statement with all of that. */
const approval = { by: reader.publicKey, signature: 'ab'.repeat(64) };
const carried = { proposal: id, ledger: 'cd'.repeat(32), until: '2030-01-01T00:00:00.000Z', approvals: [approval] };
const approved = (change: JsonObject = {}): JsonObject => ({ ...WHOLE.audit!, ...carried, ...change });
const key = (number: number): string => `02${number.toString(16).padStart(64, '0')}`;
const keys = (count: number): string[] => Array.from({ length: count }, (_, number) => key(number));
const rule = (change: JsonObject): JsonObject => ({ erase: { from: [key(1), key(2)], threshold: 1, ...change } });
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
    for (const more of [
      'x',
      'toString',
      '__proto__',
      kind === 'grant' || Object.hasOwn(WHOLE[kind]!, 'reason') ? 'rows' : 'reason',
    ]) {
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
    ['amend', 'row', 0],
    ['amend', 'by', 0],
    ['amend', 'reason', ''],
    ['role', 'name', ''],
    ['role', 'name', 'Nurses'],
    ['role', 'name', '-nurses'],
    ['role', 'name', 'x'.repeat(65)],
    ['role', 'name', 7],
    ['revoke', 'key_id', id],
    ['revoke', 'reason', ''],
    ['recovery', 'public_keys', [recovery.publicKey, recovery.publicKey]],
    ['rules', 'rules', []],
    ['rules', 'rules', { ledger: rule({}).erase! }],
    ['rules', 'rules', { access: rule({}).erase! }],
    ['rules', 'rules', { 'info-x': rule({}).erase! }],
    ['rules', 'rules', { erase: 1 }],
    ['rules', 'rules', { erase: [1, 2] }],
    ['rules', 'rules', { erase: { from: [key(1)] } }],
    ['rules', 'rules', rule({ more: 1 })],
    ['rules', 'rules', rule({ threshold: 0 })],
    ['rules', 'rules', rule({ threshold: 3 })],
    ['rules', 'rules', rule({ threshold: '1' })],
    ['rules', 'rules', rule({ from: [] })],
    ['rules', 'rules', rule({ from: [key(1), key(1)] })],
    ['rules', 'rules', rule({ from: [key(1), 'x'] })],
    ['rules', 'rules', rule({ from: keys(65) })],
    ['erase', 'entries', []],
    ['erase', 'entries', [2, 0]],
    ['erase', 'entries', [[2]]],
    ['erase', 'entries', [[2, 0, 0]]],
    ['erase', 'entries', [['2', 0]]],
    ['erase', 'entries', [[2, '0']]],
    [
      'erase',
      'entries',
      [
        [2, 0],
        [2, 0],
      ],
    ],
    [
      'erase',
      'entries',
      [
        [2, 1],
        [2, 0],
      ],
    ],
    [
      'erase',
      'entries',
      [
        [3, 0],
        [2, 1],
      ],
    ],
    ['erase', 'entries', {}],
    ['erase', 'reason', ''],
    ['erase', 'basis', 'x'.repeat(201)],
    ['access', 'rows', [[2, 1]]],
    [
      'access',
      'rows',
      [
        [1, 2],
        [2, 3],
      ],
    ],
    [
      'access',
      'rows',
      [
        [1, 2],
        [3, '4'],
      ],
    ],
    ['access', 'outcome', 'Permitted'],
    ['access', 'purpose', ''],
    ['access', 'purpose', 'TREAT '],
    ['access', 'purpose', ' TREAT'],
    ['access', 'purpose', 'X'.repeat(33)],
    ['access', 'signature', 'ef'.repeat(63)],
    ['access', 'at', '2025-03-01'],
    ['audit', 'on', 1],
    ['log-key', 'public_key', 'ab'.repeat(33)],
  ])('of kind "%s" with "%s" %j', (kind, member, value) => {
    expect(() => read({ ...WHOLE[kind]!, [member]: value })).toThrow(coded('STATEMENT_INVALID'));
  });

  test.each(Object.keys(carried))('with approvals and without "%s", or with another one', (member) => {
    const { [member]: _, ...fewer } = approved();
    expect(() => read(fewer)).toThrow(coded('STATEMENT_INVALID'));
    expect(() => read(approved({ [member]: 'x' }))).toThrow(coded('STATEMENT_INVALID'));
  });

  test.each<[JsonValue[]]>([
    [[]],
    [[approval, 1]],
    [[approval, { ...approval, name: 'x' }]],
    [[{ by: approval.by }]],
    [[{ ...approval, by: 'x' }]],
    [[{ ...approval, signature: 'ab'.repeat(65) }]],
    [Array.from({ length: 65 }, () => approval)],
  ])('with the approvals %j', (approvals) => {
    expect(() => read(approved({ approvals }))).toThrow(coded('STATEMENT_INVALID'));
  });

  test('with approvals, of a kind that none can be for', () => {
    for (const kind of ['ledger', 'access']) {
      expect(() => read({ ...WHOLE[kind]!, ...carried })).toThrow(coded('STATEMENT_INVALID'));
    }
  });

  test('that names both keys, or none', () => {
    for (const kind of ['grant', 'revoke']) {
      const { key_id: _, role_key: __, ...neither } = WHOLE[kind]!;
      expect(() => read(neither)).toThrow(coded('STATEMENT_INVALID'));
      expect(() => read({ ...neither, key_id: id, role_key: key(1) })).toThrow(coded('STATEMENT_INVALID'));
      for (const one of [{ key_id: id }, { role_key: key(1) }]) expect(read({ ...neither, ...one })).toMatchObject(one);
    }
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
    ['amend', 'row', Number.MAX_SAFE_INTEGER],
    ['role', 'name', `0${'a.z_9-'.repeat(10)}xyz`],
    ['recovery', 'public_keys', []],
    ['rules', 'rules', {}],
    ['rules', 'rules', rule({ threshold: 2 })],
    ['rules', 'rules', rule({ from: keys(64), threshold: 64 })],
    [
      'erase',
      'entries',
      [
        [2, 0],
        [2, 1],
        [3, 0],
      ],
    ],
    ['access', 'rows', []],
    [
      'access',
      'rows',
      [
        [1, 1],
        [2, 3],
      ],
    ],
    ['access', 'outcome', 'refused'],
    ['audit', 'on', false],
  ])('of kind "%s" with "%s" %j', (kind, member, value) => {
    expect(read({ ...WHOLE[kind]!, [member]: value })).toMatchObject({ [member]: value });
  });

  test('with up to 64 approvals', () => {
    const approvals = keys(64).map((by) => ({ ...approval, by }));
    expect(read(approved({ approvals }))).toEqual(approved({ approvals }));
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
