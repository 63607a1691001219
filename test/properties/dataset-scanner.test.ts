// The scanner, fed in any pieces, against a parser that has the whole file before it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvScanner } from '../../src/dataset/csv/scanner.js';
import { MedsealError } from '../../src/errors.js';

type Outcome = readonly (readonly [record: string, fields: number, line: number])[] | { readonly unclosed: number };

/** Straight from the format's words, on text of one character a byte. */
function parse(text: string, delimiter: string): Outcome {
  const lineOf = (at: number): number => (text.slice(0, at).match(/\r\n|\r|\n/g) ?? []).length + 1;
  const records: [string, number, number][] = [];
  for (let at = 0; at < text.length; ) {
    const start = at;
    let fields = 0;
    do {
      if (fields++ > 0) at++;
      if (at === 0 && text.startsWith('\xef\xbb\xbf')) at = 3;
      if (text[at] === '"') {
        const quoted = /"(?:[^"]|"")*"(?!")/y;
        quoted.lastIndex = at;
        if (!quoted.test(text)) return { unclosed: lineOf(at) };
        at = quoted.lastIndex;
      }
      while (at < text.length && ![delimiter, '\r', '\n'].includes(text[at] ?? '')) at++;
    } while (text[at] === delimiter);
    if (at < text.length) at += text.startsWith('\r\n', at) ? 2 : 1;
    records.push([text.slice(start, at), fields, lineOf(start)]);
  }
  return records;
}

function scan(pieces: readonly Uint8Array[], delimiter: string): Outcome {
  const scanner = new CsvScanner(delimiter.charCodeAt(0));
  const records: [string, number, number][] = [];
  const take = (scanned: Iterable<{ bytes: Uint8Array; fields: number; line: number }>): void => {
    for (const { bytes, fields, line } of scanned) records.push([Buffer.from(bytes).toString('latin1'), fields, line]);
  };
  try {
    for (const piece of pieces) {
      // The caller's buffer is used again: the scanner must not look at it later.
      const reused = Uint8Array.from(piece);
      take(scanner.push(reused));
      reused.fill(0x2a);
    }
    take(scanner.finish());
  } catch (error) {
    if (error instanceof MedsealError && error.code === 'CSV_QUOTE_UNCLOSED')
      return { unclosed: error.place.line ?? 0 };
    throw error;
  }
  return records;
}

const PIECES = ['"', '""', ',', ';', '\r', '\n', '\r\n', 'a', 'bc', ' ', '\0', '\xef\xbb\xbf', '\xff', '\xe9'];
const files = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join('')),
  fc
    .array(fc.constantFrom('"', ',', '\n', '\r', 'a'), { maxLength: 16 })
    .map((pieces) => '\xef\xbb\xbf' + pieces.join('')),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

describe('CsvScanner', () => {
  test('cuts every file as the naive parser does, wherever it is split', () => {
    const property = fc.property(files, fc.constantFrom(',', ';', 'a'), (text, delimiter) => {
      const bytes = Buffer.from(text, 'latin1');
      const expected = parse(text, delimiter);
      for (let at = 0; at <= bytes.length; at++) {
        expect(scan([bytes.subarray(0, at), bytes.subarray(at)], delimiter)).toEqual(expected);
      }
      expect(
        scan(
          [...bytes].map((byte) => Uint8Array.of(byte)),
          delimiter,
        ),
      ).toEqual(expected);
    });
    fc.assert(property, { numRuns: 1500 });
  });

  test('cuts every short file of the bytes that matter', () => {
    const alphabet = ['"', ',', '\r', '\n', 'a'];
    let files = [''];
    for (let length = 1; length <= 6; length++) {
      files = files.flatMap((file) => alphabet.map((character) => file + character));
      for (const file of files) {
        const bytes = Buffer.from(file, 'latin1');
        const at = length >> 1;
        const scanned = scan([bytes.subarray(0, at), bytes.subarray(at)], ',');
        // One comparison a file: an assertion costs more than the scan.
        if (JSON.stringify(scanned) !== JSON.stringify(parse(file, ','))) expect(scanned).toEqual(parse(file, ','));
      }
    }
  });

  test('gives records over many chunks larger than its buffer', () => {
    const record = `"${'x\n""y'.repeat(200_000)}",2\r\n`;
    const text = `a,b\r\n${record}1,2\r\n`;
    const bytes = Buffer.from(text, 'latin1');
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7777) }, (_, i) =>
      bytes.subarray(i * 7777, (i + 1) * 7777),
    );
    expect(scan(pieces, ',')).toEqual([
      ['a,b\r\n', 2, 1],
      [record, 2, 2],
      ['1,2\r\n', 2, 200_003],
    ]);
  });
});
