// CSV files cut into records and fields without changing a byte, and what their manifest says.

import { utf8 } from '../../oracle/bytes.js';
import { rowZero, splitLines } from '../../oracle/csv.js';
import type { Vector } from './verify-vector.js';

export function csvVectors(): Vector[] {
  return [
    of('plain', 'Three columns.', 'id,name,born\n1,Ada,1815\n2,Grace,1906\n'),
    of('line-ends', 'LF, CR LF and CR each end a record; the last has none.', 'a,b\r\n1,2\n3,4\r5,6'),
    of('cr-only', 'A file with CR alone.', 'a\r1\r'),
    of('line-end-in-quotes', 'Line ends within quotes belong to the field.', 'a,b\n"1\n2\r\n3\r",x\n'),
    of('doubled-quotes', 'A doubled quote stays within quotes.', '"a""b",c\n"""",""\n'),
    of(
      'behind-closing-quote',
      'What stands behind a closing quote is kept; a quote there opens nothing.',
      '"a"b"\nc"d"\n',
    ),
    of('quote-within-field', 'A quote that is not the first byte means nothing.', 'a"b,c\n1"\n2,"3"\n', false),
    of('empty-fields', 'Empty fields.', ',\n,\n'),
    of('blank-lines', 'Blank lines are records of one empty field.', 'a\n\n1\n'),
    of('no-last-line-end', 'A last record without a line end.', 'a,b\n1,2'),
    of('header-only', 'A header line without a line end: its manifest says LF.', 'a,b'),
    of(
      'byte-order-mark',
      'The mark belongs to the first field; a quote behind it opens quoting.',
      '\ufeff"a\nb",c\n1,2\n',
    ),
    of('byte-order-mark-later', 'Anywhere else its bytes are a part of the field.', 'a\n\ufeff"1\n2"\n'),
    of('tab', 'Columns parted by tabs.', 'a\tb\n1,5\t2\n', true, '\t'),
    of('semicolon', 'Columns parted by semicolons.', 'a;b\n"1;5";2\n', true, ';'),
    of('space', 'Any ASCII byte parts columns, a space too.', 'a b\n1 2\n', true, ' '),
    of(
      'latin-1',
      'Bytes that are not UTF-8 are read as Latin-1.',
      Uint8Array.of(0xe9, 0x2c, 0x62, 0x0a, 0xff, 0x2c, 0x00, 0x0a),
    ),
    of(
      'latin-1-below',
      'One such byte in the last row decides for the whole file, the header too.',
      Uint8Array.of(0xc3, 0xa9, 0x0a, 0xff, 0x0a),
    ),
    of(
      'names',
      'Names without their quotes, doubled quotes single, what follows kept.',
      '"a ""b"""," c ","d"e\n1,2,3\n',
    ),
    unclosed(),
  ];
}

/** @param regular whether each record has as many fields as the header line, so that the file can be sealed */
function of(name: string, description: string, text: string | Uint8Array, regular = true, delimiter = ','): Vector {
  const file = typeof text === 'string' ? utf8(text) : text;
  const lines = splitLines(file, delimiter);
  const header = lines[0]!;
  const all = { name: 'all', columns: header.fields.map((_, column) => column) };
  const content = rowZero('name', file, header, delimiter, all);
  const manifest = Buffer.from(content.slice(0, content.indexOf(0x0a))).toString();
  return {
    path: `csv/${name}`,
    content: {
      description,
      rule: 'spec/records.md#csv',
      delimiter,
      file_base64: Buffer.from(file).toString('base64'),
      expect: {
        records: lines.map(({ bytes, fields, terminator }) => ({
          bytes_base64: Buffer.from(bytes).toString('base64'),
          fields_base64: fields.map((field) => Buffer.from(field).toString('base64')),
          terminator,
        })),
        // The manifest of a data set named "name".
        ...(regular ? { manifest } : {}),
      },
    },
  };
}

function unclosed(): Vector {
  return {
    path: 'csv/quote-unclosed',
    content: {
      description: 'A quote that is never closed: such a file is not sealed.',
      rule: 'spec/records.md#csv',
      delimiter: ',',
      file_base64: Buffer.from('a,b\n1,"2\n3\n').toString('base64'),
      expect: { code: 'CSV_QUOTE_UNCLOSED' },
    },
  };
}
