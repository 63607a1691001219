import { utf8 } from '../bytes.js';

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
    if (some.length === 0) continue;
    yield utf8(`${isFirst ? '\n' : ',\n'}${some.join(',\n')}`);
    isFirst = false;
  }
  yield utf8(isFirst ? tail : `\n${tail}`);
}
