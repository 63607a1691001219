// A body that opens under two keys. AES-GCM's tag is a polynomial in a value that follows from the key, so one free block
// of the ciphertext is enough to make two keys' tags equal (Grubbs, Lu, Ristenpart 2017, "Message franking via committing
// authenticated encryption", section 3.3). This is what the commitment is for.

import { createCipheriv } from 'node:crypto';
import { type Bytes, demand, join } from './bytes.js';
import { aesGcmOpen, aesGcmSeal } from './hpke.js';
import { unpad } from './seal.js';

const NONCE = new Uint8Array(12);
const BLOCK = 16;
/** A padded content of 63 bytes: all but the last, which is the mark. */
const PADDED = 64;

/** Elements of GF(2^128) as SP 800-38D section 6.3 writes them: the first bit is the highest. */
function times(x: bigint, y: bigint): bigint {
  let [product, power] = [0n, y];
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((x >> bit) & 1n) product ^= power;
    power = power & 1n ? (power >> 1n) ^ (0xe1n << 120n) : power >> 1n;
  }
  return product;
}

/** By Fermat: x^(2^128 − 2). */
function inverse(x: bigint): bigint {
  let [result, power] = [1n << 127n, x];
  for (let i = 1; i < 128; i++) {
    power = times(power, power);
    result = times(result, power);
  }
  return result;
}

const numberOf = (block: Uint8Array): bigint => BigInt(`0x${Buffer.from(block).toString('hex')}`);
const blockOf = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(2 * BLOCK, '0'), 'hex');

function hashKey(key: Uint8Array): bigint {
  return numberOf(createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(new Uint8Array(BLOCK)));
}

/** What the ciphertext's first block is multiplied with in the tag: a power of the hash key. */
function factorOfFirst(key: Uint8Array): bigint {
  const h = hashKey(key);
  let power = h;
  for (let i = 0; i < PADDED / BLOCK; i++) power = times(power, h);
  return power;
}

const keystream = (key: Uint8Array): Bytes => aesGcmSeal(key, NONCE, new Uint8Array(0), new Uint8Array(PADDED));

function tagOf(key: Uint8Array, head: Uint8Array, ciphertext: Uint8Array): bigint {
  const plain = keystream(key)
    .slice(0, PADDED)
    .map((byte, at) => byte ^ ciphertext[at]!);
  return numberOf(aesGcmSeal(key, NONCE, head, plain).slice(PADDED));
}

/**
 * A body that opens under both keys, with the padding that is demanded.
 * @param head the entry's first 89 bytes
 * @param text 47 bytes, which end the content under the first key
 * @param candidates where the second key comes from: one of 256 has a keystream with room for the mark
 */
export function openUnderTwoKeys(
  first: Uint8Array,
  head: Uint8Array,
  text: Uint8Array,
  candidates: () => Uint8Array,
): { body: Bytes; second: Bytes } {
  demand(text.length === PADDED - BLOCK - 1, 'the text has another length');
  const stream = keystream(first);
  let second = candidates();
  while (keystream(second)[PADDED - 1] !== stream[PADDED - 1]) second = candidates();
  const plain = join(new Uint8Array(BLOCK), text, Uint8Array.of(0x80));
  const ciphertext = plain.map((byte, at) => (at < BLOCK ? 0 : byte ^ stream[at]!));
  const difference = tagOf(first, head, ciphertext) ^ tagOf(second, head, ciphertext);
  const free = times(difference, inverse(factorOfFirst(first) ^ factorOfFirst(second)));
  ciphertext.set(blockOf(free));
  const body = join(ciphertext, blockOf(tagOf(first, head, ciphertext)));
  for (const key of [first, second]) unpad(aesGcmOpen(key, NONCE, head, body));
  return { body, second: join(second) };
}
