// Exports that are not of the form: other spellings of the same JSON, wrong members, bounds overstepped.

import { hex, utf8 } from '../../oracle/bytes.js';
import { type Json, type JsonObject, jcs } from '../../oracle/jcs.js';
import { edit, editData, hashOf, ledger, note, parse, replaced, say } from './ledgers.js';
import { owner } from './people.js';
import { labs, nested } from './verify-good.js';
import { type Case, problem } from './verify-vector.js';

const NOTES = ledger('form', [note('an "a" and a \\'), note('second')]);
const SEALED = ledger('form of records', [labs]);

export function formCases(): Case[] {
  return [...spellings(), ...members(), ...entries(), ...exports(), ...bounds(), ...versions()];
}

/** The notes with their second block's line changed: that block, and no other, is bad. */
function secondLine(name: string, description: string, rule: string, change: (line: string) => string): Case {
  return {
    name: `malformed-${name}`,
    description,
    rule,
    export: [NOTES[0]!, change(NOTES[1]!), NOTES[2]!],
    problems: [problem(2, 'MALFORMED')],
  };
}

function spellings(): Case[] {
  const rule = 'spec/README.md#canonical-json';
  const of = (name: string, description: string, from: string | RegExp, to: string) =>
    secondLine(name, description, rule, (line) => replaced(line, from, to));
  return [
    of('white-space', 'A space behind a colon.', '"data":', '"data": '),
    of('trailing-space', 'A space behind the block.', /$/, ' '),
    of('carriage-return', 'A line that ends with CR LF.', /$/, '\r'),
    of(
      'member-order',
      'The first two members in the other order.',
      /^\{("data":\[.*\]),("data_hash":"[^"]*")/,
      '{$2,$1',
    ),
    of('duplicate-member', 'A member twice, with the same value.', '"index":2', '"index":2,"index":2'),
    of('escaped-letter', 'A letter written as an escape.', '"text":"an', '"text":"\\u0061n'),
    of('escaped-solidus', 'A quote written as a Unicode escape.', '\\"a\\"', '\\u0022a\\"'),
    of('number-fraction', 'An integer written 2.0.', '"index":2', '"index":2.0'),
    of('number-exponent', 'An integer written 2e0.', '"index":2', '"index":2e0'),
    of('number-minus-zero', 'Zero written -0.', '"difficulty":0', '"difficulty":-0'),
    of('number-negative', 'A negative number.', '"difficulty":0', '"difficulty":-1'),
    of('number-too-large', '2^53, which is no integer up to 2^53 - 1.', /"proof":\d+/, '"proof":9007199254740992'),
    of('lone-surrogate', 'Half of a surrogate pair, escaped.', '"text":"an', '"text":"\\ud83dan'),
    of('name-not-ascii', 'A member name beyond U+007E.', '"text":', '"té":'),
    of('byte-order-mark', 'A byte-order mark before the block.', /^/, '\ufeff'),
    of('cut-off-line', 'Half a block.', /.{40}$/, ''),
    of('empty-line', 'An empty line in the place of a block.', /^.*$/, ''),
    of('not-an-object', 'A line of canonical JSON that is no object.', /^.*$/, '[]'),
  ];
}

function members(): Case[] {
  const rule = 'spec/ledger.md#header';
  const of = (name: string, description: string, change: JsonObject, where: string = rule) =>
    secondLine(name, description, where, (line) => edit(line, () => change));
  const without = (line: string): string => {
    const { difficulty: _difficulty, ...rest } = parse(line);
    return jcs(rest);
  };
  const upper = (text: string) => text.toUpperCase();
  const { data_hash, signature } = parse(NOTES[1]!);
  return [
    secondLine('member-missing', 'No difficulty.', rule, without),
    of('member-unknown', 'A member that format 1 does not have.', { note: 'x' }),
    of('version-0', 'Version 0.', { version: 0 }),
    of('version-text', 'A version that is no number.', { version: '1' }),
    of('index-0', 'Index 0.', { index: 0 }),
    of('time-without-milliseconds', 'A time without its milliseconds.', { timestamp: '2025-03-01T12:00:01Z' }),
    of('time-no-such-day', '29 February in a common year.', { timestamp: '2025-02-29T12:00:01.000Z' }),
    of('time-24-hours', 'The hour 24.', { timestamp: '2025-03-01T24:00:00.000Z' }),
    of('time-leap-second', 'The second 60.', { timestamp: '2016-12-31T23:59:60.000Z' }),
    of('time-zone', 'A zone other than Z.', { timestamp: '2025-03-01T12:00:01.000+00:00' }),
    of('previous-hash-short', 'A hash of 31 bytes.', { previous_hash: 'ab'.repeat(31) }),
    of('hash-upper-case', 'A hash in upper case.', { data_hash: upper(data_hash) }),
    of('data-size-0', 'A block that claims to have no entries.', { data_size: 0 }),
    of('difficulty-49', 'A difficulty over 48.', { difficulty: 49 }, 'spec/ledger.md#proof-of-work'),
    of('signer-uncompressed', 'A signer of 65 bytes.', { signer: '04' + owner.slice(2).repeat(2) }),
    of('signature-long', 'A signature of 65 bytes.', { signature: signature + '00' }),
    of('data-not-an-array', 'Data that is no array.', { data: {} }, 'spec/exchange.md#the-line-of-a-block'),
    of('no-entries', 'A block without entries.', { data: [] }, 'spec/ledger.md#limits'),
  ];
}

/** The sealed ledger with an entry of its third block changed. */
function thirdBlock(
  name: string,
  description: string,
  change: (record: JsonObject) => Json,
  rule = 'spec/exchange.md#entries',
): Case {
  const changed = editData(SEALED[2]!, ([record, ...rest]) => [change(record!), ...rest]);
  return {
    name: `malformed-${name}`,
    description,
    rule,
    export: SEALED.map((line, at) => (at === 2 ? changed : line)),
    problems: [problem(3, 'MALFORMED', 0)],
  };
}

function entries(): Case[] {
  const bytesOf = (text: Json | undefined) => Buffer.from(String(text), 'base64url');
  const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const withByte = (text: Json | undefined, at: number, byte: number) => b64(bytesOf(text).fill(byte, at, at + 1));
  // 43 characters carry 32 bytes and 2 bits more, which must be zero.
  const looseBits = (salt: string) => salt.slice(0, -1) + nextLetter(salt.at(-1)!);
  const text: JsonObject = { kind: 'info-x', text: 'x'.repeat(121 - '{"kind":"info-x","text":""}'.length) };
  const disguised = ledger('disguised', [say(text)]);
  const asStub = editData(disguised[1]!, () => [{ stub: b64(utf8(jcs(text))) }]);
  return [
    thirdBlock('entry-number', 'An entry that is no object.', () => 1),
    thirdBlock('entry-empty', 'An entry without members.', () => ({})),
    thirdBlock('record-without-salt', 'A record without its salt.', ({ salt: _salt, ...rest }) => rest),
    thirdBlock('record-with-more', 'A record with a further member.', (record) => ({ ...record, row: 1 })),
    thirdBlock('record-with-stub', 'A record that is given whole and as a stub.', (record) => ({
      ...record,
      stub: b64(new Uint8Array(121)),
    })),
    thirdBlock('base64-padding', 'A salt with padding.', (record) => ({ ...record, salt: record.salt + '=' })),
    thirdBlock('base64-loose-bits', 'A salt whose last letter has bits that mean nothing.', (record) => ({
      ...record,
      salt: looseBits(String(record.salt)),
    })),
    thirdBlock('base64-alphabet', 'A body in the alphabet with + and /.', (record) => ({
      ...record,
      body: '+/' + String(record.body).slice(2),
    })),
    thirdBlock('record-short', 'The first 88 bytes of a record instead of 89.', (record) => ({
      ...record,
      sealed: b64(bytesOf(record.sealed).subarray(0, 88)),
    })),
    thirdBlock('stub-short', 'A stub of 120 bytes.', () => ({ stub: b64(Buffer.alloc(120, 1)) })),
    thirdBlock(
      'entry-reserved',
      'A record whose first byte is 0x02, which is reserved.',
      (record) => ({ ...record, sealed: withByte(record.sealed, 0, 2) }),
      'spec/ledger.md#entries',
    ),
    thirdBlock(
      'row-too-large',
      'A row number of 2^53.',
      (record) => ({ ...record, sealed: withByte(withByte(record.sealed, 18, 0x20), 24, 0) }),
      'spec/records.md#entry',
    ),
    {
      name: 'malformed-stub-of-a-statement',
      description: 'A statement of 121 bytes, given as a stub: only sealed records have stubs.',
      rule: 'spec/exchange.md#entries',
      export: [disguised[0]!, asStub],
      problems: [problem(2, 'MALFORMED', 0)],
    },
  ];
}

function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(letter) + 1]!;
}

