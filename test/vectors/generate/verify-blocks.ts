// Blocks that are well-formed and bad by themselves, and blocks in the wrong place.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { headerHash, workDone } from '../../oracle/block.js';
import { hex, utf8 } from '../../oracle/bytes.js';
import {
  edit,
  editData,
  hashOf,
  headerOf,
  ledger,
  note,
  oddRecord,
  parse,
  raw,
  replaced,
  say,
  withheld,
  withProof,
} from './ledgers.js';
import { OFF_CURVE, owner, STRANGER, WRITER, writer } from './people.js';
import { labs } from './verify-good.js';
import { type Case, problem } from './verify-vector.js';

export function blockCases(): Case[] {
  return [...signatures(), ...work(), ...data(), ...beside()];
}

function signatures(): Case[] {
  const rule = 'spec/ledger.md#signature';
  const lines = ledger('signature', [note('first'), note('second')]);
  const of = (name: string, description: string, change: (line: string) => string): Case => ({
    name: `signature-${name}`,
    description,
    rule,
    export: [lines[0]!, change(lines[1]!), lines[2]!],
    problems: [problem(2, 'SIGNATURE_INVALID')],
  });
  const { n } = secp256k1.Point.CURVE();
  const highS = (line: string) => {
    const { signature } = parse(line);
    const other = n - BigInt('0x' + signature.slice(64));
    return edit(line, () => ({ signature: signature.slice(0, 64) + other.toString(16).padStart(64, '0') }));
  };
  return [
    of('high-s', 'The same signature with n - s for s: only the low one is valid.', highS),
    of('header-changed', 'A header member changed after signing.', (line) =>
      edit(line, () => ({ timestamp: '2025-03-01T12:00:00.500Z' })),
    ),
    of('proof-changed', 'The proof changed after signing, where any proof does the work.', (line) =>
      edit(line, ({ proof }) => ({ proof: proof + 1 })),
    ),
    of('of-another-block', 'The signature of another block by the same signer.', (line) =>
      edit(line, () => ({ signature: parse(lines[2]!).signature })),
    ),
    of('by-another-key', 'Signed by another key than the header names.', (line) =>
      edit(withProof(line, 0, STRANGER), () => ({ signer: owner })),
    ),
    of('zeros', 'r and s are zero.', (line) => edit(line, () => ({ signature: '00'.repeat(64) }))),
    of('signer-off-curve', 'A signer that is no point of the curve.', (line) =>
      edit(line, () => ({ signer: OFF_CURVE })),
    ),
    of('signer-prefix', 'A signer whose first byte is neither 02 nor 03.', (line) =>
      edit(line, () => ({ signer: '05' + owner.slice(2) })),
    ),
    {
      name: 'signature-two-blocks',
      description: 'Two faults are two problems; with two blocks lost in a row the history cannot be checked.',
      rule: 'spec/verification.md#after-a-lost-block',
      export: [
        lines[0]!,
        highS(lines[1]!),
        highS(lines[2]!),
        ...ledger('signature', [note('first'), note('second'), note('third')]).slice(3),
      ],
      problems: [problem(2, 'SIGNATURE_INVALID'), problem(3, 'SIGNATURE_INVALID')],
      notices: [{ block: 4, code: 'HISTORY_UNCHECKED' }],
    },
    {
      name: 'signature-newest-block',
      description: 'The newest block is bad: the head is not known.',
      rule,
      export: [lines[0]!, lines[1]!, highS(lines[2]!)],
      problems: [problem(3, 'SIGNATURE_INVALID')],
    },
    {
      name: 'signature-genesis',
      description: 'The genesis block is bad: the ledger is known by the next block, its owner by the pin.',
      rule: 'spec/verification.md#after-a-lost-block',
      export: [highS(lines[0]!), lines[1]!, lines[2]!],
      problems: [problem(1, 'SIGNATURE_INVALID')],
      expect: { ledger: hex(hashOf(lines[0]!)) },
    },
    {
      name: 'signature-genesis-nothing-pinned',
      description: 'The same without a pin: nobody knows who may sign.',
      rule: 'spec/verification.md#after-a-lost-block',
      export: [highS(lines[0]!), lines[1]!, lines[2]!],
      owner: null,
      problems: [problem(1, 'SIGNATURE_INVALID')],
      notices: [{ block: 2, code: 'AUTHORITY_UNCHECKED' }],
      expect: { ledger: hex(hashOf(lines[0]!)), owner: null, statements: 0 },
    },
  ];
}

function work(): Case[] {
  const rule = 'spec/ledger.md#proof-of-work';
  const lines = ledger('work', [note('worked'), note('next')], { difficulty: 4 });
  const hash = headerHash(headerOf(lines[1]!));
  const proofOf = (bits: number): number => {
    let proof = 0;
    while (workDone(hash, proof) !== bits) proof += 1;
    return proof;
  };
  const of = (name: string, description: string, bits: number): Case => ({
    name,
    description,
    rule,
    export: [lines[0]!, withProof(lines[1]!, proofOf(bits)), lines[2]!],
    problems: [problem(2, 'WORK_INSUFFICIENT')],
  });
  return [
    of('work-missing', 'A signed block whose proof reaches no bit.', 0),
    of('work-one-bit-short', 'A signed block whose proof reaches 3 bits of 4.', 3),
  ];
}

