import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { type Done, timed } from './done.js';

export interface PrimitiveTask {
  readonly algorithm: 'sha256' | 'aes-256-gcm';
  /** Bytes in all, in pieces of a mebibyte. */
  readonly bytes: number;
}

const PIECE = 1 << 20;

/** Hashes or encrypts on one thread, in pieces so large that what stands around the primitive costs nothing. */
export async function run({ algorithm, bytes }: PrimitiveTask): Promise<Done> {
  const piece = Buffer.alloc(PIECE, 1);
  const pieces = Math.ceil(bytes / PIECE);
  const worker =
    algorithm === 'sha256' ? createHash(algorithm) : createCipheriv(algorithm, randomBytes(32), randomBytes(12));
  return timed(pieces * PIECE, async () => {
    for (let i = 0; i < pieces; i++) worker.update(piece);
  });
}
