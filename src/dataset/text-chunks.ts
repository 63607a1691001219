import { utf8 } from '../bytes.js';

/** So many characters are gathered before they become bytes. A text can have no more than some 500 million. */
const GATHERED = 1 << 20;

/** Texts as bytes: small ones together, large ones by themselves. */
export function* textChunks(texts: Iterable<string>): Generator<Uint8Array> {
  let gathered = '';
  for (const text of texts) {
    if (gathered !== '' && gathered.length + text.length > GATHERED) {
      yield utf8(gathered);
      gathered = '';
    }
    gathered += text;
  }
  if (gathered !== '') yield utf8(gathered);
}
