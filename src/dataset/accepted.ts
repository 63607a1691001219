import { hexDecode } from '#primitives';
import { equalBytes } from '../bytes.js';

const HASH = 32;

/**
 * Which blocks a verification has accepted, in the order of the store: of each its hash, which stands for its header, its
 * work, its signature and its entries. Whoever meets the same block again need not check those a second time.
 */
export class AcceptedBlocks {
  #hashes = new Uint8Array(1024 * HASH);
  #count = 0;

  /** @param hash of the next block (hex); null where it was not accepted */
  add(hash: string | null): void {
    const offset = this.#count++ * HASH;
    if (offset === this.#hashes.length) {
      const larger = new Uint8Array(2 * offset);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    if (hash !== null) this.#hashes.set(hexDecode(hash), offset);
  }

  /** Whether the block at this place, from 0, was accepted and had this hash. */
  has(place: number, hash: string): boolean {
    return place < this.#count && equalBytes(this.#hashes.subarray(place * HASH, (place + 1) * HASH), hexDecode(hash));
  }
}
