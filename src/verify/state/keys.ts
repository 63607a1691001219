import type { PublicKey } from '../../crypto/secp256k1.js';
import type { GrantStatement, RevokeStatement, RoleStatement } from '../../format/statement.js';
import type { Timestamp } from '../../format/timestamp.js';
import type { Fault } from '../inspect.js';
import { type Holding, type KeyState, type LedgerData, ownerOf, type RoleKeyState } from './data.js';
import { type Draft, type Finding, finding, type NamedKey } from './draft.js';

/*
 * Keys, and who holds them. A key comes into use with the statement that names it. It goes out of use when another one
 * takes its place, when it is revoked from a holder, and when the owner or a recovery key changes. What is sealed later
 * is then sealed under a new one, which everybody gets who still holds the old.
 */

/** Whether records may be sealed under a group's key, or something granted to a role's. */
export function isInUse({ closedUpTo }: LedgerData, key: KeyState): boolean {
  return key.replacedBy === null && key.block > closedUpTo && !(key.kind === 'group' && key.closed);
}

/** A person's key: on the curve, and not that of a role. */
export function isPerson({ curve, data }: Draft, key: PublicKey): boolean {
  return curve.isPublicKey(key) && !data.keys.has(key);
}

/** Brings a key into use. */
export function nameKey(draft: Draft, key: string, state: KeyState, replaces: string | null): Finding {
  const { keys } = draft.data;
  if (keys.has(key)) return finding('ID_REPEATED', 'a key is not new in this ledger');
  draft.journal.set(keys, key, state);
  draft.named.push({ key, entry: draft.position, replaces });
  const before = replaces === null ? undefined : keys.get(replaces);
  if (before !== undefined) draft.journal.assign(before, 'replacedBy', key);
  return null;
}

export function nameRole(draft: Draft, { name, public_key }: RoleStatement): Finding {
  const { curve, data, journal, place } = draft;
  if (!curve.isPublicKey(public_key)) {
    return finding('PUBLIC_KEY_INVALID', "the role's public key is not on the curve");
  }
  if (isSomebodys(data, public_key)) return finding('ID_REPEATED', "the role's key pair is not new in this ledger");
  const state: RoleKeyState = {
    kind: 'role',
    role: name,
    block: place.index,
    replacedBy: null,
    swept: false,
    holders: new Map(),
  };
  const fault = nameKey(draft, public_key, state, data.roles.get(name)?.publicKey ?? null);
  if (fault === null) journal.set(data.roles, name, { name, publicKey: public_key, block: place.index });
  return fault;
}

function isSomebodys(data: LedgerData, key: PublicKey): boolean {
  return ownerOf(data) === key || data.recovery.includes(key) || data.writers.has(key) || holdsKeys(data, key);
}

/** Whether a reader holds any key by a grant that stands. */
export function holdsKeys({ held }: LedgerData, reader: PublicKey): boolean {
  return (held.get(reader)?.size ?? 0) > 0;
}

/** @param ruled whether it needs approvals that it has not got: then it is good only where the block demands it */
export function grant(draft: Draft, statement: GrantStatement, ruled: boolean): Finding {
  const { to, expires } = statement;
  const { data, journal, place, position } = draft;
  if (!draft.curve.isPublicKey(to)) {
    return finding('PUBLIC_KEY_INVALID', 'the grant is to a public key that is not on the curve');
  }
  const name = statement.key_id ?? statement.role_key ?? '';
  const key = keyOf(data, statement);
  if (key === undefined)
    return draft.lenient ? null : finding('KEY_UNKNOWN', 'the grant is of a key that is not known');
  const demandedOnly = ruled || !mayGrant(draft, key);
  if (demandedOnly && !ruled && !draft.signerIsApprover) {
    return finding('STATEMENT_UNAUTHORISED', 'the signer may not grant this key');
  }
  const reader = data.keys.get(to);
  if (reader !== undefined && !isInUse(data, reader)) {
    return finding('KEY_CLOSED', 'the grant is to a key of a role that is out of use: others than its members hold it');
  }
  const since = key.holders.get(to)?.since ?? place.index;
  const holding: Holding = { since, block: place.index, entry: position, expires: expires ?? null };
  journal.set(key.holders, to, holding);
  if (!data.held.has(to)) journal.set(data.held, to, new Set());
  journal.add(data.held.get(to) ?? new Set(), name);
  if (demandedOnly) draft.unapproved.push({ key: name, to, entry: position });
  return null;
}

function keyOf(data: LedgerData, { key_id, role_key }: GrantStatement | RevokeStatement): KeyState | undefined {
  const key = data.keys.get(key_id ?? role_key ?? '');
  return key?.kind === (key_id === undefined ? 'role' : 'group') ? key : undefined;
}

function mayGrant(draft: Draft, key: KeyState): boolean {
  if (draft.asOwner) return true;
  const dataset = key.kind === 'group' ? draft.data.datasets.get(key.dataset) : undefined;
  return dataset !== undefined && draft.mayContinue(dataset);
}

