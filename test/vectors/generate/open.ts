// Open vectors: an export and a private key, and the files that come out.

import { type Bytes, hex, join, u64, utf8 } from '../../oracle/bytes.js';
import { aesGcmSeal } from '../../oracle/hpke.js';
import type { JsonObject } from '../../oracle/jcs.js';
import { amend, erase } from '../../oracle/say.js';
import { commitmentTo, recordKey, type SealedRecord, saltHash, sealRecord, wrapKey } from '../../oracle/seal.js';
import type { Step, WriterContext } from '../../oracle/write.js';
import { dataSet, oddRecord, raw, record } from './ledgers.js';
import { jsonVectors } from './open-json.js';
import { openVector, type Places } from './open-vector.js';
import { NOW, OWNER, READER, RECOVERY, reader, recovery, STRANGER, WRITER, writer } from './people.js';
import type { Vector } from './verify-vector.js';

const LABS = 'id,name\n1,"Ada, Countess"\n2,Grace\n';
const labs: Extract<Step, { step: 'data-set' }> = { step: 'data-set', name: 'labs', csv: LABS, blockSize: 2 };

export function openVectors(): Vector[] {
  return [...readers(), ...files(), ...jsonVectors(), ...grouped(), ...corrections(), ...faults()];
}

function readers(): Vector[] {
  const rule = 'keys.md#grant';
  const shared: Step[] = [
    { step: 'add-writer', publicKey: writer },
    { ...labs, by: WRITER },
    { step: 'data-set', name: 'own', csv: 'a;b\n1;2\n', delimiter: ';', blockSize: 1 },
    { step: 'grant', name: 'labs', to: reader, expires: NOW, reason: 'study 7', by: WRITER },
  ];
  const both = [
    { name: 'labs', file: LABS },
    { name: 'own', file: 'a;b\n1;2\n' },
  ];
  const steps: [Step[], { recovery: string[] }] = [shared, { recovery: [recovery] }];
  const twice: Step[] = [
    labs,
    raw((context) => [{ ...grant(context), wrapped: Buffer.alloc(48).toString('base64url') }]),
    raw((context) => [grant(context)]),
  ];
  return [
    openVector('owner', 'The owner opens every data set.', rule, steps, OWNER, both),
    openVector('recovery', 'A recovery key opens every data set.', rule, steps, RECOVERY, both),
    openVector('writer', 'A writer opens what it sealed.', rule, steps, WRITER, both.slice(0, 1)),
    openVector('reader', 'A reader opens what was granted to it.', rule, steps, READER, both.slice(0, 1)),
    openVector('stranger', 'To a stranger nothing opens.', rule, steps, STRANGER, []),
    openVector(
      'second-grant',
      'A grant that does not open hides none that does.',
      rule,
      [twice],
      READER,
      both.slice(0, 1),
    ),
  ];
}

function grant(context: WriterContext): JsonObject {
  const { key } = dataSet(context, 'labs');
  return wrapKey(context.ledger, key.key, { kind: 'grant', key_id: hex(key.keyId), to: reader }, context.random);
}

function files(): Vector[] {
  const rule = 'records.md#rebuilding-the-file';
  const file = (name: string, description: string, csv: string | Uint8Array, where = rule) =>
    openVector(name, description, where, [[{ step: 'data-set', name: 'file', csv, blockSize: 2 }]], OWNER, [
      { name: 'file', file: csv },
    ]);
  const appended = (name: string, description: string, csv: string, rows: string, result: string) => {
    const steps: Step[] = [
      { step: 'data-set', name: 'file', csv, blockSize: 2 },
      { step: 'append', name: 'file', rows, blockSize: 2 },
    ];
    return openVector(name, description, rule, [steps], OWNER, [{ name: 'file', file: result }]);
  };
  return [
    file('line-ends', 'Each line keeps its own end.', 'a,b\r\n1,2\n3,4\r5,6'),
    file('quotes', 'Line ends, delimiters and quotes within quotes.', 'a,"b\n""c"""\n"1,\r\n2",x"y"\n"3"z,4\n'),
    file('byte-order-mark', 'A byte-order mark before a quoted name.', '\ufeff"a",b\n1,2\n'),
    file('latin-1', 'Bytes that are not UTF-8.', Uint8Array.of(0x6e, 0x0a, 0xe9, 0xff, 0x0a, 0x00, 0x0a)),
    file('header-only', 'A header line and no row.', 'a,b\n'),
    file('header-without-line-end', 'A header line that no line feed ends.', 'a,b'),
    file('blank-lines', 'Blank lines of a table of one column are rows.', 'a\n\n1\n\n'),
    appended(
      'appended',
      'Rows of two files; the header line of the second is not kept.',
      'a\n1\n',
      '2\n3\n',
      'a\n1\n2\n3\n',
    ),
    appended(
      'appended-no-line-end',
      'The last row of the first file has no line end: it gets that of the header line.',
      'a\r\n1',
      '2\r\n3',
      'a\r\n1\r\n2\r\n3',
    ),
    openVector(
      'name-normalised',
      'A name in NFC; "é" is one code point.',
      'records.md#manifest',
      [[{ step: 'data-set', name: 'é 😀', csv: 'a\n', blockSize: 1 }]],
      OWNER,
      [{ name: 'é 😀', file: 'a\n' }],
    ),
    typed(),
  ];
}

