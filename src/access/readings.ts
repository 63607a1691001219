import type { PublicKey } from '../crypto/secp256k1.js';
import type { Timestamp } from '../format/timestamp.js';
import type { Holding, KeyState, LedgerState } from '../verify/state.js';
import { isExpired } from './keyring.js';

/** Somebody who may read something: by a grant of their own, or as a member of a role. */
export interface Reading {
  /** A person's public key; of a role, the one that it has now. */
  readonly reader: PublicKey;
  /** The role's name where it is one. */
  readonly role: string | null;
  /** The block since which it may be read without a break. */
  readonly since: number;
  readonly expires: Timestamp | null;
  /** Whether that date has passed: tools do not honour the grant any more; with the key it opens as before. */
  readonly expired: boolean;
  /** Where the latest grant stands. */
  readonly block: number;
  readonly entry: number;
}

/**
 * Who may read what is sealed under any of some keys, each reader once: of several grants the earliest tells since when,
 * and the latest until when.
 */
export function readingsOf(state: LedgerState, names: readonly string[], now: Timestamp): Reading[] {
  const readings = new Map<string, Reading>();
  for (const name of names) {
    const key: KeyState | undefined = state.keys.get(name);
    for (const [reader, holding] of key?.holders ?? []) {
      const reading = readingOf(state, reader, holding, now);
      const known = readings.get(reading.role ?? reading.reader);
      const since = Math.min(reading.since, known?.since ?? reading.since);
      readings.set(reading.role ?? reading.reader, { ...reading, since });
    }
  }
  return [...readings.values()].sort((a, b) => a.since - b.since);
}

function readingOf(state: LedgerState, reader: PublicKey, holding: Holding, now: Timestamp): Reading {
  const key = state.keys.get(reader);
  const role = key?.kind === 'role' ? key.role : null;
  const { since, expires, block, entry } = holding;
  const current = role === null ? reader : (state.roles.get(role)?.publicKey ?? reader);
  return { reader: current, role, since, expires, expired: isExpired(holding, now), block, entry };
}

/** The members of a role: who holds the key that it has now, other roles among them. */
export function membersOf(state: LedgerState, role: string, now: Timestamp): Reading[] {
  const publicKey = state.roles.get(role)?.publicKey;
  return publicKey === undefined ? [] : readingsOf(state, [publicKey], now);
}
