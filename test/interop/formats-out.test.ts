// Parquet and Arrow files, read by pandas, DuckDB and polars: cell by cell what pandas reads of the CSV file that was sealed.

import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../src/dataset/open.js';
import { sampleReviews } from '../../src/dataset/sample.js';
import { sealDataset } from '../../src/dataset/seal.js';
import { arrowBytes } from '../../src/dataset/typed/arrow.js';
import { parquetBytes } from '../../src/dataset/typed/parquet.js';
import { readTable } from '../../src/dataset/typed/table.js';
import { joined, newLedger, owner, temporaryFolder } from '../helpers/dataset-fixture.js';
import { pythonHas, runPython } from '../helpers/python.js';

const SCRIPT = fileURLToPath(new URL('compare-frames.py', import.meta.url));
const NOTHING = ['', 'NA', 'NaN', 'null', 'None', '<NA>', 'n/a', '#N/A'];

/** Fields of one kind, and such as look like it. */
const KINDS: readonly (readonly string[])[] = [
  ['1', '-2', '+3', '007', ' 8', '9 ', '\t10', '9223372036854775807', '-9223372036854775808', '9007199254740993'],
  [
    '1.5',
    '-2.',
    '.5',
    '1e5',
    '1E-3',
    ' 2.5 ',
    '0.1',
    '123456789.123456789',
    '1e400',
    '-1e-400',
    'inf',
    '-Infinity',
    '7',
  ],
  ['True', 'False', 'true', 'FALSE', 'tRUE'],
  ['2024-02-29', '1969-12-31', '0001-01-01', '9999-12-31'],
  ['2024-02-29T12:30:45', '1969-12-31 23:59:59.5', '2024-01-01T00:00', '2024-01-01T00:00:00.123456'],
  ['2024-02-29T12:30:45Z', '2024-02-29T12:30:45.25+02:00', '2024-02-29T12:30:45-05:30'],
  ['a', 'é', '😀', ' ', 'NA ', '1_000', '0x10', 'a,b', '"', 'x\ny', 'True ', '2024-13-01', '1e', '٣', 'NAN', '-', '.'],
];

/** Columns of one kind, with nothing here and there, or with a field of any other. */
const columns: fc.Arbitrary<readonly string[]> = fc
  .record({ kind: fc.constantFrom(...KINDS), missing: fc.boolean(), other: fc.boolean() })
  .chain(({ kind, missing, other }) => {
    const fields = [
      { weight: 20, arbitrary: fc.constantFrom(...kind) },
      { weight: missing ? 5 : 0, arbitrary: fc.constantFrom(...NOTHING) },
      { weight: other ? 1 : 0, arbitrary: fc.constantFrom(...KINDS.flat()) },
    ];
    return fc.array(fc.oneof(...fields.filter(({ weight }) => weight > 0)), { minLength: 12, maxLength: 12 });
  });

const quoted = (field: string): string => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** A CSV file of many columns. */
function oddTable(seed: number): string {
  const all = fc.sample(columns, { seed, numRuns: 120 });
  const header = all.map((_, place) => `c${place}`);
  const rows = Array.from({ length: 12 }, (_, row) => all.map((fields) => quoted(fields[row] ?? '')));
  return [header, ...rows].map((fields) => `${fields.join(',')}\n`).join('');
}

const needed = ['pandas', 'pyarrow', 'duckdb', 'polars'];
describe.skipIf(!pythonHas(...needed))('what pandas, DuckDB and polars read', () => {
  const temporary = temporaryFolder();

  /** Seals a file, and opens it as Parquet and as Arrow. Tells what the comparison has to know. */
  async function written(name: string): Promise<Record<string, unknown>> {
    const ledger = await newLedger();
    const file = temporary.path(`${name}.csv`);
    await sealDataset(ledger, owner, file, { name, blockSize: 500 });
    const dataset = await openDataset(ledger, owner);
    const table = await readTable(dataset);
    temporary.file(`${name}.parquet`, await joined(parquetBytes(table)));
    temporary.file(`${name}.arrow`, await joined(arrowBytes(table)));
    const of = (pattern: RegExp): string[] => table.columns.filter(({ type }) => pattern.test(type)).map((c) => c.name);
    const { delimiter, encoding } = dataset.info.manifest ?? {};
    return { name, delimiter, encoding, dates: of(/^date|^timestamp-..$/), utc: of(/-utc$/) };
  }

  test('is the frame of the CSV file, cell by cell', async () => {
    const files: Readonly<Record<string, string>> = {
      'odd-1': oddTable(1),
      'odd-2': oddTable(2),
      'no-rows': 'a,b\n',
      names: 'a,a,,a.1,"x, y",\n1,2,3,4,5,6\n',
      nothing: 'a,b\n,NA\n,\n',
      huge: 'a,b,c\n9223372036854775808,1,18446744073709551616\n18446744073709551615,2,-1\n',
      sample: sampleReviews({ records: 300 }),
    };
    for (const [name, text] of Object.entries(files)) temporary.file(`${name}.csv`, text);
    temporary.file('latin.csv', Buffer.from('n;stra\xdfe\n1;K\xf6ln\n2;\xe9\n', 'latin1'));
    const names = [...Object.keys(files), 'latin'];
    const reviews = process.env.MEDSEAL_TEST_REVIEWS;
    if (reviews !== undefined) {
      copyFileSync(reviews, temporary.path('reviews.csv'));
      names.push('reviews');
    }
    const tables: Record<string, unknown>[] = [];
    for (const name of names) tables.push(await written(name));
    temporary.file('tables.json', JSON.stringify(tables));
    expect(JSON.parse(runPython(SCRIPT, temporary.path('.')))).toEqual([]);
  });
});
