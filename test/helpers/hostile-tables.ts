// Large files, written as they are made.

import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes what the pieces are, one after the other. */
export function writePieces(path: string, pieces: Iterable<string | Uint8Array>): string {
  const file = openSync(path, 'w');
  let waiting: Uint8Array[] = [];
  let length = 0;
  const flush = (): void => {
    const bytes = Buffer.concat(waiting);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    waiting = [];
    length = 0;
  };
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece as Uint8Array);
      waiting.push(bytes);
      length += bytes.length;
      if (length > 1 << 20) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  return path;
}

/** Reviews of drugs, of the shape and size of real ones: about 700 bytes each. */
export function* reviews(count: number, length = 560): Generator<string> {
  yield 'id,drugName,condition,review,rating,date,usefulCount\r\n';
  const words =
    'It worked well for a week, and then “not at all”; the ""pain"" came back,\nworse than before. Ärztin: '.repeat(9);
  for (let id = 1; id <= count; id++) {
    const from = (id * 37) % 90;
    const text = words
      .slice(from, from + length + (id % 120))
      .replaceAll('"', '')
      .replaceAll('pain', '""pain""');
    yield `${id},Drug ${id % 997},"Condition, ${id % 89}","${text}",${1 + (id % 10)},"March ${1 + (id % 28)}, 2012",${id % 300}\r\n`;
  }
}
