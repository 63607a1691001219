import { describe, expect, test } from 'vitest';
import { delimiterByte, guessDelimiter } from '../../../src/dataset/csv/dialect.js';
import { refusal } from '../../helpers/dataset-fixture.js';

const guess = (text: string, complete = true): string => guessDelimiter(Buffer.from(text), complete);

const PROSE = 'Slept well, felt better, no side effects; would, on balance, take it again';

const SAMPLES: [what: string, text: string, delimiter: string][] = [
  ['commas', 'id,name,dose\n1,anna,5\n2,ben,7\n', ','],
  ['tabs', 'id\tname\n1\tanna\n', '\t'],
  ['semicolons', 'id;name\r\n1;anna\r\n', ';'],
  ['pipes', 'id|name|dose\n1|anna|5\n', '|'],
  ['tabs, and text full of commas', `id\treview\n1\t${PROSE}\n2\t${PROSE}, again\n`, '\t'],
  ['tabs, and commas in the header as well', `id\tlast name, first name\n1\tDoe, Jane\n2\tRoe\n`, '\t'],
  ['semicolons and decimal commas', 'a;b;c\n1,5;2,25;3\n4;5,0;6,1\n', ';'],
  ['semicolons and decimal commas everywhere', 'x,y;z,w\n1,5;2,5\n3,5;4\n', ';'],
  ['pipes, and commas in every field', 'drug, dose|effect, side\nA, 5|good, none\nB|bad, some\n', '|'],
  ['commas, and line breaks and tabs in quotes', 'a,b\n"1\t2\n\n3;4|5",6\n', ','],
  ['semicolons, and commas in quotes', 'a;b\n"1,2,3";4\n"1,2";"5,6"\n', ';'],
  ['an empty first name', '\tname\tdose\n1\tanna\t5\n', '\t'],
  ['quoted names', '"a";"b"\n"1";"2"\n', ';'],
  ['a byte-order mark before a quote', '\ufeff"a,1";"b"\n1;2\n', ';'],
  ['lone carriage returns', 'a;b\r1;2\r3;4\r', ';'],
  ['one line, ended', 'a;b;c\n', ';'],
  ['one line, not ended', 'a\tb', '\t'],
  ['one column', 'name\nanna\nben\n', ','],
  ['one column of one line', 'name', ','],
  ['nothing', '', ','],
  ['more fields where several fit', 'a,b;c;d\n1,2;3;4\n', ';'],
  ['the usual one where several fit as well', 'a,b;c\n1,2;3\n', ','],
  ['a quote that the wrong delimiter leaves open', 'a;b,"c\n1;2,3\n', ';'],
];

describe('guessDelimiter', () => {
  test.each(SAMPLES)('%s', (_, text, delimiter) => {
    expect(guess(text)).toBe(delimiter);
  });

  test('does not count the record that the end of the sample cuts', () => {
    const text = 'a;b\n1;2,5\n"3;\n;;;';
    expect(guess(text, false)).toBe(';');
  });

  test('reads a header line that is longer than the sample', () => {
    expect(guess('first\tsecond\tthi', false)).toBe('\t');
  });
});

describe('delimiterByte', () => {
  test.each([
    [',', 0x2c],
    ['\t', 0x09],
    ['\\t', 0x09],
    ['tab', 0x09],
    ['TAB', 0x09],
    ['|', 0x7c],
    [' ', 0x20],
    ['t', 0x74],
    ['\x1f', 0x1f],
  ])('%j', (text, byte) => {
    expect(delimiterByte(text)).toBe(byte);
  });

  test.each(['', '"', '\r', '\n', '\r\n', ',,', 'ü', '€', '😀', 'comma'])('refuses %j', async (text) => {
    expect((await refusal(() => delimiterByte(text))).code).toBe('DELIMITER_INVALID');
  });
});
