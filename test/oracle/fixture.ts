// The people, the clock and the randomness of the oracle's own tests.

import { H, join, u64, utf8 } from './bytes.js';
import type { Random } from './seal.js';
import { type OracleVerdict, oracleVerify } from './verify.js';
import { oracleLedger, publicKeyOf, type Step } from './write.js';

export const OWNER = '01'.repeat(32);
export const WRITER = '02'.repeat(32);
export const RECOVERY = '03'.repeat(32);
export const READER = '04'.repeat(32);
export const STRANGER = '05'.repeat(32);
export const START = '2025-03-01T12:00:00.000Z';
export const NOW = '2025-03-01T13:00:00.000Z';

export function seeded(seed: string): Random {
  let count = 0;
  return (length) => {
    const blocks: Uint8Array[] = [];
    while (blocks.length * 32 < length) blocks.push(H(utf8(seed), u64(count++)));
    return join(...blocks).slice(0, length);
  };
}

export function ledger(steps: Step[], more: { difficulty?: number; recovery?: string[]; start?: string } = {}): string {
  return oracleLedger({ owner: OWNER, steps, random: seeded('test'), start: START, ...more });
}

export function verify(text: string, now: string = NOW): OracleVerdict {
  return oracleVerify(text, { owner: publicKeyOf(OWNER), now });
}
