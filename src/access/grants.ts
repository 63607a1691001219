import { equalBytes, fromBase64url, fromHex, toBase64url, toHex } from '../bytes.js';
import { generateIdentity, type Identity, identityFromPrivateKey, type SoftwareIdentity } from '../crypto/identity.js';
import { grantInfo, unwrapKey, wrapKey } from '../crypto/key-wrapping.js';
import { GROUP_KEY_LENGTH, type GroupKey, keyId } from '../crypto/sealing.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { type Approved, type GrantStatement, grantAssociated } from '../format/statement.js';
import type { Timestamp } from '../format/timestamp.js';

/** A new group key for a ledger. */
export function newGroupKey(ledgerId: Uint8Array, random: (length: number) => Uint8Array): GroupKey {
  const key = random(GROUP_KEY_LENGTH);
  return groupKey(ledgerId, key, keyId(ledgerId, key));
}

/** What may be said of a grant beside the key and its reader; public for ever. */
export interface GrantTerms {
  /** Until when readers' tools honour it; a declaration, not cryptography. */
  readonly expires?: Timestamp;
  /** At most 200 characters. */
  readonly reason?: string;
  /** Where the ledger demands approvals of grants: what each carries from the moment it is proposed. */
  readonly proposed?: () => Approved;
}

/** The statement that gives a group key to a public key: a person's, or a role's. */
export function grantKey(
  group: GroupKey,
  to: PublicKey,
  random: (length: number) => Uint8Array,
  terms: GrantTerms = {},
): Promise<GrantStatement> {
  return seal(
    { kind: 'grant', key_id: toHex(group.keyId), to, ...membersOf(terms) },
    group.key,
    group.ledgerId,
    random,
  );
}

/** The statement that gives a role's private key to a member. */
export function grantRole(
  role: SoftwareIdentity,
  ledgerId: Uint8Array,
  to: PublicKey,
  random: (length: number) => Uint8Array,
  terms: GrantTerms = {},
): Promise<GrantStatement> {
  return seal(
    { kind: 'grant', role_key: role.publicKey, to, ...membersOf(terms) },
    role.exportPrivateKey(),
    ledgerId,
    random,
  );
}

function membersOf({ proposed, ...terms }: GrantTerms): Omit<GrantTerms, 'proposed'> & Approved {
  return { ...terms, ...proposed?.() };
}

async function seal(
  statement: Omit<GrantStatement, 'enc' | 'wrapped'>,
  key: Uint8Array,
  ledgerId: Uint8Array,
  random: (length: number) => Uint8Array,
): Promise<GrantStatement> {
  const ephemeral = await generateIdentity(random);
  const associated = grantAssociated(statement);
  const { enc, wrapped } = await wrapKey(key, statement.to, grantInfo(ledgerId), associated, ephemeral);
  return { ...statement, enc: toBase64url(enc), wrapped: toBase64url(wrapped) };
}

/** The group key of a grant, or null where it is not to this identity or does not open to the key that it names. */
export async function openGrant(
  grant: GrantStatement,
  identity: Identity,
  ledgerId: Uint8Array,
): Promise<GroupKey | null> {
  const named = fromHex(grant.key_id ?? '', 16);
  const key = named === null ? null : await unseal(grant, identity, ledgerId);
  if (key === null || named === null || !equalBytes(keyId(ledgerId, key), named)) return null;
  return groupKey(ledgerId, key, named);
}

/** The identity of the role whose key is granted, or null where it is not to this identity or is another's key. */
export async function openRoleGrant(
  grant: GrantStatement,
  identity: Identity,
  ledgerId: Uint8Array,
): Promise<SoftwareIdentity | null> {
  const key = grant.role_key === undefined ? null : await unseal(grant, identity, ledgerId);
  if (key === null) return null;
  try {
    const role = await identityFromPrivateKey(key);
    return role.publicKey === grant.role_key ? role : null;
  } catch (error) {
    // What was wrapped is no private key.
    if (error instanceof MedsealError) return null;
    throw error;
  }
}

async function unseal(grant: GrantStatement, identity: Identity, ledgerId: Uint8Array): Promise<Uint8Array | null> {
  const enc = fromBase64url(grant.enc);
  const wrapped = fromBase64url(grant.wrapped);
  if (grant.to !== identity.publicKey || enc === null || wrapped === null) return null;
  return unwrapKey({ enc, wrapped }, identity, grantInfo(ledgerId), grantAssociated(grant));
}

/** A group key that no log and no JSON shows. */
function groupKey(ledgerId: Uint8Array, key: Uint8Array, id: Uint8Array): GroupKey {
  return Object.defineProperty({ ledgerId, keyId: id } as GroupKey, 'key', { value: key, enumerable: false });
}
