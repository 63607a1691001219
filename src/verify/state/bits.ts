/** A set of integers from 0, as bitmaps of 8,192 each: a million of them next to each other take 125 kB. */
export interface Bits {
  readonly chunks: Map<number, Uint8Array>;
  size: number;
}

const CHUNK_BYTES = 1024;
const CHUNK_BITS = 8 * CHUNK_BYTES;

export function noBits(): Bits {
  return { chunks: new Map(), size: 0 };
}

export function hasBit({ chunks }: Bits, value: number): boolean {
  const chunk = chunks.get(Math.floor(value / CHUNK_BITS));
  const bit = value % CHUNK_BITS;
  return chunk !== undefined && ((chunk[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

/** Returns whether it was not in the set before. */
export function addBit(bits: Bits, value: number): boolean {
  if (hasBit(bits, value)) return false;
  const number = Math.floor(value / CHUNK_BITS);
  const chunk = bits.chunks.get(number) ?? new Uint8Array(CHUNK_BYTES);
  const bit = value % CHUNK_BITS;
  chunk[bit >>> 3] = (chunk[bit >>> 3] ?? 0) | (1 << (bit & 7));
  bits.chunks.set(number, chunk);
  bits.size++;
  return true;
}

export function removeBit(bits: Bits, value: number): void {
  if (!hasBit(bits, value)) return;
  const chunk = bits.chunks.get(Math.floor(value / CHUNK_BITS));
  const bit = value % CHUNK_BITS;
  if (chunk !== undefined) chunk[bit >>> 3] = (chunk[bit >>> 3] ?? 0) & ~(1 << (bit & 7));
  bits.size--;
}

/** The integers in ascending order. */
export function* eachBit({ chunks }: Bits): Generator<number> {
  for (const number of [...chunks.keys()].sort((a, b) => a - b)) {
    for (const [at, byte] of (chunks.get(number) ?? new Uint8Array(0)).entries()) {
      for (let bit = 0; byte >>> bit !== 0; bit++) {
        if ((byte >>> bit) & 1) yield number * CHUNK_BITS + 8 * at + bit;
      }
    }
  }
}
