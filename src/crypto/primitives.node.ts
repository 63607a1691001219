/**
 * What the pure code needs of its platform, from Node.js. `primitives.ts` is the same for browsers; the package's
 * `imports` condition `#primitives` chooses, and a test holds the two to the same results.
 */
import { createCipheriv, createDecipheriv, createHash, hash } from 'node:crypto';

const scratch = Buffer.allocUnsafe(1 << 16);

/** The first bytes of `scratch`, by their number: to make a view takes about as long as to hash what most hold. */
const beginnings: Uint8Array[] = [];

function beginning(length: number): Uint8Array {
  const view = beginnings[length] ?? scratch.subarray(0, length);
  if (length <= MOST_KEPT) beginnings[length] = view;
  return view;
}

/** A bound on how many views are kept. */
const MOST_KEPT = 4096;

/** SHA-256 of the parts, one after the other: 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  return Buffer.from(digestOf(parts), 'binary');
}

/** Puts the SHA-256 of the parts at a place in other bytes, or in the same: nothing is allocated. */
export function sha256Into(target: Uint8Array, offset: number, ...parts: Uint8Array[]): void {
  const digest = digestOf(parts);
  for (let i = 0; i < 32; i++) target[offset + i] = digest.charCodeAt(i);
}

/** Whether the SHA-256 of the parts is what stands at a place in other bytes. */
export function sha256Is(expected: Uint8Array, offset: number, ...parts: Uint8Array[]): boolean {
  const digest = digestOf(parts);
  for (let i = 0; i < 32; i++) if (expected[offset + i] !== digest.charCodeAt(i)) return false;
  return true;
}

/** SHA-256 of a text's UTF-8. */
export function sha256Text(text: string): Uint8Array {
  return Buffer.from(hash('sha256', text, 'binary'), 'binary');
}

/** As a string, mostly of 32 characters: asking for a Buffer takes three times as long. */
function digestOf(parts: readonly Uint8Array[], form: 'binary' | 'hex' = 'binary'): string {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return hash('sha256', first, form);
  let length = 0;
  for (const part of parts) length += part.length;
  if (length <= scratch.length) {
    // One call over joined bytes costs a third of a streaming hash at these lengths.
    let offset = 0;
    for (const part of parts) {
      scratch.set(part, offset);
      offset += part.length;
    }
    return hash('sha256', beginning(length), form);
  }
  const streaming = createHash('sha256');
  for (const part of parts) streaming.update(part);
  return streaming.digest(form);
}

/** SHA-256 of the parts as 64 hex characters: the fastest form where it is compared as text. */
export function sha256Hex(...parts: Uint8Array[]): string {
  return digestOf(parts, 'hex');
}

const HASH_BLOCK = 64;
const inner = new Uint8Array(HASH_BLOCK);
/** Of the outer hash all that it is made of. */
const outer = new Uint8Array(HASH_BLOCK + 32);

/**
 * HMAC-SHA-256 (RFC 2104): 32 bytes. Two hashes, as the RFC writes it, take half the time of `createHmac`, which sealing
 * would call for each record.
 */
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const short = key.length > HASH_BLOCK ? sha256(key) : key;
  inner.fill(0x36, short.length);
  outer.fill(0x5c, short.length);
  for (let i = 0; i < short.length; i++) {
    const byte = short[i] ?? 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  sha256Into(outer, HASH_BLOCK, inner, ...parts);
  return sha256(outer);
}

/** AES-256-GCM: ciphertext ‖ 16-byte tag. */
export function aes256GcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  data: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associated);
  // Of records the memory comes from a pool, where taking it costs a fifth.
  const sealed = Buffer.allocUnsafe(data.length + 16);
  sealed.set(cipher.update(data));
  // A stream cipher keeps nothing back for the end.
  cipher.final();
  sealed.set(cipher.getAuthTag(), data.length);
  return sealed;
}

/** The plaintext of ciphertext ‖ tag, or null where the tag does not fit. */
export function aes256GcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Uint8Array | null {
  if (sealed.length < 16) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  const plain = decipher.update(sealed.subarray(0, sealed.length - 16));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return plain;
}

export function hexEncode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** Of text already known to be hex. */
export function hexDecode(text: string): Uint8Array {
  return Buffer.from(text, 'hex');
}

export function base64urlEncode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
}

/** Null where the text is not canonical: decoding and encoding must give it again. */
export function base64urlDecode(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

export function latin1Decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