function exports(): Case[] {
  const rule = 'spec/exchange.md#lines';
  const id = hex(hashOf(NOTES[0]!));
  const text = NOTES.map((line) => line + '\n').join('');
  const figures = { ledger: id, owner, blocks: 3, records: 0, statements: 2, withheld: 0, head: null };
  const notUtf8 = Buffer.from(text, 'utf8');
  notUtf8[text.indexOf('"text":"an') + 8] = 0xff;
  return [
    {
      name: 'malformed-no-last-line-feed',
      description: 'The last line has no line feed: the export may be cut off.',
      rule,
      export: utf8(text.slice(0, -1)),
      problems: [problem(3, 'MALFORMED')],
      expect: figures,
    },
    {
      name: 'malformed-not-utf8',
      description: 'A byte that is not UTF-8.',
      rule,
      export: notUtf8,
      problems: [problem(2, 'MALFORMED')],
      expect: { ...figures, head: hex(hashOf(NOTES[2]!)) },
    },
    {
      name: 'malformed-line-inserted',
      description: 'A line that is no block, between two blocks: the block behind it is good.',
      rule,
      export: [NOTES[0]!, 'not a block', NOTES[1]!, NOTES[2]!],
      problems: [problem(2, 'MALFORMED')],
      expect: { blocks: 3, statements: 3 },
    },
    {
      name: 'malformed-blank-line-at-end',
      description: 'An empty line behind the last block.',
      rule,
      export: [...NOTES, ''],
      problems: [problem(4, 'MALFORMED')],
    },
  ];
}

