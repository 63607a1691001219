// Sound blocks that are refused for what they say.

import { hex } from '../../oracle/bytes.js';
import type { JsonObject } from '../../oracle/jcs.js';
import { wrapKey } from '../../oracle/seal.js';
import type { Step, WriterContext } from '../../oracle/write.js';
import {
  dataSet,
  type Entries,
  freshDataSet,
  genesis,
  ledger,
  ledgerStatement,
  note,
  raw,
  record,
  twoGroups,
} from './ledgers.js';
import { OFF_CURVE, OWNER, owner, reader, recovery, WRITER, writer } from './people.js';
import { type Case, problem } from './verify-vector.js';

/** A writer, a data set of the owner and one of the writer's, a row each; they are blocks 2, 3 and 4, 5 and 6. */
const BASE: Step[] = [
  { step: 'add-writer', publicKey: writer },
  { step: 'data-set', name: 'own', csv: 'a\n1\n', blockSize: 1, open: true },
  { step: 'data-set', name: 'labs', csv: 'a\n1\n', blockSize: 1, open: true, by: WRITER },
];
const SEVENTH = 7;

export function statementCases(): Case[] {
  return [...forms(), ...authority(), ...writers(), ...dataSets(), ...rows(), ...lost()];
}

/** Block 7 says something wrong; block 8 is good. */
function of(
  name: string,
  description: string,
  rule: string,
  code: string,
  entries: Entries,
  by = OWNER,
  entry: number | null = 0,
): Case {
  return {
    name,
    description,
    rule: `spec/${rule}`,
    export: ledger(name, [...BASE, raw(entries, by), note('next')]),
    problems: [problem(SEVENTH, code, entry)],
  };
}

function forms(): Case[] {
  const rule = 'ledger.md#statements';
  const invalid = (name: string, description: string, statement: JsonObject, where = rule) =>
    of(`statement-${name}`, description, where, 'STATEMENT_INVALID', () => [statement]);
  const unknown = (name: string, description: string, kind: string) =>
    of(`statement-${name}`, description, rule, 'STATEMENT_UNKNOWN', () => [{ kind }]);
  const grant = (name: string, description: string, change: JsonObject, where = rule) =>
    of(`statement-${name}`, description, where, 'STATEMENT_INVALID', (context) => [
      { ...grantOf(context, 'own'), ...change },
    ]);
  const terms = (name: string, description: string, change: JsonObject): Case => ({
    name: `statement-${name}`,
    description,
    rule: `spec/${rule}`,
    export: [genesis([ledgerStatement(change)])],
    problems: [problem(1, 'STATEMENT_INVALID', 0)],
    // Whose such a ledger is, no rule says.
    expect: { owner: undefined },
  });
  const dataset = { kind: 'dataset', id: 'ab'.repeat(16) };
  return [
    unknown('unknown-kind', 'A kind that format 1 does not have.', 'notice'),
    unknown('unknown-info-alone', 'An info kind without a name.', 'info-'),
    unknown('unknown-info-upper-case', 'An info kind with a capital letter.', 'info-Note'),
    unknown('unknown-prototype', 'A kind named like a member that every object has in some languages.', 'constructor'),
    invalid('kind-not-text', 'A kind that is no text.', { kind: 1 }),
    invalid('member-missing', 'A writer without a key.', { kind: 'writer' }),
    invalid('member-unknown', 'A member that the kind does not have.', {
      kind: 'writer',
      public_key: reader,
      name: 'x',
    }),
    invalid('reserved-member', 'A member named as in a sealed record.', { kind: 'info-x', salt: '' }),
    invalid('control-character', 'A line feed in a text.', { kind: 'info-x', text: 'a\nb' }),
    invalid('control-character-c1', 'U+0085, a control character beyond ASCII, deep inside.', {
      kind: 'info-x',
      a: [{ b: '\u0085' }],
    }),
    invalid('key-upper-case', 'A public key in upper case.', { kind: 'writer', public_key: reader.toUpperCase() }),
    invalid('keys-none', 'A data set without keys.', { ...dataset, keys: [] }),
    invalid('keys-twice', 'A data set with the same key twice.', {
      ...dataset,
      keys: ['cd'.repeat(16), 'cd'.repeat(16)],
    }),
    invalid('id-short', 'An id of 15 bytes.', { ...dataset, id: 'ab'.repeat(15), keys: ['cd'.repeat(16)] }),
    invalid('rows-text', 'A number of rows that is a text.', { kind: 'dataset-end', id: 'ab'.repeat(16), rows: '1' }),
    grant('reason-201-characters', 'A reason of 201 characters.', { reason: 'x'.repeat(201) }, 'ledger.md#limits'),
    grant('expires-no-date', 'A grant that expires on no real date.', { expires: '2025-02-29T00:00:00.000Z' }),
    grant('enc-short', 'An encapsulated key of 64 bytes.', { enc: Buffer.alloc(64).toString('base64url') }),
    grant('wrapped-long', 'A wrapped key of 49 bytes.', { wrapped: Buffer.alloc(49).toString('base64url') }),
    terms('recovery-twice', 'A recovery key twice.', { recovery: [recovery, recovery] }),
    terms('difficulty-49', 'A difficulty over 48.', { difficulty: 49 }),
    terms('audit-null', 'An audit that is neither true nor false.', { audit: null }),
  ];
}

