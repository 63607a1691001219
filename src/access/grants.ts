import { equalBytes, fromBase64url, fromHex, toBase64url, toHex } from '../bytes.js';
import { generateIdentity, type Identity } from '../crypto/identity.js';
import { grantInfo, unwrapKey, wrapKey } from '../crypto/key-wrapping.js';
import { GROUP_KEY_LENGTH, type GroupKey, keyId } from '../crypto/sealing.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { type GrantStatement, grantAssociated } from '../format/statement.js';

/** A new group key for a ledger. */
export function newGroupKey(ledgerId: Uint8Array, random: (length: number) => Uint8Array): GroupKey {
  const key = random(GROUP_KEY_LENGTH);
  return groupKey(ledgerId, key, keyId(ledgerId, key));
}

/** The statement that gives a group key to a public key. */
export async function grantKey(
  group: GroupKey,
  to: PublicKey,
  random: (length: number) => Uint8Array,
): Promise<GrantStatement> {
  const statement = { kind: 'grant', key_id: toHex(group.keyId), to } as const;
  const ephemeral = await generateIdentity(random);
  const { enc, wrapped } = await wrapKey(
    group.key,
    to,
    grantInfo(group.ledgerId),
    grantAssociated(statement),
    ephemeral,
  );
  return { ...statement, enc: toBase64url(enc), wrapped: toBase64url(wrapped) };
}

/** The group key of a grant, or null where it is not to this identity or does not open to the key that it names. */
export async function openGrant(
  grant: GrantStatement,
  identity: Identity,
  ledgerId: Uint8Array,
): Promise<GroupKey | null> {
  const enc = fromBase64url(grant.enc);
  const wrapped = fromBase64url(grant.wrapped);
  const named = fromHex(grant.key_id ?? '', 16);
  if (grant.to !== identity.publicKey || enc === null || wrapped === null || named === null) return null;
  const key = await unwrapKey({ enc, wrapped }, identity, grantInfo(ledgerId), grantAssociated(grant));
  if (key === null || !equalBytes(keyId(ledgerId, key), named)) return null;
  return groupKey(ledgerId, key, named);
}

/** A group key that no log and no JSON shows. */
function groupKey(ledgerId: Uint8Array, key: Uint8Array, id: Uint8Array): GroupKey {
  return Object.defineProperty({ ledgerId, keyId: id } as GroupKey, 'key', { value: key, enumerable: false });
}
