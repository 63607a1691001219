/**
 * What the pure code needs of its platform, for browsers: the same functions as `primitives.node.ts`, over the
 * audited noble libraries.
 */
import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { base64urlnopad } from '@scure/base';

export function sha256(...parts: Uint8Array[]): Uint8Array {
  const state = nobleSha256.create();
  for (const part of parts) state.update(part);
  return state.digest();
}

export function sha256Text(text: string): Uint8Array {
  return nobleSha256(utf8ToBytes(text));
}

export function sha256Into(target: Uint8Array, offset: number, ...parts: Uint8Array[]): void {
  target.set(sha256(...parts), offset);
}

export function sha256Is(expected: Uint8Array, offset: number, ...parts: Uint8Array[]): boolean {
  return sha256(...parts).every((byte, i) => expected[offset + i] === byte);
}

export function sha256Hex(...parts: Uint8Array[]): string {
  return bytesToHex(sha256(...parts));
}

export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  return hmac(nobleSha256, key, concatBytes(...parts));
}

export function aes256GcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  data: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  return gcm(key, nonce, associated).encrypt(data);
}

export function aes256GcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Uint8Array | null {
  try {
    return gcm(key, nonce, associated).decrypt(sealed);
  } catch {
    return null;
  }
}

export function hexEncode(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

export function hexDecode(text: string): Uint8Array {
  return hexToBytes(text);
}

export function base64urlEncode(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

export function base64urlDecode(text: string): Uint8Array | null {
  try {
    // It refuses what is not canonical by itself.
    return base64urlnopad.decode(text);
  } catch {
    return null;
  }
}

export function latin1Decode(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
