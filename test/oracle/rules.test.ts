// Blocks that are worked and signed as they should be, and refused for what stands in them.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, test } from 'vitest';
import type { Header } from './block.js';
import { b64, fromB64, H, hex, join, label, u64, utf8 } from './bytes.js';
import { ledger, NOW, OWNER, READER, RECOVERY, START, STRANGER, verify, WRITER } from './fixture.js';
import type { Json, JsonObject } from './jcs.js';
import { groupKey, type SealedRecord, sealRecord, wrapKey } from './seal.js';
import { type OracleVerdict, oracleVerify } from './verify.js';
import { publicKeyOf, type RawEntry, type Step, type WriterContext } from './write.js';

describe('a signed header is refused', () => {
  const info = () => [{ kind: 'info-x' }];

  test.each<[Partial<Header>, RegExp | null]>([
    [{}, null],
    [{ timestamp: START }, null],
    [{ timestamp: '2025-03-01T11:59:59.999Z' }, /earlier/],
    [{ timestamp: '2025-03-01T24:00:00.000Z' }, /timestamp/],
    [{ timestamp: '2025-03-02T00:00:00Z' }, /timestamp/],
    [{ difficulty: 4 }, null],
    [{ difficulty: 2 }, /below/],
    [{ version: 0 }, /version/],
    [{ index: 3 }, /index/],
    [{ previous_hash: '0' }, /previous_hash/],
    [{ history_hash: hex(H()) }, /history_hash/],
    [{ data_hash: hex(H()) }, /data_hash/],
    [{ data_size: 2 }, /data_size/],
    [{ signer: publicKeyOf(WRITER) }, /signature/],
  ])('with %j', (header, reason) => {
    const verdict = verify(ledger([{ step: 'raw', entries: info, header }], { difficulty: 3 }));
    if (reason === null) expect(verdict).toMatchObject({ ok: true, blocks: 2 });
    else expect(verdict).toMatchObject({ ok: false, block: 2, reason: expect.stringMatching(reason) });
  });

  test('with a high s', () => {
    const text = ledger([]);
    const high = text.replace(/"signature":"(.{64})(.{64})"/, (_, r: string, s: string) => {
      const other = secp256k1.Point.CURVE().n - BigInt('0x' + s);
      return `"signature":"${r}${other.toString(16).padStart(64, '0')}"`;
    });
    expect(verify(text).ok).toBe(true);
    expect(verify(high)).toMatchObject({ ok: false, reason: 'the signature is wrong' });
  });
});

describe('rows of two column groups', () => {
  const keys = [0, 1].map((number) => H(u64(number)));
  const cells = (context: WriterContext, ...places: [group: number, row: number][]) =>
    places.map(([group, row]) =>
      sealRecord(context.ledger, groupKey(context.ledger, keys[group]!), row, utf8('x'), context.random),
    );
  const dataSet = (context: WriterContext) => {
    const ids = keys.map((key) => hex(groupKey(context.ledger, key).keyId));
    const to = publicKeyOf(OWNER);
    const grants = ids.map((id, at) =>
      wrapKey(context.ledger, keys[at]!, { kind: 'grant', key_id: id, to }, context.random),
    );
    return [{ kind: 'dataset', id: 'cd'.repeat(16), keys: ids }, ...grants, ...cells(context, [0, 0], [1, 0])];
  };

  test.each<[string, [number, number][], OracleVerdict['ok']]>([
    [
      'in order',
      [
        [0, 1],
        [1, 1],
        [0, 2],
        [1, 2],
      ],
      true,
    ],
    ['half a row', [[0, 1]], false],
    [
      'the groups swapped',
      [
        [1, 1],
        [0, 1],
      ],
      false,
    ],
    [
      'group by group',
      [
        [0, 1],
        [0, 2],
        [1, 1],
        [1, 2],
      ],
      false,
    ],
  ])('%s', (_, places, ok) => {
    const rows = (context: WriterContext) => cells(context, ...places);
    const verdict = verify(
      ledger([
        { step: 'raw', entries: dataSet },
        { step: 'raw', entries: rows },
      ]),
    );
    expect(verdict).toMatchObject(ok ? { ok, records: 2 } : { ok, block: 3 });
  });
});

