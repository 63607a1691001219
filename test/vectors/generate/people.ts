// The people, the clock and the randomness of all vectors. They never change, so neither do the vectors.

import { H, join, u64, utf8 } from '../../oracle/bytes.js';
import type { Random } from '../../oracle/seal.js';
import { publicKeyOf } from '../../oracle/write.js';

export const OWNER = '01'.repeat(32);
export const WRITER = '02'.repeat(32);
export const RECOVERY = '03'.repeat(32);
export const READER = '04'.repeat(32);
export const STRANGER = '05'.repeat(32);
/** Approvers of rules. */
export const OFFICER = '06'.repeat(32);
export const DOCTOR = '07'.repeat(32);
/** A later owner. */
export const HEIR = '08'.repeat(32);

/** The public keys of the above. */
export const owner: string = publicKeyOf(OWNER);
export const writer: string = publicKeyOf(WRITER);
export const recovery: string = publicKeyOf(RECOVERY);
export const reader: string = publicKeyOf(READER);
export const stranger: string = publicKeyOf(STRANGER);
export const officer: string = publicKeyOf(OFFICER);
export const doctor: string = publicKeyOf(DOCTOR);
export const heir: string = publicKeyOf(HEIR);

/** 33 bytes that look like a public key; no point of the curve has this x coordinate. */
export const OFF_CURVE: string = '02' + 'ff'.repeat(32);

/** The genesis block's time, one second before the next block's, and the verifier's clock. */
export const START = '2025-03-01T12:00:00.000Z';
export const NOW = '2025-03-01T13:00:00.000Z';

/** Bytes that look random and are the same for the same seed. */
export function seeded(seed: string): Random {
  let count = 0;
  return (length) => {
    const parts: Uint8Array[] = [];
    while (parts.length * 32 < length) parts.push(H(utf8('medseal vectors ' + seed), u64(count++)));
    return join(...parts).slice(0, length);
  };
}