function typed(): Vector {
  const csv = 'dose,drug,given\n1.5,"a, b",2024-02-29\n,,\n-0,"",1970-01-01\n';
  const groups = [{ name: 'all', columns: [0, 1, 2], types: ['float64', 'text', 'date'] }];
  return openVector(
    'typed',
    'A table whose columns have types comes back as the bytes that were sealed.',
    'records.md#types',
    [[{ step: 'data-set', name: 'doses', csv, blockSize: 2, groups }]],
    OWNER,
    [{ name: 'doses', file: csv }],
  );
}

function corrections(): Vector[] {
  const rule = 'records.md#rebuilding-the-file';
  const begun: Step = { ...labs, open: true };
  /** Row `by` is sealed in the place of row `row`. */
  const corrected = (row: number, by: number, content: string): Step =>
    raw((context) => [record(context, 'labs', by, content), ...amend('labs', row, by)(context)]);
  const good = (name: string, description: string, steps: Step[], file: string) =>
    openVector(name, description, rule, [steps], OWNER, [{ name: 'labs', file }]);
  const broken = raw((context) => {
    const sealed = record(context, 'labs', 3, '2,Grace H.\n');
    sealed.body[0]! ^= 1;
    return [sealed, ...amend('labs', 2, 3)(context)];
  });
  return [
    good(
      'amended',
      'A row is corrected: its newest version stands in its place.',
      [begun, corrected(1, 3, '1,Ada\n')],
      'id,name\n1,Ada\n2,Grace\n',
    ),
    good(
      'amended-again',
      'A row is corrected twice, another one in between.',
      [begun, corrected(1, 3, '1,x\n'), corrected(2, 4, '2,Grace H.\n'), corrected(1, 5, '1,Ada\n')],
      'id,name\n1,Ada\n2,Grace H.\n',
    ),
    good(
      'amended-by-row-of-file',
      'A row of the file itself takes the place of an earlier one.',
      [begun, raw(amend('labs', 1, 2))],
      'id,name\n2,Grace\n',
    ),
    openVector(
      'left-amended',
      'The newest version does not open: no earlier one stands for it.',
      rule,
      [[begun, broken]],
      OWNER,
      [{ name: 'labs', file: 'id,name\n1,"Ada, Countess"\n', left: [2] }],
    ),
  ];
}

const PATIENTS = '\ufeff"id",name,"born, where",dose\r\n1,"Ada, C",London,1\r\n2,Grace,"New\nYork",\r\n3,,x,3';
const GROUPS = [
  { name: 'identity', columns: [1, 2] },
  { name: 'clinical', columns: [0, 3] },
];

/** A table of two column groups, opened with the keys of both and of one. */
function grouped(): Vector[] {
  const patients: Extract<Step, { step: 'data-set' }> = {
    step: 'data-set',
    name: 'patients',
    csv: PATIENTS,
    blockSize: 2,
    groups: GROUPS,
  };
  const make = (name: string, description: string, steps: Step[], key: string, file: string, gone: Places = []) =>
    openVector(`groups-${name}`, description, 'records.md#column-groups', [steps, { gone }], key, [
      { name: 'patients', file },
    ]);
  const readerOf = (group: number): Step => ({ step: 'grant', name: 'patients', group, to: reader });
  // Rows 1 and 2 are entries 0 to 3 of block 3, row 3 is entries 0 and 1 of block 4; row 0 is the last two of block 2.
  const without = (name: string, description: string, gone: Places, file: string) =>
    make(name, description, [patients, raw(erase(...gone))], OWNER, file, gone);
  const identity = 'name,"born, where"\r\n"Ada, C",London\r\nGrace,"New\nYork"\r\n,x\r\n';
  const clinical = '\ufeff"id",dose\r\n1,1\r\n2,\r\n3,3\r\n';
  const [ada, grace] = ['1,"Ada, C",London,1', 'Grace,"New\nYork"'];
  return [
    make('both', 'Two column groups, and the keys of both.', [patients], OWNER, PATIENTS),
    make('first', 'The key of the first group only.', [patients, readerOf(0)], READER, identity),
    make('last', 'The key of the group with the last column.', [patients, readerOf(1)], READER, clinical),
    without('erased-part', 'One group of row 2 is erased.', [[3, 2]], PATIENTS.replace(grace, ',')),
    without(
      'erased-last',
      'Of row 1 the part with the line end is erased.',
      [[3, 1]],
      PATIENTS.replace(ada, ',"Ada, C",London,'),
    ),
    without(
      'erased-all',
      'All of the first group is erased.',
      [
        [2, 3],
        [3, 0],
        [3, 2],
        [4, 0],
      ],
      clinical,
    ),
    ...oddParts(patients),
  ];
}

