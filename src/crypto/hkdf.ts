import { hmacSha256 } from '#primitives';

const NOTHING = new Uint8Array(0);

/**
 * HKDF-Expand with SHA-256 (RFC 5869 section 2.3), for up to 255 · 32 bytes.
 * @param info its parts, one after the other
 */
export function hkdfExpand(pseudorandomKey: Uint8Array, length: number, ...info: Uint8Array[]): Uint8Array {
  const output = new Uint8Array(length);
  let previous: Uint8Array = NOTHING;
  for (let offset = 0, counter = 1; offset < length; counter++) {
    previous = hmacSha256(pseudorandomKey, previous, ...info, Uint8Array.of(counter));
    output.set(previous.subarray(0, length - offset), offset);
    offset += previous.length;
  }
  return output;
}
