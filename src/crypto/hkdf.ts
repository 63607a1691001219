import { hmacSha256 } from '#primitives';

/** HKDF-Expand with SHA-256 (RFC 5869 section 2.3), for up to 255 · 32 bytes. */
export function hkdfExpand(pseudorandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let previous: Uint8Array = new Uint8Array(0);
  for (let offset = 0, counter = 1; offset < length; counter++) {
    previous = hmacSha256(pseudorandomKey, previous, info, Uint8Array.of(counter));
    output.set(previous.subarray(0, length - offset), offset);
    offset += previous.length;
  }
  return output;
}
