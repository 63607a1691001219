import type { Identity, SoftwareIdentity } from '../crypto/identity.js';
import type { GroupKey } from '../crypto/sealing.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { isReadable } from '../format/block.js';
import { type GrantStatement, parseStatement } from '../format/statement.js';
import type { Timestamp } from '../format/timestamp.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Holding, KeyState, LedgerState } from '../verify/state.js';
import { openGrant, openRoleGrant } from './grants.js';

/** Gives the grant that stands in a place of the ledger, null where there is none. */
export type GrantSource = (place: { block: number; entry: number }) => Promise<GrantStatement | null>;

/**
 * The keys that an identity can open by the grants that stand: its own, and those of the roles that it is a member of.
 * Each is unwrapped when it is first asked for, and once.
 */
export interface Keyring {
  readonly identity: Identity;
  /** A group key by its id; null where no grant gives it. @throws {MedsealError} `TOKEN_FAILED` */
  groupKey(keyId: string): Promise<GroupKey | null>;
  /** A role's identity by its public key; null where no grant gives it. @throws {MedsealError} `TOKEN_FAILED` */
  role(publicKey: string): Promise<SoftwareIdentity | null>;
}

/**
 * @param state what the verified ledger says
 * @param grants where the grants that it names are read
 * @param now grants that have expired by then are not honoured any more
 */
export function createKeyring(
  ledgerId: Uint8Array,
  state: LedgerState,
  grants: GrantSource,
  identity: Identity,
  now: Timestamp,
): Keyring {
  const groupKeys = new Map<string, Promise<GroupKey | null>>();
  let roles: Promise<ReadonlyMap<string, SoftwareIdentity>> | null = null;

  async function grantTo(reader: PublicKey, key: KeyState): Promise<GrantStatement | null> {
    const holding = key.holders.get(reader);
    return holding === undefined || isExpired(holding, now) ? null : grants(holding);
  }

  /** From the identity's own grants on: roles can hold each other's keys, in circles too. */
  async function openRoles(): Promise<ReadonlyMap<string, SoftwareIdentity>> {
    const opened = new Map<string, SoftwareIdentity>();
    const readers: Identity[] = [identity];
    for (let reader = readers.pop(); reader !== undefined; reader = readers.pop()) {
      for (const name of state.data.held.get(reader.publicKey) ?? []) {
        const key = state.keys.get(name);
        if (key?.kind !== 'role' || opened.has(name)) continue;
        const grant = await grantTo(reader.publicKey, key);
        const role = grant === null ? null : await openRoleGrant(grant, reader, ledgerId);
        if (role === null) continue;
        opened.set(name, role);
        readers.push(role);
      }
    }
    return opened;
  }

  async function openGroup(keyId: string): Promise<GroupKey | null> {
    const key = state.keys.get(keyId);
    if (key?.kind !== 'group') return null;
    roles ??= openRoles();
    for (const reader of [identity, ...(await roles).values()]) {
      const grant = await grantTo(reader.publicKey, key);
      const opened = grant === null ? null : await openGrant(grant, reader, ledgerId);
      if (opened !== null) return opened;
    }
    return null;
  }

  return {
    identity,
    async role(publicKey) {
      roles ??= openRoles();
      return (await roles).get(publicKey) ?? null;
    },
    groupKey(keyId) {
      const opening = groupKeys.get(keyId) ?? openGroup(keyId);
      groupKeys.set(keyId, opening);
      return opening;
    },
  };
}

/** Whether a grant's date has passed. It opens as before: tools honour the date, cryptography does not. */
export function isExpired({ expires }: Pick<Holding, 'expires'>, now: Timestamp): boolean {
  return expires !== null && expires < now;
}

/**
 * Until when a reader could open any of some keys, by grants of their own or as a member of roles, where these have expired;
 * null where no expired grant gave them any. Of several ways the one that ended last counts.
 */
export function expiredAt(
  { keys, data }: LedgerState,
  names: readonly string[],
  reader: PublicKey,
  now: Timestamp,
): Timestamp | null {
  // Of each reader that this one is or was, by roles: since when no more; null where it still is.
  const ended = new Map<string, Timestamp | null>([[reader, null]]);
  const end = (before: Timestamp | null, holding: Holding): Timestamp | null => {
    if (!isExpired(holding, now)) return before;
    return before === null || (holding.expires ?? before) < before ? holding.expires : before;
  };
  let latest: Timestamp | null = null;
  // What is added while the map is walked is walked too.
  for (const [each, before] of ended) {
    for (const name of data.held.get(each as PublicKey) ?? []) {
      const key = keys.get(name);
      const holding = key?.holders.get(each as PublicKey);
      if (key === undefined || holding === undefined) continue;
      const until = end(before, holding);
      if (key.kind === 'role' && isLater(until, ended.get(name))) {
        // Behind those that are still to be walked, whether it has been walked or not.
        ended.delete(name);
        ended.set(name, until);
      }
      if (names.includes(name) && until !== null && (latest === null || until > latest)) latest = until;
    }
  }
  return latest;
}

/** Whether an end comes behind another: none behind any, and any behind what is not known yet. */
function isLater(end: Timestamp | null, other: Timestamp | null | undefined): boolean {
  if (other === undefined) return true;
  return other !== null && (end === null || end > other);
}

/** The grants of a ledger whose blocks lie where their numbers say. */
export function storedGrants(ledger: Ledger): GrantSource {
  return async ({ block, entry }) => {
    for await (const item of ledger.blocks({ from: block, to: block, bodies: false })) {
      const found = isReadable(item) ? item.entries[entry] : undefined;
      if (found?.kind !== 'statement') return null;
      const statement = parseStatement(found.bytes);
      return statement.kind === 'grant' ? (statement as GrantStatement) : null;
    }
    return null;
  };
}
