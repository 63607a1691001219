import type { Identity } from '../crypto/identity.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import type { Timestamp } from '../format/timestamp.js';
import { isInUse } from '../verify/state/keys.js';
import type { Holding, KeyState, LedgerState } from '../verify/state.js';
import type { GrantTerms } from './grants.js';
import { isExpired, type Keyring } from './keyring.js';

/** Who says something on a ledger, and what the ledger says so far. */
export interface Speaker {
  readonly identity: Identity;
  readonly ledgerId: Uint8Array;
  readonly state: LedgerState;
}

/** Who grants, and what it can open. */
export interface Granter {
  readonly writer: Speaker;
  readonly keyring: Keyring;
  readonly random: (length: number) => Uint8Array;
  readonly now: Timestamp;
}

/** Who is granted every new key, without a date: the owner, the recovery keys, and who writes it. */
export function standingReaders({ state, identity }: Speaker): ReadonlySet<PublicKey> {
  return new Set([...(state.owner === null ? [] : [state.owner]), identity.publicKey, ...state.recovery]);
}

/**
 * Who is granted the key that takes the place of another: everybody who still holds that one, with the date that their
 * grant has (spec/ledger.md, "Grants that are demanded").
 * @param leaving whose grant ends in the same block
 * @param renewed the keys that roles get in the same block, by their names
 */
export function remainingReaders(
  { writer: { state }, now }: Granter,
  key: KeyState,
  leaving: ReadonlySet<PublicKey> = new Set(),
  renewed: ReadonlyMap<string, PublicKey> = new Map(),
): Map<PublicKey, GrantTerms> {
  const readers = new Map<PublicKey, GrantTerms>();
  for (const [reader, holding] of key.holders) {
    const current = currentReader(state, reader, renewed);
    if (leaving.has(reader) || current === null || isExpired(holding, now)) continue;
    readers.set(current, holding.expires === null ? {} : { expires: holding.expires });
  }
  return readers;
}

/** A person, or a role under the key that it has now; null for a role whose key is out of use. */
function currentReader(
  state: LedgerState,
  reader: PublicKey,
  renewed: ReadonlyMap<string, PublicKey>,
): PublicKey | null {
  const key = state.keys.get(reader);
  if (key?.kind !== 'role') return reader;
  const next = renewed.get(key.role);
  if (next !== undefined) return next;
  const current = state.roles.get(key.role)?.publicKey;
  const now = current === undefined ? undefined : state.keys.get(current);
  return current !== undefined && now !== undefined && isInUse(state.data, now) ? current : null;
}

/** Whether a grant that stands says the same as a new one would. */
export function sameTerms({ expires }: Pick<Holding, 'expires'>, terms: GrantTerms): boolean {
  return expires === (terms.expires ?? null);
}
