// Numbers that look random and come again with their seed.

import { createHash } from 'node:crypto';

/** MEDSEAL_TEST_SEED names one that is to come again. Tests print it. */
export const SEED: string = process.env.MEDSEAL_TEST_SEED ?? String(Date.now());

/** A whole number from 0, and less than so much. */
export type NextNumber = (below: number) => number;

/** Gives whole numbers from 0 up to what is asked for, and not that itself. */
export function numbersFrom(name: string): NextNumber {
  let [count, at] = [0, 32];
  let bytes: Buffer = Buffer.alloc(0);
  return (below) => {
    if (at + 6 > bytes.length) {
      bytes = createHash('sha512').update(`${SEED} ${name} ${count++}`).digest();
      at = 0;
    }
    const number = bytes.readUIntBE(at, 6);
    at += 6;
    return number % below;
  };
}