function bounds(): Case[] {
  const rule = 'spec/ledger.md#limits';
  const deep = ledger('deep', [say({ kind: 'info-x', a: nested(8) }), note('next')]);
  const tower = '['.repeat(5000) + ']'.repeat(5000);
  return [
    {
      name: 'too-large-statement-depth',
      description: 'A statement nine levels deep, itself the first.',
      rule,
      export: deep,
      problems: [problem(2, 'TOO_LARGE')],
    },
    {
      name: 'too-large-nesting',
      description: 'A line of 5,000 brackets: refused before it is parsed.',
      rule,
      export: [NOTES[0]!, tower, NOTES[2]!],
      problems: [problem(2, 'TOO_LARGE')],
    },
    {
      name: 'too-large-entries',
      description: 'A header that claims 65,536 entries.',
      rule,
      export: [NOTES[0]!, edit(NOTES[1]!, () => ({ data_size: 65_536 })), NOTES[2]!],
      problems: [problem(2, 'TOO_LARGE')],
    },
  ];
}

function versions(): Case[] {
  const rule = 'spec/verification.md#newer-versions';
  const newer = edit(NOTES[1]!, () => ({ version: 2, further: true }));
  return [
    {
      name: 'version-newer',
      description: 'A block of version 2: what follows is not judged, and nothing is wrong so far.',
      rule,
      export: [NOTES[0]!, newer, NOTES[2]!],
      problems: [problem(2, 'VERSION_NEWER')],
      expect: { undecided: true, blocks: 2, statements: 1, head: null },
    },
    {
      name: 'version-newer-genesis',
      description: 'A genesis block of version 2.',
      rule,
      export: [edit(NOTES[0]!, () => ({ version: 2 }))],
      problems: [problem(1, 'VERSION_NEWER')],
      expect: { undecided: true, ledger: null, owner: undefined },
    },
    {
      name: 'version-newer-after-a-fault',
      description: 'Something was wrong before the newer block came: the ledger is bad, not undecided.',
      rule,
      export: [NOTES[0]!, replaced(NOTES[1]!, '"index":2', '"index": 2'), newer, NOTES[2]!],
      problems: [problem(2, 'MALFORMED')],
      expect: { blocks: 2, statements: 1, head: null },
    },
    {
      name: 'version-newer-after-a-gap',
      description: 'A block is missing before the newer one: both are said.',
      rule,
      export: [NOTES[0]!, NOTES[2]!, newer],
      problems: [problem(2, 'BLOCK_MISSING'), problem(4, 'VERSION_NEWER')],
      expect: { blocks: 4, statements: 2, head: null },
    },
    {
      name: 'version-newer-is-canonical',
      description: 'A block of version 2 must be canonical JSON too; otherwise it is only malformed.',
      rule,
      export: [NOTES[0]!, replaced(newer, '"version":2', '"version": 2'), NOTES[2]!],
      problems: [problem(2, 'MALFORMED')],
    },
  ];
}