function data(): Case[] {
  const rule = 'spec/ledger.md#header';
  const lines = ledger('data', [{ ...labs, blockSize: 3 }, note('next')]);
  const of = (name: string, description: string, changed: string): Case => ({
    name: `data-${name}`,
    description,
    rule,
    export: [...lines.slice(0, 2), changed, ...lines.slice(3)],
    problems: [problem(3, 'DATA_MISMATCH')],
  });
  const size = ledger('size', [raw(() => [{ kind: 'info-x' }], undefined, { data_size: 2 }), note('next')]);
  const hash = ledger('hash', [
    raw(() => [{ kind: 'info-x' }], undefined, { data_hash: 'ab'.repeat(32) }),
    note('next'),
  ]);
  const naming = ledger('naming', [say({ kind: 'writer', public_key: writer }), note('by the writer', WRITER)]);
  return [
    of(
      'entry-dropped',
      'A record is gone.',
      editData(lines[2]!, ([a, , c]) => [a!, c!]),
    ),
    of(
      'entries-swapped',
      'Two records in the other order.',
      editData(lines[2]!, ([a, b, c]) => [b!, a!, c!]),
    ),
    of(
      'entry-added',
      'A record twice.',
      editData(lines[2]!, ([a, b, c]) => [a!, b!, c!, c!]),
    ),
    of(
      'body-changed',
      'A bit of a body differs: in an export the entry is computed from the body.',
      editData(lines[2]!, ([a, ...rest]) => [{ ...a, body: flip(String(a!.body)) }, ...rest]),
    ),
    of(
      'record-changed',
      'A bit of a commitment differs.',
      editData(lines[2]!, ([a, ...rest]) => [{ ...a, sealed: flip(String(a!.sealed), 80) }, ...rest]),
    ),
    {
      name: 'data-statement-changed',
      description:
        'A statement was changed: what it said is not known, so nothing that follows is called unauthorised.',
      rule: 'spec/verification.md#after-a-lost-block',
      export: [naming[0]!, replaced(naming[1]!, '"writer"', '"writer-removed"'), naming[2]!],
      problems: [problem(2, 'DATA_MISMATCH')],
      notices: [{ block: 3, code: 'AUTHORITY_UNCHECKED' }],
      expect: { statements: 1 },
    },
    {
      name: 'data-genesis',
      description: 'The statements of the genesis block were changed: its owner is known by the pin alone.',
      rule: 'spec/verification.md#after-a-lost-block',
      export: [replaced(naming[0]!, '"audit":false', '"audit":true'), naming[1]!, naming[2]!],
      problems: [problem(1, 'DATA_MISMATCH')],
    },
    {
      name: 'data-size-signed-wrong',
      description: 'The signer counted two entries where there is one.',
      rule,
      export: size,
      problems: [problem(2, 'DATA_MISMATCH')],
    },
    {
      name: 'data-hash-signed-wrong',
      description: 'The signer put another hash.',
      rule,
      export: hash,
      problems: [problem(2, 'DATA_MISMATCH')],
    },
  ];
}

/** The base64url text with the lowest bit of one byte changed. */
function flip(text: string, at = 0): string {
  const bytes = Buffer.from(text, 'base64url');
  bytes[at]! ^= 1;
  return bytes.toString('base64url');
}

function beside(): Case[] {
  const lines = ledger('beside', [{ ...labs, blockSize: 3 }]);
  const odd = (row: number, salt: Uint8Array) =>
    ledger('odd salt', [
      { ...labs, open: true },
      raw((context) => [oddRecord(context, 'labs', row, { salt: Uint8Array.from(salt) })]),
    ]);
  const shortSalt = odd(4, utf8('sixteen bytes...'));
  const third = (changed: string) => lines.map((line, at) => (at === 2 ? changed : line));
  const salted = (change: (salt: string) => string) =>
    third(editData(lines[2]!, ([a, b, c]) => [a!, { ...b, salt: change(String(b!.salt)) }, c!]));
  return [
    {
      name: 'salt-changed',
      description: 'A bit of a salt differs. The block is good but for that record.',
      rule: 'spec/verification.md#one-block-by-itself',
      export: salted(flip),
      problems: [problem(3, 'SALT_MISMATCH', 1)],
    },
    {
      name: 'salt-short',
      description: 'A salt lost its last byte.',
      rule: 'spec/verification.md#one-block-by-itself',
      export: salted((salt) => Buffer.from(salt, 'base64url').subarray(0, 31).toString('base64url')),
      problems: [problem(3, 'SALT_MISMATCH', 1)],
    },
    {
      name: 'salt-of-16-bytes',
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
      description: 'The signer committed to a salt that is not 32 bytes long.',
      rule: 'spec/records.md#entry',
      export: shortSalt,
      problems: [problem(6, 'SALT_MISMATCH', 0)],
    },
    {
      name: 'stub-not-allowed',
      description: 'Withheld records, and a caller who does not allow that: each is a problem.',
      rule: 'spec/exchange.md#records-without-content',
      export: third(withheld(lines[2]!, (position) => position !== 1)),
      problems: [problem(3, 'SALT_MISSING', 0), problem(3, 'SALT_MISSING', 2)],
    },
    {
      name: 'stub-allowed-and-salt-changed',
      description: 'Where bodies may be withheld, those that are there are checked all the same.',
      rule: 'spec/exchange.md#records-without-content',
      export: third(
        editData(
          withheld(lines[2]!, (position) => position === 0),
          ([a, b, c]) => [a!, { ...b, salt: flip(String(b!.salt)) }, c!],
        ),
      ),
      withoutBodies: true,
      problems: [problem(3, 'SALT_MISMATCH', 1)],
    },
    {
      name: 'stub-changed',
      description: 'A bit of a stub differs.',
      rule: 'spec/ledger.md#header',
      export: third(editData(withheld(lines[2]!), ([a, ...rest]) => [{ stub: flip(String(a!.stub), 60) }, ...rest])),
      withoutBodies: true,
      problems: [problem(3, 'DATA_MISMATCH')],
    },
  ];
}
