// The notation of the specification's "Conventions": ‖, H, u64, labels, canonical hex and b64.

import { sha256 } from '@noble/hashes/sha2.js';

/** A rule of the format is broken. Anything else that is thrown is a bug of the oracle's own. */
export class Fault extends Error {}

export function demand(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Fault(reason);
}

export type Bytes = Uint8Array<ArrayBuffer>;

export function join(...parts: Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function utf8(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

export function H(...parts: Uint8Array[]): Bytes {
  return new Uint8Array(sha256(join(...parts)));
}

/** "A label such as "medseal/1 block" stands for those ASCII bytes and one zero byte." */
export function label(name: string): Bytes {
  return join(utf8('medseal/1 ' + name), new Uint8Array(1));
}

export function u64(value: number | bigint): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

export function readU64(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function b64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

// Node's decoders skip what they do not understand; encoding again is the specification's own test of canonical text,
// and it catches that too.
export function fromHex(text: string, length: number): Bytes {
  const bytes = new Uint8Array(Buffer.from(text, 'hex'));
  demand(hex(bytes) === text && bytes.length === length, `not ${length} bytes of canonical hex`);
  return bytes;
}

export function fromB64(text: string, length?: number): Bytes {
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'));
  demand(b64(bytes) === text, 'not canonical b64');
  demand(length === undefined || bytes.length === length, `not ${length} bytes of b64`);
  return bytes;
}
