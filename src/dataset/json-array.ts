import { utf8 } from '../bytes.js';
import { textChunks } from './text-chunks.js';

/**
 * JSON values as one array, a line each.
 * @param values their texts, some at a time
 * @param head what stands before them, from the document's beginning
 */
export async function* arrayBytes(
  values: AsyncIterable<readonly string[]>,
  head = '[',
  tail = ']\n',
): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  yield utf8(head);
  for await (const some of values) {
    const wasFirst = isFirst;
    yield* textChunks(some.flatMap((text, i) => [wasFirst && i === 0 ? '\n' : ',\n', text]));
    isFirst &&= some.length === 0;
  }
  yield utf8(isFirst ? tail : `\n${tail}`);
}
