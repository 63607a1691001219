import { sha256 } from '#primitives';
import { putU64 } from '../bytes.js';

export const MAX_DIFFICULTY = 48;
export const DEFAULT_DIFFICULTY = 16;

/** What is hashed: 32 and 8 bytes. */
const worked = new Uint8Array(40);

/** `H(header_hash ‖ u64(proof))`, 32 bytes. */
export function workHash(headerHash: Uint8Array, proof: number): Uint8Array {
  worked.set(headerHash);
  putU64(worked, 32, proof);
  return sha256(worked);
}

/** Number of zero bits at the front of the bytes. */
export function leadingZeroBits(bytes: Uint8Array): number {
  let zeros = 0;
  while (bytes[zeros] === 0) zeros++;
  return zeros === bytes.length ? 8 * zeros : 8 * zeros + Math.clz32(bytes[zeros] ?? 0) - 24;
}

/** Whether a proof of work reaches a difficulty, in leading zero bits. */
export function proofIsSufficient(headerHash: Uint8Array, proof: number, difficulty: number): boolean {
  return difficulty === 0 || leadingZeroBits(workHash(headerHash, proof)) >= difficulty;
}
