// Records cut into the parts of column groups, and put together again: nothing of them is lost, and nothing is added.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitRecord, terminatorLength } from '../../src/dataset/csv/fields.js';
import { CsvScanner } from '../../src/dataset/csv/scanner.js';
import { type Layout, recordJoiner, recordSplitter } from '../../src/dataset/groups.js';

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Fields as files have them: plain ones with quotes in them, quoted ones with anything in them and behind them. */
const plain = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '"', "'", '\ufeff'), maxLength: 4 });
const field = fc.oneof(
  plain.filter((text) => !text.startsWith('"')),
  fc
    .tuple(fc.string({ unit: fc.constantFrom('a', ';', ',', '\n', '\r', '""'), maxLength: 5 }), plain)
    .map(([inner, behind]) => `"${inner}"${behind.replaceAll('"', "'")}`),
);
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

interface Table {
  readonly records: readonly Uint8Array[];
  readonly delimiter: string;
  readonly layout: Layout;
}

/** A table that may begin with a byte-order mark and end without a line end, and its columns dealt out to groups. */
const table: fc.Arbitrary<Table> = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(',', ';', '\t'), fc.boolean(), fc.boolean())
  .chain(([width, delimiter, marked, ended]) =>
    fc.record({
      rows: fc.array(fc.tuple(fc.array(field, { minLength: width, maxLength: width }), lineEnd), { minLength: 1 }),
      groups: fc.array(fc.nat(3), { minLength: width, maxLength: width }),
      delimiter: fc.constant(delimiter),
      marked: fc.constant(marked),
      ended: fc.constant(ended),
    }),
  )
  .map(({ rows, groups, delimiter, marked, ended }) => {
    const lines = rows.map(([fields, end], i) => fields.join(delimiter) + (ended || i < rows.length - 1 ? end : ''));
    const scanner = new CsvScanner(delimiter.charCodeAt(0));
    // At the beginning of a file the bytes of U+FEFF are a mark, and a quote behind them opens.
    const text = Buffer.from((marked ? '\ufeff' : '') + lines.join('').replace(/^\ufeff[\ufeff"]*/, ''));
    const scanned = [...scanner.push(text), ...scanner.finish()].map(({ bytes }) => Uint8Array.from(bytes));
    const numbers = [...new Set(groups)];
    const layout = numbers.map((number) => groups.flatMap((group, column) => (group === number ? [column] : [])));
    return { records: scanned, delimiter, layout };
  })
  .filter(({ records }) => records.length > 0);

const fieldsOf = (record: Uint8Array, delimiter: string, isHeader: boolean): string[] =>
  splitRecord(record, delimiter.charCodeAt(0), isHeader).fields.map(({ start, end }) =>
    latin1(record.subarray(start, end)),
  );

describe('parts of records', () => {
  test('of all groups make the same record, byte for byte', () => {
    fc.assert(
      fc.property(table, ({ records, delimiter, layout }) => {
        const split = recordSplitter(layout, delimiter);
        const join = recordJoiner(layout, { delimiter, terminator: '\n', whole: true });
        for (const [row, record] of records.entries()) {
          expect(latin1(join(split(record, row === 0), row === 0)!)).toBe(latin1(record));
        }
      }),
    );
  });

  test('have the fields of their columns, and the line end where the last column is', () => {
    fc.assert(
      fc.property(table, ({ records, delimiter, layout }) => {
        const split = recordSplitter(layout, delimiter);
        const last = Math.max(...layout.flat());
        for (const [row, record] of records.entries()) {
          const isHeader = row === 0;
          const fields = fieldsOf(record, delimiter, isHeader);
          for (const [group, part] of split(record, isHeader).entries()) {
            const columns = layout[group]!;
            expect(fieldsOf(part, delimiter, isHeader && columns[0] === 0)).toEqual(columns.map((i) => fields[i]));
            const end = columns.includes(last) ? terminatorLength(record) : 0;
            expect(terminatorLength(part)).toBe(end);
          }
        }
      }),
    );
  });

  test('of some groups make a record of their columns, in the order of the file, with a line end', () => {
    fc.assert(
      fc.property(table, fc.nat(), ({ records, delimiter, layout }, seed) => {
        const chosen = layout.filter((_, group) => (seed >> group) % 2 === 0);
        fc.pre(chosen.length > 0 && chosen.length < layout.length);
        const join = recordJoiner(chosen, { delimiter, terminator: '\r\n', whole: false });
        const columns = chosen.flat().sort((a, b) => a - b);
        for (const [row, record] of records.entries()) {
          const isHeader = row === 0;
          const parts = recordSplitter(layout, delimiter)(record, isHeader);
          const made = join(
            parts.filter((_, group) => chosen.includes(layout[group]!)),
            isHeader,
          )!;
          const fields = fieldsOf(record, delimiter, isHeader);
          expect(fieldsOf(made, delimiter, isHeader && columns[0] === 0)).toEqual(columns.map((i) => fields[i]));
          const hasLast = columns.at(-1) === fields.length - 1 && terminatorLength(record) > 0;
          const end = hasLast ? record.subarray(-terminatorLength(record)) : Buffer.from('\r\n');
          expect(latin1(made.subarray(-end.length))).toBe(latin1(end));
        }
      }),
    );
  });

  test('that are not there leave their fields empty', () => {
    fc.assert(
      fc.property(table, fc.nat(), ({ records, delimiter, layout }, seed) => {
        fc.pre(layout.length > 1);
        const gone = seed % layout.length;
        const join = recordJoiner(layout, { delimiter, terminator: '\n', whole: true });
        for (const record of records.slice(1)) {
          const parts = recordSplitter(layout, delimiter)(record).map((part, group) => (group === gone ? null : part));
          const fields = fieldsOf(record, delimiter, false).map((text, i) => (layout[gone]!.includes(i) ? '' : text));
          const made = join(parts)!;
          expect(fieldsOf(made, delimiter, false)).toEqual(fields);
          expect(terminatorLength(made)).toBeGreaterThan(0);
        }
      }),
    );
  });
});