function grantOf(context: WriterContext, name: string, to: string = reader): JsonObject {
  const { key } = dataSet(context, name);
  return wrapKey(context.ledger, key.key, { kind: 'grant', key_id: hex(key.keyId), to }, context.random);
}

function end(name: string, rowCount: number): Entries {
  return (context) => [{ kind: 'dataset-end', id: dataSet(context, name).id, rows: rowCount }];
}

function authority(): Case[] {
  const refused = (name: string, description: string, entries: Entries) =>
    of(`unauthorised-${name}`, description, 'ledger.md#who-may-say-what', 'STATEMENT_UNAUTHORISED', entries, WRITER);
  return [
    refused('writer', 'A writer names a writer.', () => [{ kind: 'writer', public_key: reader }]),
    refused('writer-removed', 'A writer removes itself.', () => [{ kind: 'writer-removed', public_key: writer }]),
    refused('record', "A writer adds a row to the owner's data set.", (context) => [record(context, 'own', 2)]),
    refused('end', "A writer ends the owner's data set.", end('own', 1)),
    refused('grant', "A writer grants the key of the owner's data set.", (context) => [grantOf(context, 'own')]),
  ];
}

function writers(): Case[] {
  const rule = 'ledger.md#statements';
  const writerOf = (name: string, description: string, code: string, kind: string, key: string) =>
    of(name, description, rule, code, () => [{ kind, public_key: key }]);
  return [
    writerOf('writer-twice', 'A writer is named again.', 'WRITER_INVALID', 'writer', writer),
    writerOf('writer-owner', 'The owner is named as a writer.', 'WRITER_INVALID', 'writer', owner),
    writerOf('writer-removed-none', 'A key is removed that is no writer.', 'WRITER_INVALID', 'writer-removed', reader),
    writerOf('writer-removed-owner', 'The owner is removed.', 'WRITER_INVALID', 'writer-removed', owner),
    writerOf('writer-off-curve', 'A writer that is no point of the curve.', 'PUBLIC_KEY_INVALID', 'writer', OFF_CURVE),
    of('grant-off-curve', 'A grant to what is no point of the curve.', rule, 'PUBLIC_KEY_INVALID', (context) => [
      { ...grantOf(context, 'own'), to: OFF_CURVE },
    ]),
  ];
}

function dataSets(): Case[] {
  const rule = 'ledger.md#order-of-a-data-set';
  const missing = (name: string, description: string, to: string[], by: string): Case =>
    of(name, description, 'ledger.md#statements', 'GRANT_MISSING', (context) => freshDataSet(context, to), by);
  const withRecovery = ledger('no recovery', [raw((context) => freshDataSet(context, [owner])), note('next')], {
    recovery: [recovery],
  });
  return [
    of('id-of-data-set-repeated', 'The id of another data set.', rule, 'ID_REPEATED', (context) =>
      freshDataSet(context, [owner], { id: dataSet(context, 'labs').id }),
    ),
    of('id-of-key-repeated', 'The key of another data set.', rule, 'ID_REPEATED', (context) =>
      freshDataSet(context, [owner], { keys: [hex(dataSet(context, 'own').key.keyId)] }),
    ),
    of('data-set-unknown', 'The end of a data set that has not begun.', rule, 'DATASET_UNKNOWN', () => [
      { kind: 'dataset-end', id: 'ab'.repeat(16), rows: 0 },
    ]),
    of('key-unknown-record', 'A record under a key that no data set has.', rule, 'KEY_UNKNOWN', (context) => {
      const plain = record(context, 'own', 2);
      plain.head.fill(0xee, 1, 17);
      return [plain];
    }),
    of('key-unknown-grant', 'A grant of a key that no data set has.', rule, 'KEY_UNKNOWN', (context) => [
      { ...grantOf(context, 'own'), key_id: 'ee'.repeat(16) },
    ]),
    of('key-unknown-grant-first', 'A grant that stands before its data set.', rule, 'KEY_UNKNOWN', (context) =>
      freshDataSet(context, [owner]).toReversed(),
    ),
    missing('grant-missing-owner', "A writer's data set that is not granted to the owner.", [writer], WRITER),
    missing('grant-missing-signer', "A writer's data set that is not granted to the writer.", [owner], WRITER),
    {
      name: 'grant-missing-recovery',
      description: 'A data set that is not granted to the recovery key.',
      rule: 'spec/ledger.md#statements',
      export: withRecovery,
      problems: [problem(2, 'GRANT_MISSING', 0)],
    },
  ];
}

