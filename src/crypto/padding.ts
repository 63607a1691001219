const MARK = 0x80;
const SMALLEST = 64;

/**
 * The Padmé length of L bytes (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
 * PURBs", section 4): it reveals O(log log L) bits of the length and costs at most 12 %. Of 0 and 1 it is the same.
 */
export function padmeLength(length: number): number {
  const exponent = 31 - Math.clz32(length);
  const significant = 32 - Math.clz32(exponent);
  const step = 1 << Math.max(0, exponent - significant);
  return Math.ceil(length / step) * step;
}

/** Length of a content of this length, once it is padded: the larger of 64 and the Padmé length. */
export function paddedLength(length: number): number {
  return Math.max(SMALLEST, padmeLength(length + 1));
}

/** content ‖ 0x80 ‖ zero bytes, up to the padded length. */
export function pad(content: Uint8Array): Uint8Array {
  return padInto(new Uint8Array(paddedLength(content.length)), content);
}

/** The same in bytes that are there, of the padded length. */
export function padInto(padded: Uint8Array, content: Uint8Array): Uint8Array {
  padded.set(content);
  padded[content.length] = MARK;
  return padded.fill(0, content.length + 1);
}

/** The content of padded bytes, or null where they are not exactly what `pad` would have made. */
export function unpad(padded: Uint8Array): Uint8Array | null {
  let end = padded.length - 1;
  while (padded[end] === 0) end--;
  if (padded[end] !== MARK) return null;
  return padded.length === paddedLength(end) ? padded.subarray(0, end) : null;
}