/** A fourth row, whose parts are not all as a sealer of groups would make them. */
function oddParts(patients: Extract<Step, { step: 'data-set' }>): Vector[] {
  const odd = (name: string, description: string, parts: readonly string[], file: string, left: number[]) => {
    const sealed = (context: WriterContext): SealedRecord[] => {
      const { groups } = dataSet(context, 'patients');
      return parts.map((part, group) => sealRecord(context.ledger, groups[group]!.key, 4, utf8(part), context.random));
    };
    const steps: Step[] = [{ ...patients, open: true }, raw(sealed)];
    return openVector(name, description, 'records.md#column-groups', [steps], OWNER, [
      { name: 'patients', file, left },
    ]);
  };
  return [
    odd(
      'odd-groups-well',
      'The next four differ from this one, which opens, by one part each.',
      ['a,b', '4,4\r\n'],
      `${PATIENTS}\r\n4,a,b,4\r\n`,
      [],
    ),
    odd('left-groups-fields', 'A part with a field too many.', ['a,b,c', '4,4\r\n'], PATIENTS, [4]),
    odd('left-groups-line-end', 'A part that ends a line within the record.', ['a,b\n', '4,4\r\n'], PATIENTS, [4]),
    odd('left-groups-two-records', 'A part of two lines.', ['a\nx,b', '4,4\r\n'], PATIENTS, [4]),
    odd('left-groups-quote', 'A part that leaves a quote open.', ['a,"b', '4,4\r\n'], PATIENTS, [4]),
  ];
}

/** A record whose tag fits and that an opener refuses all the same. */
function forged(context: WriterContext, row: number, padded: Bytes, commitment?: Bytes): SealedRecord {
  const { key } = dataSet(context, 'labs');
  const salt = join(context.random(32));
  const own = recordKey(context.ledger, key, salt, row);
  const head = join(Uint8Array.of(1), key.keyId, u64(row), saltHash(salt), commitment ?? commitmentTo(own));
  return { head, salt, body: aesGcmSeal(own, new Uint8Array(12), head, padded) };
}

function faults(): Vector[] {
  const padded = (length: number, ...content: number[]) =>
    join(Uint8Array.from(content), new Uint8Array(length - content.length));
  const row3 = utf8('3,x\n');
  const good = join(row3, Uint8Array.of(0x80), new Uint8Array(59));
  const of3 = (name: string, description: string, rule: string, row: (context: WriterContext) => SealedRecord) =>
    openVector(name, description, rule, [[{ ...labs, open: true }, raw((context) => [row(context)])]], OWNER, [
      { name: 'labs', file: LABS, left: [3] },
    ]);
  const opens: Step[] = [{ ...labs, open: true }, raw((context) => [forged(context, 3, good)])];
  return [
    openVector(
      'odd-forged-well',
      'The next four differ from this one, which opens, by one thing each.',
      'records.md#opening',
      [opens],
      OWNER,
      [{ name: 'labs', file: LABS + '3,x\n' }],
    ),
    of3('left-commitment', 'A commitment to another key.', 'records.md#opening', (context) =>
      forged(context, 3, good, join(context.random(32))),
    ),
    of3('left-padding-long', 'Padding of another length than the canonical one.', 'records.md#padding', (context) =>
      forged(context, 3, join(good, new Uint8Array(8))),
    ),
    of3('left-padding-none', 'Padding without its mark.', 'records.md#padding', (context) =>
      forged(context, 3, padded(64)),
    ),
    of3('left-tag', 'A body whose tag does not fit, though its hash does.', 'records.md#body', (context) => {
      const plain = forged(context, 3, good);
      plain.body[0]! ^= 1;
      return plain;
    }),
    of3('left-body-short', 'A body shorter than a tag.', 'records.md#body', (context) =>
      oddRecord(context, 'labs', 3, { body: utf8('short') }),
    ),
  ];
}
