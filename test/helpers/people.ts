// The people, the clock and the randomness of the tests: the same in every run.

import { identityFromPrivateKey, type SoftwareIdentity } from '../../src/crypto/identity.js';
import { fromHex, H, join, u64, utf8 } from '../oracle/bytes.js';
import type { Random } from '../oracle/seal.js';
import { publicKeyOf } from '../oracle/write.js';

/** A person: the private key for the oracle, the identity for the package. */
export interface Person {
  readonly privateKey: string;
  readonly publicKey: string;
  identity(): Promise<SoftwareIdentity>;
}

export function person(byte: string): Person {
  const privateKey = byte.repeat(32);
  return {
    privateKey,
    publicKey: publicKeyOf(privateKey),
    identity: () => identityFromPrivateKey(fromHex(privateKey, 32)),
  };
}

export const owner: Person = person('01');
export const writer: Person = person('02');
export const recovery: Person = person('03');
export const reader: Person = person('04');
export const stranger: Person = person('05');

/** 33 bytes that look like a public key; no point of the curve has this x coordinate. */
export const OFF_CURVE: string = '02' + 'ff'.repeat(32);

export const START = '2025-03-01T12:00:00.000Z';
export const NOW = '2025-03-01T13:00:00.000Z';

/** Bytes that look random and are the same for the same seed. */
export function seeded(seed: string): Random {
  let count = 0;
  return (length) => {
    const parts: Uint8Array[] = [];
    while (parts.length * 32 < length) parts.push(H(utf8(seed), u64(count++)));
    return join(...parts).slice(0, length);
  };
}

/** A clock that moves on by a second whenever somebody looks at it. */
export function steppingClock(start: string = START): () => Date {
  let seconds = 0;
  return () => new Date(Date.parse(start) + 1000 * seconds++);
}
