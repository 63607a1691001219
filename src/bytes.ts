import { base64urlDecode, base64urlEncode, hexDecode, hexEncode, latin1Decode } from '#primitives';

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return hexEncode(bytes);
}

/**
 * The bytes of canonical (lower-case, even) hex, or null where the text is anything else or not `length` bytes long.
 */
export function fromHex(text: string, length?: number): Uint8Array | null {
  if (length !== undefined && text.length !== 2 * length) return null;
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return null;
  return hexDecode(text);
}

/** Whether the text is canonical hex of exactly `length` bytes. */
export function isHex(text: unknown, length: number): text is string {
  return typeof text === 'string' && text.length === 2 * length && /^[0-9a-f]*$/.test(text);
}

/** base64url without padding (RFC 4648 section 5). */
export function toBase64url(bytes: Uint8Array): string {
  return base64urlEncode(bytes);
}

/** The bytes of canonical base64url without padding, or null where the text is anything else. */
export function fromBase64url(text: string): Uint8Array | null {
  return base64urlDecode(text);
}

/** Base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  const text = base64urlEncode(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

/** The bytes of canonical base64 with padding, or null where the text is anything else. */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = base64urlDecode(
    text
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, ''),
  );
  return bytes !== null && toBase64(bytes) === text ? bytes : null;
}

/** Eight bytes, big-endian, of an integer from 0 to 2^53 − 1. */
export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  putU64(bytes, 0, value);
  return bytes;
}

/** Puts the eight bytes of `u64` at a place in others. */
export function putU64(bytes: Uint8Array, at: number, value: number): void {
  putU32(bytes, at, Math.floor(value / 0x1_0000_0000));
  putU32(bytes, at + 4, value % 0x1_0000_0000);
}

/** The integer in eight big-endian bytes, or null where it exceeds 2^53 − 1. */
export function fromU64(bytes: Uint8Array, offset = 0): number | null {
  if (offset + 8 > bytes.length) throw new RangeError('no eight bytes are there');
  const value = fromU32(bytes, offset) * 0x1_0000_0000 + fromU32(bytes, offset + 4);
  return Number.isSafeInteger(value) ? value : null;
}

/** The integer in four big-endian bytes. A DataView for one number would cost more than they do. */
export function fromU32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Larger scratch bytes are made anew each time. */
const SCRATCH_BYTES = 1 << 16;

/**
 * Bytes for what is used at once and not kept: to make them anew takes longer than most uses.
 * @returns gives so many bytes, whatever is in them: they are good until it is asked again
 */
export function scratch(): (length: number) => Uint8Array {
  const bytes = new Uint8Array(SCRATCH_BYTES);
  const beginnings: Uint8Array[] = [];
  return (length) => {
    if (length > SCRATCH_BYTES) return new Uint8Array(length);
    const view = beginnings[length] ?? bytes.subarray(0, length);
    beginnings[length] = view;
    return view;
  };
}

/** Compares public bytes (hashes, ids, file contents). Not for secrets: see `equalSecret` in `crypto/sealing`. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes, a byte-order mark kept, or null where they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** The text whose characters are the bytes, one for one: ASCII read as ASCII. */
export function fromLatin1(bytes: Uint8Array): string {
  return latin1Decode(bytes);
}

/** A domain-separation label: its ASCII bytes and one zero byte (spec/README.md, "Conventions"). */
export function label(text: string): Uint8Array {
  return utf8(text + '\0');
}
