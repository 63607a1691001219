// Ledgers that verify: every feature once, and the last value that each bound still allows.

import { headerHash, workDone } from '../../oracle/block.js';
import { b64, hex, utf8 } from '../../oracle/bytes.js';
import type { Json } from '../../oracle/jcs.js';
import { wrapKey } from '../../oracle/seal.js';
import type { Step } from '../../oracle/write.js';
import {
  dataSet,
  freshDataSet,
  genesis,
  headerOf,
  ledger,
  ledgerStatement,
  note,
  oddRecord,
  parse,
  raw,
  record,
  say,
  twoGroups,
  withheld,
  withProof,
} from './ledgers.js';
import { owner, reader, recovery, START, WRITER, writer } from './people.js';
import type { Case } from './verify-vector.js';

type DataSetStep = Extract<Step, { step: 'data-set' }>;

const CSV = 'id,name\n1,"Ada, Countess"\n2,Grace\n3,Mary\n';

export const labs: DataSetStep = { step: 'data-set', name: 'labs', csv: CSV, blockSize: 1 };

export function nested(levels: number): Json {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

/** The smallest proof that reaches the difficulty and is not the smallest of all. */
function secondProof(line: string, difficulty: number): number {
  const hash = headerHash(headerOf(line));
  let proof = parse(line).proof + 1;
  while (workDone(hash, proof) < difficulty) proof += 1;
  return proof;
}

export function goodCases(): Case[] {
  return [...ledgers(), ...dataSets(), ...bounds(), ...withoutBodies()];
}

function ledgers(): Case[] {
  const rule = 'spec/ledger.md#block';
  const one = ledger('difficulty', [note('worked')], { difficulty: 4 });
  return [
    {
      name: 'ok-empty-ledger',
      description: 'A genesis block and nothing else.',
      rule: 'spec/ledger.md#genesis-block',
      export: ledger('empty', []),
    },
    {
      name: 'ok-nothing-pinned',
      description: 'Verified for a caller who pins neither owner nor ledger: the verdict says so.',
      rule: 'spec/verification.md#notices',
      export: ledger('empty', []),
      owner: null,
    },
    {
      name: 'ok-ledger-pinned',
      description: 'Verified for a caller who pins the ledger by its id.',
      rule: 'spec/verification.md#input',
      export: ledger('empty', []),
      owner: null,
      ledger: idOf(ledger('empty', [note('next')])),
    },
    {
      name: 'ok-cut-off-at-a-block',
      description: 'The newest block is gone. A ledger alone cannot show that; the verdict says so.',
      rule: 'spec/verification.md#notices',
      export: ledger('cut', [note('first'), note('second')]).slice(0, -1),
    },
    {
      name: 'ok-info-statements',
      description: 'Statements of info kinds, with any members, by owner and writer.',
      rule: 'spec/ledger.md#statements',
      export: ledger('info', [
        { step: 'add-writer', publicKey: writer },
        { step: 'info', kind: 'info-a-1', members: { list: [1, true, null, 'é😀\u2028'], n: 2 ** 53 - 1 } },
        note('by a writer', WRITER),
        say({ kind: 'info-x', a: nested(7) }),
      ]),
    },
    {
      name: 'ok-difficulty-12',
      description: 'Every block reaches 12 leading zero bits.',
      rule: 'spec/ledger.md#proof-of-work',
      export: ledger('twelve', [note('worked')], { difficulty: 12 }),
    },
    {
      name: 'ok-difficulty-higher-than-demanded',
      description: 'A block may claim, and reach, more than the ledger demands.',
      rule: 'spec/ledger.md#proof-of-work',
      export: ledger('more work', [raw(() => [{ kind: 'info-x' }], undefined, { difficulty: 4 })], { difficulty: 2 }),
    },
    {
      name: 'ok-proof-not-the-smallest',
      description: 'Any proof that reaches the difficulty is valid, not only the smallest.',
      rule: 'spec/ledger.md#proof-of-work',
      export: [one[0]!, withProof(one[1]!, secondProof(one[1]!, 4))],
    },
    {
      name: 'ok-writers-in-genesis',
      description: 'The genesis block may name writers behind its ledger statement.',
      rule: 'spec/ledger.md#genesis-block',
      export: [
        genesis([ledgerStatement(), { kind: 'writer', public_key: writer }, { kind: 'info-note', text: 'begin' }]),
      ],
    },
    {
      name: 'ok-writer-named-and-removed-at-once',
      description: 'Effects within a block apply in order.',
      rule: 'spec/ledger.md#who-may-say-what',
      export: ledger('at once', [
        raw(() => [
          { kind: 'writer', public_key: writer },
          { kind: 'writer-removed', public_key: writer },
          { kind: 'writer', public_key: writer },
        ]),
        note('signed by the writer', WRITER),
      ]),
    },
    {
      name: 'ok-audit-and-recovery',
      description: 'The ledger statement with audit on and two recovery keys.',
      rule,
      export: ledger('terms', [], { audit: true, recovery: [recovery, reader] }),
    },
  ];
}

/** The id of a ledger is the previous_hash of its second block. */
function idOf(lines: string[]): string {
  return parse(lines[1]!).previous_hash;
}

function dataSets(): Case[] {
  const rule = 'spec/ledger.md#order-of-a-data-set';
  const groups = twoGroups();
  const byWriter: Step[] = [
    { step: 'add-writer', publicKey: writer },
    { ...labs, by: WRITER },
    { step: 'grant', name: 'labs', to: reader, by: WRITER },
    { step: 'remove-writer', publicKey: writer },
    { step: 'append', name: 'labs', rows: '4,Emmy\n', blockSize: 1 },
  ];
  return [
    {
      name: 'ok-one-record-a-block',
      description: 'A data set of three rows, one a block.',
      rule,
      export: ledger('one a block', [labs]),
    },
    {
      name: 'ok-many-records-a-block',
      description: 'The same data set, two rows a block.',
      rule,
      export: ledger('many a block', [{ ...labs, blockSize: 2 }]),
    },
    {
      name: 'ok-data-set-in-one-block',
      description: 'Statement, grant, all rows and the end of a data set in one block.',
      rule,
      export: ledger('one block', [
        { ...labs, csv: 'id\n', open: true },
        raw((context) => [
          record(context, 'labs', 1),
          record(context, 'labs', 2),
          { kind: 'dataset-end', id: dataSet(context, 'labs').id, rows: 2 },
          record(context, 'labs', 3),
          { kind: 'dataset-end', id: dataSet(context, 'labs').id, rows: 3 },
        ]),
      ]),
    },
    {
      name: 'ok-several-data-sets',
      description: 'Two data sets whose rows stand among each other.',
      rule,
      export: ledger('several', [
        { ...labs, open: true },
        { step: 'data-set', name: 'visits', csv: 'a;b\n1;2\n', delimiter: ';', blockSize: 1, open: true },
        { step: 'append', name: 'labs', rows: '4,Emmy\n', blockSize: 1 },
        { step: 'append', name: 'visits', rows: '3;4\n', blockSize: 1 },
      ]),
    },
    {
      name: 'ok-appended-data-set',
      description: 'Rows follow a dataset-end, up to a later one.',
      rule,
      export: ledger('appended', [labs, { step: 'append', name: 'labs', rows: '4,Emmy\n5,Lise\n', blockSize: 2 }]),
    },
    {
      name: 'ok-incomplete-data-set',
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
      description: 'A data set without its end is not complete, and not wrong.',
      rule,
      export: ledger('incomplete', [{ ...labs, open: true }]),
    },
    {
      name: 'ok-data-set-without-rows',
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
      description: 'A dataset statement with its grants; not even the header row has come yet.',
      rule,
      export: ledger('no rows', [raw((context) => freshDataSet(context, [owner]))]),
    },
    {
      name: 'ok-writer',
      description: 'A writer seals, grants and is removed; the owner continues the data set.',
      rule: 'spec/ledger.md#who-may-say-what',
      export: ledger('writer', byWriter),
    },
    {
      name: 'ok-recovery-keys',
      description: 'Every key of a new data set is granted to each recovery key as well.',
      rule: 'spec/ledger.md#statements',
      export: ledger('recovery', [labs], { recovery: [recovery] }),
    },
    {
      name: 'ok-two-column-groups',
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
      description: 'Each row whole within a block, its groups in the order of the keys.',
      rule,
      export: ledger('groups', [raw(groups.begin), raw(groups.cells([0, 1], [1, 1], [0, 2], [1, 2]))]),
      expect: { records: 2 },
    },
    {
      name: 'ok-body-of-any-length',
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
      description: 'A verifier does not judge the length of a body; only an opener sees the padding.',
      rule: 'spec/verification.md#one-block-by-itself',
      export: ledger('odd body', [
        { ...labs, open: true },
        raw((context) => [oddRecord(context, 'labs', 4, { body: utf8('short') })]),
      ]),
    },
  ];
}

function bounds(): Case[] {
  const rule = 'spec/ledger.md#time';
  const reason = (text: string) =>
    ledger('reason', [
      { ...labs, open: true },
      { step: 'grant', name: 'labs', to: reader, expires: '2028-02-29T00:00:00.000Z', reason: text },
    ]);
  return [
    {
      name: 'ok-time-five-minutes-ahead',
      description: 'A block exactly five minutes ahead of the clock is accepted.',
      rule,
      export: ledger('ahead', []),
      now: '2025-03-01T11:55:00.000Z',
    },
    {
      name: 'ok-time-equal',
      description: 'A block may bear the time of the one before it.',
      rule,
      export: ledger('equal', [raw(() => [{ kind: 'info-x' }], undefined, { timestamp: START })]),
    },
    {
      name: 'ok-time-leap-day',
      description: 'The last millisecond of a 29 February.',
      rule,
      export: ledger('leap', [], { start: '2024-02-29T23:59:59.999Z' }),
    },
    {
      name: 'ok-reason-200-characters',
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
      description: 'Characters are code points: 200 of them here, 400 UTF-16 units, 800 bytes.',
      rule: 'spec/ledger.md#limits',
      export: reason('😀'.repeat(200)),
    },
    {
      name: 'ok-grant-enc-not-a-point',
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
      description: 'What a grant wraps is for its recipient to see; a verifier checks the lengths only.',
      rule: 'spec/verification.md#what-a-block-says',
      export: ledger('enc', [
        { ...labs, open: true },
        raw((context) => {
          const { key } = dataSet(context, 'labs');
          const plain = { kind: 'grant', key_id: hex(key.keyId), to: reader };
          const grant = wrapKey(context.ledger, key.key, plain, context.random);
          return [{ ...grant, enc: b64(new Uint8Array(65)) }];
        }),
      ]),
    },
  ];
}

function withoutBodies(): Case[] {
  const rule = 'spec/exchange.md#records-without-content';
  const lines = ledger('withheld', [{ ...labs, blockSize: 2 }]);
  const some = lines.map((line, at) => (at === 2 ? withheld(line, (position) => position === 0) : line));
  const lastGone = [...lines.slice(0, 3), withheld(lines[3]!)];
  return [
    {
      name: 'ok-all-bodies-withheld',
      description: 'Every record is a stub, and the caller allows that.',
      rule,
      export: lines.map((line) => withheld(line)),
      withoutBodies: true,
    },
    {
      name: 'ok-some-bodies-withheld',
      description: 'One record is a stub, and the caller allows that.',
      rule,
      export: some,
      withoutBodies: true,
    },
    {
      name: 'stub-after-lost-block',
      notices: [{ block: 2, code: 'DATASET_INCOMPLETE' }],
      description: 'Withheld records of a block that is not accepted are not counted.',
      rule,
      export: [...lastGone.slice(0, 3), replacedSigner(lastGone[3]!)],
      withoutBodies: true,
      problems: [{ block: 4, entry: null, code: 'SIGNATURE_INVALID' }],
    },
  ];
}

function replacedSigner(line: string): string {
  return line.replace(`"signer":"${owner}"`, `"signer":"${reader}"`);
}