function rows(): Case[] {
  const rule = 'ledger.md#order-of-a-data-set';
  const unexpected = (name: string, description: string, entries: Entries, entry = 0) =>
    of(`row-${name}`, description, rule, 'ROW_UNEXPECTED', entries, OWNER, entry);
  const groups = twoGroups();
  const grouped = (name: string, description: string, code: string, entries: Entries, entry: number | null): Case => ({
    name,
    description,
    rule: `spec/${rule}`,
    export: ledger('groups', [raw(groups.begin), raw(entries), note('next')]),
    problems: [problem(3, code, entry)],
    expect: { records: 0 },
  });
  return [
    unexpected('left-out', 'Row 3 where row 2 is due.', (context) => [record(context, 'own', 3)]),
    unexpected('repeated', 'Row 1 a second time.', (context) => [record(context, 'own', 1)]),
    unexpected(
      'repeated-in-block',
      'Row 2 twice in a block.',
      (context) => [record(context, 'own', 2), record(context, 'own', 2)],
      1,
    ),
    unexpected('header-repeated', 'Row 0 a second time.', (context) => [record(context, 'own', 0)]),
    unexpected('order', 'Rows 3 and 2.', (context) => [record(context, 'own', 3), record(context, 'own', 2)]),
    grouped(
      'row-groups-swapped',
      "A row's groups in the other order.",
      'ROW_UNEXPECTED',
      groups.cells([1, 1], [0, 1]),
      0,
    ),
    grouped(
      'row-group-by-group',
      'Two rows, group by group.',
      'ROW_UNEXPECTED',
      groups.cells([0, 1], [0, 2], [1, 1], [1, 2]),
      1,
    ),
    grouped(
      'row-incomplete',
      'The last row has one group only.',
      'ROW_INCOMPLETE',
      groups.cells([0, 1], [1, 1], [0, 2]),
      null,
    ),
    grouped(
      'rows-within-a-row',
      'An end between the groups of a row.',
      'ROWS_WRONG',
      (context) => {
        const [first, second] = groups.cells([0, 1], [1, 1])(context);
        return [first!, { kind: 'dataset-end', id: 'cd'.repeat(16), rows: 0 }, second!];
      },
      1,
    ),
    of('rows-too-many', 'An end that claims a row more than there are.', rule, 'ROWS_WRONG', end('own', 2)),
    of('rows-too-few', 'An end that claims a row less.', rule, 'ROWS_WRONG', end('own', 0)),
    {
      name: 'rows-without-header',
      description: 'An end of no rows, though not even row 0 is there.',
      rule: `spec/${rule}`,
      export: ledger('no header', [
        raw((context) => [
          ...freshDataSet(context, [owner], { id: 'ab'.repeat(16) }),
          { kind: 'dataset-end', id: 'ab'.repeat(16), rows: 0 },
        ]),
        note('next'),
      ]),
      problems: [problem(2, 'ROWS_WRONG', 2)],
    },
  ];
}

/** A block is lost; nothing that follows from its loss is a problem of its own. */
function lost(): Case[] {
  const rule = 'spec/verification.md#after-a-lost-block';
  const lines = ledger('lost', [
    { step: 'data-set', name: 'labs', csv: 'a\n1\n2\n3\n', blockSize: 1, open: true },
    raw((context) => [record(context, 'labs', 5)]),
    raw(end('labs', 5)),
  ]);
  const whole = ledger('lost', [{ step: 'data-set', name: 'labs', csv: 'a\n1\n2\n3\n', blockSize: 1 }]);
  return [
    {
      name: 'lost-row',
      description: 'A block within a data set is missing: its row is not demanded a second time.',
      rule,
      export: [...whole.slice(0, 3), ...whole.slice(4)],
      problems: [problem(4, 'BLOCK_MISSING')],
      expect: { records: 2, statements: 4, blocks: 6 },
    },
    {
      name: 'lost-data-set',
      description:
        'The block in which a data set began is missing: its rows and its end are let pass, and not counted.',
      rule,
      export: [whole[0]!, ...whole.slice(2)],
      problems: [problem(2, 'BLOCK_MISSING')],
      expect: { records: 0, statements: 2, blocks: 6 },
    },
    {
      name: 'lost-row-and-another-fault',
      description:
        'After a lost block a data set is counted on from the first row that is seen; a later gap is a problem again.',
      rule,
      export: [...lines.slice(0, 3), ...lines.slice(4)],
      problems: [problem(4, 'BLOCK_MISSING'), problem(6, 'ROW_UNEXPECTED', 0)],
      expect: { records: 2, statements: 4, blocks: 7 },
    },
    {
      name: 'lost-by-its-own-fault',
      description: 'A row that is refused is lost as a whole; the next row begins the count again.',
      rule,
      export: lines,
      problems: [problem(6, 'ROW_UNEXPECTED', 0)],
    },
  ];
}
