import { concat, fromUtf8, utf8 } from '../../bytes.js';
import type { Manifest } from '../manifest.js';
import { entryOf } from './resources.js';

/** Rows as they are opened. */
type Rows<Row extends { readonly content: Uint8Array }> = AsyncIterable<readonly Row[]>;

/**
 * A Bundle of these entries: what stands around them, and a comma between each two. With all of them it is the Bundle that
 * was sealed, byte for byte.
 * @param header what stands around the entries
 */
export async function* bundleBytes(
  header: Uint8Array,
  { head = header.length }: Pick<Manifest, 'head'>,
  rows: Rows<{ readonly content: Uint8Array }>,
): AsyncGenerator<Uint8Array> {
  const comma = utf8(',');
  let isFirst = true;
  yield header.subarray(0, head);
  for await (const batch of rows) {
    const parts = batch.flatMap(({ content }) => [comma, content]);
    yield concat(...(isFirst ? parts.slice(1) : parts));
    if (batch.length > 0) isFirst = false;
  }
  yield header.subarray(head);
}

/** The rows of a Bundle with their resources alone; entries that have none are left out. */
export async function* resourceRows<Row extends { readonly content: Uint8Array }>(
  rows: Rows<Row>,
): AsyncGenerator<readonly Row[]> {
  for await (const batch of rows) {
    yield batch.flatMap((row) => {
      const { resource } = entryOf(fromUtf8(row.content) ?? '');
      return resource === null ? [] : [{ ...row, content: utf8(resource) }];
    });
  }
}

/** The resources of a Bundle's entries, one a line. */
export async function* resourceLines(rows: Rows<{ readonly content: Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const batch of resourceRows(rows)) {
    const texts = batch.map(({ content }) => fromUtf8(content) ?? '');
    // Within strings no line ends as it stands, so that this takes away white space only.
    yield utf8(texts.map((text) => `${text.replaceAll(/[\r\n]\s*/g, '')}\n`).join(''));
  }
}