describe('a sound block is refused for what it says', () => {
  const base: Step[] = [
    { step: 'add-writer', publicKey: publicKeyOf(WRITER) },
    { step: 'data-set', name: 'own', csv: 'a\n1\n', blockSize: 9, open: true },
    { step: 'data-set', name: 'labs', csv: 'a\n1\n', blockSize: 9, open: true, by: WRITER },
  ];

  const say = (statement: JsonObject) => () => [statement];
  const set = (context: WriterContext, name: string) => context.dataSets.find((dataSet) => dataSet.name === name)!;
  const row = (name: string, number: number) => (context: WriterContext) => [
    sealRecord(context.ledger, set(context, name).key, number, utf8('2\n'), context.random),
  ];
  const end = (name: string, rows: number) => (context: WriterContext) => [
    { kind: 'dataset-end', id: set(context, name).id, rows },
  ];
  const grant = (name: string, more: JsonObject) => (context: WriterContext) => {
    const { key } = set(context, name);
    const statement = { kind: 'grant', key_id: hex(key.keyId), to: publicKeyOf(READER), ...more };
    return [wrapKey(context.ledger, key.key, statement, context.random)];
  };
  const fresh =
    (to: string[], id = 'ab'.repeat(16)) =>
    (context: WriterContext) => {
      const key = groupKey(context.ledger, context.random(32));
      const keyId = hex(key.keyId);
      const grants = to.map((privateKey) =>
        wrapKey(context.ledger, key.key, { kind: 'grant', key_id: keyId, to: publicKeyOf(privateKey) }, context.random),
      );
      return [{ kind: 'dataset', id, keys: [keyId] }, ...grants];
    };
  const anew = (context: WriterContext) => fresh([OWNER], set(context, 'own').id)(context);
  const grantFirst = (context: WriterContext) => fresh([OWNER])(context).toReversed();
  const otherSalt = (context: WriterContext): SealedRecord[] => {
    const [record] = row('own', 2)(context);
    return [{ ...record!, salt: join(context.random(32)) }];
  };
  const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)]);
  const key = (privateKey: string) => ({ public_key: publicKeyOf(privateKey) });

  type Case = [what: string, by: string, entries: (context: WriterContext) => RawEntry[], reason: RegExp | null];

  test.each<Case>([
    ['info by a stranger', STRANGER, say({ kind: 'info-x' }), /may not sign/],
    ['an unknown kind', OWNER, say({ kind: 'notice' }), /unknown kind/],
    ['an info kind in capitals', OWNER, say({ kind: 'info-X' }), /unknown kind/],
    ['an info kind without a name', OWNER, say({ kind: 'info-' }), /unknown kind/],
    ['a kind named like a method', OWNER, say({ kind: 'toString' }), /unknown kind/],
    ['a second ledger statement', OWNER, (c) => [ledgerCopy(c)], /another place/],
    ['a control character', OWNER, say({ kind: 'info-x', a: 'b\n' }), /control character/],
    ['a statement 8 deep', OWNER, say({ kind: 'info-x', a: nested(7) }), null],
    ['a statement 9 deep', OWNER, say({ kind: 'info-x', a: nested(8) }), /deep/],
    ['a member salt', OWNER, say({ kind: 'info-x', salt: '' }), /member salt/],
    ['a foreign member', OWNER, say({ kind: 'writer', ...key(READER), x: 1 }), /not of this kind/],
    ['a missing member', OWNER, say({ kind: 'writer' }), /missing/],
    ['a public key that is no point', OWNER, say({ kind: 'writer', public_key: '02' + 'ff'.repeat(32) }), /public key/],
    ['writer by a writer', WRITER, say({ kind: 'writer', ...key(READER) }), /may not say/],
    ['a writer twice', OWNER, say({ kind: 'writer', ...key(WRITER) }), /one already/],
    ['the owner as writer', OWNER, say({ kind: 'writer', ...key(OWNER) }), /one already/],
    ['removing who is none', OWNER, say({ kind: 'writer-removed', ...key(READER) }), /is none/],
    ['removing by a writer', WRITER, say({ kind: 'writer-removed', ...key(WRITER) }), /may not say/],
    ['the next row', OWNER, row('own', 2), null],
    ['a row left out', OWNER, row('own', 3), /out of order/],
    ['a row again', OWNER, row('own', 1), /out of order/],
    ['the next row of a writer', WRITER, row('labs', 2), null],
    ['the next row by the owner', OWNER, row('labs', 2), null],
    ["a row in another's data set", WRITER, row('own', 2), /may not write/],
    ['an end', OWNER, end('own', 1), null],
    ['an end by the owner', OWNER, end('labs', 1), null],
    ['an end of too many rows', OWNER, end('own', 2), /another number/],
    ["an end of another's data set", WRITER, end('own', 1), /may not say/],
    ['a grant', WRITER, grant('labs', { expires: '2024-02-29T00:00:00.000Z', reason: 'é'.repeat(200) }), null],
    ["a grant of another's data set", WRITER, grant('own', {}), /may not say/],
    ['a grant with a long reason', OWNER, grant('own', { reason: 'x'.repeat(201) }), /longer than 200/],
    ['a grant that expires on no real date', OWNER, grant('own', { expires: '2025-02-29T00:00:00.000Z' }), /timestamp/],
    ['a grant of an unknown key', OWNER, grant('own', { key_id: '00'.repeat(16) }), /unknown key id/],
    ['a data set', OWNER, fresh([OWNER]), null],
    ['a data set of a writer', WRITER, fresh([WRITER, OWNER]), null],
    ['a data set not granted to the owner', WRITER, fresh([WRITER]), /not granted/],
    ['a data set not granted to its signer', WRITER, fresh([OWNER]), /not granted/],
    ['a grant before its data set', OWNER, grantFirst, /unknown key id/],
    ['an id again', OWNER, anew, /not new/],
    ['another salt', OWNER, otherSalt, /salt/],
  ])('%s', (_, by, entries, reason) => {
    const sound = ledger(base);
    const text = ledger([...base, { step: 'raw', entries, by }]);
    const block = sound.split('\n').length;
    const verdict = verify(text);
    if (reason === null) expect(verdict).toMatchObject({ ok: true, blocks: block });
    else expect(verdict).toMatchObject({ ok: false, block, reason: expect.stringMatching(reason) });
  });

  function ledgerCopy(context: WriterContext): JsonObject {
    const nonce = hex(context.random(16));
    return { kind: 'ledger', owner: publicKeyOf(OWNER), difficulty: 0, nonce, rules: {}, recovery: [], audit: false };
  }

  test('a record without its body', () => {
    const text = ledger([...base, { step: 'raw', entries: row('own', 2) }]);
    const stubbed = text.replace(
      /\{"body":"([^"]*)","salt":"[^"]*","sealed":"([^"]*)"\}(?=[^{]*\n$)/,
      (_, body, sealed) => {
        return `{"stub":"${b64(join(fromB64(sealed), H(label('body'), fromB64(body))))}"}`;
      },
    );
    expect(stubbed).not.toBe(text);
    expect(verify(stubbed)).toMatchObject({ ok: false, block: 7, reason: 'a body is missing' });
    expect(oracleVerify(stubbed, { now: NOW, withoutBodies: true })).toMatchObject({ ok: true, withheld: 1 });
  });

  test('what a removed writer goes on writing', () => {
    const removed: Step[] = [...base, { step: 'remove-writer', publicKey: publicKeyOf(WRITER) }];
    const text = ledger([...removed, { step: 'raw', entries: row('labs', 2), by: WRITER }]);
    expect(verify(text)).toMatchObject({ ok: false, reason: 'the signer may not sign this block' });
  });

  test('a recovery key given twice', () => {
    const key = publicKeyOf(RECOVERY);
    expect(verify(ledger([], { recovery: [key] })).ok).toBe(true);
    expect(verify(ledger([], { recovery: [key, key] }))).toMatchObject({ ok: false, block: 1 });
  });

  test('a data set not granted to a recovery key', () => {
    const text = ledger([{ step: 'raw', entries: fresh([OWNER]) }], { recovery: [publicKeyOf(RECOVERY)] });
    expect(verify(text)).toMatchObject({ ok: false, block: 2 });
  });
});