export function revoke(draft: Draft, statement: RevokeStatement): Finding {
  const { from } = statement;
  const { data, journal } = draft;
  const name = statement.key_id ?? statement.role_key ?? '';
  const key = keyOf(data, statement);
  if (key === undefined) {
    return draft.lenient ? null : finding('KEY_UNKNOWN', 'the key that is revoked is not known');
  }
  // Behind a block of which nobody knows what it said, others may have become that.
  if (!data.authorityUnknown && (ownerOf(data) === from || data.recovery.includes(from))) {
    return finding(
      'REVOKE_INVALID',
      'every key is granted to the owner and the recovery keys: none is revoked from them',
    );
  }
  // Behind a lost block, which may have granted it, the key goes out of use all the same.
  if (!key.holders.has(from) && !draft.lenient) {
    return finding('REVOKE_INVALID', 'the key that is revoked was not granted, or is not any more');
  }
  journal.delete(key.holders, from);
  journal.remove(data.held.get(from) ?? new Set(), name);
  draft.revoked.push({ key: name, entry: draft.position });
  return null;
}

/** Ends the grants of who is no longer owner or a recovery key, and the use of every key that they could have had. */
export function closeAll(data: LedgerData, index: number, leaving: Iterable<PublicKey>): void {
  data.closedUpTo = index;
  for (const reader of leaving) {
    for (const key of data.held.get(reader) ?? []) data.keys.get(key)?.holders.delete(reader);
    data.held.delete(reader);
  }
}

/** What a block's new keys demand: to whom each must be granted in the block. */
export class Due {
  readonly #data: LedgerData;
  readonly #now: Timestamp;
  /** Who stands to get every key. */
  readonly #standing: ReadonlySet<PublicKey>;
  readonly #named = new Map<string, NamedKey & { readonly remaining: ReadonlySet<PublicKey> }>();

  constructor({ data, place, named, signerIsWriter }: Draft) {
    this.#data = data;
    this.#now = place.timestamp;
    const owner = ownerOf(data);
    this.#standing = new Set([
      ...(owner === null ? [] : [owner]),
      ...(signerIsWriter ? [place.signer] : []),
      ...data.recovery,
    ]);
    for (const key of named) this.#named.set(key.key, { ...key, remaining: this.#remaining(key) });
  }

  /** A new key that is not granted to everybody that it must be. */
  missing(): Fault | null {
    for (const { key, entry, remaining } of this.#named.values()) {
      const holders = this.#data.keys.get(key)?.holders;
      // A date would end what is theirs for as long as there is the key.
      if (![...this.#standing].every((reader) => holders?.get(reader)?.expires === null)) {
        const message = 'the new key is not granted to the owner, its signer and every recovery key';
        return { entry, code: 'GRANT_MISSING', message };
      }
      if (![...remaining].every((reader) => holders?.has(reader))) {
        const message = 'the new key is not granted to everybody who holds the one that it replaces';
        return { entry, code: 'GRANT_MISSING', message };
      }
    }
    return null;
  }

  /** Whether the block itself demands this grant, or it gives a role under its new key what the old one held. */
  covers(key: string, to: PublicKey): boolean {
    const named = this.#named.get(key);
    if (named !== undefined && (this.#standing.has(to) || named.remaining.has(to))) return true;
    const before = this.#named.get(to)?.replaces ?? null;
    if (before === null) return false;
    return key === before || this.#data.keys.get(key)?.holders.has(before as PublicKey) === true;
  }

  #remaining({ key, replaces }: NamedKey): Set<PublicKey> {
    const readers = new Set<PublicKey>();
    const before = replaces === null ? undefined : this.#data.keys.get(replaces);
    for (const [reader, { expires }] of before?.holders ?? []) {
      const current = expires !== null && expires < this.#now ? null : currentReader(this.#data, reader);
      // A role that holds its old key needs no grant of the new one to itself.
      if (current !== null && current !== key) readers.add(current);
    }
    return readers;
  }
}

/** A person, or a role under the key that it has now; null for a role whose key is out of use. */
function currentReader(data: LedgerData, reader: PublicKey): PublicKey | null {
  const key = data.keys.get(reader);
  if (key?.kind !== 'role') return reader;
  const current = data.roles.get(key.role)?.publicKey;
  const state = current === undefined ? undefined : data.keys.get(current);
  return current !== undefined && state !== undefined && isInUse(data, state) ? current : null;
}

/**
 * Follows what each revoked key opens: itself, and with a role's key all that was granted to the role. Of the roles among
 * it each must have another key by now; all of it goes out of use with the next block.
 */
export function sweep(draft: Draft): Fault | null {
  const { data, lenient, swept } = draft;
  for (const { key, entry } of draft.revoked) {
    const open = [key];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const state = data.keys.get(name);
      if (state === undefined || swept.has(state) || (state.kind === 'role' && state.swept)) continue;
      swept.add(state);
      if (state.kind === 'group') continue;
      if (state.replacedBy === null && !lenient) {
        const message = "a role's key is revoked, and the role does not get another one in this block";
        return { entry, code: 'ROTATION_MISSING', message };
      }
      open.push(...(data.held.get(name as PublicKey) ?? []));
    }
  }
  return null;
}
