// The oracle against itself: what its writer makes, its verifier accepts and its opener gives back; what is
// altered is refused.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from './bytes.js';
import { ledger, NOW, OWNER, READER, RECOVERY, STRANGER, verify, WRITER } from './fixture.js';
import { oracleOpen } from './open.js';
import { oracleVerify } from './verify.js';
import { publicKeyOf, type Step } from './write.js';

const CSV = 'id,"the ""name"""\r\n1,"a\nb"\r\n2,\r\n\r\n3,ü';

const FULL: Step[] = [
  { step: 'add-writer', publicKey: publicKeyOf(WRITER) },
  { step: 'info', kind: 'info-note', members: { text: 'hello', n: 1 }, by: WRITER },
  { step: 'data-set', name: 'labs', csv: CSV, blockSize: 3, by: WRITER },
  { step: 'data-set', name: 'own', csv: 'a;b\n1;2\n', delimiter: ';', blockSize: 1, open: true },
  { step: 'grant', name: 'labs', to: publicKeyOf(READER), expires: NOW, reason: 'study 7', by: WRITER },
  { step: 'append', name: 'labs', rows: '4,x\r\n', blockSize: 1, by: WRITER },
  { step: 'remove-writer', publicKey: publicKeyOf(WRITER) },
  { step: 'append', name: 'labs', rows: '5,y\r\n', blockSize: 1 },
];

describe('a ledger of the oracle', () => {
  const text = ledger(FULL, { recovery: [publicKeyOf(RECOVERY)], difficulty: 4 });
  const lines = text.split('\n').slice(0, -1);

  test('verifies', () => {
    const verdict = verify(text);
    expect(verdict).toMatchObject({ ok: true, blocks: lines.length, records: 4 + 1 + 2, owner: publicKeyOf(OWNER) });
    if (!verdict.ok) return;
    expect(oracleVerify(text, { ledger: verdict.ledger, now: NOW })).toEqual(verdict);
    expect(oracleVerify(text, { ledger: verdict.head, now: NOW })).toMatchObject({ ok: false, block: 1 });
    expect(oracleVerify(text, { owner: publicKeyOf(WRITER), now: NOW })).toMatchObject({ ok: false, block: 1 });
  });

  test('is the same for the same random bytes', () => {
    expect(ledger(FULL, { recovery: [publicKeyOf(RECOVERY)], difficulty: 4 })).toBe(text);
  });

  test('opens, byte for byte, to those it was granted to', () => {
    const opened = (key: string) =>
      oracleOpen(text, key).map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]);
    const labs = ['labs', CSV + '\r\n4,x\r\n5,y\r\n'];
    const own = ['own', 'a;b\n1;2\n'];
    expect(opened(OWNER)).toEqual([labs, own]);
    expect(opened(RECOVERY)).toEqual([labs, own]);
    expect(opened(WRITER)).toEqual([labs]);
    expect(opened(READER)).toEqual([labs]);
    expect(opened(STRANGER)).toEqual([]);
  });

  test('is refused from where a line is dropped, doubled or swapped', () => {
    for (let at = 0; at < lines.length - 1; at += 1) {
      const dropped = lines.toSpliced(at, 1);
      const doubled = lines.toSpliced(at, 0, lines[at]!);
      const swapped = lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!);
      expect(verify(dropped.join('\n') + '\n')).toMatchObject({ ok: false, block: at + 1 });
      expect(verify(doubled.join('\n') + '\n')).toMatchObject({ ok: false, block: at + 2 });
      expect(verify(swapped.join('\n') + '\n')).toMatchObject({ ok: false, block: at + 1 });
    }
  });

  test('without its end verifies: only a checkpoint excludes that', () => {
    expect(verify(lines.slice(0, -1).join('\n') + '\n')).toMatchObject({ ok: true, blocks: lines.length - 1 });
  });

  test('is refused where any one character differs', () => {
    const change = fc.tuple(fc.nat(text.length - 1), fc.constantFrom(...'0123456789abcdefXY_-"{},\n'));
    fc.assert(
      fc.property(change, ([at, character]) => {
        fc.pre(text[at] !== character);
        const block = text.slice(0, at).split('\n').length;
        const verdict = verify(text.slice(0, at) + character + text.slice(at + 1));
        expect(verdict).toMatchObject({ ok: false, block });
      }),
      { numRuns: 60 },
    );
  });

  test('is refused where it is no export', () => {
    expect(verify('')).toMatchObject({ ok: false, block: 1 });
    expect(verify(text.slice(0, -1)).ok).toBe(false);
    expect(verify(text.replaceAll('\n', '\r\n'))).toMatchObject({ ok: false, block: 1 });
    expect(verify(text + '\n').ok).toBe(false);
    expect(verify(lines[0]!.replace('"version":1', '"version":2') + '\n')).toMatchObject({
      ok: false,
      reason: 'undecided: a newer version',
    });
  });
});

test('any bytes come back', () => {
  const piece = fc.constantFrom('a', '"', '""', ',', '\n', '\r', '\r\n', 'é', '\ufeff', '\u0000');
  const file = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => utf8(pieces.join(''))),
    fc.uint8Array({ maxLength: 60 }),
  );
  fc.assert(
    fc.property(file, fc.integer({ min: 1, max: 4 }), (csv, blockSize) => {
      const text = ledger([{ step: 'data-set', name: 'x', csv, blockSize }]);
      expect(verify(text).ok).toBe(true);
      expect(Buffer.from(oracleOpen(text, OWNER)[0]!.bytes)).toEqual(Buffer.from(csv));
    }),
    { numRuns: 20 },
  );
});

test('time is bounded by the clock of the verifier', () => {
  const text = ledger([]);
  expect(verify(text, '2025-03-01T11:55:00.000Z').ok).toBe(true);
  expect(verify(text, '2025-03-01T11:54:59.999Z')).toMatchObject({ ok: false, block: 1 });
});
